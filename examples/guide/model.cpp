// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// model [FILE.onnx]: a model on an NPU with the CPU as fallback, its layers, and every layer against the reference.
#include <systole/graph/builtin/builtin.h>
#include <systole/graph/executor.h>
#include <systole/graph/import.h>
#include <systole/graph/verify.h>
#include <systole/systole.h>

#include <cmath>
#include <cstdio>

using namespace systole;

// A built-in network is made of ONNX operators, as a file is; both come out lowered to ops of the HAL.
Result<graph::Graph> load(const char* file) {
  if (file) return graph::import_model(file);
  SYSTOLE_ASSIGN_OR_RETURN(graph::Graph network, graph::make_builtin("lenet5"));
  return graph::import_graph(std::move(network));
}

Status run(const char* file) {
  SYSTOLE_ASSIGN_OR_RETURN(const graph::Graph model, load(file));
  graph::TensorMap inputs, outputs;
  for (const graph::ValueId id : model.inputs) {
    const graph::Value& input = model.at(id);
    if (input.dtype != DType::kF32) return {Code::kUnsupported, "input " + input.name + " is no f32"};
    graph::HostTensor tensor = graph::make_host_tensor(DType::kF32, input.shape);
    for (int64_t i = 0; i < element_count(input.shape); ++i) tensor.f32()[i] = std::sin(static_cast<float>(i));
    inputs[input.name] = std::move(tensor);
  }

  graph::SessionOptions options;
  SYSTOLE_ASSIGN_OR_RETURN(options.device, open_device("npu:edge-16x16"));
  SYSTOLE_ASSIGN_OR_RETURN(options.fallback, open_device("cpu"));
  SYSTOLE_ASSIGN_OR_RETURN(auto session, graph::compile(model, options));
  graph::RunReport report;
  SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs, &report));
  for (const graph::NodeReport& node : report.nodes) {
    const int64_t cycles = node.profile ? node.profile->counter("cycles") : 0;
    std::printf("%-24s %-8s %-5s %8ld cycles %s\n", node.name.c_str(), node.op.c_str(), node.device.c_str(), cycles,
                node.why.c_str());
  }
  for (const auto& [name, tensor] : outputs) std::printf("%s: %s\n", name.c_str(), to_string(tensor.shape).c_str());

  SYSTOLE_ASSIGN_OR_RETURN(auto ref, open_device("ref"));
  SYSTOLE_ASSIGN_OR_RETURN(const auto verified, graph::verify(model, options, ref, inputs));
  std::printf("%zu nodes held against ref: %s\n", verified.nodes.size(), verified.ok ? "ok" : "out of bounds");
  return verified.ok ? Status() : Status(Code::kInternal, "verification failed");
}

int main(int argc, char** argv) {
  const Status status = run(argc > 1 ? argv[1] : nullptr);
  if (!status.ok()) std::fprintf(stderr, "model: %s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}

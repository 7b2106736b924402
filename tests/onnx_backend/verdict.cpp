// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/onnx_backend/verdict.h"

#include <cmath>
#include <set>

#include "graph/constants.h"
#include "graph/import.h"
#include "graph/verify.h"

namespace systole::graph::testing {
namespace {

// The first line, without the path and with numbers of this run left in: reasons are compared as text.
std::string short_reason(const Status& status, const std::string& path) {
  std::string text = status.message().substr(0, status.message().find('\n'));
  if (const size_t at = text.find(path); at != std::string::npos) text.erase(at, path.size() + 2);
  return text.substr(0, 160);
}

Verdict refusal(const Status& status, const std::string& path) {
  const bool honest = status.code() == Code::kUnsupported;
  return {honest ? Verdict::kUnsupported : Verdict::kFailed, short_reason(status, path)};
}

std::string difference(const HostTensor& got, const HostTensor& want) {
  if (got.dtype != want.dtype)
    return std::string("type ") + dtype_name(got.dtype) + ", expected " + dtype_name(want.dtype);
  if (got.shape != want.shape) return "shape " + to_string(got.shape) + ", expected " + to_string(want.shape);
  for (int64_t i = 0; i < element_count(want.shape); ++i) {
    if (!is_float(want.dtype)) {
      if (load_int(got.dtype, got.data.data(), i) != load_int(want.dtype, want.data.data(), i))
        return "element " + std::to_string(i) + " differs";
      continue;
    }
    const double a = load_real(got.dtype, got.data.data(), i), b = load_real(want.dtype, want.data.data(), i);
    const bool same = a == b || (std::isnan(a) && std::isnan(b));
    // The stored bf16 are truncated, where later versions of ONNX round.
    const double relative = want.dtype == DType::kBF16 ? 0x1p-7 : 1e-3;
    if (!same && !(std::fabs(a - b) <= 1e-7 + relative * std::fabs(b)))
      return "element " + std::to_string(i) + ": " + std::to_string(a) + ", expected " + std::to_string(b);
  }
  return "";
}

// The files hold bf16 as the bits of u16.
HostTensor as_bf16(HostTensor tensor, DType wanted) {
  if (wanted == DType::kBF16 && tensor.dtype == DType::kU16) tensor.dtype = DType::kBF16;
  return tensor;
}

// As a model's user would: what shapes may follow from is given at import.
Result<Graph> import_test(const BackendTest& test) {
  ImportOptions options;
  options.keep_inputs = {test.inputs.begin(), test.inputs.end()};
  auto graph = import_model(test.path, options);
  for (bool all : {false, true}) {
    if (graph.ok() || test.sets.empty()) return graph;
    for (size_t i = 1; i < test.inputs.size(); ++i) {
      const HostTensor& tensor = test.sets[0].inputs[i];
      if (all || !is_float(tensor.dtype) || element_count(tensor.shape) == 1)
        options.constants[test.inputs[i]] = tensor;
    }
    auto bound = import_model(test.path, options);
    if (bound.ok()) return bound;
  }
  return graph;
}

}  // namespace

const char* verdict_name(Verdict::Kind kind) {
  constexpr const char* kNames[] = {"passed", "fallback", "unsupported", "failed"};
  return kNames[kind];
}

Verdict run_backend_test(const BackendTest& test, std::shared_ptr<Device> device, std::shared_ptr<Device> fallback,
                         std::shared_ptr<Device> ref, bool exact) {
  if (!test.reason.empty()) return {Verdict::kUnsupported, test.reason};
  if (test.sets.empty()) return {Verdict::kUnsupported, "no stored data"};
  const Result<Graph> graph = import_test(test);
  if (!graph.ok()) return refusal(graph.status(), test.path);
  SessionOptions options;
  options.device = device, options.fallback = fallback;
  auto session = compile(*graph, options);
  if (!session.ok()) return refusal(session.status(), test.path);
  std::set<std::string> elsewhere;
  int here = 0;
  for (const Node& node : (*session)->plan().graph.nodes) {
    if (!node.why.empty()) elsewhere.insert(node.type);
    here += node.why.empty() && node.op.has_value();
  }
  for (const DataSet& set : test.sets) {
    TensorMap inputs, outputs;
    for (ValueId id : graph->inputs) {
      for (size_t i = 0; i < test.inputs.size(); ++i) {
        if (graph->at(id).name != test.inputs[i]) continue;
        inputs[test.inputs[i]] = as_bf16(set.inputs[i], graph->at(id).dtype);
        if (set.inputs[i].shape != graph->at(id).shape)
          return {Verdict::kUnsupported, "the stored input '" + test.inputs[i] + "' is " +
                                             to_string(set.inputs[i].shape) + ", the model says " +
                                             to_string(graph->at(id).shape)};
      }
    }
    if (Status status = (*session)->run(inputs, outputs); !status.ok()) return refusal(status, test.path);
    for (size_t i = 0; exact && i < test.outputs.size(); ++i) {
      const HostTensor& got = outputs[test.outputs[i]];
      const std::string wrong = difference(got, as_bf16(set.outputs[i], got.dtype));
      if (!wrong.empty()) return {Verdict::kFailed, test.outputs[i] + ": " + wrong};
    }
    if (exact) continue;
    const auto report = verify(*graph, options, ref, inputs);
    if (!report.ok()) return refusal(report.status(), test.path);
    for (const NodeCheck& node : report->nodes)
      if (!node.ok)
        return {Verdict::kFailed, node.name + " (" + node.op + "): " + std::to_string(node.of_bound) + " of its bound"};
  }
  std::string names;
  for (const std::string& type : elsewhere) names += (names.empty() ? "" : " ") + type;
  return {elsewhere.empty() ? Verdict::kPassed : Verdict::kFallback, names};
}

}  // namespace systole::graph::testing

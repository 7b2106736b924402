// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl_networks/groups.h"

#include "devices/cpu/cpu_device.h"
#include "devices/npu/npu_device.h"
#include "graph/builtin/builtin.h"
#include "graph/files/tensor_file.h"
#include "graph/import.h"
#include "tests/rtl_networks/random_graphs.h"
#include "tests/support/models.h"

namespace systole::graph {
namespace {

constexpr uint64_t kSeed = 11;

std::function<Status(Comparison&)> random_graphs(const std::string& what, Result<Graph> (RandomGraphs::*make)(),
                                                 int count) {
  return [=](Comparison& comparison) -> Status {
    RandomGraphs random(kSeed);
    for (int i = 0; i < count; ++i) {
      SYSTOLE_ASSIGN_OR_RETURN(const Graph graph, (random.*make)());
      SYSTOLE_RETURN_IF_ERROR(comparison.add(what + " " + std::to_string(i), graph, random.inputs(graph)));
    }
    return {};
  };
}

std::function<Status(Comparison&)> builtins(std::vector<std::string> names) {
  return [=](Comparison& comparison) -> Status {
    for (const std::string& name : names) {
      SYSTOLE_ASSIGN_OR_RETURN(Graph made, make_builtin(name));
      SYSTOLE_ASSIGN_OR_RETURN(const Graph graph, import_graph(std::move(made)));
      SYSTOLE_RETURN_IF_ERROR(comparison.add(name, graph, RandomGraphs(kSeed).inputs(graph)));
    }
    return {};
  };
}

std::string bert_tiny_folder() { return tests::models_folder() + "/torch/bert_tiny/"; }

// On the first stored set of inputs, whose extents it gets.
Status bert_tiny(Comparison& comparison) {
  const std::string folder = bert_tiny_folder();
  SYSTOLE_ASSIGN_OR_RETURN(const HostTensor tokens, read_tensor_file(folder + "test_data_set_0/input_0.pb"));
  ImportOptions options;
  for (size_t axis = 0; axis < tokens.shape.size(); ++axis)
    options.dims["input_ids:" + std::to_string(axis)] = tokens.shape[axis];
  SYSTOLE_ASSIGN_OR_RETURN(const Graph graph, import_model(folder + "model.onnx", options));
  return comparison.add("bert_tiny", graph, {{graph.at(graph.inputs[0]).name, tokens}});
}

}  // namespace

std::vector<Group> comparison_groups() {
  const auto gemms = random_graphs("GEMM", &RandomGraphs::gemm, 100);
  const auto narrow = random_graphs("narrow GEMM", &RandomGraphs::narrow_gemm, 60);
  const auto convolutions = random_graphs("convolution", &RandomGraphs::convolution, 60);
  const auto mixture = [&](const std::string& on, const std::string& settings) -> Group {
    const auto some = random_graphs("GEMM", &RandomGraphs::gemm, 50);
    const auto more = random_graphs("convolution", &RandomGraphs::convolution, 30);
    const auto both = [=](Comparison& comparison) -> Status {
      SYSTOLE_RETURN_IF_ERROR(some(comparison));
      return more(comparison);
    };
    return {"50 random GEMMs and 30 convolutions, " + on, settings, both, "", true};
  };
  const auto on_a_dram = [&](const std::string& device) { return mixture(device, "dram.config:" + device); };
  return {
      {"100 random GEMMs", "", gemms, "", true},
      {"100 random GEMMs, fixed latency", "dram.timing:fixed", gemms, "", true},
      {"60 random GEMMs with i8 and i4 weights", "", narrow, "", true},
      {"60 random convolutions", "", convolutions, "", true},
      {"60 random convolutions, fixed latency", "dram.timing:fixed", convolutions, "", true},
      on_a_dram("ddr4-2400"),
      on_a_dram("hbm3"),
      on_a_dram("lpddr5-6400"),
      mixture("narrow crossbar",
              "noc.topology:crossbar,noc.link_bytes_per_cycle:8,noc.hop_cycles:3,noc.buffer_bursts:2"),
      mixture("mesh before hbm3", "noc.topology:mesh,noc.columns:2,noc.link_bytes_per_cycle:16,dram.config:hbm3"),
      mixture("L2 of 8 KiB", "l2.bytes:8KiB,l2.ways:2,l2.banks:2,l2.hit_cycles:7,l2.bytes_per_cycle:32,l2.misses:3"),
      {"LeNet-5, int8 and f32 as bf16", "", builtins({"lenet5_int8", "lenet5"}), "", true},
      {"MobileNetV1 0.25, int8", "", builtins({"mobilenet_v1_int8?image=96&width=25"}), "", true},
      {"MobileNetV1 1.0, int8", "", builtins({"mobilenet_v1_int8?image=96&width=100"}), "", false},
      {"person_detect's network", "", builtins({"mobilenet_v1_int8?image=96&width=25&colors=1&classes=2"}), "", true},
      {"bert_tiny", "", bert_tiny, bert_tiny_folder() + "model.onnx", true},
      {"BERT of bert_tiny's size", "", builtins({"bert_base?sequence=64&layers=2&width=128"}), "", true},
  };
}

Result<Comparison> compare_model_and_rtl(const std::string& npu, const std::string& settings) {
  Registry registry;
  SYSTOLE_RETURN_IF_ERROR(registry.add(npu_driver()));
  SYSTOLE_RETURN_IF_ERROR(registry.add(cpu_driver()));
  const std::string set = settings.empty() ? "" : "&set=" + settings;
  SYSTOLE_ASSIGN_OR_RETURN(auto rtl, registry.open("npu:" + npu + "?fidelity=rtl" + set));
  SYSTOLE_ASSIGN_OR_RETURN(auto model, registry.open("npu:" + npu + "?fidelity=model" + set));
  SYSTOLE_ASSIGN_OR_RETURN(auto cpu, registry.open("cpu"));
  return Comparison(std::move(model), std::move(rtl), std::move(cpu));
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/builtin.h"

#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

struct Entry {
  const char* name;
  const char* description;
  int64_t parameters;
  Shape input;
  ValueId (*build)(Network&);
};

const std::vector<Entry>& table() {
  static const std::vector<Entry> entries = {
      {"lenet5", "LeNet-5, 28x28 digits", 61706, {1, 1, 28, 28}, build_lenet5},
      {"mobilenet_v2", "MobileNetV2 1.0, 224x224 images", 3504872, {1, 3, 224, 224}, build_mobilenet_v2},
      {"resnet50", "ResNet-50, 224x224 images", 25557032, {1, 3, 224, 224}, build_resnet50},
  };
  return entries;
}

}  // namespace

std::vector<BuiltinInfo> builtin_models() {
  std::vector<BuiltinInfo> models;
  for (const Entry& entry : table())
    for (bool int8 : {false, true})
      models.push_back({entry.name + std::string(int8 ? "_int8" : ""),
                        entry.description + std::string(int8 ? ", int8 with per-channel weight scales" : ", f32"),
                        entry.parameters, entry.input, int8});
  return models;
}

Result<Graph> make_builtin(const std::string& name, const BuiltinOptions& options) {
  if (options.batch < 1)
    return Status(Code::kInvalidArgument, "batch " + std::to_string(options.batch) + ", expected 1 or more");
  std::vector<std::string> known;
  for (const Entry& entry : table())
    for (bool int8 : {false, true}) {
      known.push_back(entry.name + std::string(int8 ? "_int8" : ""));
      if (name != known.back()) continue;
      Network net(name, options.seed, options.batch, int8);
      const ValueId last = entry.build(net);
      return net.finish("output", last);
    }
  const std::string near = nearest_name(name, known.data(), known.size());
  return Status(Code::kNotFound,
                "no built-in network '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

int64_t count_parameters(const Graph& graph) {
  int64_t count = 0;
  for (const Node& node : graph.nodes) {
    const bool norm = node.type == "BatchNormalization";
    if (!norm && node.type != "Conv" && node.type != "Gemm") continue;
    for (size_t i = 1; i < node.inputs.size() && i < 3; ++i)
      if (node.inputs[i] != kAbsent && graph.at(node.inputs[i]).is_constant())
        count += element_count(graph.at(node.inputs[i]).shape);
  }
  return count;
}

}  // namespace systole::graph

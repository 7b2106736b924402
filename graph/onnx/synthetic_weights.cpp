// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/synthetic_weights.h"

#include <cmath>

#include "graph/constants.h"
#include "graph/node_access.h"
#include "hal/fnv1a.h"

namespace systole::graph {
namespace {

uint64_t mix(uint64_t x) {  // splitmix64's output function
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// The first operator that uses `id`, looking through Identity.
const Node* first_use(const Graph& graph, ValueId id, size_t& index) {
  for (const auto& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != id) continue;
      if (node.type == "Identity" && !node.outputs.empty()) return first_use(graph, node.outputs[0], index);
      index = i;
      return &node;
    }
  }
  return nullptr;
}

struct Distribution {
  double mean = 0.0, deviation = 0.05;
};

Distribution distribution_of(const Node* use, size_t index, const Shape& shape) {
  if (!use) return {};
  if (use->type == "BatchNormalization") {
    if (index == 1) return {1.0, 0.1};
    if (index == 4) return {1.0, 0.05};  // stays far above zero: four-uniform sums end at 3.5 deviations
    return {0.0, 0.1};
  }
  if (index != 1) return {};
  double fan_in = 0;
  if (use->type == "Conv" && shape.size() >= 3) {
    fan_in = static_cast<double>(element_count(shape)) / static_cast<double>(shape[0]);
  } else if (use->type == "ConvTranspose" && shape.size() >= 3) {
    fan_in = static_cast<double>(element_count(shape)) / static_cast<double>(shape[1]);
  } else if (use->type == "Gemm" && shape.size() == 2) {
    fan_in = static_cast<double>(shape[int_attr(*use, "transB", 0) != 0 ? 1 : 0]);
  } else if (use->type == "MatMul" && shape.size() >= 2) {
    fan_in = static_cast<double>(shape[shape.size() - 2]);
  }
  return fan_in > 0 ? Distribution{0.0, std::sqrt(2.0 / fan_in)} : Distribution{};
}

}  // namespace

bool is_weight_position(const std::string& type, size_t index) {
  if (type == "Conv" || type == "Gemm" || type == "ConvTranspose") return index == 1 || index == 2;
  return type == "BatchNormalization" && index >= 1;
}

std::vector<float> seeded_normal(uint64_t seed, const std::string& name, int64_t count) {
  std::vector<float> result(static_cast<size_t>(count));
  uint64_t state = mix(seed ^ fnv1a(name));
  for (auto& value : result) {
    uint64_t bits = mix(state += 0x9e3779b97f4a7c15ull);
    int64_t sum = 0;
    for (int part = 0; part < 4; ++part) sum += static_cast<int64_t>((bits >> (16 * part)) & 0xffff);
    value = static_cast<float>(static_cast<double>(sum - 2 * 65535) * (1.7320508075688772 / 65536.0));
  }
  return result;
}

Status synthesize_weight(Graph& graph, ValueId id, uint64_t seed) {
  const Value target = graph.at(id);
  size_t index = 0;
  const Node* use = first_use(graph, id, index);
  if (!is_float(target.dtype)) {
    return Status(Code::kUnsupported, "weight '" + target.name + "' has no data and is " + dtype_name(target.dtype) +
                                          ": only float weights are given synthetic values");
  }
  SYSTOLE_ASSIGN_OR_RETURN(int64_t count, checked_elements(target.shape, "weight '" + target.name + "'"));
  SYSTOLE_ASSIGN_OR_RETURN(Value made, make_constant(target.name, target.dtype, target.shape));
  auto bytes = mutable_bytes(made);
  auto normal = seeded_normal(seed, target.name, count);
  Distribution d = distribution_of(use, index, target.shape);
  for (int64_t i = 0; i < count; ++i) {
    store_real(target.dtype, bytes.data(), i,
               d.mean + d.deviation * static_cast<double>(normal[static_cast<size_t>(i)]));
  }
  made.data->freeze();
  graph.at(id) = std::move(made);
  return {};
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/quant/qdq.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "graph/constants.h"
#include "graph/lower/activation_attributes.h"
#include "graph/node_access.h"
#include "graph/quant/quantized_operands.h"
#include "graph/topology.h"

namespace systole::graph {
namespace {

const std::set<std::string> kProducts = {"Conv", "MatMul", "Gemm"};
const std::set<std::string> kBinaries = {"Add", "Sub", "Mul"};
const std::set<std::string> kMeans = {"AveragePool", "GlobalAveragePool"};
const std::set<std::string> kMoves = {"MaxPool", "GlobalMaxPool", "Relu",      "Clip",  "Reshape", "Flatten",
                                      "Squeeze", "Unsqueeze",     "Transpose", "Slice", "Concat"};

class Fuser {
 public:
  Fuser(Graph& graph, PassReport* report) : graph_(graph), report_(report) {
    producer_.assign(graph.values.size(), -1);
    uses_.assign(graph.values.size(), 0);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      for (ValueId id : graph.nodes[n].outputs)
        if (id != kAbsent) producer_[static_cast<size_t>(id)] = static_cast<int>(n);
      for (ValueId id : graph.nodes[n].inputs)
        if (id != kAbsent) ++uses_[static_cast<size_t>(id)];
    }
    for (ValueId id : graph.outputs) ++uses_[static_cast<size_t>(id)];
  }

  void run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (graph_.nodes[n].type != "QuantizeLinear") continue;
      std::string refusal;
      Node* main = nullptr;
      if (fuse(graph_.nodes[n], main, refusal) || !main || refusal.empty()) continue;
      note(report_, main->type + " '" + main->name + "' stays float between its quantizations: " + refusal);
    }
  }

 private:
  Node* made_by(ValueId id) {
    int n = id == kAbsent || static_cast<size_t>(id) >= producer_.size() ? -1 : producer_[static_cast<size_t>(id)];
    return n < 0 ? nullptr : &graph_.nodes[static_cast<size_t>(n)];
  }
  bool used_once(ValueId id) const { return uses_[static_cast<size_t>(id)] == 1; }

  // The integer value behind a DequantizeLinear, or kAbsent.
  ValueId integer_behind(ValueId id) {
    Node* node = made_by(id);
    return node && node->type == "DequantizeLinear" ? node->inputs[0] : kAbsent;
  }

  bool read_bounds(const Node& node, Activation& activation, float& lo, float& hi) {
    if (node.type == "Relu") {
      activation = Activation::kRelu;
      return true;
    }
    if (node.type != "Clip") return false;
    auto low = real_argument(graph_, node, "min", 1), high = real_argument(graph_, node, "max", 2);
    if (!low.ok() || !high.ok()) return false;
    activation = Activation::kClip;
    lo = low->has_value() ? static_cast<float>(**low) : std::numeric_limits<float>::lowest();
    hi = high->has_value() ? static_cast<float>(**high) : std::numeric_limits<float>::max();
    return true;
  }

  // On success the QuantizeLinear has become the integer operator. `main` is the float operator that was looked at.
  bool fuse(Node& quantize, Node*& main, std::string& refusal) {
    if (!used_once(quantize.inputs[0])) return false;
    main = made_by(quantize.inputs[0]);
    if (!main) return false;
    Activation activation = Activation::kNone;
    float lo = 0, hi = 0;
    std::vector<std::string> fused;
    Node* before = main->inputs.empty() ? nullptr : made_by(main->inputs[0]);
    bool takes_activation = before && (kProducts.contains(before->type) || kBinaries.contains(before->type));
    if (takes_activation && used_once(main->inputs[0]) && read_bounds(*main, activation, lo, hi)) {
      fused.push_back(main->name);
      main = before;
    }
    fused.push_back(quantize.name);
    Node integer = *main;
    ValueId y = quantize.outputs[0];
    if (!rewrite(integer, y, refusal)) return false;
    integer.outputs = {y};
    write_activation(integer, activation, lo, hi);
    integer.fused.insert(integer.fused.end(), fused.begin(), fused.end());
    std::string line = "integer " + integer.type + " '" + integer.name + "' took in its DequantizeLinear";
    for (const auto& name : fused) line += ", '" + name + "'";
    note(report_, line);
    main->inputs.clear();  // its outputs have no readers any more: removed after the pass
    quantize = std::move(integer);
    main = &quantize;
    return true;
  }

  bool rewrite(Node& node, ValueId y, std::string& refusal) {
    const Value& out = graph_.at(y);
    if (out.dtype != DType::kI8 && out.dtype != DType::kU8)
      return refuse(refusal, std::string("output of ") + dtype_name(out.dtype));
    bool product = kProducts.contains(node.type), binary = kBinaries.contains(node.type),
         move = kMoves.contains(node.type);
    if (!product && !binary && !move && !kMeans.contains(node.type))
      return refuse(refusal, "no integer form of the operator");
    if (node.type == "MaxPool" && node.outputs.size() > 1 && node.outputs[1] != kAbsent)
      return refuse(refusal, "its indices are used");
    size_t data = product || binary ? 2 : node.type == "Concat" ? node.inputs.size() : 1;
    std::vector<ValueId> floats = node.inputs;
    for (size_t i = 0; i < data; ++i) {
      ValueId integer = integer_behind(node.inputs[i]);
      if (integer == kAbsent)
        return refuse(refusal, "input '" + graph_.at(node.inputs[i]).name + "' is not dequantized");
      const Value& value = graph_.at(integer);
      if (value.dtype != DType::kI8 && value.dtype != DType::kU8)
        return refuse(refusal, "input '" + value.name + "' is " + dtype_name(value.dtype));
      if (move && (value.dtype != out.dtype || !equal_quant(value.quant, out.quant)))
        return refuse(refusal, "quantization of '" + value.name + "' differs from its output's");
      bool weight = product && i == 1;
      if (!weight && value.quant->per_channel())
        return refuse(refusal, "'" + value.name + "' is quantized per channel");
      node.inputs[i] = integer;
    }
    if (out.quant->per_channel()) return refuse(refusal, "its output is quantized per channel");
    return !product || rewrite_product(node, refusal);
  }

  bool rewrite_product(Node& node, std::string& refusal) {
    const Value& w = graph_.at(node.inputs[1]);
    int rank = static_cast<int>(w.shape.size());
    bool transposed = node.type == "Gemm" && int_attr(node, "transB", 0) != 0;
    int channel_axis = node.type == "Conv" || transposed ? 0 : rank - 1;
    if (w.quant->per_channel() && w.quant->axis != channel_axis)
      return refuse(refusal, "weight quantized along axis " + std::to_string(w.quant->axis));
    if (node.type == "Gemm" && (float_attr(node, "alpha", 1.0f) != 1.0f ||
                                (input_of(node, 2) != kAbsent && float_attr(node, "beta", 1.0f) != 1.0f))) {
      return refuse(refusal, "alpha or beta is not 1");
    }
    if (input_of(node, 2) == kAbsent) return true;
    return quantize_bias(node, w.shape[static_cast<size_t>(channel_axis)], refusal);
  }

  // bias[c] = round(real / (sx * sw[c])); an i32 bias that has these scales already is taken as it is.
  bool quantize_bias(Node& node, int64_t channels, std::string& refusal) {
    const Quantization sx = *graph_.at(node.inputs[0]).quant, sw = *graph_.at(node.inputs[1]).quant;
    ValueId stored = integer_behind(node.inputs[2]);
    ValueId source = stored == kAbsent ? node.inputs[2] : stored;
    const Value bias = graph_.at(source);
    if (!bias.is_constant() || bias.shape != Shape{channels})
      return refuse(refusal, "bias '" + bias.name + "' is no constant of one number a channel");
    auto numbers = constant_reals(bias);
    bool changed = stored == kAbsent || bias.dtype != DType::kI32;
    for (size_t c = 0; c < numbers.size(); ++c) {
      double wanted = sx.scale[0] * sw.scale[sw.scale.size() > 1 ? c : 0];
      double given = stored == kAbsent ? 1.0 : bias.quant->scale[bias.quant->scale.size() > 1 ? c : 0];
      int32_t zero = stored == kAbsent ? 0 : bias.quant->zero_point[bias.quant->zero_point.size() > 1 ? c : 0];
      if (stored != kAbsent && zero == 0 && std::fabs(given - wanted) <= 1e-6 * wanted) continue;
      numbers[c] = std::nearbyint((numbers[c] - zero) * given / wanted);
      changed = true;
    }
    if (!changed) {
      node.inputs[2] = source;
      return true;
    }
    auto made = real_constant(bias.name + "/i32", DType::kI32, bias.shape, numbers);
    if (!made.ok()) return refuse(refusal, made.status().message());
    node.inputs[2] = graph_.add_value(std::move(*made));
    return true;
  }

  static bool refuse(std::string& refusal, std::string why) {
    refusal = std::move(why);
    return false;
  }

  Graph& graph_;
  PassReport* report_;
  std::vector<int> producer_, uses_;
};

}  // namespace

Status fuse_quantized(Graph& graph, PassReport* report) {
  SYSTOLE_RETURN_IF_ERROR(move_quantization_to_values(graph));
  Fuser(graph, report).run();
  remove_unused_nodes(graph);
  fuse_integer_weights(graph, report);
  remove_unused_nodes(graph);
  return {};
}

}  // namespace systole::graph

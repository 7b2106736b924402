// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/quant/quantized_operands.h"

#include "graph/constants.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

using QuantRef = std::shared_ptr<const Quantization>;

class Mover {
 public:
  explicit Mover(Graph& graph) : graph_(graph) {}

  Status run() {
    std::vector<Node> source = std::move(graph_.nodes);
    for (auto& node : source) {
      SYSTOLE_RETURN_IF_ERROR(move(node));
      out_.push_back(std::move(node));
    }
    graph_.nodes = std::move(out_);
    return {};
  }

 private:
  Status move(Node& node) {
    if (node.type == "QuantizeLinear") return quantize_linear(node);
    if (node.type == "DequantizeLinear") return dequantize_linear(node);
    if (node.type == "QLinearConv") return qlinear(node, "Conv", 0);
    if (node.type == "QLinearMatMul") return qlinear(node, "MatMul", last_axis(node, 3));
    if (node.type == "ConvInteger") return integer(node, "Conv", 0);
    if (node.type == "MatMulInteger") return integer(node, "MatMul", last_axis(node, 1));
    return {};
  }

  int rank(ValueId id) const { return static_cast<int>(graph_.at(id).shape.size()); }
  int64_t last_axis(const Node& node, size_t input) const { return rank(node.inputs[input]) - 1; }

  // `id` under `quant`: itself, or, where it carries another quantization already, the same bytes under another value.
  ValueId with_quant(ValueId id, const QuantRef& quant, const Node& reader) {
    if (!graph_.at(id).quant || equal_quant(graph_.at(id).quant, quant)) {
      graph_.at(id).quant = quant;
      return id;
    }
    Value twin = graph_.at(id);
    twin.quant = quant;
    twin.name += "/as_read_by_" + reader.name;
    bool constant = twin.is_constant();
    ValueId made = graph_.add_value(std::move(twin));
    if (constant) return made;
    Node view;
    view.name = graph_.at(made).name;
    view.type = "Identity";
    view.inputs = {id};
    view.outputs = {made};
    out_.push_back(std::move(view));
    return made;
  }

  Result<QuantRef> quant_of(const Node& node, size_t scale, int64_t axis, ValueId value) const {
    return read_quantization(graph_, node, node.inputs[scale], input_of(node, scale + 1), axis, rank(value));
  }

  Status quantize_linear(Node& node) {
    SYSTOLE_ASSIGN_OR_RETURN(QuantRef quant, quant_of(node, 1, int_attr(node, "axis", 1), node.inputs[0]));
    graph_.at(node.outputs[0]).quant = quant;
    node.inputs.resize(1);
    return {};
  }

  Status dequantize_linear(Node& node) {
    SYSTOLE_ASSIGN_OR_RETURN(QuantRef quant, quant_of(node, 1, int_attr(node, "axis", 1), node.inputs[0]));
    node.inputs[0] = with_quant(node.inputs[0], quant, node);
    if (!graph_.at(node.inputs[0]).is_constant()) node.inputs.resize(1);  // a constant's scale serves to evaluate it
    return {};
  }

  // x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, [bias]
  Status qlinear(Node& node, const char* type, int64_t weight_axis) {
    SYSTOLE_ASSIGN_OR_RETURN(QuantRef x, quant_of(node, 1, 0, node.inputs[0]));
    SYSTOLE_ASSIGN_OR_RETURN(QuantRef w, quant_of(node, 4, weight_axis, node.inputs[3]));
    SYSTOLE_ASSIGN_OR_RETURN(QuantRef y, quant_of(node, 6, 0, node.outputs[0]));
    std::vector<ValueId> inputs = {with_quant(node.inputs[0], x, node), with_quant(node.inputs[3], w, node)};
    if (input_of(node, 8) != kAbsent) inputs.push_back(node.inputs[8]);
    graph_.at(node.outputs[0]).quant = y;
    node.inputs = std::move(inputs);
    node.type = type;
    return {};
  }

  // x, w, [x_zero], [w_zero]; scales are 1 and y is i32.
  Status integer(Node& node, const char* type, int64_t weight_axis) {
    std::vector<ValueId> inputs = {node.inputs[0], node.inputs[1]};
    for (size_t i = 0; i < 2; ++i) {
      SYSTOLE_ASSIGN_OR_RETURN(QuantRef quant, read_quantization(graph_, node, kAbsent, input_of(node, 2 + i),
                                                                 i == 0 ? 0 : weight_axis, rank(inputs[i])));
      inputs[i] = with_quant(inputs[i], quant, node);
    }
    node.inputs = std::move(inputs);
    node.type = type;
    return {};
  }

  Graph& graph_;
  std::vector<Node> out_;
};

Result<std::vector<double>> constant_numbers(const Graph& graph, const Node& node, ValueId id) {
  const Value& value = graph.at(id);
  if (!value.is_constant())
    return node_error(node, Code::kUnsupported, "'" + value.name + "' (a scale or zero point) is not constant");
  return constant_reals(value);
}

}  // namespace

Result<QuantRef> read_quantization(const Graph& graph, const Node& node, ValueId scale, ValueId zero_point,
                                   int64_t axis, int rank) {
  std::vector<double> scales = {1.0}, zeros;
  if (scale != kAbsent) {
    SYSTOLE_ASSIGN_OR_RETURN(scales, constant_numbers(graph, node, scale));
  }
  if (zero_point != kAbsent) {
    SYSTOLE_ASSIGN_OR_RETURN(zeros, constant_numbers(graph, node, zero_point));
  }
  if (scale == kAbsent) scales.assign(std::max<size_t>(1, zeros.size()), 1.0);
  if (zeros.empty()) zeros.assign(scales.size(), 0.0);
  if (zeros.size() == 1) zeros.assign(scales.size(), zeros[0]);
  if (zeros.size() != scales.size() || scales.empty())
    return node_error(node, Code::kInvalidArgument, "scales and zero points differ in number");
  auto quant = std::make_shared<Quantization>();
  for (double value : scales) {
    if (!(value > 0)) return node_error(node, Code::kInvalidArgument, "a scale of " + std::to_string(value));
    quant->scale.push_back(static_cast<float>(value));
  }
  for (double value : zeros) quant->zero_point.push_back(static_cast<int32_t>(value));
  if (scales.size() > 1) {
    SYSTOLE_ASSIGN_OR_RETURN(quant->axis, normal_axis(node, axis, rank));
  }
  return QuantRef(quant);
}

bool equal_quant(const QuantRef& a, const QuantRef& b) { return a == b || (a && b && *a == *b); }

Status move_quantization_to_values(Graph& graph) { return Mover(graph).run(); }

}  // namespace systole::graph

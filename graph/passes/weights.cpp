// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How the weights of matrix products are stored: floats, or i8 and i4 with a scale a column.
#include <algorithm>
#include <cmath>
#include <map>

#include "graph/constants.h"
#include "graph/passes/image.h"
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

struct Matrix {
  int64_t k = 0, n = 0;
  bool transposed = false;  // stored n x k
  size_t at(int64_t row, int64_t column) const {
    return static_cast<size_t>(transposed ? column * k + row : row * n + column);
  }
};

Matrix matrix_of(const Value& w, bool transposed) {
  return {w.shape[transposed ? 1 : 0], w.shape[transposed ? 0 : 1], transposed};
}

std::shared_ptr<const Quantization> per_column(std::vector<float> scale, int axis) {
  std::vector<int32_t> zeros(scale.size(), 0);
  return std::make_shared<Quantization>(Quantization{std::move(scale), std::move(zeros), axis});
}

// Symmetric, by column: scale = max |w| / most, stored = round_half_even(w / scale), a column of zeros has scale 1. i4
// is stored k x n, whatever w is.
Result<Value> quantized(const Value& w, DType type, bool transposed) {
  const Matrix from = matrix_of(w, transposed);
  const bool packed = type == DType::kI4;
  const Matrix to{from.k, from.n, transposed && !packed};
  const Shape shape = to.transposed ? Shape{to.n, to.k} : Shape{to.k, to.n};
  const std::string name = w.name + "." + dtype_name(type);
  const int axis = to.transposed ? 0 : 1;
  if (w.withheld) {
    SYSTOLE_ASSIGN_OR_RETURN(Value value, make_withheld_constant(name, type, shape));
    value.quant = per_column(std::vector<float>(static_cast<size_t>(from.n), 1.0f), axis);
    return value;
  }
  SYSTOLE_ASSIGN_OR_RETURN(const std::vector<float> numbers, constant_floats(w));
  const float most = packed ? 7.0f : 127.0f;
  std::vector<float> scale(static_cast<size_t>(from.n), 0.0f);
  for (int64_t k = 0; k < from.k; ++k)
    for (int64_t n = 0; n < from.n; ++n) {
      const float magnitude = std::fabs(numbers[from.at(k, n)]);
      if (!std::isfinite(magnitude))
        return Status(Code::kUnsupported, "'" + w.name + "' has a value that is not finite");
      float& greatest = scale[static_cast<size_t>(n)];
      greatest = std::max(greatest, magnitude);
    }
  for (float& each : scale) each = each / most > 0.0f ? each / most : 1.0f;
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_constant(name, type, shape));
  const auto bytes = mutable_bytes(value);
  const int64_t row_bytes = bytes_for(type, to.n);
  for (int64_t k = 0; k < from.k; ++k)
    for (int64_t n = 0; n < from.n; ++n) {
      const float nearest = std::nearbyint(numbers[from.at(k, n)] / scale[static_cast<size_t>(n)]);
      const auto stored = static_cast<int>(std::max(-most, std::min(most, nearest)));
      if (packed)
        store_four_bits(bytes.data() + k * row_bytes, n, stored);
      else
        bytes[to.at(k, n)] = static_cast<std::byte>(stored);
    }
  value.data->freeze();
  value.quant = per_column(std::move(scale), axis);
  return value;
}

// The f32 constant that integer weights stand for.
Result<Value> dequantized(const Value& w, DType type) {
  const std::string name = w.name + ".dequantized";
  if (w.withheld) return make_withheld_constant(name, type, w.shape);
  std::vector<double> numbers = constant_reals(w);
  const Quantization& quant = *w.quant;
  int64_t inner = 1;
  for (size_t axis = static_cast<size_t>(quant.axis + 1); quant.per_channel() && axis < w.shape.size(); ++axis)
    inner *= w.shape[axis];
  for (size_t i = 0; i < numbers.size(); ++i) {
    const size_t at = quant.per_channel() ? i / static_cast<size_t>(inner) % quant.scale.size() : 0;
    numbers[i] = static_cast<float>(numbers[i]) * quant.scale[at];
  }
  return real_constant(name, type, w.shape, numbers);
}

bool reads_integers(const Graph& graph, const Node& node) {
  return node.op && std::holds_alternative<Matmul>(*node.op) && is_float(graph.at(node.inputs[0]).dtype) &&
         !is_float(graph.at(node.inputs[1]).dtype);
}

// Of a node with the op and inputs that it would have.
std::string reason(const Target& target, const Graph& graph, const Node& node) {
  const auto image = image_values(graph);
  return target.main->supports(dense_description(graph, image, node, narrow_type(target.precision))).reason;
}

// To be asked of: quantizing and dequantizing are the dearer questions.
Value without_content(const Value& w, DType type, Shape shape, std::shared_ptr<const Quantization> quant) {
  Value value;
  value.name = w.name;
  value.dtype = type;
  value.shape = std::move(shape);
  value.shape_known = true;
  value.quant = std::move(quant);
  return value;
}

// Where the device prefers floats, it gets them.
Status dequantize_refused(Graph& graph, const Target& target, PassReport& report) {
  std::map<std::pair<ValueId, DType>, ValueId> made;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!reads_integers(graph, graph.nodes[n])) continue;
    Node node = graph.nodes[n];
    const ValueId w = node.inputs[1];
    if (!graph.at(w).is_constant()) continue;
    const int as_is = rank_of(target, graph, node);
    if (as_is == kTakenByMain) continue;
    const DType type = graph.at(node.inputs[0]).dtype;
    const auto [entry, fresh] = made.try_emplace({w, type}, kAbsent);
    if (fresh) entry->second = graph.add_value(without_content(graph.at(w), type, graph.at(w).shape, nullptr));
    node.inputs[1] = entry->second;
    if (rank_of(target, graph, node) >= as_is) continue;
    if (!graph.at(entry->second).is_constant()) {
      SYSTOLE_ASSIGN_OR_RETURN(graph.at(entry->second), dequantized(graph.at(w), type));
    }
    note(&report, "weights: " + node.name + " takes them dequantized: " + reason(target, graph, graph.nodes[n]));
    graph.nodes[n] = std::move(node);
  }
  return {};
}

// "" when done, else why the node keeps its floats.
Result<std::string> quantize_node(Graph& graph, const Target& target, size_t n, DType type,
                                  std::map<std::pair<ValueId, bool>, ValueId>& made) {
  Node node = graph.nodes[n];
  auto& op = std::get<Matmul>(*node.op);
  const ValueId w = node.inputs[1];
  if (graph.at(w).shape.size() != 2) return "weights of rank " + std::to_string(graph.at(w).shape.size());
  const Matrix matrix = matrix_of(graph.at(w), op.transpose_b);
  const bool turned = type == DType::kI4 && op.transpose_b;
  const bool transposed = op.transpose_b;
  if (turned) op.transpose_b = false;
  const auto [entry, fresh] = made.try_emplace({w, transposed}, kAbsent);
  if (fresh) {
    const Shape shape = turned ? Shape{matrix.k, matrix.n} : graph.at(w).shape;
    const std::vector<float> scale(static_cast<size_t>(matrix.n), 1.0f);
    entry->second =
        graph.add_value(without_content(graph.at(w), type, shape, per_column(scale, transposed && !turned ? 0 : 1)));
  }
  node.inputs[1] = entry->second;
  if (rank_of(target, graph, node) > rank_of(target, graph, graph.nodes[n])) return reason(target, graph, node);
  if (!graph.at(entry->second).is_constant()) {
    auto value = quantized(graph.at(w), type, transposed);
    if (!value.ok()) return value.status().message();
    graph.at(entry->second) = std::move(*value);
  }
  graph.nodes[n] = std::move(node);
  return std::string();
}

}  // namespace

const char* weight_type_name(WeightType type) {
  return type == WeightType::kInt8 ? "int8" : type == WeightType::kInt4 ? "int4" : "model";
}

Result<WeightType> parse_weight_type(const std::string& name) {
  for (const WeightType type : {WeightType::kModel, WeightType::kInt8, WeightType::kInt4})
    if (name == weight_type_name(type)) return type;
  return Status(Code::kInvalidArgument, "weights: expected model, int8 or int4, got '" + name + "'");
}

Status store_weights(Graph& graph, const Target& target, WeightType weights, PassReport& report) {
  SYSTOLE_RETURN_IF_ERROR(dequantize_refused(graph, target, report));
  if (weights == WeightType::kModel) return {};
  const DType type = weights == WeightType::kInt8 ? DType::kI8 : DType::kI4;
  std::map<std::pair<ValueId, bool>, ValueId> made;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (!node.op || !std::holds_alternative<Matmul>(*node.op)) continue;
    const Value& w = graph.at(node.inputs[1]);
    if (!w.is_constant() || !is_float(w.dtype) || w.dtype == DType::kF64) continue;
    const std::string name = node.name;
    SYSTOLE_ASSIGN_OR_RETURN(const std::string why, quantize_node(graph, target, n, type, made));
    note(&report, "weights: " + name +
                      (why.empty() ? std::string(" takes them as ") + dtype_name(type) : " keeps its floats: " + why));
  }
  return {};
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_bounds.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "tests/conformance/suite.h"
#include "tests/tolerance.h"

namespace systole::conformance {
namespace {

struct Format {
  int mantissa;
  int smallest;  // exponent of the smallest subnormal
};

Format format_of(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return {tests::kMantissaF64, -1074};
    case DType::kF16:
      return {tests::kMantissaF16, -24};
    case DType::kBF16:
      return {tests::kMantissaBF16, -133};
    case DType::kF8E4M3:
      return {tests::kMantissaF8E4M3, -9};
    case DType::kF8E5M2:
      return {tests::kMantissaF8E5M2, -16};
    default:
      return {tests::kMantissaF32, -149};
  }
}

Epilogue* epilogue_of(Op& op) {
  if (auto* matmul = std::get_if<Matmul>(&op)) return &matmul->epilogue;
  if (auto* conv = std::get_if<Conv2d>(&op)) return &conv->epilogue;
  return nullptr;
}

// Its result is one of its operands' values, or follows from one without rounding.
bool is_exact(const Op& op) {
  if (const auto* unary = std::get_if<Unary>(&op)) {
    switch (unary->kind) {
      case UnaryKind::kRelu:
      case UnaryKind::kClip:
      case UnaryKind::kNeg:
      case UnaryKind::kAbs:
      case UnaryKind::kFloor:
      case UnaryKind::kCeil:
      case UnaryKind::kRound:
      case UnaryKind::kSign:
        return true;
      default:
        return false;
    }
  }
  if (const auto* reduce = std::get_if<Reduce>(&op))
    return reduce->kind == ReduceKind::kMax || reduce->kind == ReduceKind::kMin;
  if (const auto* pool = std::get_if<Pool>(&op)) return pool->kind == PoolKind::kMax;
  return std::holds_alternative<Copy>(op) || std::holds_alternative<Select>(op) || std::holds_alternative<Fill>(op) ||
         std::holds_alternative<Cast>(op);
}

bool is_sum(const OpDesc& desc) {
  if (const auto* reduce = std::get_if<Reduce>(&desc.op))
    return reduce->kind == ReduceKind::kSum || reduce->kind == ReduceKind::kMean ||
           reduce->kind == ReduceKind::kSumSquare;
  return mac_count(desc) > 0 || std::holds_alternative<Pool>(desc.op);
}

int64_t reduction_length(const OpDesc& desc) {
  const int64_t macs = mac_count(desc), results = std::max<int64_t>(1, desc.outputs[0].elements());
  if (macs > 0) return macs / results;
  if (const auto* pool = std::get_if<Pool>(&desc.op)) return pool->kernel_h * pool->kernel_w;
  const Shape& x = desc.inputs[0].shape;
  if (const auto* norm = std::get_if<Normalize>(&desc.op)) return element_count(Shape(x.end() - norm->axes, x.end()));
  if (const auto* softmax = std::get_if<Softmax>(&desc.op))
    return x[static_cast<size_t>(softmax->axis < 0 ? softmax->axis + desc.inputs[0].rank() : softmax->axis)];
  return desc.inputs[0].elements() / results;
}

bool cancels(Activation function) {
  return function == Activation::kGeluErf || function == Activation::kGeluTanh || function == Activation::kHardSwish;
}

// Its function's last step cancels near the zeros.
bool cancels(const Op& op) {
  if (const auto* unary = std::get_if<Unary>(&op))
    return unary->kind == UnaryKind::kLog || unary->kind == UnaryKind::kGeluErf ||
           unary->kind == UnaryKind::kGeluTanh || unary->kind == UnaryKind::kHardSwish;
  if (const auto* binary = std::get_if<Binary>(&op)) return cancels(binary->activation);
  Op attributes = op;
  const Epilogue* epilogue = epilogue_of(attributes);
  return epilogue != nullptr && cancels(epilogue->activation);
}

// Sums on the way to its result, without being one.
bool sums_inside(const Op& op) { return std::holds_alternative<Softmax>(op) || std::holds_alternative<Reduce>(op); }

// Rows lie one behind another in the order of the elements.
std::vector<double> normalize_bounds(const OpDesc& op, const std::vector<Bytes>& inputs, int accumulator_bits) {
  const auto& norm = std::get<Normalize>(op.op);
  std::vector<double> d = elements(op.inputs[0], inputs[0]), scale, bias, result;
  if (norm.scale) scale = elements(op.inputs[1], inputs[1]);
  if (norm.bias) bias = elements(op.inputs.back(), inputs.back());
  const auto n = static_cast<size_t>(reduction_length(op));
  for (size_t first = 0; first < d.size(); first += n) {
    const std::span<double> row(d.data() + first, n);
    tests::NormalizedRow facts{static_cast<int64_t>(n), 0, 0, accumulator_bits};
    double mean = 0, squares = 0;
    if (norm.kind == NormKind::kLayer)
      for (double x : row) mean += x / static_cast<double>(n), facts.largest = std::max(facts.largest, std::abs(x));
    for (double& x : row) x -= mean, squares += x * x;
    facts.s = std::sqrt(squares / static_cast<double>(n) + static_cast<double>(norm.epsilon));
    for (size_t i = 0; i < n; ++i)
      result.push_back(tests::normalize_bound(facts, row[i], norm.scale ? scale[i] : 1.0, norm.bias ? bias[i] : 0.0));
  }
  return result;
}

// Sums of magnitudes behind each output: the op itself on the inputs' magnitudes, without activation.
std::vector<double> sums_of_magnitudes(std::shared_ptr<Device> ref, const OpCase& op_case,
                                       const std::vector<Bytes>& inputs) {
  OpCase absolute = op_case;
  if (Epilogue* epilogue = epilogue_of(absolute.desc.op)) epilogue->activation = Activation::kNone;
  std::vector<Bytes> positive;
  const bool weights = has_integer_weights(op_case.desc),
             attention = std::holds_alternative<Attention>(op_case.desc.op);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TensorDesc& desc = op_case.desc.inputs[i];
    positive.push_back(magnitudes(desc, inputs[i], (weights && i == 1) || (attention && !is_float(desc.dtype))));
  }
  auto outputs = take(run_case(std::move(ref), absolute, positive), "ref on magnitudes");
  return elements(absolute.desc.outputs[0], outputs[0]);
}

}  // namespace

std::vector<double> bounds(std::shared_ptr<Device> ref, const OpCase& op_case, const std::vector<Bytes>& inputs,
                           const std::vector<double>& expected) {
  const OpDesc& op = op_case.desc;
  std::vector<double> result(expected.size(), 0.0);
  if (is_exact(op.op)) return result;
  const DType dtype = op.outputs[0].dtype;
  const Format format = format_of(dtype);
  const int accumulator_bits = dtype == DType::kF64 ? 53 : 24;
  const double spacing = std::ldexp(1.0, format.smallest);
  Op attributes = op.op;
  const Epilogue* epilogue = epilogue_of(attributes);
  const bool function = epilogue != nullptr && epilogue->activation > Activation::kClip;
  const double slope = function ? tests::kSteepestSlope : 1.0;
  std::vector<double> sums;
  if (is_sum(op)) sums = sums_of_magnitudes(ref, op_case, inputs);
  const bool normalizes = std::holds_alternative<Normalize>(op.op);
  if (normalizes) result = normalize_bounds(op, inputs, accumulator_bits);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double magnitude = sums.empty() ? std::max(1.0, std::abs(expected[i])) : sums[i];
    if (!sums.empty() || sums_inside(op.op))
      result[i] += slope * tests::sum_bound(reduction_length(op), magnitude, accumulator_bits);
    if ((sums.empty() && !normalizes) || function)
      result[i] += tests::elementary_bound(cancels(op.op) ? magnitude : expected[i], accumulator_bits - 1);
    if (std::holds_alternative<Attention>(op.op)) result[i] += tests::attention_bound(format.mantissa, sums[i]);
    result[i] += tests::rounding_bound(format.mantissa, expected[i], spacing);
  }
  return result;
}

}  // namespace systole::conformance

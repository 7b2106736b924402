// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Functions of single elements.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "graph/verify/emulation.h"

namespace systole::graph::emulation {
namespace {

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }
float hard_sigmoid(float x, float slope, float shift) { return std::min(std::max(slope * x + shift, 0.0f), 1.0f); }
float gelu_erf(float x) { return 0.5f * x * (1.0f + std::erf(x * 0.70710678f)); }
float gelu_tanh(float x) { return 0.5f * x * (1.0f + std::tanh(0.79788456f * (x + 0.044715f * x * x * x))); }

// Empty for functions that are not emulated.
std::optional<float> apply(const Unary& op, float x) {
  switch (op.kind) {
    case UnaryKind::kRelu:
      return std::max(x, 0.0f);
    case UnaryKind::kClip:
      return std::min(std::max(x, op.alpha), op.beta);
    case UnaryKind::kNeg:
      return -x;
    case UnaryKind::kAbs:
      return std::fabs(x);
    case UnaryKind::kExp:
      return std::exp(x);
    case UnaryKind::kLog:
      return std::log(x);
    case UnaryKind::kSqrt:
      return std::sqrt(x);
    case UnaryKind::kReciprocal:
      return 1.0f / x;
    case UnaryKind::kSigmoid:
      return sigmoid(x);
    case UnaryKind::kTanh:
      return std::tanh(x);
    case UnaryKind::kErf:
      return std::erf(x);
    case UnaryKind::kGeluErf:
      return gelu_erf(x);
    case UnaryKind::kGeluTanh:
      return gelu_tanh(x);
    case UnaryKind::kSilu:
      return x * sigmoid(x);
    case UnaryKind::kHardSigmoid:
      return hard_sigmoid(x, op.alpha, op.beta);
    case UnaryKind::kHardSwish:
      return x * hard_sigmoid(x, 1.0f / 6.0f, 0.5f);
    case UnaryKind::kLeakyRelu:
      return x < 0 ? x * op.alpha : x;
    case UnaryKind::kNot:
      return x == 0 ? 1.0f : 0.0f;
    default:
      return {};
  }
}

}  // namespace

float to_bf16(float x) {
  if (!(std::fabs(x) <= std::numeric_limits<float>::max())) return x;
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t low = bits & 0xffffu, kept = bits & 0xffff0000u;
  const bool up = low > 0x8000u || (low == 0x8000u && (bits & 0x10000u) != 0);
  return std::bit_cast<float>(up ? kept + 0x10000u : kept);
}

float activate(float v, Activation activation, float lo, float hi) {
  switch (activation) {
    case Activation::kNone:
      return v;
    case Activation::kRelu:
      return v > 0 ? v : 0.0f;
    case Activation::kClip:
      return std::min(std::max(v, lo), hi);
    case Activation::kSigmoid:
      return sigmoid(v);
    case Activation::kTanh:
      return std::tanh(v);
    case Activation::kGeluErf:
      return gelu_erf(v);
    case Activation::kGeluTanh:
      return gelu_tanh(v);
    case Activation::kSilu:
      return v * sigmoid(v);
    case Activation::kHardSwish:
      return v * hard_sigmoid(v, 1.0f / 6.0f, 0.5f);
  }
  return v;
}

Status unary(Machine& machine, const Node& node, const Unary& op) {
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  for (size_t i = 0; i < y.size(); ++i) {
    const auto value = apply(op, x[i]);
    if (!value) return not_emulated(node);
    y[i] = *value;
  }
  return {};
}

Status binary(Machine& machine, const Node& node, const Binary& op) {
  const Shape &as = machine.shape(node.inputs[0]), &bs = machine.shape(node.inputs[1]);
  const Array &a = machine.in(node, 0), &b = machine.in(node, 1);
  Array& y = machine.out(node);
  bool known = true;
  for_each_index(machine.shape(node.outputs[0]), [&](size_t i, const std::vector<int64_t>& index) {
    const float l = a[broadcast_position(as, index)], r = b[broadcast_position(bs, index)];
    float v = 0;
    switch (op.kind) {
      case BinaryKind::kAdd:
        v = l + r;
        break;
      case BinaryKind::kSub:
        v = l - r;
        break;
      case BinaryKind::kMul:
        v = l * r;
        break;
      case BinaryKind::kDiv:
        v = l / r;
        break;
      case BinaryKind::kMin:
        v = std::min(l, r);
        break;
      case BinaryKind::kMax:
        v = std::max(l, r);
        break;
      case BinaryKind::kPow:
        v = std::pow(l, r);
        break;
      case BinaryKind::kEqual:
        v = l == r;
        break;
      case BinaryKind::kLess:
        v = l < r;
        break;
      case BinaryKind::kLessEqual:
        v = l <= r;
        break;
      case BinaryKind::kGreater:
        v = l > r;
        break;
      case BinaryKind::kGreaterEqual:
        v = l >= r;
        break;
      case BinaryKind::kAnd:
        v = l != 0 && r != 0;
        break;
      case BinaryKind::kOr:
        v = l != 0 || r != 0;
        break;
      default:
        known = false;
    }
    y[i] = activate(v, op.activation, op.clip_lo, op.clip_hi);
  });
  return known ? Status() : not_emulated(node);
}

void select(Machine& machine, const Node& node) {
  Array& y = machine.out(node);
  for_each_index(machine.shape(node.outputs[0]), [&](size_t i, const std::vector<int64_t>& index) {
    const auto at = [&](size_t operand) {
      return machine.in(node, operand)[broadcast_position(machine.shape(node.inputs[operand]), index)];
    };
    y[i] = at(0) != 0 ? at(1) : at(2);
  });
}

}  // namespace systole::graph::emulation

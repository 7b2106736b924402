// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "devices/npu/compiler/element_op.h"
#include "devices/npu/compiler/finish.h"
#include "devices/npu/compiler/gemm.h"

namespace systole::npu {
namespace {

Status no(const std::string& reason) { return {Code::kUnsupported, reason}; }
bool eight_bits(DType type) { return type == DType::kI8 || type == DType::kU8; }
bool vector_float(DType type) { return type == DType::kBF16 || type == DType::kF32; }
int32_t zero_of(const TensorDesc& d) { return d.quant ? d.quant->zero_point[0] : 0; }
bool per_tensor(const TensorDesc& d) { return d.quant && !d.quant->per_channel(); }

std::optional<contract::BinaryOp> binary_op(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAdd:
      return contract::BinaryOp::kAdd;
    case BinaryKind::kSub:
      return contract::BinaryOp::kSub;
    case BinaryKind::kMul:
      return contract::BinaryOp::kMul;
    case BinaryKind::kMin:
      return contract::BinaryOp::kMin;
    case BinaryKind::kMax:
      return contract::BinaryOp::kMax;
    default:
      return std::nullopt;
  }
}

std::optional<contract::Function> function_of(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kExp:
      return contract::Function::kExp;
    case UnaryKind::kLog:
      return contract::Function::kLog;
    case UnaryKind::kSqrt:
      return contract::Function::kSqrt;
    case UnaryKind::kReciprocal:
      return contract::Function::kReciprocal;
    case UnaryKind::kSigmoid:
      return contract::Function::kSigmoid;
    case UnaryKind::kTanh:
      return contract::Function::kTanh;
    case UnaryKind::kErf:
      return contract::Function::kErf;
    case UnaryKind::kGeluErf:
      return contract::Function::kGeluErf;
    case UnaryKind::kGeluTanh:
      return contract::Function::kGeluTanh;
    case UnaryKind::kSilu:
      return contract::Function::kSilu;
    case UnaryKind::kHardSwish:
      return contract::Function::kHardSwish;
    default:
      return std::nullopt;
  }
}

void scale_by(ElementChain& chain, contract::Vector& command, float factor) {
  command.requant = contract::Requant::kScale, command.scalar_params = 1;
  chain.params.push_back(factor);
}

// One chain of a float: |x|, -x and leaky ReLU compare x with a multiple of itself.
bool float_unary(const Unary& op, const TensorDesc& y, ElementChain& chain, ElementStep& step) {
  contract::Vector& c = step.command;
  if (const auto function = function_of(op.kind)) {
    c.function = *function;
    return true;
  }
  const auto against_itself = [&](contract::BinaryOp kind, float factor) {
    scale_by(chain, c, factor);
    c.binary = kind, c.b_dtype = c.a_dtype, step.b = kA;
  };
  switch (op.kind) {
    case UnaryKind::kRelu:
      finish_of(Activation::kRelu, 0, 0, y).put(c);
      return true;
    case UnaryKind::kClip:
      finish_of(Activation::kClip, op.alpha, op.beta, y).put(c);
      return true;
    case UnaryKind::kNeg:
      scale_by(chain, c, -1.0f);
      return true;
    case UnaryKind::kAbs:
      against_itself(contract::BinaryOp::kMax, -1.0f);
      return true;
    case UnaryKind::kLeakyRelu:
      against_itself(op.alpha <= 1 ? contract::BinaryOp::kMax : contract::BinaryOp::kMin, op.alpha);
      return true;
    case UnaryKind::kHardSigmoid:
      scale_by(chain, c, op.alpha);
      c.binary = contract::BinaryOp::kAdd, c.b_dtype = contract::Dtype::kF32, step.b = kConstant;
      chain.constant = op.beta, chain.has_constant = true;
      finish_of(Activation::kClip, 0, 1, y).put(c);
      return true;
    default:
      return false;
  }
}

// A vector command steps operand A along its channels: where A is broadcast there, it is read whole.
void widen_first(ElementSpace& space) { space.whole[kA] = space.broadcast(kA, 0); }

// a / b: the reciprocal of b as b lies, then the product.
void divide(ElementChain& chain, ElementStep step) {
  contract::Vector inverse;
  inverse.function = contract::Function::kReciprocal;
  inverse.a_dtype = step.command.b_dtype, inverse.d_dtype = contract::Dtype::kF32;
  chain.steps.push_back({inverse, kB, kNothing, kBetween});
  chain.space.size[kBetween] = 4;
  for (ElementAxis& axis : chain.space.axes) axis.stride[kBetween] = axis.stride[kB];
  step.command.b_dtype = contract::Dtype::kF32, step.b = kBetween;
  chain.steps.push_back(step);
}

}  // namespace

Lowered lower_unary(const Lowering& in, const Unary& op) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  const bool integer = eight_bits(x.dtype), clamps = op.kind == UnaryKind::kRelu || op.kind == UnaryKind::kClip;
  if (!vector_float(x.dtype) && !integer) return no(std::string("unary ops of ") + dtype_name(x.dtype));
  if (integer && !clamps) return no(std::string("unary ops of ") + dtype_name(x.dtype) + " other than relu and clip");
  if (integer && !per_tensor(x))
    return no(std::string("relu and clip of ") + dtype_name(x.dtype) + " without per-tensor quantization");
  ElementChain chain;
  chain.space = element_space(y, {&x});
  widen_first(chain.space);
  ElementStep step;
  contract::Vector& c = step.command;
  c.a_dtype = c.d_dtype = *contract_type(x.dtype);
  if (integer) {
    c.a_zero = zero_of(x), c.d_zero = zero_of(y);
    finish_of(op.kind == UnaryKind::kRelu ? Activation::kRelu : Activation::kClip, op.alpha, op.beta, y).put(c);
  } else if (!float_unary(op, y, chain, step)) {
    return no("floor, ceil, round, sign and not");
  }
  chain.steps.push_back(step);
  return make_element_op(std::move(chain), in.spec);
}

Lowered lower_binary(const Lowering& in, const Binary& op) {
  const TensorDesc &a = in.op.inputs[0], &b = in.op.inputs[1], &y = in.op.outputs[0];
  const bool divides = op.kind == BinaryKind::kDiv;
  const auto kind = divides ? contract::BinaryOp::kMul : binary_op(op.kind);
  if (!kind) return no("binary ops other than add, sub, mul, div, min and max");
  ElementChain chain;
  ElementStep step;
  contract::Vector& c = step.command;
  c.binary = *kind, step.b = kB;
  const bool integer = eight_bits(a.dtype) && eight_bits(b.dtype) && eight_bits(y.dtype);
  if (integer) {
    if (op.kind == BinaryKind::kMin || op.kind == BinaryKind::kMax) return no("min and max of integers");
    if (!per_tensor(a) || !per_tensor(b) || !per_tensor(y))
      return no("integer binary ops without per-tensor quantization");
    c.requant = contract::Requant::kScale, c.scalar_params = c.b_scaled = c.out_scaled = 1;
  } else if (!vector_float(a.dtype) || !vector_float(b.dtype) || !vector_float(y.dtype)) {
    return no(std::string("binary ops of ") + dtype_name(a.dtype) + " and " + dtype_name(b.dtype) + " to " +
              dtype_name(y.dtype));
  }
  chain.inputs = {0, 1};
  chain.space = element_space(y, {&a, &b});
  const bool turns = !divides && !(integer && op.kind == BinaryKind::kSub);
  if (turns && chain.space.broadcast(kA, 0) && !chain.space.broadcast(kB, 0)) {  // B may be broadcast along channels
    if (op.kind == BinaryKind::kSub) {                                           // (-1 * b) + a
      scale_by(chain, c, -1.0f);
      c.binary = contract::BinaryOp::kAdd;
    }
    chain.inputs = {1, 0};
    chain.space = element_space(y, {&b, &a});
  }
  widen_first(chain.space);
  const TensorDesc &first = in.op.inputs[chain.inputs[0]], &second = in.op.inputs[chain.inputs[1]];
  c.a_dtype = *contract_type(first.dtype), c.b_dtype = *contract_type(second.dtype),
  c.d_dtype = *contract_type(y.dtype);
  if (integer) {
    c.a_zero = zero_of(first), c.b_zero = zero_of(second), c.d_zero = zero_of(y);
    chain.params = {first.quant->scale[0], second.quant->scale[0], 1.0f / y.quant->scale[0]};
  }
  finish_of(op.activation, op.clip_lo, op.clip_hi, y).put(c);
  if (divides)
    divide(chain, step);
  else
    chain.steps.push_back(step);
  return make_element_op(std::move(chain), in.spec);
}

Lowered lower_cast(const Lowering& in) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  ElementChain chain;
  ElementStep step;
  contract::Vector& c = step.command;
  const bool quantizes = eight_bits(y.dtype) && per_tensor(y);
  if (quantizes) {
    // The vector engine multiplies by 1 / scale, which is the contract's division where that is exact.
    if (int exponent = 0; std::frexp(y.quant->scale[0], &exponent) != 0.5f || std::abs(exponent) > 64)
      return no(std::string("casts to ") + dtype_name(y.dtype) + " with a scale that is no power of two");
    c.out_scaled = 1, c.d_zero = zero_of(y);
    chain.params.push_back(1 / y.quant->scale[0]);
  } else if (!vector_float(y.dtype)) {
    return no(std::string("casts to ") + dtype_name(y.dtype) +
              (eight_bits(y.dtype) ? " without per-tensor quantization" : ""));
  }
  if (!quantizes && eight_bits(x.dtype) && per_tensor(x)) {
    c.a_zero = zero_of(x);
    scale_by(chain, c, x.quant->scale[0]);
  } else if (!vector_float(x.dtype)) {
    return no(std::string("casts from ") + dtype_name(x.dtype) +
              (quantizes             ? std::string(" to ") + dtype_name(y.dtype)
               : eight_bits(x.dtype) ? " without per-tensor quantization"
                                     : ""));
  }
  c.a_dtype = *contract_type(x.dtype), c.d_dtype = *contract_type(y.dtype);
  chain.space = element_space(y, {&x});
  widen_first(chain.space);
  chain.steps.push_back(step);
  return make_element_op(std::move(chain), in.spec);
}

}  // namespace systole::npu

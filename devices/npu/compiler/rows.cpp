// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Softmax, normalizations and reductions as passes over rows.
#include <numeric>

#include "devices/npu/compiler/row_op.h"

namespace systole::npu {
namespace {

using contract::BinaryOp;
using contract::Function;

Status no(const std::string& reason) { return {Code::kUnsupported, reason}; }
bool vector_float(DType type) { return type == DType::kBF16 || type == DType::kF32; }

int constant(RowChain& chain, float value) {
  chain.params.push_back({{value}, -1, 1});
  return static_cast<int>(chain.params.size()) - 1;
}

RowPass pass(RowPlace a, RowPlace d) {
  RowPass p;
  p.a = a, p.d = d;
  return p;
}

RowPass reduce(RowPlace a, RowPlace d, contract::Reduce kind) {
  RowPass p = pass(a, d);
  p.command.reduce = kind;
  return p;
}

RowPass binary(RowPlace a, BinaryOp op, RowPlace b, RowPlace d) {
  RowPass p = pass(a, d);
  p.command.binary = op, p.b = b;
  return p;
}

RowPass function(RowPlace a, Function f, RowPlace d) {
  RowPass p = pass(a, d);
  p.command.function = f;
  return p;
}

// v * factor before anything else of the pass.
void scale(RowChain& chain, RowPass& p, float factor) {
  p.command.requant = contract::Requant::kScale, p.command.scalar_params = 1;
  p.param = constant(chain, factor);
}

Lowered make(RowChain chain, const Lowering& in) {
  chain.x_type = *contract_type(in.op.inputs[0].dtype), chain.y_type = *contract_type(in.op.outputs[0].dtype);
  return make_row_op(std::move(chain), in.spec);
}

// A vector of parameters along the row: known at compile, or a dense f32 tensor.
Result<RowParam> row_param(const Lowering& in, size_t input, int64_t count) {
  const TensorDesc& d = in.op.inputs[input];
  if (d.dtype != DType::kF32) return no(std::string("scale and bias of ") + dtype_name(d.dtype) + ", only f32");
  if (!d.is_row_major()) return no("scale and bias that are not dense");
  return RowParam{{}, static_cast<int>(input), count};
}

}  // namespace

Lowered lower_softmax(const Lowering& in, const Softmax& op) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  if (!vector_float(x.dtype)) return no(std::string("softmax of ") + dtype_name(x.dtype));
  RowChain chain = row_chain(x, y, {op.axis < 0 ? op.axis + x.rank() : op.axis});
  chain.passes.push_back(reduce(RowPlace::kX, RowPlace::kFirst, contract::Reduce::kMax));
  RowPass grow = binary(RowPlace::kX, BinaryOp::kSub, RowPlace::kFirst, RowPlace::kWide);
  grow.command.function = Function::kExp;
  if (op.log) {
    grow.d = RowPlace::kSecond, grow.command.reduce = contract::Reduce::kSum;
    chain.passes.push_back(grow);
    chain.passes.push_back(function(RowPlace::kSecond, Function::kLog, RowPlace::kSecond));
    // (x - largest) - log(sum): the first difference is exact where it matters.
    chain.passes.push_back(binary(RowPlace::kX, BinaryOp::kSub, RowPlace::kFirst, RowPlace::kWide));
    chain.passes.push_back(binary(RowPlace::kWide, BinaryOp::kSub, RowPlace::kSecond, RowPlace::kY));
  } else {
    chain.passes.push_back(grow);
    chain.passes.push_back(reduce(RowPlace::kWide, RowPlace::kSecond, contract::Reduce::kSum));
    chain.passes.push_back(function(RowPlace::kSecond, Function::kReciprocal, RowPlace::kSecond));
    chain.passes.push_back(binary(RowPlace::kWide, BinaryOp::kMul, RowPlace::kSecond, RowPlace::kY));
  }
  return make(std::move(chain), in);
}

Lowered lower_normalize(const Lowering& in, const Normalize& op) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  if (!vector_float(x.dtype)) return no(std::string("normalizations of ") + dtype_name(x.dtype));
  std::vector<int> axes(static_cast<size_t>(op.axes));
  std::iota(axes.begin(), axes.end(), x.rank() - op.axes);
  RowChain chain = row_chain(x, y, axes);
  const int64_t n = chain.length();
  const float inverse = 1.0f / static_cast<float>(n);
  RowPlace values = RowPlace::kX;
  if (op.kind == NormKind::kLayer) {
    RowPass mean = reduce(RowPlace::kX, RowPlace::kFirst, contract::Reduce::kSum);
    scale(chain, mean, inverse);
    chain.passes.push_back(mean);
    chain.passes.push_back(binary(RowPlace::kX, BinaryOp::kSub, RowPlace::kFirst, RowPlace::kWide));
    values = RowPlace::kWide;
  }
  RowPass variance = binary(values, BinaryOp::kMul, values, RowPlace::kSecond);
  variance.command.reduce = contract::Reduce::kSum;
  scale(chain, variance, inverse);
  chain.passes.push_back(variance);
  RowPass root = binary(RowPlace::kSecond, BinaryOp::kAdd, RowPlace::kConstant, RowPlace::kSecond);
  root.constant = constant(chain, op.epsilon);
  root.command.function = Function::kRsqrt;
  chain.passes.push_back(root);
  RowPass normalized = binary(values, BinaryOp::kMul, RowPlace::kSecond, op.bias ? RowPlace::kWide : RowPlace::kY);
  size_t input = 1;
  if (op.scale) {
    SYSTOLE_ASSIGN_OR_RETURN(RowParam gamma, row_param(in, input++, n));
    chain.params.push_back(std::move(gamma));
    normalized.command.requant = contract::Requant::kScale;
    normalized.param = static_cast<int>(chain.params.size()) - 1;
  }
  chain.passes.push_back(normalized);
  if (op.bias) {
    SYSTOLE_ASSIGN_OR_RETURN(RowParam beta, row_param(in, input, n));
    chain.params.push_back(std::move(beta));
    RowPass shifted = pass(RowPlace::kWide, RowPlace::kY);
    shifted.command.bias = 1;
    shifted.param = static_cast<int>(chain.params.size()) - 1;
    chain.passes.push_back(shifted);
  }
  return make(std::move(chain), in);
}

Lowered lower_row_reduce(const Lowering& in, const Reduce& op) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  if (!vector_float(x.dtype)) return no(std::string("reductions of ") + dtype_name(x.dtype));
  RowChain chain = row_chain(x, y, op.axes);
  chain.reduces = true;
  RowPass p = reduce(RowPlace::kX, RowPlace::kY, contract::Reduce::kSum);
  switch (op.kind) {
    case ReduceKind::kSum:
      break;
    case ReduceKind::kMean:
      scale(chain, p, 1.0f / static_cast<float>(chain.length()));
      break;
    case ReduceKind::kMax:
      p.command.reduce = contract::Reduce::kMax;
      break;
    case ReduceKind::kMin:
      p.command.reduce = contract::Reduce::kMin;
      break;
    case ReduceKind::kSumSquare:
      p.command.binary = BinaryOp::kMul, p.b = RowPlace::kX;
      break;
    case ReduceKind::kProd:
      return no("products along an axis");
  }
  chain.passes.push_back(p);
  return make(std::move(chain), in);
}

}  // namespace systole::npu

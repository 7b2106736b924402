// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tensors as nests of axes: what several ops' lowerings share.
#pragma once

#include <span>

#include "devices/gpu/kernels/params.h"
#include "devices/gpu/launch.h"

namespace systole::gpu {

// Axes that all operands step over, outermost first, and each operand's strides.
struct Nest {
  std::vector<int64_t> extents;
  std::vector<std::vector<int64_t>> strides;  // by operand, by axis
  std::vector<int> quant_axis;                // by operand; -1 where quantization is not per channel
  int64_t count() const;
};

// Strides as kernels count them: in bytes, those of 4-bit types in elements.
std::vector<int64_t> kernel_strides(const TensorDesc& desc);
// The same, of `desc` broadcast to `shape` by NumPy's rules.
std::vector<int64_t> broadcast_strides(const TensorDesc& desc, const Shape& shape);
// The op's descriptions over the axes of `operands[0]`, which the others broadcast to: without axes of extent 1, in the
// order of operand 0's strides, neighbours that lie as one merged; at least one axis. Elements of a 4-bit operand 0
// that share a byte stay neighbours on the innermost axis.
Nest make_nest(const std::vector<const TensorDesc*>& operands);

// Positions of y, N,C,H,W.
ImageParams image_params(const TensorDesc& y, const Facts& facts);

// A grid of `items` work-items.
Grid line_grid(int64_t items, const Facts& facts);

OperandRef input(int index);
OperandRef output();
OperandRef constants();
OperandRef scratch(int64_t offset = 0);
OperandRef prepared();

int type_number(DType type);  // of kernels/params.h

// DOMAIN, SYSTOLE_F64 of values of that type.
std::vector<std::pair<std::string, std::string>> domain_macros(DType type);

// saturate(round_half_even(value) + zero) for an integer type of at most 32 bits; NaN gives zero.
int64_t saturate_round(float value, int32_t zero, DType type);
struct IntegerRange {
  int64_t low, high;
};
IntegerRange integer_range(DType type);  // of at most 32 bits, or bool
// Stored bounds of a quantized y that an activation clamps to.
IntegerRange clamp_range(const TensorDesc& y, Activation activation, float low, float high);

template <typename T>
void append_constant(std::vector<std::byte>& constants, const T& value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  constants.insert(constants.end(), bytes, bytes + sizeof value);
}

Status too_many_axes(const OpDesc& op);

// One function an op; facts.f64 has been looked at.
Result<LoweredOp> lower_op(const Copy& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Select& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Fill& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Cast& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Unary& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Binary& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Reduce& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Softmax& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Normalize& op, const OpDesc& desc, const Facts& facts);
Result<LoweredOp> lower_op(const Pool& op, const OpDesc& desc, const Facts& facts);
Result<std::vector<Candidate>> lower_op(const Attention& op, const OpDesc& desc, const Facts& facts);
Result<std::vector<Candidate>> lower_op(const Matmul& op, const OpDesc& desc, const Facts& facts);
Result<std::vector<Candidate>> lower_op(const Conv2d& op, const OpDesc& desc, const Facts& facts);
// By way of the library's algorithms, where there is one and the op fits it.
void append_library_candidates(const OpDesc& op, const Facts& facts, std::vector<Candidate>& all);

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Elementwise ops.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "devices/gpu/lower/nest.h"
#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/numeric/fp8.h"

namespace systole::gpu {
namespace {

constexpr int64_t kHotElements = 16384;  // from this many on a program of its own for kind, type and strides pays

struct Elementwise {
  ElementParams params{};
  LoweredOp op;
  Launch launch;
  Nest nest;
  bool hot = false;
};

// operands[0] is y. Quantizations go to the constants.
Result<Elementwise> begin(const OpDesc& desc, const std::vector<const TensorDesc*>& operands, const Facts& facts) {
  Elementwise e;
  e.nest = make_nest(operands);
  const auto rank = static_cast<int>(e.nest.extents.size());
  if (rank > GPU_RANK) return too_many_axes(desc);
  e.params.rank = rank;
  const int64_t inner = e.nest.extents.back();
  const bool narrow = bit_width(operands[0]->dtype) < 8;
  e.params.run = facts.is_cpu ? std::min<int64_t>(inner, 4096) : narrow ? 2 : 1;
  if (narrow) e.params.run += e.params.run % 2;
  e.params.chunks = (inner + e.params.run - 1) / e.params.run;
  e.params.items = e.nest.count() / inner * e.params.chunks;
  for (size_t axis = 0; axis < e.nest.extents.size(); ++axis) {
    e.params.extent[axis] = e.nest.extents[axis];
    for (size_t o = 0; o < operands.size(); ++o) e.params.stride[o][axis] = e.nest.strides[o][axis];
  }
  int entries = 0;
  for (size_t o = 0; o < operands.size(); ++o) {
    e.params.type[o] = type_number(operands[o]->dtype);
    e.params.quant_axis[o] = e.nest.quant_axis[o];
    e.params.table[o] = entries;
    if (!operands[o]->quant) continue;
    const Quantization& quant = *operands[o]->quant;
    for (size_t i = 0; i < quant.scale.size(); ++i)
      append_constant(e.op.constants, GpuQuant{quant.scale[i], quant.zero_point[i]});
    entries += static_cast<int>(quant.scale.size());
  }
  e.hot = e.nest.count() >= kHotElements;
  e.launch.grid = line_grid(e.params.items, facts);
  return e;
}

// What a hot op knows of its innermost strides: that they are an element or nothing. Others stay parameters, so that
// programs stay few.
void fix_strides(Elementwise& e, const std::vector<const TensorDesc*>& operands) {
  for (size_t o = 0; o < operands.size(); ++o) {
    const int64_t stride = e.nest.strides[o].back();
    const bool known = bit_width(operands[o]->dtype) >= 8 && (stride == 0 || stride == byte_size(operands[o]->dtype));
    const std::string name = "STRIDE" + std::to_string(o);
    e.launch.macros.emplace_back(
        name, known ? std::to_string(stride) + "L" : "p.stride[" + std::to_string(o) + "][p.rank-1]");
  }
}
void fix(Elementwise& e, const char* name, int value) { e.launch.macros.emplace_back(name, std::to_string(value)); }

LoweredOp finish(Elementwise e, const char* program, const char* entry, std::vector<OperandRef> operands) {
  e.launch.program = program;
  e.launch.entry = entry;
  e.launch.operands = std::move(operands);
  e.launch.set_params(e.params);
  if (e.op.constants.empty()) e.op.constants.resize(sizeof(GpuQuant));
  e.op.launches.push_back(std::move(e.launch));
  return std::move(e.op);
}

TensorDesc as_bits(const TensorDesc& desc) { return {bits_type(desc.dtype), desc.shape, desc.strides, nullptr}; }

// The first integer of which `below` no longer holds; it holds for all before it.
template <typename T, typename Below>
T first_not(Below below) {
  T low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  while (low < high) {
    const T middle = low + static_cast<T>((static_cast<uint64_t>(high) - static_cast<uint64_t>(low)) / 2);
    if (below(middle))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

int64_t whole(double bound, bool is_unsigned) {
  if (bound >= 0x1p63) return is_unsigned && bound < 0x1p64 ? static_cast<int64_t>(static_cast<uint64_t>(bound)) : -1;
  return bound < -0x1p63 ? INT64_MIN : static_cast<int64_t>(bound);
}

// Plain integers: compared with the bounds as reals, which the kernel does with the integers that lie inside.
template <typename T>
void integer_bounds(ElementParams& p, Activation activation, float low, float high) {
  p.low = static_cast<int64_t>(std::numeric_limits<T>::min());
  p.high = static_cast<int64_t>(std::numeric_limits<T>::max());
  if (activation == Activation::kRelu) p.low = 0;
  if (activation != Activation::kClip) return;
  p.low = static_cast<int64_t>(first_not<T>([&](T v) { return static_cast<double>(v) < static_cast<double>(low); }));
  p.low_value = whole(std::ceil(low), std::is_unsigned_v<T>);
  const T beyond = first_not<T>([&](T v) { return static_cast<double>(v) <= static_cast<double>(high); });
  const bool none_beyond = static_cast<double>(beyond) <= static_cast<double>(high);
  p.high = static_cast<int64_t>(none_beyond ? beyond : beyond - 1);
  if constexpr (std::is_unsigned_v<T>) {
    if (high < 0) p.high = 0;  // zero lies beyond too, and a bound below every value wraps
  }
  p.high_value = whole(std::floor(high), std::is_unsigned_v<T>);
}

void any_bounds(ElementParams& p, DType type, Activation activation, float low, float high) {
  if (type == DType::kU64) return integer_bounds<uint64_t>(p, activation, low, high);
  integer_bounds<int64_t>(p, activation, low, high);
}

// Truncates and saturates to a plain integer; NaN gives zero.
uint64_t truncated(double value, DType type) {
  if (std::isnan(value)) return 0;
  const bool is_signed = is_signed_integer(type);
  const int bits = bit_width(type);
  const double high = std::ldexp(1.0, is_signed ? bits - 1 : bits), low = is_signed ? -high : 0.0;
  value = std::trunc(value);
  if (value >= high) return (is_signed ? uint64_t{1} << (bits - 1) : bits == 64 ? 0 : uint64_t{1} << bits) - 1;
  if (value < low) value = low;
  return is_signed ? static_cast<uint64_t>(static_cast<int64_t>(value)) : static_cast<uint64_t>(value);
}

// To f32 by rounding to odd, so that a second rounding to a narrower type is the rounding of the double.
float round_to_odd(double value) {
  const auto near = static_cast<float>(value);
  if (std::isnan(value) || static_cast<double>(near) == value) return near;
  const auto bits = std::bit_cast<uint32_t>(near);
  return std::bit_cast<float>((std::fabs(static_cast<double>(near)) > std::fabs(value) ? bits - 1 : bits) | 1u);
}

// The bits of a filled element.
uint64_t stored_bits(double value, DType type, const Quantization* quant, size_t entry) {
  switch (type) {
    case DType::kF64:
      return std::bit_cast<uint64_t>(value);
    case DType::kF32:
      return std::bit_cast<uint32_t>(static_cast<float>(value));
    case DType::kF16:
      return numeric::to_f16(round_to_odd(value)).bits;
    case DType::kBF16:
      return numeric::to_bf16(round_to_odd(value)).bits;
    case DType::kF8E4M3:
      return numeric::to_f8e4m3(round_to_odd(value)).bits;
    case DType::kF8E5M2:
      return numeric::to_f8e5m2(round_to_odd(value)).bits;
    case DType::kBool:
      return value != 0.0;
    default:
      break;
  }
  if (!quant) return truncated(value, type);
  const float scaled = static_cast<float>(value) / quant->scale[entry];
  return static_cast<uint64_t>(saturate_round(scaled, quant->zero_point[entry], type));
}

}  // namespace

Result<LoweredOp> lower_op(const Copy&, const OpDesc& desc, const Facts& facts) {
  const TensorDesc y = as_bits(desc.outputs[0]), x = as_bits(desc.inputs[0]);
  SYSTOLE_ASSIGN_OR_RETURN(Elementwise e, begin(desc, {&y, &x}, facts));
  if (e.hot) {
    fix(e, "TYPE", e.params.type[0]);
    fix_strides(e, {&y, &x});
  }
  return finish(std::move(e), "move", "copy", {output(), input(0)});
}

Result<LoweredOp> lower_op(const Select&, const OpDesc& desc, const Facts& facts) {
  const TensorDesc y = as_bits(desc.outputs[0]), c = as_bits(desc.inputs[0]), a = as_bits(desc.inputs[1]),
                   b = as_bits(desc.inputs[2]);
  SYSTOLE_ASSIGN_OR_RETURN(Elementwise e, begin(desc, {&y, &c, &a, &b}, facts));
  return finish(std::move(e), "move", "choose", {output(), input(0), input(1), input(2)});
}

Result<LoweredOp> lower_op(const Fill& op, const OpDesc& desc, const Facts& facts) {
  const TensorDesc& y = desc.outputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Elementwise e, begin(desc, {&y}, facts));
  e.params.type[0] = type_number(bits_type(y.dtype));
  e.op.constants.clear();
  const size_t entries = y.quant ? y.quant->scale.size() : 1;
  for (size_t i = 0; i < entries; ++i)
    append_constant(e.op.constants, stored_bits(op.value, y.dtype, y.quant.get(), i));
  return finish(std::move(e), "move", "fill", {output(), constants()});
}

Result<LoweredOp> lower_op(const Cast&, const OpDesc& desc, const Facts& facts) {
  const TensorDesc &y = desc.outputs[0], &x = desc.inputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Elementwise e, begin(desc, {&y, &x}, facts));
  e.params.is_quantized = (y.quant ? 1 : 0) | (x.quant ? 2 : 0);
  if (y.dtype == DType::kF64 || x.dtype == DType::kF64) fix(e, "SYSTOLE_F64", 1);
  if (e.hot) {
    fix(e, "TYPE0", e.params.type[0]);
    fix(e, "TYPE1", e.params.type[1]);
    fix(e, "QUANTIZED", e.params.is_quantized);
    fix_strides(e, {&y, &x});
  }
  return finish(std::move(e), "cast", "cast", {output(), input(0), constants()});
}

Result<LoweredOp> lower_op(const Unary& op, const OpDesc& desc, const Facts& facts) {
  const TensorDesc& x = desc.inputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Elementwise e, begin(desc, {&desc.outputs[0], &x}, facts));
  e.params.kind = static_cast<int>(op.kind);
  e.params.alpha = op.alpha;
  e.params.beta = op.beta;
  e.params.is_quantized = x.quant != nullptr;
  if (op.kind == UnaryKind::kClip && !is_float(x.dtype))
    any_bounds(e.params, x.dtype, Activation::kClip, op.alpha, op.beta);
  e.launch.macros = domain_macros(x.dtype);
  if (e.hot && is_float(x.dtype)) {
    fix(e, "KIND", e.params.kind);
    fix(e, "TYPE", e.params.type[0]);
    fix_strides(e, {&desc.outputs[0], &x});
  }
  return finish(std::move(e), "unary", "unary", {output(), input(0), constants()});
}

Result<LoweredOp> lower_op(const Binary& op, const OpDesc& desc, const Facts& facts) {
  const TensorDesc &y = desc.outputs[0], &a = desc.inputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Elementwise e, begin(desc, {&y, &a, &desc.inputs[1]}, facts));
  const bool compares = op.kind >= BinaryKind::kEqual;
  e.params.kind = static_cast<int>(op.kind);
  e.params.activation = static_cast<int>(op.activation);
  e.params.alpha = op.clip_lo;
  e.params.beta = op.clip_hi;
  e.params.is_quantized = a.quant && !compares;
  if (e.params.is_quantized) {
    const IntegerRange range = clamp_range(y, op.activation, op.clip_lo, op.clip_hi);
    e.params.low = range.low;
    e.params.high = range.high;
    e.params.alpha = 1.0f / y.quant->scale[0];
  } else if (!is_float(a.dtype)) {
    any_bounds(e.params, a.dtype, op.activation, op.clip_lo, op.clip_hi);
  }
  e.launch.macros = domain_macros(a.dtype);
  if (e.hot && is_float(a.dtype)) {
    fix(e, "KIND", e.params.kind);
    fix(e, "ACTIVATION", e.params.activation);
    fix(e, "TYPE", e.params.type[1]);
    fix_strides(e, {&y, &a, &desc.inputs[1]});
  }
  return finish(std::move(e), "binary", "binary", {output(), input(0), input(1), constants()});
}

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "devices/cpu/functions.h"
#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/quantized.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/tile.h"

namespace systole::cpu {
namespace {

template <typename T, typename F>
void each(T* a, const T* b, int64_t count, F f) {
  for (int64_t i = 0; i < count; ++i) a[i] = static_cast<T>(f(a[i], b[i]));
}

template <typename T>
void compare(BinaryKind kind, T* a, const T* b, int64_t count) {
  switch (kind) {
    case BinaryKind::kEqual:
      return each(a, b, count, [](T x, T y) { return x == y; });
    case BinaryKind::kLess:
      return each(a, b, count, [](T x, T y) { return x < y; });
    case BinaryKind::kLessEqual:
      return each(a, b, count, [](T x, T y) { return x <= y; });
    case BinaryKind::kGreater:
      return each(a, b, count, [](T x, T y) { return x > y; });
    default:
      return each(a, b, count, [](T x, T y) { return x >= y; });
  }
}

template <typename T>
void apply_float(BinaryKind kind, T* a, const T* b, int64_t count) {
  switch (kind) {
    case BinaryKind::kAdd:
      return each(a, b, count, [](T x, T y) { return x + y; });
    case BinaryKind::kSub:
      return each(a, b, count, [](T x, T y) { return x - y; });
    case BinaryKind::kMul:
      return each(a, b, count, [](T x, T y) { return x * y; });
    case BinaryKind::kDiv:
      return each(a, b, count, [](T x, T y) { return x / y; });
    case BinaryKind::kMin:
      return each(a, b, count, [](T x, T y) { return x != x ? x : (y < x || y != y) ? y : x; });
    case BinaryKind::kMax:
      return each(a, b, count, [](T x, T y) { return x != x ? x : (y > x || y != y) ? y : x; });
    case BinaryKind::kPow:
      return each(a, b, count, [](T x, T y) { return std::pow(x, y); });
    case BinaryKind::kMod:
      return each(a, b, count, [](T x, T y) { return std::fmod(x, y); });
    default:
      return;
  }
}

template <typename T>
T power(T base, T exponent) {
  if (exponent < T(0))
    return base == T(1) ? T(1) : base == static_cast<T>(-1) ? (exponent % 2 == 0 ? T(1) : base) : T(0);
  uint64_t result = 1, square = static_cast<uint64_t>(base);
  for (auto left = static_cast<uint64_t>(exponent); left != 0; left >>= 1, square *= square) {
    if (left & 1) result *= square;
  }
  return static_cast<T>(result);
}

template <typename T>
T quotient(T a, T b) {
  if (b == 0) return 0;
  if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(uint64_t{0} - static_cast<uint64_t>(a));
  return a / b;
}

// With the sign of the divisor.
template <typename T>
T remainder(T a, T b) {
  if (b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1))) return 0;
  const T rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
}

// Wraps; by zero gives zero.
template <typename T>
void apply_integer(BinaryKind kind, T* a, const T* b, int64_t count) {
  auto bits = [](T x) { return static_cast<uint64_t>(x); };
  switch (kind) {
    case BinaryKind::kAdd:
      return each(a, b, count, [=](T x, T y) { return bits(x) + bits(y); });
    case BinaryKind::kSub:
      return each(a, b, count, [=](T x, T y) { return bits(x) - bits(y); });
    case BinaryKind::kMul:
      return each(a, b, count, [=](T x, T y) { return bits(x) * bits(y); });
    case BinaryKind::kDiv:
      return each(a, b, count, quotient<T>);
    case BinaryKind::kMod:
      return each(a, b, count, remainder<T>);
    case BinaryKind::kMin:
      return each(a, b, count, [](T x, T y) { return std::min(x, y); });
    case BinaryKind::kMax:
      return each(a, b, count, [](T x, T y) { return std::max(x, y); });
    case BinaryKind::kPow:
      return each(a, b, count, power<T>);
    case BinaryKind::kAnd:
      return each(a, b, count, [](T x, T y) { return x & y; });
    case BinaryKind::kOr:
      return each(a, b, count, [](T x, T y) { return x | y; });
    case BinaryKind::kXor:
      return each(a, b, count, [](T x, T y) { return x ^ y; });
    default:
      return;
  }
}

// The value as its type stores it, so that an activation sees what wrapped.
template <typename T>
T wrapped(T value, DType type) {
  const int unused = 64 - bit_width(type);
  if (type == DType::kBool) return value;
  const uint64_t kept = static_cast<uint64_t>(value) << unused;
  return is_signed_integer(type) ? static_cast<T>(static_cast<int64_t>(kept) >> unused)
                                 : static_cast<T>(kept >> unused);
}

template <typename T>
void activate_integers(const Binary& op, DType type, T* row, int64_t count) {
  if (op.activation == Activation::kNone) return;
  const bool clip = op.activation == Activation::kClip;
  for (int64_t i = 0; i < count; ++i) {
    T x = wrapped(row[i], type);
    if (!clip)
      x = std::max<T>(x, 0);
    else if (static_cast<double>(x) < static_cast<double>(op.clip_lo))
      x = static_cast<T>(std::ceil(op.clip_lo));
    else if (static_cast<double>(x) > static_cast<double>(op.clip_hi))
      x = static_cast<T>(std::floor(op.clip_hi));
    row[i] = x;
  }
}

template <typename T>
void apply(const Binary& op, DType type, T* a, const T* b, int64_t count) {
  if (op.kind >= BinaryKind::kEqual) return compare(op.kind, a, b, count);
  if constexpr (std::is_floating_point_v<T>) {
    apply_float(op.kind, a, b, count);
    activate(op.activation, op.clip_lo, op.clip_hi, a, count);
  } else {
    apply_integer(op.kind, a, b, count);
    activate_integers(op, type, a, count);
  }
}

// The stored row as real numbers.
template <typename T>
void dequantize_row(const TensorDesc& desc, const std::byte* data, int64_t stride, int64_t count, float* row) {
  T stored[kBlock];
  load_row(desc.dtype, data, stride, count, stored);
  const T zero = desc.quant->zero_point[0];
  const float scale = desc.quant->scale[0];
  for (int64_t i = 0; i < count; ++i) row[i] = static_cast<float>(stored[i] - zero) * scale;
}

void dequantize_row(const TensorDesc& desc, const std::byte* data, int64_t stride, int64_t count, float* row) {
  if (bit_width(desc.dtype) <= 16) return dequantize_row<int32_t>(desc, data, stride, count, row);
  dequantize_row<int64_t>(desc, data, stride, count, row);
}

void quantize_row(const TensorDesc& y, StoredRange range, std::byte* data, int64_t stride, int64_t count,
                  const float* row) {
  const float inverse = 1.0f / y.quant->scale[0];
  const int32_t zero = y.quant->zero_point[0];
  if (bit_width(y.dtype) <= 16) {
    int32_t stored[kBlock];
    const auto low = static_cast<int32_t>(range.low), high = static_cast<int32_t>(range.high);
    for (int64_t i = 0; i < count; ++i) stored[i] = saturate_round_narrow(row[i] * inverse, zero, low, high);
    return store_row(y.dtype, data, stride, count, stored);
  }
  int64_t stored[kBlock];
  const StoredRange whole = stored_range(y.dtype);
  for (int64_t i = 0; i < count; ++i)
    stored[i] = std::clamp(saturate_round(row[i] * inverse, zero, whole), range.low, range.high);
  store_row(y.dtype, data, stride, count, stored);
}

Kernel make_quantized(const Binary& op, const TensorDesc& a, const TensorDesc& b, const TensorDesc& y, Nest nest,
                      const Context& context) {
  const StoredRange range = activation_range(y, op.activation, op.clip_lo, op.clip_hi);
  return as_kernel([=, nest = std::move(nest)](Tensors inputs, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      float left[kBlock], right[kBlock];
      dequantize_row(a, inputs[0].data + at[1], nest.inner[1], count, left);
      dequantize_row(b, inputs[1].data + at[2], nest.inner[2], count, right);
      apply_float(op.kind, left, right, count);
      quantize_row(y, range, out.data + at[0], nest.inner[0], count, left);
    });
  });
}

// Every operand adjoins or stays along the innermost axis.
bool takes_rows(const Nest& nest) {
  return (nest.length == 1 || nest.inner[0] == 4) && (nest.inner[1] == 4 || nest.inner[1] == 0) &&
         (nest.inner[2] == 4 || nest.inner[2] == 0);
}

// add, sub, mul and div of f32: rows along the innermost axis, several at once along the one around it.
Kernel by_rows(const Binary& op, Nest nest, const Context& context) {
  constexpr int64_t kTask = 16384;  // elements
  const int64_t around = nest.extents.empty() ? 1 : nest.extents.back(),
                length = std::min(nest.length, nest.rows > 1 ? nest.length : kTask),
                rows = std::clamp<int64_t>(kTask / std::max<int64_t>(1, length), 1, around);
  const int64_t row_blocks = (around + rows - 1) / rows,
                parts = (nest.length + length - 1) / std::max<int64_t>(1, length);
  auto step = [&](size_t operand) { return nest.extents.empty() ? 0 : nest.outer[operand].back() / 4; };
  return as_kernel([=, y_step = step(0), a_step = step(1), b_step = step(2), nest = std::move(nest)](
                       Tensors inputs, const HostTensor& out) {
    context.workers.each(nest.rows / around * row_blocks * parts, [&](int64_t task) {
      const int64_t part = task % parts, block = task / parts % row_blocks, group = task / parts / row_blocks;
      int64_t at[kMaxOperands];
      nest.offsets(group * around + block * rows, at);
      for (size_t i = 0; i < 3; ++i) at[i] += part * length * nest.inner[i];
      RowPairs pairs;
      pairs.a = reinterpret_cast<const float*>(inputs[0].data + at[1]), pairs.a_varies = nest.inner[1] != 0;
      pairs.b = reinterpret_cast<const float*>(inputs[1].data + at[2]), pairs.b_varies = nest.inner[2] != 0;
      pairs.y = reinterpret_cast<float*>(out.data + at[0]);
      pairs.count = std::min(length, nest.length - part * length);
      pairs.rows = std::min(rows, around - block * rows);
      pairs.y_step = y_step, pairs.a_step = a_step, pairs.b_step = b_step;
      tile_kernels()->binary_rows(op.kind, pairs);
      activate_rows(op.activation, op.clip_lo, op.clip_hi, pairs.y, pairs.rows, y_step, pairs.count);
    });
  });
}

}  // namespace

Kernel make_kernel(const Binary& op, const OpCall& call, const Context& context) {
  const TensorDesc &a = call.inputs[0].desc, &b = call.inputs[1].desc, &y = call.outputs[0].desc;
  Nest nest = make_nest(y.shape, {y.strides, broadcast_strides(a, y.shape), broadcast_strides(b, y.shape)});
  if (a.quant && op.kind < BinaryKind::kEqual) return make_quantized(op, a, b, y, std::move(nest), context);
  const bool floats = a.dtype == DType::kF32 && b.dtype == DType::kF32 && y.dtype == DType::kF32;
  if (floats && context.onednn && tile_kernels() && op.kind <= BinaryKind::kDiv && y.elements() > 0 && takes_rows(nest))
    return by_rows(op, std::move(nest), context);
  return as_kernel(
      [=, nest = std::move(nest), type = a.dtype, out_type = y.dtype](Tensors inputs, const HostTensor& out) {
        for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
          with_domain(type, [&](auto zero) {
            using T = decltype(zero);
            T left[kBlock], right[kBlock];
            load_row(type, inputs[0].data + at[1], nest.inner[1], count, left);
            load_row(type, inputs[1].data + at[2], nest.inner[2], count, right);
            apply(op, type, left, right, count);
            if constexpr (std::is_floating_point_v<T>) {
              if (out_type == DType::kBool) {
                int32_t flags[kBlock];
                for (int64_t i = 0; i < count; ++i) flags[i] = left[i] != T(0);
                return store_row(out_type, out.data + at[0], nest.inner[0], count, flags);
              }
            }
            store_row(out_type, out.data + at[0], nest.inner[0], count, left);
          });
        });
      });
}

}  // namespace systole::cpu

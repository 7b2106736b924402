// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "devices/cpu/functions.h"
#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/quantized.h"
#include "devices/cpu/rows.h"

namespace systole::cpu {
namespace {

template <typename T, typename F>
void each(T* row, int64_t count, F f) {
  for (int64_t i = 0; i < count; ++i) row[i] = f(row[i]);
}

// Wraps; a clip's bounds are compared as reals and truncated towards the inside.
template <typename T>
void apply_integer(const Unary& op, T* row, int64_t count) {
  auto negated = [](T x) { return static_cast<T>(uint64_t{0} - static_cast<uint64_t>(x)); };
  auto clip = [&](T x) {
    if (static_cast<double>(x) < static_cast<double>(op.alpha)) return static_cast<T>(std::ceil(op.alpha));
    if (static_cast<double>(x) > static_cast<double>(op.beta)) return static_cast<T>(std::floor(op.beta));
    return x;
  };
  switch (op.kind) {
    case UnaryKind::kRelu:
      return each(row, count, [](T x) { return std::max<T>(x, 0); });
    case UnaryKind::kNeg:
      return each(row, count, negated);
    case UnaryKind::kAbs:
      return each(row, count, [=](T x) { return x < T(0) ? negated(x) : x; });
    case UnaryKind::kClip:
      return each(row, count, clip);
    case UnaryKind::kNot:
      return each(row, count, [](T x) { return static_cast<T>(x == 0); });
    default:
      return;
  }
}

// One stored value of equal quantization on both sides; saturates.
int64_t apply_quantized(const Unary& op, int64_t stored, float scale, int32_t zero, StoredRange range) {
  int64_t value = stored - zero;
  switch (op.kind) {
    case UnaryKind::kRelu:
      value = std::max<int64_t>(value, 0);
      break;
    case UnaryKind::kNeg:
      value = -value;
      break;
    case UnaryKind::kAbs:
      value = value < 0 ? -value : value;
      break;
    case UnaryKind::kClip:
      return std::clamp(stored, saturate_round(op.alpha / scale, zero, range),
                        saturate_round(op.beta / scale, zero, range));
    default:
      break;
  }
  return std::clamp(value + zero, range.low, range.high);
}

Kernel make_quantized(const Unary& op, const TensorDesc& x, const TensorDesc& y, const Context& context) {
  const QuantTable table(x);
  return as_kernel([=, nest = make_nest(y.shape, {y.strides, x.strides, table.strides}), type = x.dtype](
                       Tensors inputs, const HostTensor& out) {
    const StoredRange range = stored_range(type);
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      int64_t row[kBlock];
      load_row(type, inputs[0].data + at[1], nest.inner[1], count, row);
      for (int64_t i = 0; i < count; ++i) {
        row[i] = apply_quantized(op, row[i], scale_at(table, at[2], nest.inner[2], i),
                                 zero_at(table, at[2], nest.inner[2], i), range);
      }
      store_row(type, out.data + at[0], nest.inner[0], count, row);
    });
  });
}

}  // namespace

Kernel make_kernel(const Unary& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &y = call.outputs[0].desc;
  if (x.quant) return make_quantized(op, x, y, context);
  Nest rows = make_nest(y.shape, {y.strides, x.strides});
  if (x.dtype == DType::kF32 && (rows.length == 1 || (rows.inner[0] == 4 && rows.inner[1] == 4))) {
    return as_kernel([=, nest = std::move(rows)](Tensors inputs, const HostTensor& out) {
      for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
        const std::byte* from = inputs[0].data + at[1];
        auto* row = reinterpret_cast<float*>(out.data + at[0]);
        if (out.data + at[0] != from) std::memcpy(row, from, static_cast<size_t>(count) * sizeof(float));
        apply_unary(op, row, count);
      });
    });
  }
  return as_kernel([=, nest = std::move(rows), type = x.dtype](Tensors inputs, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      with_domain(type, [&](auto zero) {
        using T = decltype(zero);
        T row[kBlock];
        load_row(type, inputs[0].data + at[1], nest.inner[1], count, row);
        if constexpr (std::is_floating_point_v<T>)
          apply_unary(op, row, count);
        else
          apply_integer(op, row, count);
        store_row(type, out.data + at[0], nest.inner[0], count, row);
      });
    });
  });
}

}  // namespace systole::cpu

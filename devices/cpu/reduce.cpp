// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <type_traits>

#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/rows.h"

namespace systole::cpu {
namespace {

// Integers add and multiply without sign, so that they wrap. Domains narrower than 64 bits wrap to the same stored
// bits.
template <typename T>
void combine(ReduceKind kind, T* total, const T* row, int64_t count) {
  using U = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
  auto each = [&](auto f) {
    for (int64_t i = 0; i < count; ++i) total[i] = static_cast<T>(f(total[i], row[i]));
  };
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kMean:
      return each([](T t, T x) { return static_cast<U>(t) + static_cast<U>(x); });
    case ReduceKind::kSumSquare:
      return each([](T t, T x) { return static_cast<U>(t) + static_cast<U>(x) * static_cast<U>(x); });
    case ReduceKind::kProd:
      return each([](T t, T x) { return static_cast<U>(t) * static_cast<U>(x); });
    case ReduceKind::kMax:
      return each([](T t, T x) { return (x > t || x != x) ? x : t; });
    case ReduceKind::kMin:
      return each([](T t, T x) { return (x < t || x != x) ? x : t; });
  }
}

// The mean of integers divides the wrapped i32 (64-bit types: i64) sum, towards zero.
template <typename T>
T divide(T total, int64_t count, DType type) {
  if constexpr (std::is_floating_point_v<T>) {
    return total / static_cast<T>(count);
  } else if (bit_width(type) < 64) {
    return static_cast<T>(static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint64_t>(total))) / count);
  } else {
    return total / static_cast<T>(count);
  }
}

// Byte offsets in x of the reduced positions of one element of y, in row-major order.
std::vector<int64_t> reduced_offsets(const TensorDesc& x, const std::vector<int>& axes) {
  std::vector<int64_t> offsets{0};
  for (int axis : axes) {
    const auto a = static_cast<size_t>(axis);
    std::vector<int64_t> longer;
    for (int64_t base : offsets) {
      for (int64_t i = 0; i < x.shape[a]; ++i) longer.push_back(base + i * x.strides[a]);
    }
    offsets = std::move(longer);
  }
  return offsets;
}

// A block of y: sums run over `positions` in order, so that values do not depend on threads.
template <typename T>
void reduce_block(ReduceKind kind, DType type, const std::byte* x, int64_t stride,
                  const std::vector<int64_t>& positions, int64_t count, T* total) {
  const bool picks = kind == ReduceKind::kMax || kind == ReduceKind::kMin;
  std::fill_n(total, count, kind == ReduceKind::kProd ? T(1) : T(0));
  if (picks) load_row(type, x + positions[0], stride, count, total);
  T row[kBlock];
  for (size_t i = picks ? 1 : 0; i < positions.size(); ++i) {
    load_row(type, x + positions[i], stride, count, row);
    combine(kind, total, row, count);
  }
  if (kind != ReduceKind::kMean) return;
  for (int64_t i = 0; i < count; ++i) total[i] = divide(total[i], static_cast<int64_t>(positions.size()), type);
}

}  // namespace

Kernel make_kernel(const Reduce& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &y = call.outputs[0].desc;
  return as_kernel([=, kind = op.kind, nest = make_nest(y.shape, {y.strides, x.strides}),
                    positions = reduced_offsets(x, op.axes), type = x.dtype](Tensors inputs, const HostTensor& out) {
    for_blocks(context.workers, nest, [&](const int64_t* at, int64_t count) {
      with_domain(type, [&](auto zero) {
        decltype(zero) total[kBlock];
        reduce_block(kind, type, inputs[0].data + at[1], nest.inner[1], positions, count, total);
        store_row(type, out.data + at[0], nest.inner[0], count, total);
      });
    });
  });
}

}  // namespace systole::cpu

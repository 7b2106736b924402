// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "devices/ref/elements.h"
#include "devices/ref/kernels.h"

namespace systole::ref {
namespace {

// Index into row-major y of element i of row-major x, whose reduced axes have stride 0.
struct Target {
  Target(const TensorDesc& x, const std::vector<int>& axes) : shape(x.shape), strides(x.shape.size(), 0) {
    int64_t next = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (std::find(axes.begin(), axes.end(), static_cast<int>(axis)) != axes.end()) continue;
      strides[axis] = next;
      next *= shape[axis];
    }
  }
  size_t operator()(int64_t i) const {
    int64_t index = 0;
    for (size_t axis = shape.size(); axis-- > 0; i /= shape[axis]) index += i % shape[axis] * strides[axis];
    return static_cast<size_t>(index);
  }
  Shape shape;
  std::vector<int64_t> strides;
};

// Integers add and multiply without sign, so that they wrap.
template <typename T>
T combine(ReduceKind kind, T total, T value) {
  using U = std::conditional_t<std::is_floating_point_v<T>, T, uint64_t>;
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kMean:
      return static_cast<T>(static_cast<U>(total) + static_cast<U>(value));
    case ReduceKind::kSumSquare:
      return static_cast<T>(static_cast<U>(total) + static_cast<U>(value) * static_cast<U>(value));
    case ReduceKind::kProd:
      return static_cast<T>(static_cast<U>(total) * static_cast<U>(value));
    case ReduceKind::kMax:
      return value > total || value != value ? value : total;
    case ReduceKind::kMin:
      return value < total || value != value ? value : total;
  }
  return total;
}

// The mean of integers divides the wrapped i32 (64-bit types: i64) sum, towards zero.
template <typename T>
T divide(T total, int64_t count, DType type) {
  if constexpr (std::is_floating_point_v<T>) {
    return total / static_cast<T>(count);
  } else if (bit_width(type) < 64) {
    auto wrapped = static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint64_t>(total)));
    return static_cast<T>(wrapped / count);
  } else {
    return static_cast<T>(total / static_cast<T>(count));
  }
}

template <typename T>
T softmax_exp(T value) {
  return std::exp(value);
}

}  // namespace

void run(const Reduce& op, Tensors inputs, const HostTensor& y) {
  const TensorDesc& x = *inputs[0].desc;
  with_domain(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = gather<T>(inputs[0]);
    Target target(x, op.axes);
    std::vector<T> totals(static_cast<size_t>(y.desc->elements()), op.kind == ReduceKind::kProd ? T(1) : T(0));
    std::vector<bool> begun(totals.size(), false);
    bool picks = op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin;
    for (size_t i = 0; i < values.size(); ++i) {
      size_t t = target(static_cast<int64_t>(i));
      totals[t] = picks && !begun[t] ? values[i] : combine(op.kind, totals[t], values[i]);
      begun[t] = true;
    }
    if (op.kind == ReduceKind::kMean && !totals.empty()) {
      int64_t count = static_cast<int64_t>(values.size() / totals.size());
      for (T& total : totals) total = divide(total, count, x.dtype);
    }
    scatter(y, totals);
  });
}

void run(const Softmax& op, Tensors inputs, const HostTensor& y) {
  const TensorDesc& x = *inputs[0].desc;
  size_t axis = static_cast<size_t>(op.axis < 0 ? op.axis + x.rank() : op.axis);
  int64_t extent = x.shape[axis], inner = 1;
  for (size_t i = axis + 1; i < x.shape.size(); ++i) inner *= x.shape[i];
  auto line = [&](auto* p) {
    using T = std::remove_reference_t<decltype(*p)>;
    T largest = p[0], sum = 0;
    for (int64_t i = 1; i < extent; ++i) largest = std::max(largest, p[i * inner]);
    for (int64_t i = 0; i < extent; ++i) sum += softmax_exp(p[i * inner] - largest);
    for (int64_t i = 0; i < extent; ++i) {
      T shifted = p[i * inner] - largest;
      p[i * inner] = op.log ? shifted - std::log(sum) : softmax_exp(shifted) / sum;
    }
  };
  auto all = [&](auto zero) {
    std::vector<decltype(zero)> values = gather<decltype(zero)>(inputs[0]);
    for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
      if (i / inner % extent == 0) line(values.data() + i);
    }
    scatter(y, values);
  };
  if (x.dtype == DType::kF64) return all(double{});
  all(float{});
}

}  // namespace systole::ref

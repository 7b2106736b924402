// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "devices/ref/elements.h"
#include "devices/ref/functions.h"
#include "devices/ref/kernels.h"

namespace systole::ref {
namespace {

// On the stored value less its zero point. Quantized results saturate, plain ones wrap.
int64_t apply_quantized(const Unary& op, int64_t stored, float scale, int32_t zero, DType type) {
  IntegerRange range = integer_range(type);
  int64_t value = stored - zero;
  switch (op.kind) {
    case UnaryKind::kRelu:
      value = std::max<int64_t>(value, 0);
      break;
    case UnaryKind::kNeg:
      value = -value;
      break;
    case UnaryKind::kAbs:
      value = std::abs(value);
      break;
    case UnaryKind::kClip:
      return std::clamp(stored, saturate_round(op.alpha / scale, zero, type),
                        saturate_round(op.beta / scale, zero, type));
    default:
      break;
  }
  return std::clamp(value + zero, range.low, range.high);
}

template <typename T>
T apply_plain(const Unary& op, T value) {
  uint64_t negated = uint64_t{0} - static_cast<uint64_t>(value);
  switch (op.kind) {
    case UnaryKind::kRelu:
      return std::max<T>(value, 0);
    case UnaryKind::kNeg:
      return static_cast<T>(negated);
    case UnaryKind::kAbs:
      return value < T(0) ? static_cast<T>(negated) : value;
    case UnaryKind::kClip: {
      // Compared as reals; the bound itself is truncated towards the inside.
      if (static_cast<double>(value) < static_cast<double>(op.alpha)) return static_cast<T>(std::ceil(op.alpha));
      if (static_cast<double>(value) > static_cast<double>(op.beta)) return static_cast<T>(std::floor(op.beta));
      return value;
    }
    default:
      return value;
  }
}

}  // namespace

void run(const Unary& op, Tensors inputs, const HostTensor& y) {
  const TensorDesc& x = *inputs[0].desc;
  with_domain(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = gather<T>(inputs[0]);
    ScaleAt at(x);
    for (size_t i = 0; i < values.size(); ++i) {
      auto index = static_cast<int64_t>(i);
      if constexpr (std::is_floating_point_v<T>) {
        values[i] = apply_unary(op.kind, values[i], op.alpha, op.beta);
      } else if (x.dtype == DType::kBool) {
        values[i] = values[i] == 0;
      } else if (x.quant) {
        values[i] = static_cast<T>(
            apply_quantized(op, static_cast<int64_t>(values[i]), at.scale(index), at.zero(index), x.dtype));
      } else {
        values[i] = apply_plain(op, values[i]);
      }
    }
    scatter(y, values);
  });
}

}  // namespace systole::ref

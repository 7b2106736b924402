// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "devices/ref/elements.h"
#include "devices/ref/kernels.h"

namespace systole::ref {

void run(const Normalize& op, Tensors inputs, const HostTensor& y) {
  auto all = [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = gather<T>(inputs[0]), scale, bias;
    if (op.scale) scale = gather<T>(inputs[1]);
    if (op.bias) bias = gather<T>(inputs.back());
    const Shape& shape = inputs[0].desc->shape;
    size_t n = 1;
    for (int i = 0; i < op.axes; ++i) n *= static_cast<size_t>(shape[shape.size() - 1 - static_cast<size_t>(i)]);
    for (size_t first = 0; first < values.size(); first += n) {
      T* x = values.data() + first;
      T sum = 0, squares = 0;
      if (op.kind == NormKind::kLayer) {
        for (size_t i = 0; i < n; ++i) sum += x[i];
        const T mean = sum / static_cast<T>(n);
        for (size_t i = 0; i < n; ++i) x[i] -= mean;
      }
      for (size_t i = 0; i < n; ++i) squares += x[i] * x[i];
      const T deviation = std::sqrt(squares / static_cast<T>(n) + static_cast<T>(op.epsilon));
      for (size_t i = 0; i < n; ++i) {
        x[i] /= deviation;
        if (op.scale) x[i] *= scale[i];
        if (op.bias) x[i] += bias[i];
      }
    }
    scatter(y, values);
  };
  if (inputs[0].desc->dtype == DType::kF64) return all(double{});
  all(float{});
}

}  // namespace systole::ref

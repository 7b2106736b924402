// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include "devices/cpu/exponential.h"
#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/tile.h"

namespace systole::cpu {
namespace {

template <typename T>
void softmax_line(bool log, T* line, int64_t extent) {
  T largest = line[0];
  for (int64_t i = 1; i < extent; ++i) largest = largest < line[i] ? line[i] : largest;
  for (int64_t i = 0; i < extent; ++i) line[i] -= largest;
  T sum = 0;
  if (log) {
    for (int64_t i = 0; i < extent; ++i) sum += fast_exp(line[i]);
    const T shift = std::log(sum);
    for (int64_t i = 0; i < extent; ++i) line[i] -= shift;
    return;
  }
  for (int64_t i = 0; i < extent; ++i) line[i] = fast_exp(line[i]);
  for (int64_t i = 0; i < extent; ++i) sum += line[i];
  for (int64_t i = 0; i < extent; ++i) line[i] /= sum;
}

}  // namespace

Kernel make_kernel(const Softmax& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &y = call.outputs[0].desc;
  const auto axis = static_cast<size_t>(op.axis < 0 ? op.axis + x.rank() : op.axis);
  Shape lines = y.shape;
  lines[axis] = 1;
  const int64_t extent = y.shape[axis], x_stride = x.strides[axis], y_stride = y.strides[axis];
  Nest nest = make_nest(lines, {y.strides, x.strides});
  const TileKernels* kernels = context.onednn ? tile_kernels() : nullptr;
  const bool rows =
      x.dtype == DType::kF32 && y.dtype == DType::kF32 && (extent == 1 || (x_stride == 4 && y_stride == 4));
  if (kernels != nullptr && rows && !op.log && extent > 0) {
    return as_kernel([=, nest = std::move(nest)](Tensors inputs, const HostTensor& out) {
      for_lines(context.workers, nest, extent, [&](const int64_t* at) {
        auto* row = reinterpret_cast<float*>(out.data + at[0]);
        if (out.data + at[0] != inputs[0].data + at[1])
          std::memcpy(row, inputs[0].data + at[1], static_cast<size_t>(extent) * sizeof(float));
        kernels->scale_row(row, extent, 1.0f / kernels->softmax_row(row, extent));
      });
    });
  }
  return as_kernel([=, log = op.log, nest = std::move(nest), type = x.dtype](Tensors inputs, const HostTensor& out) {
    if (extent == 0) return;
    for_lines(context.workers, nest, extent, [&](const int64_t* at) {
      auto run = [&](auto zero) {
        std::vector<decltype(zero)> values(static_cast<size_t>(extent));
        load_row(type, inputs[0].data + at[1], x_stride, extent, values.data());
        softmax_line(log, values.data(), extent);
        store_row(type, out.data + at[0], y_stride, extent, values.data());
      };
      if (type == DType::kF64)
        run(double{});
      else
        run(float{});
    });
  });
}

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <type_traits>
#include <vector>

#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/stage.h"
#include "devices/cpu/tile.h"

namespace systole::cpu {
namespace {

constexpr int64_t kSums = 16;  // independent partial sums: an addition a lane

template <typename T, typename F>
T total(const T* x, int64_t n, F term) {
  T sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= n; i += kSums)
    for (int64_t j = 0; j < kSums; ++j) sums[j] += term(x[i + j]);
  T sum = 0;
  for (; i < n; ++i) sum += term(x[i]);
  for (T partial : sums) sum += partial;
  return sum;
}

template <typename T>
void normalize_line(const Normalize& op, T* x, const T* scale, const T* bias, int64_t n) {
  if (op.kind == NormKind::kLayer) {
    const T mean = total(x, n, [](T v) { return v; }) / static_cast<T>(n);
    for (int64_t i = 0; i < n; ++i) x[i] -= mean;
  }
  const T squares = total(x, n, [](T v) { return v * v; });
  const T inverse = T(1) / std::sqrt(squares / static_cast<T>(n) + static_cast<T>(op.epsilon));
  for (int64_t i = 0; i < n; ++i) x[i] *= inverse;
  if (scale != nullptr)
    for (int64_t i = 0; i < n; ++i) x[i] *= scale[i];
  if (bias != nullptr)
    for (int64_t i = 0; i < n; ++i) x[i] += bias[i];
}

// The last `axes` axes of one line, in row-major order: byte offset of each run along the last of them.
std::vector<int64_t> run_offsets(const TensorDesc& desc, int axes) {
  std::vector<int64_t> offsets{0};
  const size_t rank = desc.shape.size();
  for (size_t axis = rank - static_cast<size_t>(axes); axis + 1 < rank; ++axis) {
    std::vector<int64_t> next;
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < desc.shape[axis]; ++i) next.push_back(offset + i * desc.strides[axis]);
    offsets = std::move(next);
  }
  return offsets;
}

// Lines of the last `axes` axes are f32 without gaps.
bool is_row(const TensorDesc& desc, int axes) {
  int64_t next = 4;
  for (size_t axis = desc.shape.size(); axis-- > desc.shape.size() - static_cast<size_t>(axes);) {
    if (desc.shape[axis] > 1 && desc.strides[axis] != next) return false;
    next *= desc.shape[axis];
  }
  return desc.dtype == DType::kF32;
}

class NormalizeKernel final : public OpKernel {
 public:
  NormalizeKernel(const Normalize& op, const OpCall& call, const Context& context)
      : op_(op), workers_(context.workers), x_(call.inputs[0].desc), y_(call.outputs[0].desc) {
    const size_t lead = x_.shape.size() - static_cast<size_t>(op.axes);
    Shape lines = y_.shape;
    for (size_t axis = lead; axis < lines.size(); ++axis) lines[axis] = 1;
    nest_ = make_nest(lines, {y_.strides, x_.strides});
    x_runs_ = run_offsets(x_, op.axes), y_runs_ = run_offsets(y_, op.axes);
    const DType type = x_.dtype == DType::kF64 ? DType::kF64 : DType::kF32;
    const auto order = row_major_order(static_cast<size_t>(op.axes));
    if (op.scale) scale_ = Stage(call.inputs[1].desc, type, order);
    if (op.bias) bias_ = Stage(call.inputs.back().desc, type, order);
    in_rows_ = context.onednn && tile_kernels() && is_row(x_, op.axes) && is_row(y_, op.axes);
  }

  Status run(Tensors inputs, Tensors outputs) override {
    if (x_.dtype == DType::kF64)
      all<double>(inputs, outputs[0].data);
    else
      all<float>(inputs, outputs[0].data);
    return {};
  }

 private:
  template <typename T>
  void all(Tensors inputs, std::byte* y) {
    const T* scale = op_.scale ? reinterpret_cast<const T*>(scale_(workers_, inputs[1].data)) : nullptr;
    const T* bias = op_.bias ? reinterpret_cast<const T*>(bias_(workers_, inputs.back().data)) : nullptr;
    const int64_t extent = x_.shape.back(), n = extent * static_cast<int64_t>(x_runs_.size());
    if constexpr (std::is_same_v<T, float>) {
      if (in_rows_) return by_rows(inputs[0].data, scale, bias, n, y);
    }
    for_lines(workers_, nest_, n, [&](const int64_t* at) {
      thread_local std::vector<T> values;
      values.resize(static_cast<size_t>(n));
      for (size_t i = 0; i < x_runs_.size(); ++i)
        load_row(x_.dtype, inputs[0].data + at[1] + x_runs_[i], x_.strides.back(), extent,
                 values.data() + static_cast<int64_t>(i) * extent);
      normalize_line(op_, values.data(), scale, bias, n);
      for (size_t i = 0; i < y_runs_.size(); ++i)
        store_row(y_.dtype, y + at[0] + y_runs_[i], y_.strides.back(), extent,
                  values.data() + static_cast<int64_t>(i) * extent);
    });
  }

  void by_rows(const std::byte* x, const float* scale, const float* bias, int64_t n, std::byte* y) const {
    const TileKernels* kernels = tile_kernels();
    for_lines(workers_, nest_, n, [&](const int64_t* at) {
      kernels->normalize_row(op_.kind == NormKind::kRms, op_.epsilon, reinterpret_cast<const float*>(x + at[1]), scale,
                             bias, n, reinterpret_cast<float*>(y + at[0]));
    });
  }

  Normalize op_;
  Workers workers_;
  TensorDesc x_, y_;
  Nest nest_;  // y, x
  std::vector<int64_t> x_runs_, y_runs_;
  Stage scale_, bias_;
  bool in_rows_ = false;  // lines are f32 without gaps on both sides
};

}  // namespace

Kernel make_kernel(const Normalize& op, const OpCall& call, const Context& context) {
  return std::unique_ptr<OpKernel>(std::make_unique<NormalizeKernel>(op, call, context));
}

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tensors: a description (type, shape, strides, quantization) and a view of a buffer through it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hal/dtype.h"
#include "hal/status.h"

namespace systole {

class Buffer;

using Shape = std::vector<int64_t>;

int64_t element_count(const Shape& shape);  // 1 for a scalar (rank 0)
std::string to_string(const Shape& shape);  // "1x3x224x224"; "scalar" for rank 0

// real = (stored - zero_point) * scale. One entry, or one per index of `axis`.
struct Quantization {
  std::vector<float> scale;
  std::vector<int32_t> zero_point;  // as many as scale
  int axis = -1;                    // -1: per tensor

  bool per_channel() const { return axis >= 0; }
  bool operator==(const Quantization&) const = default;
};

// Strides are in bytes, one an axis, never negative; they say the physical order, the shape the logical one: an image
// batch is always shaped N,C,H,W, and is channels-last when C has the smallest stride. An axis of extent 1 has any
// stride. 4-bit types: the innermost axis is packed, its stride is 0 by convention.
struct TensorDesc {
  DType dtype = DType::kF32;
  Shape shape;
  std::vector<int64_t> strides;
  std::shared_ptr<const Quantization> quant;  // null: plain numbers

  int rank() const { return static_cast<int>(shape.size()); }
  int64_t elements() const { return element_count(shape); }
  // Bytes from the first element to one past the last; 0 when an extent is 0.
  int64_t span_bytes() const;
  bool is_row_major() const;      // strides of extent-1 axes are ignored
  bool is_channels_last() const;  // rank 4: physical order N,H,W,C without gaps between channels of a pixel
  std::string to_string() const;  // "bf16[1x3x224x224]", with "nhwc" or strides where not row-major
  float tensor_scale() const { return quant ? quant->scale[0] : 1.0f; }  // of quantization per tensor; 1 without
};

std::vector<int64_t> row_major_strides(DType dtype, const Shape& shape);
std::vector<int64_t> channels_last_strides(DType dtype, const Shape& shape);  // rank 4
TensorDesc row_major(DType dtype, Shape shape, std::shared_ptr<const Quantization> quant = nullptr);
TensorDesc channels_last(DType dtype, Shape shape, std::shared_ptr<const Quantization> quant = nullptr);

// A view keeps its buffer alive. `slot` >= 0 names a binding of the command list instead, resolved at submit.
struct TensorView {
  std::shared_ptr<Buffer> buffer;
  int64_t offset = 0;  // bytes
  TensorDesc desc;
  int slot = -1;
  // Nothing outside its command list observes it: the device may keep it on chip. Its buffer's bytes are then
  // undefined.
  bool transient = false;
};

}  // namespace systole

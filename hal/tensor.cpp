// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/tensor.h"

namespace systole {
namespace {

bool packed(DType dtype) { return bit_width(dtype) < 8; }

// Strides for a physical order of axes, outermost first.
std::vector<int64_t> dense_strides(DType dtype, const Shape& shape, const std::vector<int>& order) {
  std::vector<int64_t> strides(shape.size(), 0);
  if (order.empty()) return strides;
  int inner = order.back();
  int64_t next = packed(dtype) ? bytes_for(dtype, shape[static_cast<size_t>(inner)]) : byte_size(dtype);
  if (!packed(dtype)) {
    strides[static_cast<size_t>(inner)] = next;
    next *= shape[static_cast<size_t>(inner)];
  }
  for (size_t i = order.size() - 1; i-- > 0;) {
    size_t axis = static_cast<size_t>(order[i]);
    strides[axis] = next;
    next *= shape[axis];
  }
  return strides;
}

bool equal_strides(const TensorDesc& desc, const std::vector<int64_t>& wanted) {
  if (desc.strides.size() != wanted.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (desc.shape[i] != 1 && desc.strides[i] != wanted[i]) return false;
  }
  return true;
}

}  // namespace

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  return count;
}

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? "x" : "") + std::to_string(shape[i]);
  return text;
}

int64_t TensorDesc::span_bytes() const {
  int64_t last = 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return 0;
    if (packed(dtype) && i + 1 == shape.size()) {
      last += bytes_for(dtype, shape[i]) - 1;
    } else {
      last += (shape[i] - 1) * strides[i];
    }
  }
  return last + (packed(dtype) ? 1 : byte_size(dtype));
}

bool TensorDesc::is_row_major() const { return equal_strides(*this, row_major_strides(dtype, shape)); }

bool TensorDesc::is_channels_last() const {
  if (rank() != 4 || strides.size() != 4 || packed(dtype)) return false;
  bool channels_dense = shape[1] == 1 || strides[1] == byte_size(dtype);
  auto covers = [&](int outer, int inner) {
    auto o = static_cast<size_t>(outer), i = static_cast<size_t>(inner);
    return shape[o] == 1 || shape[i] == 1 || strides[o] >= strides[i] * shape[i];
  };
  bool pixels = (shape[3] == 1 || strides[3] >= shape[1] * byte_size(dtype)) &&
                (shape[2] == 1 || strides[2] >= shape[1] * byte_size(dtype));
  return channels_dense && pixels && covers(2, 3) && covers(0, 2) && covers(0, 3);
}

std::string TensorDesc::to_string() const {
  std::string text = std::string(dtype_name(dtype)) + "[" + systole::to_string(shape) + "]";
  if (strides.size() != shape.size() || is_row_major()) return text;
  if (rank() == 4 && equal_strides(*this, channels_last_strides(dtype, shape))) return text + " nhwc";
  return text + " strides " + systole::to_string(Shape(strides));
}

std::vector<int64_t> row_major_strides(DType dtype, const Shape& shape) {
  std::vector<int> order(shape.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  return dense_strides(dtype, shape, order);
}

std::vector<int64_t> channels_last_strides(DType dtype, const Shape& shape) {
  if (shape.size() != 4) std::abort();
  return dense_strides(dtype, shape, {0, 2, 3, 1});
}

TensorDesc row_major(DType dtype, Shape shape, std::shared_ptr<const Quantization> quant) {
  auto strides = row_major_strides(dtype, shape);
  return {dtype, std::move(shape), std::move(strides), std::move(quant)};
}

TensorDesc channels_last(DType dtype, Shape shape, std::shared_ptr<const Quantization> quant) {
  auto strides = channels_last_strides(dtype, shape);
  return {dtype, std::move(shape), std::move(strides), std::move(quant)};
}

}  // namespace systole

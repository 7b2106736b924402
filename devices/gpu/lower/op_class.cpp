// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <numeric>

#include "devices/gpu/launch.h"

namespace systole::gpu {
namespace {

std::string text_of(const Epilogue& epilogue) {
  return std::string(epilogue.bias ? " bias" : "") + (epilogue.residual ? " residual" : "") + " act" +
         std::to_string(static_cast<int>(epilogue.activation)) +
         (epilogue.requant == RequantMode::kTflite ? " tflite" : "");
}
template <typename Attributes>
std::string text_of(const Attributes&) {
  return "";
}
std::string text_of(const Matmul& op) {
  return std::string(op.transpose_a ? " ta" : "") + (op.transpose_b ? " tb" : "") + text_of(op.epilogue);
}
std::string text_of(const Conv2d& op) {
  std::string text;
  for (int64_t each : {op.groups, op.stride_h, op.stride_w, op.dilation_h, op.dilation_w, op.pad_top, op.pad_left})
    text += (text.empty() ? " " : ",") + std::to_string(each);
  return text + text_of(op.epilogue);
}
int64_t rounded(int64_t extent) {
  if (extent <= 16) return extent;
  const auto step = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(extent)) / 8);
  return (extent + step - 1) / step * step;
}

std::string text_of(const Attention& op) {
  return std::string(op.mask ? " mask" : "") + (op.causal ? " causal" : "") +
         (op.pages.empty() ? "" : " keys" + std::to_string(rounded(op.keys)));
}

// Types, extents, and axes by their strides, the longest first.
std::string text_of(const TensorDesc& desc) {
  std::string text = std::string(" ") + dtype_name(desc.dtype) + "[";
  for (size_t i = 0; i < desc.shape.size(); ++i) text += (i > 0 ? "x" : "") + std::to_string(rounded(desc.shape[i]));
  std::vector<size_t> order(desc.shape.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return desc.strides[a] > desc.strides[b]; });
  if (std::is_sorted(order.begin(), order.end())) return text + "]";
  text += ":";
  for (size_t axis : order) text += std::to_string(axis);
  return text + "]";
}

}  // namespace

std::string op_class(const OpDesc& op) {
  std::string text = op_name(op.op) + std::visit([](const auto& each) { return text_of(each); }, op.op);
  for (const auto* side : {&op.inputs, &op.outputs})
    for (const TensorDesc& desc : *side) text += text_of(desc);
  return text;
}

}  // namespace systole::gpu

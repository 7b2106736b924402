// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/vector_shape.h"

#include "sim/gather.h"

namespace systole::sim {

using contract::Activation;
using contract::BinaryOp;
using contract::Dtype;
using contract::Requant;
using contract::Space;
using contract::WindowOp;

VectorShape vector_shape(const contract::Vector& v) {
  VectorShape s;
  const int64_t channels = v.channels;
  const int64_t a_bytes = channels * element_size(v.a_dtype);
  s.source = {v.src_addr, a_bytes, {v.n0, v.n1, 1}, {v.a_stride0, v.a_stride1, 0}};
  const int64_t stored = v.reduce == contract::Reduce::kNone ? channels : 1;
  s.destination = {v.dst_addr, stored * element_size(v.d_dtype), {v.n0, v.n1, 1}, {v.d_stride0, v.d_stride1, 0}};
  if (v.window != WindowOp::kNone) {
    s.win_h = v.win_kh;
    s.win_w = v.win_kw;
  }
  for (uint32_t h = 0; h < s.win_h; ++h)
    for (uint32_t w = 0; w < s.win_w; ++w) {
      Box at = s.source;
      at.base += int64_t{h} * v.win_stride1 + int64_t{w} * v.win_stride0;
      s.source_window.push_back(at);
    }
  const int64_t b_size = element_size(v.b_dtype);
  if (v.window == WindowOp::kMac)
    s.operand = Box{v.b_addr, channels * b_size, {s.win_h * s.win_w, 1, 1}, {v.b_stride0, 0, 0}};
  else if (v.binary != BinaryOp::kNone)
    s.operand =
        Box{v.b_addr, v.b_broadcast ? b_size : channels * b_size, {v.n0, v.n1, 1}, {v.b_stride0, v.b_stride1, 0}};
  const int64_t params = v.scalar_params ? 1 : channels;
  auto take = [&](bool enabled, int64_t& offset, int64_t count) {
    if (!enabled) return;
    offset = s.param_bytes;
    s.param_bytes += count * 4;
  };
  take(v.bias, s.bias, channels);
  take(v.requant != Requant::kNone, s.scale, params);
  take(v.requant == Requant::kTflite, s.shift, params);
  take(v.b_scaled, s.b_scale, 1);
  take(v.out_scaled, s.out_scale, 1);
  return s;
}

bool vector_supported(const contract::Vector& v) {
  const bool has_operand = v.window == WindowOp::kMac || v.binary != BinaryOp::kNone;
  if (!is_valid(v.a_dtype) || !is_valid(v.d_dtype) || (has_operand && !is_valid(v.b_dtype))) return false;
  if (!is_valid(v.binary) || !is_valid(v.activation) || !is_valid(v.function) || !is_valid(v.reduce) ||
      !is_valid(v.c_steps))
    return false;
  if (v.a_space == Space::kAccumulator && v.a_dtype != Dtype::kI32 && v.a_dtype != Dtype::kF32) return false;
  if (v.d_space == Space::kAccumulator && v.d_dtype != Dtype::kI32 && v.d_dtype != Dtype::kF32) return false;
  if (v.window == WindowOp::kMac && v.binary != BinaryOp::kNone) return false;
  bool integer = is_integer(v.a_dtype);
  if (v.window == WindowOp::kMac && is_integer(v.b_dtype) != integer) return false;
  if (v.requant == Requant::kOnnx || v.requant == Requant::kTflite) {
    if (!integer) return false;
  } else if (v.requant == Requant::kScale) {
    integer = false;
  }
  if (v.binary != BinaryOp::kNone && integer && !is_integer(v.b_dtype)) return false;
  if (v.function != contract::Function::kNone && integer) return false;
  return integer || !is_integer(v.d_dtype) || v.out_scaled;
}

}  // namespace systole::sim

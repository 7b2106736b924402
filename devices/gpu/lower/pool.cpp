// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Pooling.
#include <algorithm>

#include "devices/gpu/lower/nest.h"

namespace systole::gpu {
namespace {

constexpr int64_t kHotElements = 16384;  // from this many on a program of its own for the type pays

}  // namespace

ImageParams image_params(const TensorDesc& y, const Facts& facts) {
  ImageParams p{};
  for (int axis = 0; axis < 4; ++axis) {
    p.axis[axis] = axis;
    p.extent[axis] = y.shape[static_cast<size_t>(axis)];
    p.stride[axis] = y.strides[static_cast<size_t>(axis)];
  }
  // Axes of extent 1 have any stride: they go outermost.
  std::stable_sort(std::begin(p.axis), std::end(p.axis), [&](int a, int b) {
    if ((p.extent[a] == 1) != (p.extent[b] == 1)) return p.extent[a] == 1;
    return p.stride[a] > p.stride[b];
  });
  const int64_t inner = p.extent[p.axis[3]];
  p.run = facts.is_cpu ? inner : 1;
  p.chunks = (inner + p.run - 1) / p.run;
  p.items = y.elements() / inner * p.chunks;
  return p;
}

Result<LoweredOp> lower_op(const Pool& op, const OpDesc& desc, const Facts& facts) {
  const TensorDesc &x = desc.inputs[0], &y = desc.outputs[0];
  PoolParams p{};
  p.y = image_params(y, facts);
  p.height = x.shape[2];
  p.width = x.shape[3];
  std::copy(x.strides.begin(), x.strides.end(), p.x_stride);
  p.kernel_h = static_cast<int>(op.kernel_h), p.kernel_w = static_cast<int>(op.kernel_w);
  p.stride_h = static_cast<int>(op.stride_h), p.stride_w = static_cast<int>(op.stride_w);
  p.dilation_h = static_cast<int>(op.dilation_h), p.dilation_w = static_cast<int>(op.dilation_w);
  p.pad_top = static_cast<int>(op.pad_top), p.pad_left = static_cast<int>(op.pad_left);
  p.pad_bottom = static_cast<int>(op.pad_bottom), p.pad_right = static_cast<int>(op.pad_right);
  p.kind = static_cast<int>(op.kind);
  p.type = type_number(x.dtype);
  p.count_include_pad = op.count_include_pad;
  if (op.kind == PoolKind::kAverage && x.quant) {
    p.x_zero = x.quant->zero_point[0];
    p.y_zero = y.quant->zero_point[0];
    p.factor = x.quant->scale[0] / y.quant->scale[0];
  }
  Launch launch;
  launch.program = launch.entry = "pool";
  launch.macros = domain_macros(x.dtype);
  const int64_t size = byte_size(x.dtype);
  if (is_float(x.dtype) && y.elements() >= kHotElements) {
    launch.macros.emplace_back("TYPE", std::to_string(p.type));
    if (facts.is_cpu && p.y.axis[3] == 1 && p.y.stride[1] == size && p.x_stride[1] == size) {
      launch.entry = "pool_channels";
      launch.macros.emplace_back("CHANNELS_STEP", std::to_string(size));
    }
  }
  launch.grid = line_grid(p.y.items, facts);
  launch.operands = {output(), input(0)};
  launch.set_params(p);
  LoweredOp result;
  result.launches.push_back(std::move(launch));
  return result;
}

}  // namespace systole::gpu

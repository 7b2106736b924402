// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "devices/cpu/functions.h"
#include "devices/cpu/tile.h"
#include "devices/cpu/tile_operands.h"

namespace systole::cpu {
namespace {

// One input and one output channel a group, channels-last on both sides.
class TileDepthwise final : public OpKernel {
 public:
  TileDepthwise(const Conv2d& op, const OpCall& call, TileOperands operands, const Workers& workers)
      : op_(op), operands_(std::move(operands)), workers_(workers), w_(call.inputs[1].desc) {}

  Status run(Tensors inputs, Tensors outputs) override {
    const TensorDesc &x = *inputs[0].desc, &y = *outputs[0].desc;
    DepthwiseRow common = row_of(x, y);
    common.w = operands_.weights(inputs);
    common.bias = operands_.bias(inputs);
    const TileKernels* kernels = tile_kernels();
    workers_.each(y.shape[0] * y.shape[2], [&](int64_t index) {
      const int64_t n = index / y.shape[2], oh = index % y.shape[2];
      DepthwiseRow row = common;
      row.x = floats(inputs[0].data + n * x.strides[0]);
      row.y = floats(outputs[0].data + n * y.strides[0] + oh * y.strides[2]);
      row.top = oh * op_.stride_h - op_.pad_top;
      row.last_row = w_.shape[2];
      while (row.first_row < row.last_row && row.top + row.first_row * op_.dilation_h < 0) ++row.first_row;
      while (row.last_row > row.first_row && row.top + (row.last_row - 1) * op_.dilation_h >= x.shape[2])
        --row.last_row;
      kernels->depthwise(row);
      if (!common.clamp) finish(row);
    });
    return {};
  }

 private:
  DepthwiseRow row_of(const TensorDesc& x, const TensorDesc& y) const {
    const Epilogue& epilogue = op_.epilogue;
    DepthwiseRow row;
    row.width = x.shape[3], row.x_line = x.strides[2] / 4, row.x_pixel = x.strides[3] / 4;
    row.kernel_w = w_.shape[3], row.stride_w = op_.stride_w, row.pad_left = op_.pad_left;
    row.dilation_h = op_.dilation_h, row.dilation_w = op_.dilation_w;
    row.outputs = y.shape[3], row.y_pixel = y.strides[3] / 4, row.channels = y.shape[1];
    row.clamp = epilogue.activation == Activation::kRelu || epilogue.activation == Activation::kClip;
    row.low = epilogue.activation == Activation::kClip ? epilogue.clip_lo : 0.0f;
    row.high = epilogue.activation == Activation::kClip ? epilogue.clip_hi : std::numeric_limits<float>::infinity();
    return row;
  }

  void finish(const DepthwiseRow& row) const {
    if (op_.epilogue.activation == Activation::kNone) return;
    const bool dense = row.y_pixel == row.channels;
    for (int64_t p = 0; p < (dense ? 1 : row.outputs); ++p)
      activate(op_.epilogue.activation, 0, 0, row.y + p * row.y_pixel,
               dense ? row.channels * row.outputs : row.channels);
  }

  Conv2d op_;
  TileOperands operands_;
  Workers workers_;
  TensorDesc w_;
};

}  // namespace

Kernel tile_depthwise(const Conv2d& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  const bool depthwise = op.groups > 1 && op.groups == x.shape[1] && op.groups == w.shape[0];
  if (!depthwise || op.epilogue.residual || !tiles_take(op.epilogue, call, context)) return std::unique_ptr<OpKernel>();
  if (x.strides[1] != 4 || y.strides[1] != 4) return std::unique_ptr<OpKernel>();
  auto pack = [w](const float* data, float* packed) {  // kh, kw, c
    for (int64_t kh = 0; kh < w.shape[2]; ++kh)
      for (int64_t kw = 0; kw < w.shape[3]; ++kw)
        for (int64_t c = 0; c < w.shape[0]; ++c)
          *packed++ = data[(c * w.strides[0] + kh * w.strides[2] + kw * w.strides[3]) / 4];
  };
  SYSTOLE_ASSIGN_OR_RETURN(TileOperands operands,
                           TileOperands::make(op.epilogue, call, context, "tile depthwise " + to_string(w.shape),
                                              w.elements(), std::move(pack)));
  return std::unique_ptr<OpKernel>(std::make_unique<TileDepthwise>(op, call, std::move(operands), context.workers));
}

}  // namespace systole::cpu

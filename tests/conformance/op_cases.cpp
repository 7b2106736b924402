// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_cases.h"

namespace systole::conformance {

QuantPtr per_tensor(float scale, int32_t zero) {
  return std::make_shared<Quantization>(Quantization{{scale}, {zero}, -1});
}
QuantPtr per_channel(int64_t channels, int axis, float base) {
  Quantization quant;
  quant.axis = axis;
  for (int64_t c = 0; c < channels; ++c) {
    quant.scale.push_back(base * (1.0f + 0.1f * static_cast<float>(c % 7)));
    quant.zero_point.push_back(0);
  }
  return std::make_shared<Quantization>(std::move(quant));
}

TensorDesc tensor(DType dtype, const Shape& shape, Layout layout, QuantPtr quant) {
  return layout == Layout::kChannelsLast ? channels_last(dtype, shape, std::move(quant))
                                         : row_major(dtype, shape, std::move(quant));
}

OpCase conv_case(const Types& types, ConvShape s, Layout layout, uint64_t seed) {
  Conv2d& op = s.op;
  const Shape y = {s.n, s.o, window_output(s.h, s.kh, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                   window_output(s.w, s.kw, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
  const bool integer = !is_float(types.x), quantized = integer && types.y != DType::kI32;
  OpCase result;
  result.seed = seed;
  result.desc.name = "conv";
  result.desc.inputs = {
      tensor(types.x, {s.n, s.c, s.h, s.w}, layout,
             integer ? per_tensor(0.02f, types.x == DType::kU8 ? 119 : -7) : nullptr),
      row_major(types.w, {s.o, s.c / op.groups, s.kh, s.kw}, integer ? per_channel(s.o, 0, 0.003f) : nullptr)};
  result.constant = {false, true};
  if (op.epilogue.bias) {
    result.desc.inputs.push_back(row_major(types.bias, {s.o}));
    result.constant.push_back(true);
  }
  if (op.epilogue.residual) result.desc.inputs.push_back(tensor(types.y, y, layout));
  result.desc.outputs = {
      tensor(types.y, y, layout, quantized ? per_tensor(0.05f, types.y == DType::kU8 ? 128 : 3) : nullptr)};
  result.desc.op = op;
  return result;
}

OpCase matmul_case(const Types& types, Shape a, Shape w, Matmul op, bool constant_weights, uint64_t seed) {
  const bool integer = !is_float(types.x), quantized = integer && types.y != DType::kI32;
  Shape y(a.begin(), a.end() - 2);
  const int64_t n = op.transpose_b ? w[w.size() - 2] : w.back();
  y.push_back(op.transpose_a ? a.back() : a[a.size() - 2]);
  y.push_back(n);
  OpCase result;
  result.seed = seed;
  result.desc.name = "matmul";
  const int channel_axis = static_cast<int>(w.size()) - (op.transpose_b ? 2 : 1);
  result.desc.inputs = {row_major(types.x, a, integer ? per_tensor(0.02f, types.x == DType::kU8 ? 121 : 5) : nullptr),
                        row_major(types.w, w, is_float(types.w) ? nullptr : per_channel(n, channel_axis, 0.004f))};
  result.constant = {false, constant_weights};
  if (op.epilogue.bias) {
    result.desc.inputs.push_back(row_major(types.bias, {n}));
    result.constant.push_back(true);
  }
  if (op.epilogue.residual) result.desc.inputs.push_back(row_major(types.y, y));
  result.desc.outputs = {
      row_major(types.y, y, quantized ? per_tensor(0.06f, types.y == DType::kU8 ? 100 : -2) : nullptr)};
  result.desc.op = op;
  return result;
}

OpCase elementwise_case(Op op, DType dtype, std::vector<Shape> inputs, Shape output, Layout layout,
                        std::vector<QuantPtr> quant, QuantPtr out_quant, uint64_t seed, DType out_dtype) {
  OpCase result;
  result.seed = seed;
  result.desc.name = "op";
  result.desc.op = std::move(op);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool image = inputs[i].size() == 4;
    result.desc.inputs.push_back(
        tensor(dtype, inputs[i], image ? layout : Layout::kRowMajor, i < quant.size() ? quant[i] : nullptr));
  }
  result.desc.outputs = {
      tensor(out_dtype, output, output.size() == 4 ? layout : Layout::kRowMajor, std::move(out_quant))};
  return result;
}

}  // namespace systole::conformance

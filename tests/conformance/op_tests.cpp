// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10: every op over types, shapes and layouts against ref. A device that says no must refuse with its reason.
#include "tests/conformance/op_test.h"

namespace systole::conformance {
namespace {

enum class Layout { kRowMajor, kChannelsLast };

struct Types {
  const char* name;
  DType x, w, bias, y;
};
const Types kF32Types{"f32", DType::kF32, DType::kF32, DType::kF32, DType::kF32};
const Types kBF16Types{"bf16", DType::kBF16, DType::kBF16, DType::kF32, DType::kBF16};
const Types kBF16ToF32Types{"bf16_f32", DType::kBF16, DType::kBF16, DType::kF32, DType::kF32};
const Types kI8Types{"i8", DType::kI8, DType::kI8, DType::kI32, DType::kI8};
const Types kU8Types{"u8", DType::kU8, DType::kI8, DType::kI32, DType::kU8};
const Types kI32Types{"i8_i32", DType::kI8, DType::kI8, DType::kI32, DType::kI32};

using QuantPtr = std::shared_ptr<const Quantization>;
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

TensorDesc tensor(DType dtype, const Shape& shape, Layout layout, QuantPtr quant = nullptr) {
  return layout == Layout::kChannelsLast ? channels_last(dtype, shape, std::move(quant))
                                         : row_major(dtype, shape, std::move(quant));
}

struct ConvShape {
  int64_t n = 1, c = 8, h = 9, w = 9, o = 8, kh = 3, kw = 3;
  Conv2d op;
};

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
                        row_major(types.w, w, integer ? per_channel(n, channel_axis, 0.004f) : nullptr)};
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

void add_conv_tests(std::vector<Test>& tests) {
  struct Named {
    const char* name;
    ConvShape shape;
  };
  std::vector<Named> shapes = {
      {"1x1", {1, 16, 7, 7, 24, 1, 1, {}}},           {"3x3", {}},
      {"7x7_c3", {1, 3, 20, 20, 16, 7, 7, {}}},       {"groups", {2, 12, 6, 6, 18, 3, 3, {}}},
      {"depthwise", {1, 20, 11, 11, 20, 3, 3, {}}},   {"dilated", {1, 5, 12, 12, 6, 3, 3, {}}},
      {"asymmetric_pad", {1, 6, 8, 10, 7, 3, 2, {}}}, {"stride_beyond_kernel", {1, 8, 9, 9, 8, 1, 1, {}}},
      {"batch", {3, 4, 5, 5, 33, 3, 3, {}}}};
  shapes[1].shape.op.pad_top = shapes[1].shape.op.pad_left = shapes[1].shape.op.pad_bottom =
      shapes[1].shape.op.pad_right = 1;
  shapes[2].shape.op = Conv2d{1, 2, 2, 1, 1, 3, 3, 3, 3, {}};
  shapes[3].shape.op = Conv2d{3, 1, 1, 1, 1, 1, 1, 1, 1, {}};
  shapes[4].shape.op = Conv2d{20, 2, 2, 1, 1, 1, 1, 1, 1, {}};
  shapes[5].shape.op = Conv2d{1, 1, 1, 2, 3, 2, 2, 2, 2, {}};
  shapes[6].shape.op = Conv2d{1, 1, 2, 1, 1, 0, 1, 2, 0, {}};
  shapes[7].shape.op = Conv2d{1, 2, 3, 1, 1, 0, 0, 0, 0, {}};
  uint64_t seed = 100;
  for (const Named& named : shapes) {
    for (const Types& types : {kF32Types, kBF16Types, kBF16ToF32Types, kI8Types, kU8Types, kI32Types}) {
      for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
        ConvShape shape = named.shape;
        shape.op.epilogue.bias = ++seed % 2 == 0;
        shape.op.epilogue.activation = types.y == DType::kI32 ? Activation::kNone : static_cast<Activation>(seed % 3);
        shape.op.epilogue.clip_hi = 1.5f;
        shape.op.epilogue.requant = seed % 4 < 2 ? RequantMode::kOnnx : RequantMode::kTflite;
        shape.op.epilogue.residual = is_float(types.x) && seed % 5 == 0;
        tests.push_back(op_test(
            std::string("conv_") + named.name + "_" + types.name + (layout == Layout::kRowMajor ? "_nchw" : "_nhwc"),
            [=] { return conv_case(types, shape, layout, seed); }));
      }
    }
  }
}

void add_matmul_tests(std::vector<Test>& tests) {
  uint64_t seed = 900;
  for (const Types& types : {kF32Types, kBF16Types, kBF16ToF32Types, kI8Types, kU8Types, kI32Types}) {
    const std::string suffix = std::string("_") + types.name;
    Epilogue full;
    full.bias = true;
    if (types.y != DType::kI32) full.activation = Activation::kRelu;
    full.residual = is_float(types.x);
    full.requant = RequantMode::kTflite;
    ++seed;
    tests.push_back(op_test("matmul_small" + suffix, [=] {
      return matmul_case(types, {3, 5}, {5, 2}, {}, false, seed);
    }));
    tests.push_back(op_test("matmul_one" + suffix, [=] { return matmul_case(types, {1, 1}, {1, 1}, {}, true, seed); }));
    tests.push_back(op_test("matmul_odd" + suffix, [=] {
      return matmul_case(types, {37, 61}, {61, 43}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_vector" + suffix, [=] {
      return matmul_case(types, {1, 300}, {300, 100}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_epilogue" + suffix, [=] {
      return matmul_case(types, {19, 33}, {33, 40}, {false, false, full}, true, seed);
    }));
    Epilogue onnx = full;
    onnx.requant = RequantMode::kOnnx;
    tests.push_back(op_test("matmul_epilogue_onnx" + suffix, [=] {
      return matmul_case(types, {19, 33}, {33, 40}, {false, false, onnx}, true, seed);
    }));
    tests.push_back(op_test("matmul_transpose_b" + suffix, [=] {
      return matmul_case(types, {9, 20}, {30, 20}, {false, true, {}}, true, seed);
    }));
    tests.push_back(op_test("matmul_transpose_a" + suffix, [=] {
      return matmul_case(types, {20, 9}, {20, 30}, {true, false, {}}, false, seed);
    }));
    tests.push_back(op_test("matmul_batched" + suffix, [=] {
      return matmul_case(types, {2, 3, 8, 16}, {2, 3, 16, 10}, {}, false, seed);
    }));
    tests.push_back(op_test("matmul_broadcast_batch" + suffix, [=] {
      return matmul_case(types, {4, 8, 16}, {16, 10}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_long_k" + suffix, [=] {
      return matmul_case(types, {5, 5000}, {5000, 17}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_offset" + suffix, [=] {
      OpCase result = matmul_case(types, {7, 12}, {12, 9}, {}, true, seed);
      result.offset = 192;
      return result;
    }));
  }
}

void add_pool_tests(std::vector<Test>& tests) {
  struct Named {
    const char* name;
    Pool op;
    int64_t h, w;
  };
  const std::vector<Named> pools = {
      {"max_3x3_s2", {PoolKind::kMax, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false}, 11, 11},
      {"max_2x2", {PoolKind::kMax, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, false}, 8, 6},
      {"average_2x2", {PoolKind::kAverage, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, false}, 8, 6},
      {"average_pad", {PoolKind::kAverage, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, false}, 6, 6},
      {"average_count_pad", {PoolKind::kAverage, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, true}, 7, 7},
      {"global_average", {PoolKind::kAverage, 7, 7, 1, 1, 1, 1, 0, 0, 0, 0, false}, 7, 7}};
  uint64_t seed = 500;
  for (const Named& named : pools) {
    for (DType dtype : {DType::kF32, DType::kBF16, DType::kI8, DType::kU8}) {
      for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
        ++seed;
        const Pool op = named.op;
        const Shape y = {2, 19, window_output(named.h, op.kernel_h, op.stride_h, 1, op.pad_top, op.pad_bottom),
                         window_output(named.w, op.kernel_w, op.stride_w, 1, op.pad_left, op.pad_right)};
        const Shape x = {2, 19, named.h, named.w};
        const bool integer = !is_float(dtype), max = op.kind == PoolKind::kMax;
        const QuantPtr in = integer ? per_tensor(0.02f, 4) : nullptr,
                       out = integer ? (max ? in : per_tensor(0.017f, 9)) : nullptr;
        tests.push_back(op_test(std::string("pool_") + named.name + "_" + dtype_name(dtype) +
                                    (layout == Layout::kRowMajor ? "_nchw" : "_nhwc"),
                                [=] { return elementwise_case(op, dtype, {x}, y, layout, {in}, out, seed, dtype); }));
      }
    }
  }
}

void add_elementwise_tests(std::vector<Test>& tests) {
  uint64_t seed = 700;
  const Shape image = {2, 12, 5, 5};
  for (DType dtype : {DType::kF32, DType::kBF16, DType::kF16}) {
    const std::string suffix = std::string("_") + dtype_name(dtype);
    for (auto [kind, name] : {std::pair{BinaryKind::kAdd, "add"},
                              {BinaryKind::kSub, "sub"},
                              {BinaryKind::kMul, "mul"},
                              {BinaryKind::kMin, "min"},
                              {BinaryKind::kMax, "max"}}) {
      const Binary op{kind, ++seed % 2 ? Activation::kRelu : Activation::kNone, 0, 0};
      tests.push_back(op_test(std::string("binary_") + name + suffix, [=] {
        return elementwise_case(op, dtype, {image, image}, image, Layout::kChannelsLast, {}, nullptr, seed, dtype);
      }));
      tests.push_back(op_test(std::string("binary_") + name + "_per_channel" + suffix, [=] {
        return elementwise_case(op, dtype, {image, {1, 12, 1, 1}}, image, Layout::kChannelsLast, {}, nullptr, seed,
                                dtype);
      }));
      tests.push_back(op_test(std::string("binary_") + name + "_constant" + suffix, [=] {
        OpCase result =
            elementwise_case(op, dtype, {image, {1, 12, 1, 1}}, image, Layout::kChannelsLast, {}, nullptr, seed, dtype);
        result.constant = {false, true};
        return result;
      }));
      tests.push_back(op_test(std::string("binary_") + name + "_scalar" + suffix, [=] {
        return elementwise_case(op, dtype, {{7, 9}, {}}, {7, 9}, Layout::kRowMajor, {}, nullptr, seed, dtype);
      }));
    }
    for (auto [kind, name] : {std::pair{UnaryKind::kRelu, "relu"},
                              {UnaryKind::kClip, "clip"},
                              {UnaryKind::kNeg, "neg"},
                              {UnaryKind::kExp, "exp"},
                              {UnaryKind::kSigmoid, "sigmoid"},
                              {UnaryKind::kTanh, "tanh"},
                              {UnaryKind::kErf, "erf"},
                              {UnaryKind::kHardSwish, "hard_swish"}}) {
      const Unary op{kind, -0.5f, 0.25f};
      tests.push_back(op_test(std::string("unary_") + name + suffix, [=] {
        return elementwise_case(op, dtype, {image}, image, Layout::kChannelsLast, {}, nullptr, 3, dtype);
      }));
    }
    tests.push_back(op_test("softmax" + suffix, [=] {
      return elementwise_case(Softmax{-1, false}, dtype, {{4, 50}}, {4, 50}, Layout::kRowMajor, {}, nullptr, 5, dtype);
    }));
    tests.push_back(op_test("reduce_mean_hw" + suffix, [=] {
      return elementwise_case(Reduce{ReduceKind::kMean, {2, 3}}, dtype, {image}, {2, 12, 1, 1}, Layout::kChannelsLast,
                              {}, nullptr, 6, dtype);
    }));
    tests.push_back(op_test("reduce_max_last" + suffix, [=] {
      return elementwise_case(Reduce{ReduceKind::kMax, {1}}, dtype, {{6, 31}}, {6, 1}, Layout::kRowMajor, {}, nullptr,
                              7, dtype);
    }));
    for (auto [to, name] : {std::pair{DType::kF32, "f32"}, {DType::kBF16, "bf16"}, {DType::kF16, "f16"}}) {
      const DType target = to;
      tests.push_back(op_test(std::string("cast") + suffix + "_to_" + name, [=] {
        return elementwise_case(Cast{}, dtype, {image}, image, Layout::kChannelsLast, {}, nullptr, 8, target);
      }));
    }
  }
  for (DType dtype : {DType::kI8, DType::kU8}) {
    const std::string suffix = std::string("_") + dtype_name(dtype);
    for (auto [kind, name] : {std::pair{BinaryKind::kAdd, "add"}, {BinaryKind::kMul, "mul"}}) {
      const Binary op{kind, kind == BinaryKind::kAdd ? Activation::kRelu : Activation::kNone, 0, 0};
      tests.push_back(op_test(std::string("binary_quantized_") + name + suffix, [=] {
        return elementwise_case(op, dtype, {image, image}, image, Layout::kChannelsLast,
                                {per_tensor(0.02f, 5), per_tensor(0.03f, 2)}, per_tensor(0.041f, 7), 11, dtype);
      }));
    }
    tests.push_back(op_test("unary_quantized_relu" + suffix, [=] {
      return elementwise_case(Unary{UnaryKind::kRelu, 0, 0}, dtype, {image}, image, Layout::kChannelsLast,
                              {per_tensor(0.02f, 5)}, per_tensor(0.02f, 5), 12, dtype);
    }));
    tests.push_back(op_test("quantize" + suffix, [=] {
      return elementwise_case(Cast{}, DType::kF32, {image}, image, Layout::kChannelsLast, {}, per_tensor(0.01f, 3), 13,
                              dtype);
    }));
    tests.push_back(op_test("dequantize" + suffix, [=] {
      return elementwise_case(Cast{}, dtype, {image}, image, Layout::kChannelsLast, {per_tensor(0.01f, 3)}, nullptr, 14,
                              DType::kF32);
    }));
  }
}

// Operands and results that are windows of something larger.
void add_strided_tests(std::vector<Test>& tests) {
  const auto window = [](DType dtype, Shape whole, Shape shape, Layout layout, QuantPtr quant = nullptr) {
    TensorDesc desc = tensor(dtype, whole, layout, std::move(quant));
    desc.shape = std::move(shape);
    return desc;
  };
  for (const Types& types : {kF32Types, kBF16Types, kI8Types}) {
    const std::string suffix = std::string("_") + types.name;
    tests.push_back(op_test("matmul_strided" + suffix, [=] {
      OpCase result = matmul_case(types, {6, 20}, {20, 14}, {}, true, 41);
      result.desc.inputs[0] = window(types.x, {6, 33}, {6, 20}, Layout::kRowMajor, result.desc.inputs[0].quant);
      result.desc.outputs[0] = window(types.y, {6, 50}, {6, 14}, Layout::kRowMajor, result.desc.outputs[0].quant);
      return result;
    }));
    tests.push_back(op_test("conv_channel_slices" + suffix, [=] {
      OpCase result = conv_case(types, {1, 8, 9, 9, 8, 3, 3, {}}, Layout::kChannelsLast, 42);
      result.desc.inputs[0] =
          window(types.x, {1, 24, 9, 9}, {1, 8, 9, 9}, Layout::kChannelsLast, result.desc.inputs[0].quant);
      result.desc.outputs[0] =
          window(types.y, {1, 20, 7, 7}, {1, 8, 7, 7}, Layout::kChannelsLast, result.desc.outputs[0].quant);
      return result;
    }));
  }
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    tests.push_back(op_test(std::string("binary_add_strided_") + dtype_name(dtype), [=] {
      OpCase result;
      result.seed = 43;
      result.desc = {
          Binary{},
          {window(dtype, {2, 30, 5, 5}, {2, 12, 5, 5}, Layout::kChannelsLast), row_major(dtype, {2, 12, 5, 5})},
          {window(dtype, {2, 17, 5, 5}, {2, 12, 5, 5}, Layout::kChannelsLast)},
          "add"};
      return result;
    }));
  }
}

void add_copy_tests(std::vector<Test>& tests) {
  for (DType dtype : {DType::kF32, DType::kBF16, DType::kI8}) {
    const std::string suffix = std::string("_") + dtype_name(dtype);
    const auto copy = [=](TensorDesc from, TensorDesc to) {
      OpCase result;
      result.desc = {Copy{}, {std::move(from)}, {std::move(to)}, "copy"};
      return result;
    };
    const Shape image = {2, 6, 5, 7};
    tests.push_back(op_test("copy_to_channels_last" + suffix,
                            [=] { return copy(row_major(dtype, image), channels_last(dtype, image)); }));
    tests.push_back(op_test("copy_to_row_major" + suffix,
                            [=] { return copy(channels_last(dtype, image), row_major(dtype, image)); }));
    tests.push_back(op_test("copy_into_channel_slice" + suffix, [=] {
      TensorDesc to = channels_last(dtype, {2, 20, 5, 7});
      to.shape[1] = 6;
      return copy(channels_last(dtype, image), to);
    }));
    tests.push_back(op_test("copy_transpose" + suffix, [=] {
      TensorDesc from = row_major(dtype, {9, 14});
      std::swap(from.shape[0], from.shape[1]);
      std::swap(from.strides[0], from.strides[1]);
      return copy(from, row_major(dtype, {14, 9}));
    }));
  }
}

}  // namespace

std::vector<Test> op_tests() {
  std::vector<Test> tests;
  add_conv_tests(tests);
  add_matmul_tests(tests);
  add_pool_tests(tests);
  add_elementwise_tests(tests);
  add_strided_tests(tests);
  add_copy_tests(tests);
  return tests;
}

}  // namespace systole::conformance

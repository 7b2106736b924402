// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// int8 products over random shapes: npu, cpu and ref agree to the bit.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>

#include "devices/cpu/cpu_device.h"
#include "devices/npu/npu_device.h"
#include "devices/ref/ref_device.h"
#include "tests/conformance/op_case.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

using Random = std::mt19937_64;

int64_t pick(Random& random, int64_t least, int64_t most) {
  return least + static_cast<int64_t>(random() % static_cast<uint64_t>(most - least + 1));
}
bool coin(Random& random) { return random() % 2 == 0; }

std::shared_ptr<const Quantization> one_scale(Random& random, DType dtype, float base) {
  const int32_t zero = static_cast<int32_t>(dtype == DType::kU8 ? pick(random, 0, 255) : pick(random, -128, 127));
  return std::make_shared<Quantization>(
      Quantization{{base * (1.0f + 0.37f * static_cast<float>(random() % 9))}, {zero}, -1});
}

std::shared_ptr<const Quantization> channel_scales(Random& random, int64_t channels, int axis) {
  Quantization quant;
  quant.axis = axis;
  for (int64_t c = 0; c < channels; ++c) {
    quant.scale.push_back(0.002f * (1.0f + 0.13f * static_cast<float>(random() % 17)));
    quant.zero_point.push_back(0);
  }
  return std::make_shared<Quantization>(std::move(quant));
}

Epilogue random_epilogue(Random& random, bool quantized) {
  Epilogue epilogue;
  epilogue.bias = coin(random);
  if (!quantized) return epilogue;
  epilogue.requant = coin(random) ? RequantMode::kOnnx : RequantMode::kTflite;
  epilogue.activation = static_cast<Activation>(random() % 3);
  epilogue.clip_lo = -0.5f;
  epilogue.clip_hi = 1.75f;
  return epilogue;
}

void finish(OpCase& op_case, Random& random, int64_t channels, DType y, TensorDesc output) {
  const bool bias = std::visit(
      [](const auto& op) {
        if constexpr (requires { op.epilogue; }) return op.epilogue.bias;
        return false;
      },
      op_case.desc.op);
  op_case.seed = random();
  op_case.constant = {false, true};
  if (bias) {
    op_case.desc.inputs.push_back(row_major(DType::kI32, {channels}));
    op_case.constant.push_back(true);
  }
  if (y != DType::kI32) output.quant = one_scale(random, y, 0.03f);
  op_case.desc.outputs = {std::move(output)};
}

OpCase random_conv(Random& random) {
  Conv2d op;
  const DType x = coin(random) ? DType::kI8 : DType::kU8,
              y = std::array{DType::kI8, DType::kU8, DType::kI32}[random() % 3];
  op.groups = std::array<int64_t, 4>{1, 1, 2, pick(random, 1, 12)}[random() % 4];
  const int64_t in_group = random() % 4 == 0 ? 1 : pick(random, 1, 20),
                out_group = random() % 4 == 0 ? 1 : pick(random, 1, 20);
  const int64_t kh = pick(random, 1, 5), kw = pick(random, 1, 5);
  op.stride_h = pick(random, 1, 3);
  op.stride_w = pick(random, 1, 3);
  op.dilation_h = pick(random, 1, 2);
  op.dilation_w = pick(random, 1, 2);
  op.pad_top = pick(random, 0, kh / 2);
  op.pad_bottom = pick(random, 0, kh / 2);
  op.pad_left = pick(random, 0, kw / 2);
  op.pad_right = pick(random, 0, kw / 2);
  op.epilogue = random_epilogue(random, y != DType::kI32);
  const int64_t h = (kh - 1) * op.dilation_h + pick(random, 1, 14), w = (kw - 1) * op.dilation_w + pick(random, 1, 14);
  const Shape shape = {pick(random, 1, 2), in_group * op.groups, h, w};
  const Shape out = {shape[0], out_group * op.groups,
                     window_output(h, kh, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                     window_output(w, kw, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
  OpCase result;
  result.desc.name = "conv";
  result.desc.op = op;
  result.desc.inputs = {channels_last(x, shape, one_scale(random, x, 0.02f)),
                        row_major(DType::kI8, {out[1], in_group, kh, kw}, channel_scales(random, out[1], 0))};
  finish(result, random, out[1], y, channels_last(y, out));
  return result;
}

OpCase random_matmul(Random& random) {
  Matmul op;
  const DType x = coin(random) ? DType::kI8 : DType::kU8,
              y = std::array{DType::kI8, DType::kU8, DType::kI32}[random() % 3];
  const int64_t m = pick(random, 1, 70), k = pick(random, 1, random() % 8 == 0 ? 3000 : 120), n = pick(random, 1, 90);
  op.transpose_b = coin(random);
  op.epilogue = random_epilogue(random, y != DType::kI32);
  OpCase result;
  result.desc.name = "matmul";
  result.desc.op = op;
  result.desc.inputs = {row_major(x, {m, k}, one_scale(random, x, 0.02f)),
                        row_major(DType::kI8, op.transpose_b ? Shape{n, k} : Shape{k, n},
                                  channel_scales(random, n, op.transpose_b ? 0 : 1))};
  finish(result, random, n, y, row_major(y, {m, n}));
  return result;
}

class Differential : public testing::TestWithParam<const char*> {};

TEST_P(Differential, Int8ProductsAreEqualToTheBit) {
  Registry registry;
  for (const DriverInfo& driver : {cpu_driver(), ref_driver(), npu_driver()})
    require_ok(registry.add(driver), "register");
  const auto device = take(registry.open(GetParam()), "open"), ref = take(registry.open("ref"), "open ref");
  Random random(2026);
  int equal = 0;
  std::map<std::string, int> refused;
  for (int run = 0; run < 600; ++run) {
    const OpCase op_case = run % 2 ? random_conv(random) : random_matmul(random);
    SCOPED_TRACE(testing::Message() << "run " << run << ": " << op_case.desc.inputs[0].to_string() << " x "
                                    << op_case.desc.inputs[1].to_string());
    try {
      const std::string difference = compare_with_ref(device, ref, op_case);
      ASSERT_EQ(difference, "");
      ++equal;
    } catch (const NotSupported& reason) {
      ++refused[reason.what()];
    }
  }
  std::cout << GetParam() << ": " << equal << " of 600 random int8 products equal to ref to the bit\n";
  for (const auto& [reason, times] : refused) std::cout << "  refused " << times << ": " << reason << "\n";
  EXPECT_GE(equal, 580);
}

INSTANTIATE_TEST_SUITE_P(Devices, Differential, testing::Values("npu:edge-16x16", "npu:tiny-8x8", "cpu"));

}  // namespace
}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the conformance suite's small tensors don't reach: programs that only large operands get, against ref. And, run
// with --gtest_also_run_disabled_tests, their speeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "devices/gpu/gpu_device.h"
#include "devices/ref/ref_device.h"
#include "hal/profile.h"
#include "tests/conformance/op_cases.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

class Kernels : public testing::Test {
 protected:
  void SetUp() override {
    require_ok(registry_.add(gpu_driver()), "gpu");
    require_ok(registry_.add(ref_driver()), "ref");
    const char* chosen = std::getenv("SYSTOLE_TEST_GPU");  // another gpu than OpenCL's
    const std::string uri = chosen != nullptr ? chosen : "gpu:opencl";
    auto device = registry_.open(uri);
    if (device.status().code() == Code::kUnavailable) GTEST_SKIP() << device.status().message();
    device_ = take(std::move(device), uri);
    ref_ = take(registry_.open("ref"), "ref");
  }

  void compare(const OpCase& op_case) { EXPECT_EQ(compare_with_ref(device_, ref_, op_case), "") << text(op_case.desc); }
  void compare(Op op, std::vector<TensorDesc> inputs, TensorDesc output) {
    compare(OpCase{{std::move(op), std::move(inputs), {std::move(output)}, "large"}, {}, 7, 0});
  }

  // The best of a few runs in device time, printed.
  void time(const OpCase& op_case) {
    const std::vector<Bytes> inputs = random_inputs(op_case);
    double best_ns = 1e18;
    for (int i = 0; i < 6; ++i) {
      Profile profile;
      take(run_case(device_, op_case, inputs, &profile), "run");
      for (const ProfileRecord& record : profile.records) best_ns = std::min(best_ns, record.end_ns - record.start_ns);
    }
    const auto rate = [&](int64_t amount) { return static_cast<double>(amount) / best_ns; };
    printf("%9.3f ms %7.1f Gop/s %6.1f GB/s  %s\n", best_ns * 1e-6, rate(2 * mac_count(op_case.desc)),
           rate(compulsory_bytes(op_case.desc)), text(op_case.desc).c_str());
  }
  void time(Op op, std::vector<TensorDesc> inputs, TensorDesc output) {
    time(OpCase{{std::move(op), std::move(inputs), {std::move(output)}, "speed"}, {}, 7, 0});
  }

  static std::string text(const OpDesc& desc) {
    std::string result = op_name(desc.op);
    for (const TensorDesc& each : desc.inputs) result += " " + each.to_string();
    return result + " -> " + desc.outputs[0].to_string();
  }

  Registry registry_;
  std::shared_ptr<Device> device_, ref_;
};

Conv2d same_3x3(Activation activation) {
  Conv2d op;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = 1;
  op.epilogue.bias = true;
  op.epilogue.activation = activation;
  return op;
}
const Shape kPlanes = {2, 33, 30, 31};

TEST_F(Kernels, LargeMatmulsEqualRef) {
  Matmul gelu{false, true, {}}, residual{true, false, {}}, tflite{false, false, {}};
  gelu.epilogue.bias = true;
  gelu.epilogue.activation = Activation::kGeluErf;
  residual.epilogue.residual = true;
  tflite.epilogue.requant = RequantMode::kTflite;
  compare(matmul_case(kF32Types, {130, 140}, {135, 140}, gelu, true, 1));
  compare(matmul_case(kF32Types, {3, 70, 130}, {70, 120}, residual, true, 2));
  compare(matmul_case(kBF16Types, {2, 3, 61, 90}, {2, 1, 90, 70}, Matmul{false, false, {}}, false, 3));
  compare(matmul_case(kI8Types, {150, 600}, {600, 40}, Matmul{false, false, {}}, true, 4));
  compare(matmul_case(kU8Types, {150, 600}, {600, 40}, tflite, true, 5));
  compare(matmul_case(kI32Types, {150, 600}, {600, 40}, Matmul{false, false, {}}, true, 6));
  compare(matmul_case(kBF16I4Types, {70, 256}, {256, 130}, Matmul{false, false, {}}, true, 7));
  compare(matmul_case(kF32Types, {1, 2100}, {2100, 1025}, Matmul{false, false, {}}, true, 8));
}

// Read as they are stored.
TEST_F(Kernels, WeightsOfOneRowEqualRef) {
  const Types f16{"f16", DType::kF16, DType::kF16, DType::kF32, DType::kF16};
  compare(matmul_case(f16, {1, 300}, {300, 75}, Matmul{}, true, 1));
  compare(matmul_case(kBF16Types, {3, 1, 300}, {3, 300, 75}, Matmul{}, false, 2));
  compare(matmul_case(kBF16I4Types, {1, 512}, {512, 75}, Matmul{}, true, 3));
  compare(matmul_case(kU8Types, {1, 300}, {75, 300}, Matmul{false, true, {}}, true, 4));
}

TEST_F(Kernels, LargeConvolutionsEqualRef) {
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
    for (const Types& types : {kF32Types, kI8Types}) {
      Conv2d op = same_3x3(Activation::kRelu);
      compare(conv_case(types, {2, 24, 19, 21, 40, 3, 3, op}, layout, 1));
      op.stride_h = op.stride_w = op.dilation_h = 2;
      op.groups = 2;
      compare(conv_case(types, {1, 48, 45, 37, 48, 3, 3, op}, layout, 2));
      op = same_3x3(Activation::kClip);
      op.epilogue.clip_hi = 6.0f;
      op.groups = 70;
      compare(conv_case(types, {1, 70, 60, 61, 70, 3, 3, op}, layout, 3));
    }
  }
}

TEST_F(Kernels, LargeAttentionsEqualRef) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    const TensorDesc q = row_major(dtype, {2, 3, 70, 64}), k = row_major(dtype, {2, 1, 75, 64}),
                     v = row_major(dtype, {2, 3, 75, 40}), y = row_major(dtype, {2, 3, 70, 40});
    compare(Attention{0.125f, false, true}, {q, k, v}, y);
    compare(Attention{0.125f, true, false}, {q, k, v, row_major(DType::kF32, {70, 75})}, y);
    compare(Attention{0.1f, false, false}, {row_major(dtype, {2, 3, 1, 64}), k, v}, row_major(dtype, {2, 3, 1, 40}));
    TensorDesc keys = row_major(DType::kI8, {2, 1, 75, 64}), values = row_major(DType::kI8, {2, 3, 75, 40});
    keys.quant = per_tensor(0.01f, 0), values.quant = per_tensor(0.015f, 0);
    compare(Attention{0.125f, false, true}, {q, keys, values}, y);
  }
}

TEST_F(Kernels, LargePoolsEqualRef) {
  const Shape half = {2, 33, 15, 16};
  for (PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    const Pool op{kind, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false};
    compare(op, {channels_last(DType::kF32, kPlanes)}, channels_last(DType::kF32, half));
  }
  const Pool op{PoolKind::kMax, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false};
  compare(op, {row_major(DType::kBF16, kPlanes)}, row_major(DType::kBF16, half));
}

TEST_F(Kernels, LargeElementwiseOpsAndLinesEqualRef) {
  const TensorDesc x = row_major(DType::kF32, kPlanes), last = channels_last(DType::kF32, kPlanes),
                   narrow = row_major(DType::kBF16, kPlanes);
  for (UnaryKind kind : {UnaryKind::kErf, UnaryKind::kTanh}) compare(Unary{kind, 0, 0}, {x}, x);
  compare(Unary{UnaryKind::kSilu, 0, 0}, {narrow}, narrow);
  compare(Binary{BinaryKind::kMul, Activation::kRelu, 0, 0}, {last, row_major(DType::kF32, {33, 1, 1})}, last);
  compare(Copy{}, {x}, last);
  compare(Cast{}, {narrow}, last);
  compare(Softmax{-1, false}, {x}, x);
  compare(Normalize{NormKind::kLayer, 1, 1e-5f, false, false}, {narrow}, narrow);
  compare(Reduce{ReduceKind::kMean, {2, 3}}, {x}, row_major(DType::kF32, {2, 33, 1, 1}));
}

TEST_F(Kernels, DISABLED_Speeds) {
  for (const Types& types : {kF32Types, kI8Types, kBF16Types, kF32I8Types})
    time(matmul_case(types, {1024, 1024}, {1024, 1024}, Matmul{}, true, 1));
  const Types f16{"f16", DType::kF16, DType::kF16, DType::kF32, DType::kF16};
  for (const Types& types : {kF32Types, kBF16Types, f16, kBF16I8Types, kBF16I4Types, kI8Types})
    time(matmul_case(types, {1, 4096}, {4096, 4096}, Matmul{}, true, 1));
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
    for (const Types& types : {kF32Types, kI8Types}) {
      Conv2d op = same_3x3(Activation::kRelu);
      time(conv_case(types, {1, 64, 56, 56, 64, 3, 3, op}, layout, 1));
      op.groups = 128;
      time(conv_case(types, {1, 128, 28, 28, 128, 3, 3, op}, layout, 1));
    }
  }
  const Shape image = {1, 64, 112, 112};
  const TensorDesc x = row_major(DType::kF32, image), last = channels_last(DType::kF32, image),
                   rows = row_major(DType::kF32, {1, 12, 128, 128}), heads = row_major(DType::kF32, {1, 12, 128, 64}),
                   query = row_major(DType::kF32, {1, 12, 1, 64}), past = row_major(DType::kF32, {1, 12, 1024, 64});
  const Pool pool{PoolKind::kMax, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false};
  time(Unary{UnaryKind::kGeluErf, 0, 0}, {x}, x);
  time(Binary{}, {x, x}, x);
  time(Copy{}, {x}, last);
  time(Softmax{}, {rows}, rows);
  time(Normalize{}, {rows}, rows);
  time(pool, {x}, row_major(DType::kF32, {1, 64, 56, 56}));
  time(pool, {last}, channels_last(DType::kF32, {1, 64, 56, 56}));
  time(Attention{0.125f, false, false}, {heads, heads, heads}, heads);
  time(Attention{0.125f, false, false}, {query, past, past}, query);
}

}  // namespace
}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every way that a graphics processor has to compute an op, against ref: shapes that are multiples of no block, made
// the choice by what the tuner finds on disk.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "devices/gpu/cuda/cuda.h"
#include "devices/gpu/device.h"
#include "devices/gpu/launch.h"
#include "devices/gpu/opencl/opencl.h"
#include "devices/ref/ref_device.h"
#include "tests/conformance/op_cases.h"
#include "tests/conformance/suite.h"

namespace systole::gpu {
namespace {

namespace fs = std::filesystem;
using namespace conformance;  // its cases and bounds

std::string fresh_directory() {
  const std::string path = testing::TempDir() + "systole_gpu_candidates" + std::to_string(getpid());
  fs::remove_all(path);
  return path;
}

class WaysToCompute : public testing::Test {
 protected:
  void SetUp() override {
    const char* chosen = std::getenv("SYSTOLE_TEST_GPU");
    is_cuda_ = chosen != nullptr && std::string(chosen).starts_with("gpu:cuda");
    auto provider = is_cuda_ ? make_cuda_provider(0) : make_opencl_provider(0);
    if (provider.status().code() == Code::kUnavailable) GTEST_SKIP() << provider.status().message();
    runtime_ = std::make_shared<Runtime>(take(std::move(provider), "provider"), DiskCache(default_cache_directory()));
    facts_ = runtime_->provider->facts();
    facts_.is_cpu = false;
    require_ok(registry_.add(ref_driver()), "ref");
    ref_ = take(registry_.open("ref"), "ref");
  }

  void TearDown() override { fresh_directory(); }

  // Runs those candidates of the op whose names begin like one of `names`.
  void compare(const OpCase& op_case, const std::set<std::string>& names) {
    const auto all = candidates(op_case.desc, facts_);
    ASSERT_TRUE(all.ok()) << all.status().to_string();
    std::vector<std::string> known;
    for (const Candidate& each : *all) known.push_back(each.name);
    std::string what = op_class(op_case.desc);
    if (op_case.constant.size() > 1 && op_case.constant[1]) what += " frozen";
    for (const std::string& name : known) {
      if (names.count(name) == 0) continue;
      const DiskCache choices(fresh_directory());
      ASSERT_TRUE(choices.store(Tuner::key_of(facts_, what, known), std::as_bytes(std::span(name))));
      // A runtime of its own, whose tuner has that choice; its kernels are on the other's disk.
      auto runtime = std::make_shared<Runtime>(runtime_->provider, DiskCache(default_cache_directory()), choices);
      auto device = std::make_shared<GpuDevice>("gpu:candidate", runtime, int64_t{1} << 28, DeviceOptions{true, false});
      EXPECT_EQ(compare_with_ref(device, ref_, op_case), "") << what << ": " << name;
      EXPECT_EQ(runtime->tuner.counts().from_disk, known.size() > 1 ? 1 : 0) << what << ": " << name;
      EXPECT_EQ(runtime->tuner.counts().timed, 0);
      seen_.insert(name);
    }
  }

  Registry registry_;
  std::shared_ptr<Runtime> runtime_;
  std::shared_ptr<Device> ref_;
  Facts facts_;
  std::set<std::string> seen_;
  bool is_cuda_ = false;  // else PoCL, which takes seconds to compile each: it gets fewer
};

TEST_F(WaysToCompute, BlocksOfMatmulsEqualRef) {
  Matmul biased, residual{true, true, {}};
  biased.epilogue.bias = true;
  biased.epilogue.activation = Activation::kRelu;
  residual.epilogue.residual = true;
  const std::set<std::string> blocks = {"block 128x128x8", "block 128x128x16", "block 128x64x16", "block 64x128x16",
                                        "block 64x64x16",  "block 32x64x16",   "block 16x64x16"};
  compare(matmul_case(kF32Types, {130, 131}, {131, 258}, biased, true, 1), blocks);
  compare(matmul_case(kBF16Types, {150, 300}, {130, 150}, residual, false, 3), {"block 64x64x16"});
  compare(matmul_case(kU8Types, {257, 140}, {140, 129}, Matmul{}, true, 4), {"block 32x64x16"});
  if (!is_cuda_) return;
  compare(matmul_case(kF32Types, {17, 515}, {515, 515}, biased, true, 2), blocks);
  compare(matmul_case(kF32Types, {250, 131}, {131, 250}, biased, true, 2), blocks);
  EXPECT_EQ(seen_, blocks);
}

TEST_F(WaysToCompute, RowsEqualRef) {
  Matmul transposed{false, true, {}};
  transposed.epilogue.bias = true;
  compare(matmul_case(kBF16Types, {1, 519}, {83, 519}, transposed, true, 1), {"row"});
  compare(matmul_case(kU8Types, {1, 515}, {515, 83}, Matmul{}, true, 2), {"row"});
  compare(matmul_case(kF32Types, {3, 1, 515}, {3, 515, 84}, Matmul{}, false, 3), {"row"});
  EXPECT_EQ(seen_, std::set<std::string>{"row"});
  if (!is_cuda_) return;
  compare(matmul_case(kU8Types, {1, 528}, {83, 528}, transposed, true, 4), {"row"});
  compare(matmul_case(kBF16I4Types, {1, 520}, {520, 90}, Matmul{}, true, 5), {"row"});
}

// So few columns are one work-group's or two, whose sums are split however few compute units there are.
TEST_F(WaysToCompute, SplitSumsEqualRef) {
  Matmul biased;
  biased.epilogue.bias = biased.epilogue.residual = true;
  biased.epilogue.activation = Activation::kGeluErf;
  compare(matmul_case(kBF16Types, {5, 16384}, {16384, 60}, biased, true, 1), {"split block 16x64x16"});
  EXPECT_EQ(seen_, std::set<std::string>{"split block 16x64x16"});
  if (!is_cuda_) return;
  compare(matmul_case(kU8Types, {1, 131072}, {131072, 40}, Matmul{}, true, 2), {"split row"});
  EXPECT_EQ(seen_.count("split row"), 1u);
  const std::set<std::string> all = {"split block 16x64x16", "split block 32x64x16", "split block 64x64x16"};
  compare(matmul_case(kU8Types, {2, 1, 14, 4096}, {2, 1, 4096, 62}, Matmul{}, false, 3), all);
  Conv2d op;
  op.pad_top = op.pad_left = 1;
  op.epilogue.bias = true;
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast})
    compare(conv_case(kF32Types, {1, 512, 7, 7, 50, 3, 3, op}, layout, 4), all);
}

TEST_F(WaysToCompute, BlocksOfConvolutionsEqualRef) {
  Conv2d op;
  op.pad_top = op.pad_left = op.pad_right = 1;
  op.stride_w = 2;
  op.epilogue.bias = true;
  const std::set<std::string> blocks = {"block 64x64x16", "block 128x64x16"};
  compare(conv_case(kI8Types, {2, 33, 19, 39, 130, 3, 3, op}, Layout::kChannelsLast, 2), {"block 64x64x16"});
  if (!is_cuda_) return;
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast})
    compare(conv_case(kF32Types, {2, 33, 19, 39, 130, 3, 3, op}, layout, 1), blocks);
}

TEST_F(WaysToCompute, DepthwiseConvolutionsEqualRef) {
  Conv2d op;
  op.pad_top = op.pad_left = op.pad_right = 1;
  op.groups = 70;
  op.epilogue.bias = true;
  op.epilogue.activation = Activation::kRelu;
  compare(conv_case(kI8Types, {2, 70, 60, 61, 70, 3, 3, op}, Layout::kRowMajor, 1), {"depthwise 16x16x2"});
  EXPECT_EQ(seen_, std::set<std::string>{"depthwise 16x16x2"});
  if (!is_cuda_) return;
  const std::set<std::string> all = {"depthwise 8x8x32",  "depthwise 8x4x32",  "depthwise 4x4x32", "depthwise 4x4x8",
                                     "depthwise 32x32x1", "depthwise 16x16x2", "depthwise 8x8x8"};
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast})
    compare(conv_case(kU8Types, {2, 70, 60, 61, 70, 3, 3, op}, layout, 3), all);
  op.groups = 90;
  op.stride_h = op.stride_w = op.dilation_h = 2;
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast})
    compare(conv_case(kF32Types, {1, 90, 101, 97, 90, 5, 5, op}, layout, 4), all);
  EXPECT_EQ(seen_, all);
}

TEST_F(WaysToCompute, BlocksOfAttentionsEqualRef) {
  const auto attention = [](DType type, int64_t queries, int64_t depth, int64_t width, const Attention& op) {
    std::vector<TensorDesc> inputs = {row_major(type, {2, 3, queries, depth}), row_major(type, {2, 1, 139, depth}),
                                      row_major(type, {2, 3, 139, width})};
    if (op.mask) inputs.push_back(row_major(DType::kF32, {queries, 139}));
    return OpCase{{op, inputs, {row_major(type, {2, 3, queries, width})}, "attention"}, {}, 7, 0};
  };
  const std::set<std::string> blocks = {"attend 64", "attend 32", "attend 16"};
  compare(attention(DType::kBF16, 75, 64, 64, Attention{0.125f, true, false}), {"attend 32"});
  if (!is_cuda_) return;
  compare(attention(DType::kF32, 135, 60, 70, Attention{0.125f, false, true}), blocks);
  EXPECT_EQ(seen_, blocks);
}

// Few queries. One batch has its keys in four parts at least where they are 1,024; 511 are one part. Pages are of i8.
TEST_F(WaysToCompute, RowsOfAttentionsEqualRef) {
  const auto attention = [](DType type, Shape lead, int64_t queries, int64_t keys, int64_t width, Attention op,
                            int64_t page = 0) {
    const DType stored = page > 0 ? DType::kI8 : type;
    const auto with = [](Shape shape, int64_t rows, int64_t columns) {
      shape.push_back(rows), shape.push_back(columns);
      return shape;
    };
    Shape pages = lead;
    if (page > 0) {
      pages[0] = 7, op.keys = keys;
      for (int64_t i = 0; i < lead[0] * ((keys + page - 1) / page); ++i)
        op.pages.push_back(static_cast<int>(3 * i % 7));
    }
    const int64_t rows = page > 0 ? page : keys, depth = std::min<int64_t>(width, 60);
    std::vector<TensorDesc> inputs = {row_major(type, with(lead, queries, depth)),
                                      row_major(stored, with(pages, rows, depth)),
                                      row_major(stored, with(pages, rows, width))};
    if (page > 0) inputs[1].quant = per_tensor(0.01f, 0), inputs[2].quant = per_tensor(0.015f, 0);
    if (op.mask) inputs.push_back(row_major(DType::kF32, {queries, keys}));
    return OpCase{{op, inputs, {row_major(type, with(lead, queries, width))}, "attention"}, {}, 7, 0};
  };
  const std::set<std::string> rows = {"attend rows"};
  compare(attention(DType::kBF16, {1, 1}, 1, 1111, 30, Attention{0.125f, true, false}, 16), rows);
  EXPECT_EQ(seen_, rows);
  if (!is_cuda_) return;
  compare(attention(DType::kF32, {2, 3}, 1, 333, 60, Attention{0.125f, false, false}), rows);
  compare(attention(DType::kF32, {2, 3}, 16, 9, 60, Attention{0.125f, false, true}), rows);
  compare(attention(DType::kF32, {1}, 14, 1029, 130, Attention{0.125f, false, true}), rows);
  compare(attention(DType::kBF16, {1, 1}, 6, 1200, 256, Attention{0.125f, true, true}, 32), rows);
}

// Without a choice on disk it is made by times, kept, and found again.
TEST_F(WaysToCompute, AChoiceIsMadeOnceADevice) {
  const OpCase op_case = matmul_case(kF32Types, {130, 131}, {131, 258}, Matmul{}, true, 1);
  const DiskCache choices(fresh_directory());
  for (int process = 0; process < 2; ++process) {
    auto runtime = std::make_shared<Runtime>(runtime_->provider, DiskCache(default_cache_directory()), choices);
    for (int list = 0; list < 2; ++list) {
      auto device = std::make_shared<GpuDevice>("gpu:tuned", runtime, int64_t{1} << 28, DeviceOptions{true, false});
      EXPECT_EQ(compare_with_ref(device, ref_, op_case), "");
    }
    EXPECT_EQ(runtime->tuner.counts().timed, process == 0 ? 1 : 0);
    EXPECT_EQ(runtime->tuner.counts().from_disk, process);
  }
  auto runtime = std::make_shared<Runtime>(runtime_->provider, DiskCache(default_cache_directory()), DiskCache(""));
  auto device = std::make_shared<GpuDevice>("gpu:untuned", runtime, int64_t{1} << 28, DeviceOptions{false, false});
  EXPECT_EQ(compare_with_ref(device, ref_, op_case), "");
  EXPECT_EQ(runtime->tuner.counts().timed, 0);
}

}  // namespace
}  // namespace systole::gpu

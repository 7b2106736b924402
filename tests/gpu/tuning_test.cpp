// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Candidates timed at compile, on a provider's double, with its faults; the options that choose.
#include <gtest/gtest.h>

#include "devices/gpu/device.h"
#include "devices/gpu/gpu_device.h"
#include "devices/gpu/launch.h"
#include "tests/gpu/provider_double.h"

namespace systole::gpu {
namespace {

constexpr int kTimesOfOne = 5;  // a run to warm up and those that count

struct Matmuls {
  explicit Matmuls(int64_t memory, DeviceOptions options = {})
      : device(std::make_shared<GpuDevice>("gpu:double:0", runtime, memory, options)) {}

  Status compile() {
    const TensorDesc desc = row_major(DType::kF32, {256, 256});
    std::vector<TensorView> views;
    for (int i = 0; i < 3; ++i) {
      auto buffer = device->allocate({desc.span_bytes(), 0, MemoryKind::kDeviceLocal, "operand"});
      if (!buffer.ok()) return buffer.status();
      views.push_back({*buffer, 0, desc});
    }
    list = std::make_shared<CommandList>(device, "matmul");
    SYSTOLE_RETURN_IF_ERROR(list->op({Matmul{}, {views[0], views[1]}, {views[2]}, "matmul"}));
    return list->end();
  }

  std::shared_ptr<ProviderDouble> provider = std::make_shared<ProviderDouble>();
  std::shared_ptr<Runtime> runtime = std::make_shared<Runtime>(provider, DiskCache(""));
  std::shared_ptr<Device> device;
  std::shared_ptr<CommandList> list;
};

constexpr int64_t kEnough = 1 << 24;
constexpr int64_t kOperands = 3 * 256 * 256 * 4;

TEST(Tuning, TimesEveryCandidateOnMemoryOfItsOwn) {
  Matmuls gpu(kEnough);
  ASSERT_TRUE(gpu.compile().ok());
  EXPECT_GT(gpu.provider->launches, kTimesOfOne);
  EXPECT_EQ(gpu.provider->launches % kTimesOfOne, 0);
  EXPECT_EQ(gpu.runtime->tuner.counts().timed, 1);
  EXPECT_LT(gpu.device->memory_use().in_use_bytes, 2 * kOperands) << "given back";
  const int launches = gpu.provider->launches;
  ASSERT_TRUE(gpu.compile().ok());
  EXPECT_EQ(gpu.provider->launches, launches) << "known";
}

TEST(Tuning, RunsALongCandidateOnce) {
  Matmuls gpu(kEnough), slow(kEnough);
  ASSERT_TRUE(gpu.compile().ok());
  slow.provider->command_ns = 60e6;
  ASSERT_TRUE(slow.compile().ok());
  EXPECT_EQ(slow.provider->launches * kTimesOfOne, gpu.provider->launches);
  EXPECT_EQ(slow.runtime->tuner.counts().timed, 1);
}

TEST(Tuning, OffTakesTheFirstCandidate) {
  Matmuls gpu(kEnough, {false, {}});
  ASSERT_TRUE(gpu.compile().ok());
  EXPECT_EQ(gpu.provider->launches, 0);
  EXPECT_EQ(gpu.provider->builds, 1);
}

TEST(Tuning, WithoutMemoryForItTheFirstCandidateIsTaken) {
  Matmuls gpu(kOperands + kOperands / 2);
  ASSERT_TRUE(gpu.compile().ok());
  EXPECT_EQ(gpu.provider->launches, 0);
  EXPECT_EQ(gpu.runtime->tuner.counts().timed, 0);
}

TEST(Tuning, CandidatesThatFailAreLeftOut) {
  Matmuls gpu(kEnough);
  gpu.provider->at_launch = Status(Code::kDeviceFault, "it broke");
  ASSERT_TRUE(gpu.compile().ok());
  EXPECT_EQ(gpu.runtime->tuner.counts().timed, 0);
  gpu.provider->at_launch = {};
  ASSERT_TRUE(gpu.compile().ok());
  EXPECT_EQ(gpu.runtime->tuner.counts().timed, 1);
}

TEST(Tuning, AContextThatDiesFailsTheList) {
  Matmuls gpu(kEnough);
  gpu.provider->at_launch = Status(Code::kDeviceLost, "gone");
  EXPECT_EQ(gpu.compile().code(), Code::kDeviceLost);
  EXPECT_EQ(gpu.device->health(), Health::kLost);
  Matmuls next(kEnough);
  EXPECT_TRUE(next.compile().ok());
}

TEST(Candidates, AreTheSameForTheSameCall) {
  const ProviderDouble provider;
  const TensorDesc desc = row_major(DType::kF32, {256, 256});
  const OpDesc op{Matmul{}, {desc, desc}, {desc}, "matmul"};
  const auto first = candidates(op, provider.facts()), second = candidates(op, provider.facts());
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(first->size(), second->size());
  EXPECT_GT(first->size(), 1u);
  for (size_t i = 0; i < first->size(); ++i) {
    EXPECT_EQ((*first)[i].name, (*second)[i].name);
    for (size_t j = 0; j < i; ++j) EXPECT_NE((*first)[i].name, (*first)[j].name);
  }
}

TEST(Candidates, ClassesRoundExtentsUpAndTellLayoutsApart) {
  const auto of = [](int64_t rows, bool transposed, DType type) {
    const TensorDesc a = row_major(type, {rows, 64}), w = row_major(type, {64, 64});
    return op_class({Matmul{false, transposed, {}}, {a, w}, {row_major(type, {rows, 64})}, "any"});
  };
  EXPECT_EQ(of(1000, false, DType::kF32), of(1024, false, DType::kF32));
  EXPECT_NE(of(1000, false, DType::kF32), of(1025, false, DType::kF32));
  EXPECT_NE(of(15, false, DType::kF32), of(16, false, DType::kF32));
  EXPECT_NE(of(16, true, DType::kF32), of(16, false, DType::kF32));
  EXPECT_NE(of(16, false, DType::kBF16), of(16, false, DType::kF32));
}

TEST(GpuOptions, OthersThanTheirValuesAreErrors) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  if (registry.open("gpu:opencl").status().code() == Code::kUnavailable) GTEST_SKIP() << "no OpenCL";
  for (const auto& [option, expected] : {std::pair{"tune=perhaps", "'on' or 'off'"}, {"kernels=", "'host' or 'gpu'"}}) {
    const Status status = registry.open(std::string("gpu:opencl?") + option).status();
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << option;
    EXPECT_NE(status.message().find(expected), std::string::npos) << status.message();
  }
  for (const char* option : {"tune=off", "kernels=gpu", "kernels=host&tune=on"})
    EXPECT_TRUE(registry.open(std::string("gpu:opencl?") + option).ok()) << option;
}

}  // namespace
}  // namespace systole::gpu

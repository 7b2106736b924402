// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Measured peaks: exact on a double whose clock is known, sane on OpenCL as it is here.
#include "devices/gpu/probe.h"

#include <gtest/gtest.h>

#include <cstring>

#include "devices/gpu/device.h"
#include "tests/gpu/opencl_fixture.h"
#include "tests/gpu/probe_checks.h"
#include "tests/gpu/provider_double.h"

namespace systole::gpu {
namespace {

struct Probed {
  std::shared_ptr<ProviderDouble> provider = std::make_shared<ProviderDouble>();
  std::shared_ptr<Runtime> runtime = std::make_shared<Runtime>(provider, DiskCache(""));
  Core core{runtime, "gpu:double:0", int64_t{1} << 20, {}};
  double clock_ns = 0;
  Result<Peaks> peaks() {
    return probe_peaks(core, [this] { return clock_ns += 100; });
  }
};

constexpr double kPasses = 1 << 20;  // the most: commands of the double take 8 ns whatever they do

TEST(GpuProbe, FiguresFollowFromTheClock) {
  Probed gpu;
  // What the kernels of f32 and f64 say of themselves, the first two; the others: that there is no such instruction.
  gpu.provider->kernel = [&](std::span<const Operand> operands) {
    const int macs = gpu.provider->builds <= 2 ? 16 * gpu.provider->builds : 0;
    if (operands.size() == 1) std::memcpy(operands[0].memory->host(), &macs, sizeof macs);
  };
  const auto peaks = gpu.peaks();
  ASSERT_TRUE(peaks.ok()) << peaks.status().to_string();
  const double items = 8 * 256;  // of one unit
  const Peaks expected = {{{DType::kF32, 16 * items * kPasses / 8e-9}, {DType::kF64, 32 * items * kPasses / 8e-9}},
                          {{"read", 1 << 19, (1 << 19) * kPasses / 8e-9},
                           {"stream", 1 << 19, (1 << 19) * kPasses / 8e-9},
                           {"copy", 1 << 19, (1 << 19) / 8e-9},  // half of it read, half of it written
                           {"to_device", 1 << 19, (1 << 19) / 100e-9},
                           {"from_device", 1 << 19, (1 << 19) / 100e-9}}};
  ASSERT_EQ(peaks->compute.size(), expected.compute.size());
  for (size_t i = 0; i < expected.compute.size(); ++i) {
    EXPECT_EQ(peaks->compute[i].type, expected.compute[i].type);
    EXPECT_DOUBLE_EQ(peaks->compute[i].macs_per_s, expected.compute[i].macs_per_s);
  }
  ASSERT_EQ(peaks->memory.size(), expected.memory.size());
  for (size_t i = 0; i < expected.memory.size(); ++i) {
    EXPECT_EQ(peaks->memory[i].probe, expected.memory[i].probe);
    EXPECT_EQ(peaks->memory[i].bytes, expected.memory[i].bytes);
    EXPECT_DOUBLE_EQ(peaks->memory[i].bytes_per_s, expected.memory[i].bytes_per_s) << expected.memory[i].probe;
  }
  EXPECT_EQ(gpu.core.pool->use().in_use_bytes, 0) << "its memory is given back";
}

TEST(GpuProbe, OfTwoWaysTheFasterIsThePeak) {
  Probed gpu;
  // Of i8 there are two: the third kernel that is built and the last.
  gpu.provider->kernel = [&](std::span<const Operand> operands) {
    const int macs = gpu.provider->builds == 3 ? 64 : gpu.provider->builds == 7 ? 256 : 1;
    if (operands.size() == 1) std::memcpy(operands[0].memory->host(), &macs, sizeof macs);
  };
  const auto peaks = gpu.peaks();
  ASSERT_TRUE(peaks.ok()) << peaks.status().to_string();
  EXPECT_EQ(peaks->compute.size(), 6u);
  EXPECT_DOUBLE_EQ(peaks->macs_per_s(DType::kI8), 256 * peaks->macs_per_s(DType::kF32));
}

TEST(GpuProbe, FaultsAreTheProbes) {
  Probed gpu;
  gpu.provider->at_launch = Status(Code::kDeviceFault, "it broke");
  EXPECT_EQ(gpu.peaks().status().code(), Code::kDeviceFault);
  gpu.provider->at_launch = {};
  EXPECT_TRUE(gpu.peaks().ok());
  gpu.provider->at_finish = Status(Code::kDeviceLost, "gone");
  EXPECT_EQ(gpu.peaks().status().code(), Code::kDeviceLost);
  EXPECT_TRUE(gpu.runtime->lost);
  Core small(std::make_shared<Runtime>(std::make_shared<ProviderDouble>(), DiskCache("")), "gpu:double:0", 100000, {});
  const Status status = probe_peaks(small, [] { return 0.0; }).status();
  EXPECT_EQ(status.code(), Code::kOutOfMemory) << "nothing is measured in next to no memory";
}

TEST(GpuProbe, TheKeyHasWhatFiguresDependOn) {
  const auto runtime = std::make_shared<Runtime>(std::make_shared<ProviderDouble>(), DiskCache(""));
  const auto key = [&](int64_t memory) {
    return std::make_shared<GpuDevice>("gpu:double:0", runtime, memory)->peaks_key();
  };
  for (const char* part : {"double\n", "a device of the tests\n", "\n1\n", "524288 bytes"})
    EXPECT_NE(key(1 << 20).find(part), std::string::npos) << key(1 << 20);
  EXPECT_NE(key(1 << 20), key(1 << 21));
}

using GpuProbeOpenCl = OpenCl;

TEST_F(GpuProbeOpenCl, EveryWordIsTouched) { expect_probes_touch_all(provider); }

// Rates are of this machine: none is known beforehand, but bounds of any are.
TEST_F(GpuProbeOpenCl, FiguresAreSane) {
  const auto runtime = std::make_shared<Runtime>(provider, DiskCache(default_cache_directory()));
  const auto device = std::make_shared<GpuDevice>("gpu:opencl:0", runtime, int64_t{16} << 20);
  const auto peaks = device->measure_peaks();
  ASSERT_TRUE(peaks.ok()) << peaks.status().to_string();
  const auto sane = [](double rate) { return rate > 1e6 && rate < 1e17; };
  for (const auto& each : peaks->compute) EXPECT_TRUE(sane(each.macs_per_s)) << dtype_name(each.type);
  for (const auto& each : peaks->memory) EXPECT_TRUE(sane(each.bytes_per_s)) << each.probe;
  EXPECT_GT(peaks->macs_per_s(DType::kF32), 0);
  for (const char* probe : {"read", "stream", "copy", "to_device", "from_device"}) {
    ASSERT_NE(peaks->find(probe), nullptr) << probe;
    EXPECT_EQ(peaks->find(probe)->bytes, 8 << 20) << "half of the memory: " << probe;
  }
  EXPECT_EQ(*parse_peaks(peaks_text(*peaks)), *peaks);
  EXPECT_EQ(device->memory_use().in_use_bytes, 0);
}

}  // namespace
}  // namespace systole::gpu

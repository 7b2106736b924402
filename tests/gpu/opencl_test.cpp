// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// OpenCL as it is on this machine; skipped, with the reason, where there is none.
#include "devices/gpu/opencl/opencl.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "devices/gpu/core.h"
#include "devices/gpu/cuda/cuda.h"
#include "devices/gpu/gpu_device.h"
#include "devices/gpu/kernels/sources.h"
#include "tests/gpu/opencl_fixture.h"
#include "tests/gpu/provider_checks.h"
#include "tests/gpu/thread_checks.h"

namespace systole::gpu {
namespace {

// y[i] = x[i] + N of i32, one item each.
ProgramSource adding(const std::string& n) {
  return {"adding",
          "__kernel void add(__global const char* x, long ox, __global char* y, long oy, int step) {\n"
          "  long i = get_global_id(0);\n"
          "  ((__global int*)(y + oy))[i] = ((__global const int*)(x + ox))[i] + N * step;\n}\n",
          {{"N", n}}};
}

// The kernel's answer for N = 5 and step = 2.
Result<int> run_adding(Provider& provider, Kernel& kernel) {
  const int step = 2;
  return run_adding(provider, kernel, std::as_bytes(std::span(&step, 1)));
}

TEST_F(OpenCl, AProgramThatDoesNotBuildSaysWhyAndTheNextDoes) {
  std::vector<std::byte> binary;
  const ProgramSource broken{"broken", "__kernel void f(__global int* x) { x[0] = no_such_name; }", {}};
  const Status status = provider->build(broken, "f", binary).status();
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_NE(status.message().find("'broken'"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("no_such_name"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("CL_BUILD_PROGRAM_FAILURE"), std::string::npos) << status.message();
  EXPECT_TRUE(binary.empty());
  const Status absent = provider->build(adding("5"), "subtract", binary).status();
  EXPECT_EQ(absent.code(), Code::kInternal);
  EXPECT_NE(absent.message().find("CL_INVALID_KERNEL_NAME"), std::string::npos) << absent.message();
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok()) << kernel.status().to_string();
  auto answer = run_adding(*provider, **kernel);
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(*answer, 11);
}

TEST_F(OpenCl, AnAllocationTooLargeHasBothNumbers) { expect_bounded_allocations(*provider); }

TEST_F(OpenCl, ClBlastMultipliesMatricesHoweverTheyLie) {
  if (const ProductLibrary library = provider->library(); library.name.empty()) GTEST_SKIP() << library.missing;
  expect_products(*provider, false, 1);
  ProductSpec halves;
  halves.m = halves.n = halves.k = 4;
  halves.a = halves.b = halves.y = {DType::kF16, 4, 1, 0};
  EXPECT_EQ(provider->product(halves).status().code(), Code::kUnsupported) << "it would add up in f16";
}

// With a runtime that keeps kernels itself, as PoCL does, and with one that gives us binaries, as PoCL does when told.
class OpenClBinaries : public OpenCl, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) setenv("POCL_KERNEL_CACHE", "0", 1);
    OpenCl::SetUp();
    unsetenv("POCL_KERNEL_CACHE");
  }
};
INSTANTIATE_TEST_SUITE_P(Opened, OpenClBinaries, testing::Bool(),
                         [](const auto& each) { return each.param ? "WhereWeKeepThem" : "AsTheyAre"; });

TEST_P(OpenClBinaries, AreGivenWhereTheRuntimeKeepsNoKernels) {
  std::vector<std::byte> binary;
  ASSERT_TRUE(provider->build(adding("5"), "add", binary).ok());
  const bool is_pocl = provider->facts().driver.find("PoCL") != std::string::npos;
  EXPECT_EQ(binary.size() > 1, GetParam() || !is_pocl) << "a mark, where the runtime has them";
}

TEST_P(OpenClBinaries, AreUsedAgainAndDamagedOnesAreNot) {
  std::vector<std::byte> binary, again;
  ASSERT_TRUE(provider->build(adding("5"), "add", binary).ok());
  ASSERT_FALSE(binary.empty());
  again = binary;
  auto kernel = provider->build(adding("5"), "add", again);
  ASSERT_TRUE(kernel.ok());
  EXPECT_EQ(again, binary) << "taken as it is";
  EXPECT_EQ(*run_adding(*provider, **kernel), 11);
  std::vector<std::byte> damaged(100, std::byte{0x5a});
  kernel = provider->build(adding("5"), "add", damaged);
  ASSERT_TRUE(kernel.ok()) << "compiled anew: " << kernel.status().to_string();
  EXPECT_NE(damaged, std::vector<std::byte>(100, std::byte{0x5a})) << "what to keep instead";
  EXPECT_EQ(*run_adding(*provider, **kernel), 11);
}

TEST_P(OpenClBinaries, ThatAreCorruptOnDiskAreReplaced) {
  const std::string directory = testing::TempDir() + "systole_opencl_cache";
  std::filesystem::remove_all(directory);
  const ProgramSource source = adding("5");
  const auto built = [&](int compiled, int from_disk, const std::string& what) {
    ProgramCache cache(provider, DiskCache(directory));
    auto kernel = cache.kernel(source, "add");
    ASSERT_TRUE(kernel.ok()) << what << ": " << kernel.status().to_string();
    EXPECT_EQ(cache.counts().compiled, compiled) << what;
    EXPECT_EQ(cache.counts().from_disk, from_disk) << what;
    EXPECT_EQ(*run_adding(*provider, **kernel), 11) << what;
  };
  built(1, 0, "cold");
  built(0, 1, "warm");
  const DiskCache disk(directory);
  const std::string key = ProgramCache(provider, disk).disk_key(source);
  std::ofstream(disk.path_of(key), std::ios::binary) << "not a cache file";
  built(1, 0, "with a corrupt file");
  built(0, 1, "after it was replaced");
  ASSERT_TRUE(disk.store(key, std::vector<std::byte>(100, std::byte{0x5a})));
  built(1, 0, "with a whole file of a program that is none");
  built(0, 1, "after that was replaced");
}

TEST_F(OpenCl, ManyCommandsKeepTheirOrderAndTheirTimes) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok());
  const int step = 1;
  expect_order_and_times(*provider, **kernel, std::as_bytes(std::span(&step, 1)));
}

TEST_F(OpenCl, RecordedCommandsAreDoneAtEveryReplay) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok());
  const int step = 2;
  expect_recorded_commands(*provider, **kernel, std::as_bytes(std::span(&step, 1)));
}

TEST_F(OpenCl, ThreadsUseOneDeviceAtOnce) {
  auto device = gpu_driver().open(*parse_device_uri("gpu:opencl:0"));
  ASSERT_TRUE(device.ok()) << device.status().to_string();
  expect_threads_apart(*device, 64);
}

TEST_F(OpenCl, UrisNameTheNearest) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  for (const std::string uri : {"gpu", "gpu:opencl", "gpu:opencl:0"}) {
    auto device = registry.open(uri);
    ASSERT_TRUE(device.ok()) << device.status().to_string();
    EXPECT_EQ((*device)->info().uri, uri == "gpu" && cuda_devices().ok() ? "gpu:cuda:0" : "gpu:opencl:0");
    EXPECT_FALSE((*device)->info().coherent);
  }
  const auto refused = [&](const std::string& uri, Code code, const std::string& text) {
    const Status status = registry.open(uri).status();
    EXPECT_EQ(status.code(), code) << uri;
    EXPECT_NE(status.message().find(text), std::string::npos) << status.message();
  };
  refused("gpu:opncl", Code::kNotFound, "did you mean 'opencl'?");
  refused("gpu:opencl:99", Code::kNotFound, "'opencl:0'");
  refused("gpu:opencl:0?memry=1", Code::kInvalidArgument, "did you mean 'memory'?");
  refused("gpu:opencl:0?memory=much", Code::kInvalidArgument, "expected a positive number of bytes");
}

}  // namespace
}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The CUDA provider over doubles of the driver and of NVRTC (driver_double.cpp, nvrtc_double.cpp).
#include "devices/gpu/cuda/cuda.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

#include "devices/gpu/core.h"
#include "devices/gpu/gpu_device.h"
#include "tests/gpu_cuda/cuda_fixture.h"

namespace systole::gpu {
namespace {

TEST_F(Cuda, ADeviceSaysWhatItIs) {
  auto devices = cuda_devices();
  ASSERT_TRUE(devices.ok()) << devices.status().to_string();
  ASSERT_EQ(devices->size(), 1u);
  const Facts& facts = (*devices)[0];
  EXPECT_EQ(facts.provider, "cuda");
  EXPECT_EQ(facts.name, "CUDA's double");
  EXPECT_EQ(facts.driver, "CUDA 12.4; NVRTC 12.4; sm_90");
  EXPECT_EQ(facts.memory_bytes, int64_t{8} << 30);
  EXPECT_EQ(facts.local_bytes, 49152);
  EXPECT_EQ(facts.compute_units, 4);
  EXPECT_EQ(facts.most_work_items, 1024);
  EXPECT_TRUE(facts.f64);
  EXPECT_FALSE(facts.is_cpu);
  EXPECT_EQ(make_cuda_provider(1).status().code(), Code::kNotFound);
}

TEST_F(Cuda, UrisPreferCuda) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  for (const std::string uri : {"gpu", "gpu:cuda", "gpu:cuda:0"}) {
    const Status status = registry.open(uri + "?memory=much").status();  // refused before a context is made
    EXPECT_NE(status.message().find("expected a positive number of bytes"), std::string::npos) << status.to_string();
  }
  const Status vectors = registry.open("gpu:cuda?kernels=host").status();
  EXPECT_EQ(vectors.code(), Code::kUnsupported);
  EXPECT_NE(vectors.message().find("kernels=host"), std::string::npos) << vectors.message();
  const Status status = registry.open("gpu:cuda:9").status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_NE(status.message().find("'cuda:0'"), std::string::npos) << status.message();
}

TEST_F(Cuda, AProgramThatDoesNotBuildSaysWhyAndTheNextDoes) {
  std::vector<std::byte> binary;
  const Status status =
      provider->build({"broken", "__device__ int f() { return no_such_name; }", {}}, "f", binary).status();
  EXPECT_EQ(status.code(), Code::kInternal);
  for (const char* text : {"'broken'", "no_such_name", "NVRTC_ERROR_COMPILATION", "sm_90"})
    EXPECT_NE(status.message().find(text), std::string::npos) << status.message();
  EXPECT_TRUE(binary.empty());
  const Status absent = provider->build(adding("5"), "subtract", binary).status();
  EXPECT_EQ(absent.code(), Code::kInternal);
  EXPECT_NE(absent.message().find("CUDA_ERROR_NOT_FOUND"), std::string::npos) << absent.message();
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok()) << kernel.status().to_string();
  EXPECT_EQ(*run_adding(*provider, **kernel), 11);
}

TEST_F(Cuda, AnAllocationTooLargeHasBothNumbers) { expect_bounded_allocations(*provider); }

TEST_F(Cuda, FillsCopiesAndTransfersReachTheirBytes) {
  auto device = provider->allocate(64), pinned = provider->allocate_pinned(64);
  auto stream = provider->stream();
  ASSERT_TRUE(device.ok() && pinned.ok() && stream.ok());
  ASSERT_TRUE((*stream)->fill({device->get(), 0}, 64, 0, 4).ok());
  ASSERT_TRUE((*stream)->fill({device->get(), 3}, 2, 0x11, 1).ok());
  ASSERT_TRUE((*stream)->fill({device->get(), 8}, 4, 0x3322, 2).ok());
  ASSERT_TRUE((*stream)->fill({device->get(), 16}, 8, 0x77665544, 4).ok());
  ASSERT_TRUE((*stream)->copy({device->get(), 0}, {device->get(), 32}, 32).ok());
  ASSERT_TRUE((*stream)->read({device->get(), 32}, {(*pinned)->host(), 32}).ok());
  const std::array<uint32_t, 8> expected = {0x11000000, 0x11, 0x33223322, 0, 0x77665544, 0x77665544, 0, 0};
  EXPECT_EQ(std::memcmp((*pinned)->host(), expected.data(), 32), 0);
  ASSERT_TRUE((*stream)->write({(*pinned)->host() + 16, 4}, {device->get(), 60}).ok());
  ASSERT_TRUE((*stream)->read({device->get(), 60}, {(*pinned)->host(), 4}).ok());
  EXPECT_EQ(std::memcmp((*pinned)->host(), &expected[4], 4), 0);
}

TEST_F(Cuda, ABinaryIsUsedAgainAndADamagedOneIsNot) {
  std::vector<std::byte> binary, again;
  ASSERT_TRUE(provider->build(adding("5"), "add", binary).ok());
  again = binary;
  ASSERT_TRUE(provider->build(adding("5"), "add", again).ok());
  EXPECT_EQ(again, binary) << "taken as it is";
  std::vector<std::vector<std::byte>> all(5);
  all[0].assign(100, std::byte{0x5a});                           // neither ELF nor text
  all[1].assign(binary.begin(), binary.begin() + 1000);          // cut off
  all[2].assign(binary.begin(), binary.begin() + 20);            // within its header
  all[3].assign({std::byte{'/'}, std::byte{'/'}, std::byte{}});  // text that is no program
  all[4] = binary;
  all[4][16] = std::byte{9};  // ELF, of another kind
  for (const std::vector<std::byte>& damaged : all) {
    std::vector<std::byte> kept = damaged;
    auto kernel = provider->build(adding("5"), "add", kept);
    ASSERT_TRUE(kernel.ok()) << "compiled anew: " << kernel.status().to_string();
    EXPECT_NE(kept, damaged) << "what to keep instead";
    EXPECT_EQ(*run_adding(*provider, **kernel), 11);
  }
}

TEST_F(Cuda, ProgramsAreKeptOnDiskByTheirText) {
  const std::string directory = testing::TempDir() + "systole_cuda_cache";
  std::filesystem::remove_all(directory);
  const auto built = [&](const std::string& n, int compiled, int from_disk, const std::string& what) {
    ProgramCache cache(provider, DiskCache(directory));
    auto kernel = cache.kernel(adding(n), "add");
    ASSERT_TRUE(kernel.ok()) << what << ": " << kernel.status().to_string();
    EXPECT_EQ(cache.counts().compiled, compiled) << what;
    EXPECT_EQ(cache.counts().from_disk, from_disk) << what;
    EXPECT_EQ(*run_adding(*provider, **kernel), 1 + 2 * std::stoi(n)) << what;
  };
  built("5", 1, 0, "cold");
  built("5", 0, 1, "warm");
  built("6", 1, 0, "another macro");
  const DiskCache disk(directory);
  const std::string key = ProgramCache(provider, disk).disk_key(adding("5"));
  EXPECT_NE(key.find("sm_90"), std::string::npos) << "keyed by the architecture";
  std::ofstream(disk.path_of(key), std::ios::binary) << "not a cache file";
  built("5", 1, 0, "with a corrupt file");
  built("5", 0, 1, "after it was replaced");
}

TEST_F(Cuda, AnArchitectureThatNvrtcDoesNotKnowGetsPtx) {
  setenv("SYSTOLE_DOUBLE_ARCH", "103", 1);
  auto newer = open();
  setenv("SYSTOLE_DOUBLE_ARCH", "70", 1);
  const Status older = cuda_devices().status();
  unsetenv("SYSTOLE_DOUBLE_ARCH");
  ASSERT_NE(newer, nullptr);
  EXPECT_EQ(newer->facts().driver, "CUDA 12.4; NVRTC 12.4; compute_90");
  std::vector<std::byte> binary;
  for (const char* when : {"compiled", "from its binary"}) {
    auto kernel = newer->build(adding("5"), "add", binary);
    ASSERT_TRUE(kernel.ok()) << when << kernel.status().to_string();
    EXPECT_EQ(binary[0], std::byte{'/'}) << when;
    EXPECT_EQ(*run_adding(*newer, **kernel), 11) << when;
  }
  EXPECT_EQ(older.code(), Code::kUnavailable);
  EXPECT_NE(older.message().find("7.0 is older than NVRTC 12.4"), std::string::npos) << older.message();
}

TEST_F(Cuda, ManyCommandsKeepTheirOrderAndTheirTimes) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok());
  expect_order_and_times(*provider, **kernel, bytes_of({0, 1}));
}

TEST_F(Cuda, NoMoreThanTheBoundRunsAhead) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  auto memory = provider->allocate_pinned(64);
  auto stream = provider->stream();
  ASSERT_TRUE(kernel.ok() && memory.ok() && stream.ok());
  auto* value = reinterpret_cast<int*>((*memory)->host());
  *value = 0;
  const Operand operands[] = {{memory->get(), 0}, {memory->get(), 0}};
  for (int i = 1; i <= 4 * kRunAhead; ++i) {  // the double runs a command only when somebody waits
    ASSERT_TRUE((*stream)->launch(**kernel, {}, operands, bytes_of({0, 1})).ok());
    EXPECT_LE(5 * i - *value, 5 * kRunAhead) << i;
  }
  EXPECT_GT(5 * 4 * kRunAhead, *value) << "does not wait for each";
}

TEST_F(Cuda, ABrokenKernelLosesTheContextAndTheNextWorks) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok());
  fail("kernel", 700);
  const Status status = run_adding(*provider, **kernel).status();
  EXPECT_EQ(status.code(), Code::kDeviceLost);
  EXPECT_NE(status.message().find("CUDA_ERROR_ILLEGAL_ADDRESS (700)"), std::string::npos) << status.message();
  EXPECT_EQ(provider->allocate(64).status().code(), Code::kDeviceLost) << "sticky";
  EXPECT_EQ(provider->stream().status().code(), Code::kDeviceLost);
  EXPECT_EQ(provider->build(adding("6"), "add", binary).status().code(), Code::kDeviceLost);
  kernel = Status(Code::kInternal, "");
  provider = open();
  kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok()) << kernel.status().to_string();
  EXPECT_EQ(*run_adding(*provider, **kernel), 11);
}

TEST_F(Cuda, ErrorsOfOneCallAreThatCallsAlone) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok());
  const auto expect = [&](const char* call, int error, Code code) {
    fail(call, error);
    const Status status = run_adding(*provider, **kernel).status();
    EXPECT_EQ(status.code(), code) << call << ": " << status.to_string();
    EXPECT_EQ(*run_adding(*provider, **kernel), 11) << "after " << call;
  };
  expect("cuMemAlloc", 2, Code::kOutOfMemory);
  expect("cuStreamCreate", 2, Code::kOutOfMemory);
  expect("cuEventCreate", 2, Code::kOutOfMemory);
  expect("cuLaunchKernel", 701, Code::kInternal);
  expect("cuMemcpyHtoDAsync", 1, Code::kInternal);
  binary.clear();
  fail("cuModuleLoadData", 218);
  const Status status = provider->build(adding("5"), "add", binary).status();
  EXPECT_EQ(status.code(), Code::kInternal) << "what the compiler has just made is no damaged file";
  EXPECT_NE(status.message().find("'adding.add' does not load on CUDA's double"), std::string::npos);
  EXPECT_TRUE(provider->build(adding("5"), "add", binary).ok());
}

TEST_F(Cuda, AGridTooLargeIsRefused) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  auto stream = provider->stream();
  ASSERT_TRUE(kernel.ok() && stream.ok());
  Grid grid;
  grid.items = {1, 65536, 1};
  const Status status = (*stream)->launch(**kernel, grid, {}, {});
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_NE(status.message().find("65536 blocks in dimension 1"), std::string::npos) << status.message();
}

// Threads that meet at barriers, and what they share.
TEST_F(Cuda, AGroupAddsUpThroughSharedMemory) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not know the double's threads";
#endif
  const ProgramSource sum{"sum",
                          "extern \"C\" __global__ void sum(unsigned char* x, long at) {\n"
                          "  __shared__ int parts[64];\n  int* v = (int*)(x + at) + blockIdx.x * 64;\n"
                          "  parts[threadIdx.x] = v[threadIdx.x];\n  __syncthreads();\n"
                          "  for (int reach = 32; reach > 0; reach /= 2) {\n"
                          "    if (threadIdx.x < reach) parts[threadIdx.x] += parts[threadIdx.x + reach];\n"
                          "    __syncthreads();\n  }\n  v[threadIdx.x] = parts[0];\n}\n",
                          {}};
  std::vector<std::byte> binary;
  auto kernel = provider->build(sum, "sum", binary);
  auto memory = provider->allocate_pinned(4 * 192);
  auto stream = provider->stream();
  ASSERT_TRUE(kernel.ok() && memory.ok() && stream.ok());
  auto* values = reinterpret_cast<int*>((*memory)->host());
  std::iota(values, values + 192, 0);
  const Operand operand{memory->get(), 0};
  Grid grid;
  grid.items = {192, 1, 1};
  grid.group = {64, 1, 1};
  ASSERT_TRUE((*stream)->launch(**kernel, grid, {&operand, 1}, {}).ok());
  ASSERT_TRUE((*stream)->finish().ok());
  for (int i = 0; i < 192; ++i) EXPECT_EQ(values[i], 2016 + i / 64 * 4096) << i;
}

TEST_F(Cuda, ThreadsUseOneContextAtOnce) {
  std::vector<std::byte> binary;
  auto kernel = provider->build(adding("5"), "add", binary);
  ASSERT_TRUE(kernel.ok());
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) right += *run_adding(*provider, **kernel) == 11;
      EXPECT_EQ(count("current"), 0) << "as it was";
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(right, 80);
}

}  // namespace
}  // namespace systole::gpu

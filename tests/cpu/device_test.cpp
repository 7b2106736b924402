// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The device: its options, its self-test, its packed constants.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "tests/cpu/cpu_test.h"

namespace systole::tests {
namespace {

double limit(const Device& device, const std::string& name) {
  for (const Limit& limit : device.info().limits) {
    if (limit.name == name) return limit.value;
  }
  return -1;
}

TEST(CpuDevice, OptionsAreChecked) {
  Registry registry;
  ASSERT_TRUE(registry.add(cpu_driver()).ok());
  for (const char* uri : {"cpu?threads=0", "cpu?threads=two", "cpu?threads=3x", "cpu?memory=-1", "cpu?onednn=maybe"}) {
    auto device = registry.open(uri);
    EXPECT_EQ(device.status().code(), Code::kInvalidArgument) << uri;
  }
  EXPECT_EQ(registry.open("cpu:0").status().code(), Code::kNotFound);
  EXPECT_NE(registry.open("cpu?threads=two").status().message().find("threads"), std::string::npos);
}

TEST(CpuDevice, ThreadsAreALimitOfTheDevice) {
  EXPECT_EQ(limit(*open_device("cpu?threads=1"), "threads"), 1);
  EXPECT_EQ(limit(*open_device("cpu?threads=3"), "threads"), 3);
  EXPECT_GE(limit(*open_device("cpu"), "threads"), 1);
}

TEST(CpuDevice, OneDnnCanBeSwitchedOff) {
  auto own = open_device("cpu?onednn=off");
  EXPECT_EQ(limit(*own, "onednn_integers"), 0);
  EXPECT_EQ(limit(*own, "onednn_bf16"), 0);
}

TEST(CpuDevice, FourBitTensorsAreRefusedWithAReason) {
  auto cpu = open_device("cpu");
  const Support support =
      cpu->supports({Copy{}, {row_major(DType::kI4, {4, 4})}, {row_major(DType::kI4, {4, 4})}, "copy"});
  EXPECT_FALSE(support.yes);
  EXPECT_NE(support.reason.find("4-bit"), std::string::npos);
}

struct Constant {
  TensorView view;
  explicit Constant(const TensorDesc& desc) {
    BufferParams params;
    params.size = desc.span_bytes();
    params.kind = MemoryKind::kConstant;
    params.name = "weights";
    view = {conformance::take(allocate_host(params), "weights"), 0, desc};
    view.buffer->freeze();
  }
};

std::shared_ptr<CommandList> matmul_list(std::shared_ptr<Device> device, const TensorView& weights, DType type,
                                         DType out) {
  auto memory = [&](const TensorDesc& desc) {
    BufferParams params;
    params.size = desc.span_bytes();
    return TensorView{conformance::take(device->allocate(params), "memory"), 0, desc};
  };
  auto list = std::make_shared<CommandList>(device);
  conformance::require_ok(
      list->op({Matmul{}, {memory(row_major(type, {8, 256})), weights}, {memory(row_major(out, {8, 128}))}, "matmul"}),
      "op");
  conformance::require_ok(list->end(), "end");
  return list;
}

TEST(PackedConstants, AreMadeOnceAndFreedWithTheirLists) {
  for (auto [type, out] : {std::pair{DType::kF32, DType::kF32}, {DType::kI8, DType::kI32}}) {
    auto cpu = open_device("cpu");
    EXPECT_EQ(cpu->memory_use().prepared_bytes, 0);
    Constant weights(row_major(type, {256, 128}));
    auto first = matmul_list(cpu, weights.view, type, out);
    const MemoryUse once = cpu->memory_use();
    EXPECT_GE(once.prepared_bytes, 256 * 128 * byte_size(type));
    EXPECT_GT(once.prepare_ms, 0);
    auto second = matmul_list(cpu, weights.view, type, out);
    EXPECT_EQ(cpu->memory_use().prepared_bytes, once.prepared_bytes) << "the second list shares the packed form";
    EXPECT_EQ(cpu->memory_use().prepare_ms, once.prepare_ms);
    Constant others(row_major(type, {256, 128}));
    auto third = matmul_list(cpu, others.view, type, out);
    EXPECT_EQ(cpu->memory_use().prepared_bytes, 2 * once.prepared_bytes);
    first.reset();
    EXPECT_EQ(cpu->memory_use().prepared_bytes, 2 * once.prepared_bytes) << "the second list still uses it";
    second.reset();
    third.reset();
    EXPECT_EQ(cpu->memory_use().prepared_bytes, 0);
  }
}

TEST(PackedConstants, MayOutliveTheirDevice) {
  std::shared_ptr<Executable> executable;
  {
    auto cpu = open_device("cpu");
    Constant weights(row_major(DType::kF32, {256, 128}));
    executable = matmul_list(cpu, weights.view, DType::kF32, DType::kF32)->executable();
  }
  EXPECT_EQ(executable.use_count(), 1);
  executable.reset();  // frees the packed form, without a device to account it to
}

// Weights that may change are read at every run.
TEST(PackedConstants, OnlyFrozenBuffersArePacked) {
  auto cpu = open_device("cpu");
  BufferParams params;
  params.size = 256 * 128 * 4;
  TensorView weights{conformance::take(cpu->allocate(params), "weights"), 0, row_major(DType::kF32, {256, 128})};
  auto list = matmul_list(cpu, weights, DType::kF32, DType::kF32);
  EXPECT_EQ(cpu->memory_use().prepared_bytes, 0);
}

// This process stands in for a machine without VNNI, whose oneDNN saturates 16-bit sums.
TEST(SelfTest, ChildWithoutVnniUsesOwnKernels) {
  const char* isa = std::getenv("ONEDNN_MAX_CPU_ISA");
  if (isa == nullptr || std::string(isa) != "AVX2")
    GTEST_SKIP() << "run by SelfTest.FailsWithoutVnni in a process of its own";
  auto cpu = open_device("cpu"), ref = open_device("ref");
  EXPECT_EQ(limit(*cpu, "onednn_integers"), 0);
  EXPECT_EQ(limit(*cpu, "onednn_bf16"), 0);
  EXPECT_NE(cpu->info().description.find("own int8 kernels"), std::string::npos) << cpu->info().description;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    EXPECT_EQ(compare_with_ref(cpu, ref, random_integer_conv(seed)), "") << "seed " << seed;
    EXPECT_EQ(compare_with_ref(cpu, ref, random_integer_matmul(seed)), "") << "seed " << seed;
    EXPECT_EQ(compare_with_ref(cpu, ref, random_float_conv(seed)), "") << "seed " << seed;
  }
}

TEST(SelfTest, FailsWithoutVnni) {
  const std::string command = "ONEDNN_MAX_CPU_ISA=AVX2 '" + std::string(SYSTOLE_TEST_BINARY) +
                              "' --gtest_filter=SelfTest.ChildWithoutVnniUsesOwnKernels";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace systole::tests

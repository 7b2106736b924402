// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Memory of the host's that CUDA reaches where it is.
#include <algorithm>
#include <array>
#include <vector>

#include "devices/gpu/device.h"
#include "hal/queue.h"
#include "tests/gpu_cuda/cuda_fixture.h"

namespace systole::gpu {
namespace {

constexpr int64_t kValues = 16, kBytes = 4 * kValues;
constexpr size_t kPage = 4096;

class CudaImports : public Cuda {
 protected:
  void SetUp() override {
    Cuda::SetUp();
    device = std::make_shared<GpuDevice>("gpu:cuda:0", std::make_shared<Runtime>(provider, DiskCache("")), 1 << 20);
    target = *device->allocate({kBytes, 0, MemoryKind::kHostVisible, "target"});
  }
  void TearDown() override {
    list.reset(), target.reset(), device.reset();
    Cuda::TearDown();
  }
  // A page of the host's by number.
  std::byte* page(size_t index) {
    const auto first = (reinterpret_cast<uintptr_t>(pages_.data()) + kPage - 1) / kPage * kPage;
    return reinterpret_cast<std::byte*>(first) + index * kPage;
  }
  Status ended(const TensorView& from, const TensorView& to) {
    list = std::make_shared<CommandList>(device, "relu");
    EXPECT_TRUE(list->op({Unary{}, {from}, {to}, "relu"}).ok());
    return list->end();
  }
  void expect_target(float value) {
    ASSERT_TRUE(target->invalidate(0, kBytes).ok());
    auto bytes = target->map(0, kBytes, MapAccess::kRead);
    EXPECT_EQ(*reinterpret_cast<const float*>(bytes->data()), value);
    target->unmap();
  }
  const TensorDesc desc = row_major(DType::kF32, {kValues});
  std::shared_ptr<Device> device;
  std::shared_ptr<Buffer> target;
  std::shared_ptr<CommandList> list;

 private:
  std::vector<std::byte> pages_ = std::vector<std::byte>(5 * kPage);
};

TEST_F(CudaImports, AListReadsAndWritesThemWhereTheyAre) {
  auto* values = reinterpret_cast<float*>(page(0));
  auto imported = *import_host(values, 2 * kBytes, "mine");
  list = std::make_shared<CommandList>(device, "there and back");
  ASSERT_TRUE(list->op({Unary{}, {{imported, 0, desc}}, {{target, 0, desc}}, "relu"}).ok());
  ASSERT_TRUE(list->copy({target, 0, {}}, {imported, kBytes, {}}, kBytes).ok());
  ASSERT_TRUE(list->end().ok());
  EXPECT_EQ(count("registered"), 1);
  for (int run = 1; run <= 3; ++run) {  // the third time as a graph
    std::fill(values, values + kValues, static_cast<float>(run));
    ASSERT_TRUE(run_and_wait(*device, list).ok());
    expect_target(static_cast<float>(run));
    EXPECT_EQ(values[kValues], static_cast<float>(run));
  }
  auto first = std::exchange(list, nullptr);
  ASSERT_TRUE(ended({imported, 0, desc}, {target, 0, desc}).ok()) << "lists share it";
  first.reset();
  ASSERT_TRUE(run_and_wait(*device, list).ok());
  list.reset();
  EXPECT_EQ(count("registered"), 0) << "given back with the last list";
}

TEST_F(CudaImports, ASlotIsBoundToThemForARun) {
  auto* values = reinterpret_cast<float*>(page(0));
  values[0] = 7;
  auto imported = *import_host(values, kBytes, "mine");
  list = std::make_shared<CommandList>(device, "relu");
  TensorView from{nullptr, 0, desc};
  from.slot = list->add_slot(kBytes, "from");
  ASSERT_TRUE(list->op({Unary{}, {from}, {{target, 0, desc}}, "relu"}).ok());
  ASSERT_TRUE(list->copy({target, 0, {}}, {target, kBytes / 2, {}}, kBytes / 2).ok());
  ASSERT_TRUE(list->end().ok());
  for (int run = 0; run < 3; ++run) {
    ASSERT_TRUE(run_and_wait(*device, list, {{{imported, 0, {}}}}).ok());
    EXPECT_EQ(count("registered"), 0);
  }
  expect_target(7);
  EXPECT_EQ(count("graphs"), 0) << "where it lies next time is not known";
  auto odd = *import_host(page(0) + 2, kBytes, "odd");
  const Status status = run_and_wait(*device, list, {{{odd, 0, {}}}});
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("'odd' lies at an address that is not aligned to the 4 bytes"), std::string::npos)
      << status.message();
}

TEST_F(CudaImports, ElementsAreAligned) {
  auto odd = *import_host(page(0) + 2, 2 * kBytes, "odd");
  EXPECT_EQ(ended({odd, 0, desc}, {target, 0, desc}).code(), Code::kInvalidArgument);
  EXPECT_EQ(ended({target, 0, desc}, {odd, 4, desc}).code(), Code::kInvalidArgument);
  const TensorDesc bytes = row_major(DType::kI8, {kBytes});
  EXPECT_TRUE(ended({odd, 0, bytes}, {target, 0, bytes}).ok());
  CommandList fills(device);
  ASSERT_TRUE(fills.fill({odd, 0, {}}, 8, 0, 4).ok());
  EXPECT_EQ(fills.end().code(), Code::kInvalidArgument);
  CommandList halves(device);
  ASSERT_TRUE(halves.fill({odd, 0, {}}, 8, 0, 2).ok());
  EXPECT_TRUE(halves.end().ok());
}

TEST_F(CudaImports, PagesOfTwoImportsAreRefused) {
  auto first = *import_host(page(0), kPage + kBytes, "first");
  auto second = *import_host(page(1) + kBytes, kBytes, "second"), third = *import_host(page(2), kBytes, "third");
  ASSERT_TRUE(ended({first, 0, desc}, {target, 0, desc}).ok());
  const auto kept = list;
  const Status status = ended({second, 0, desc}, {target, 0, desc});
  EXPECT_EQ(status.code(), Code::kUnsupported);
  for (const char* text : {"'second'", "ALREADY_REGISTERED", "copy it there first"})
    EXPECT_NE(status.message().find(text), std::string::npos) << status.message();
  EXPECT_TRUE(ended({third, 0, desc}, {target, 0, desc}).ok());
  EXPECT_EQ(run_and_wait(*device, kept).code(), Code::kOk);
}

TEST_F(CudaImports, WhatTheDriverRefusesIsUnsupportedAndItsLossIsALoss) {
  auto imported = *import_host(page(0), kBytes, "mine");
  struct Case {
    const char* call;
    int error;
    Code code;
  };
  for (const Case& each :
       {Case{"cuMemHostRegister", 801, Code::kUnsupported}, Case{"cuMemHostRegister", 1, Code::kUnsupported},
        Case{"cuMemHostRegister", 2, Code::kOutOfMemory}, Case{"cuMemHostGetDevicePointer", 1, Code::kUnsupported}}) {
    fail(each.call, each.error);
    EXPECT_EQ(ended({imported, 0, desc}, {target, 0, desc}).code(), each.code) << each.call << " " << each.error;
    EXPECT_EQ(count("registered"), 0);
    EXPECT_TRUE(ended({imported, 0, desc}, {target, 0, desc}).ok()) << "after " << each.call;
    list.reset();
  }
  EXPECT_EQ(device->health(), Health::kOk);
  fail("cuMemHostRegister", 700);
  EXPECT_EQ(ended({imported, 0, desc}, {target, 0, desc}).code(), Code::kDeviceLost);
  EXPECT_EQ(device->health(), Health::kLost);
}

}  // namespace
}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Packed weights: once a device for as long as a list uses them, whatever lists there are.
#include <cstring>

#include "devices/gpu/gpu_device.h"
#include "hal/queue.h"
#include "hal/registry.h"
#include "tests/gpu/device_fixture.h"

namespace systole::gpu {
namespace {

constexpr int64_t kSide = 96, kBytes = kSide * kSide * 4;
const TensorDesc kSquare = row_major(DType::kF32, {kSide, kSide});
// What a list has of its own beside its weights: constants of its ops.
constexpr int64_t kOwn = 4096;

std::shared_ptr<Buffer> weights(float diagonal, int64_t bytes = kBytes) {
  auto buffer = *allocate_host({bytes, 0, MemoryKind::kConstant, "weights"});
  auto mapped = buffer->map(0, kBytes, MapAccess::kWrite);
  auto* values = reinterpret_cast<float*>(mapped->data());
  for (int64_t i = 0; i < kSide; ++i) values[i * kSide + i] = diagonal;
  buffer->unmap();
  buffer->freeze();
  return buffer;
}

struct Product {
  std::shared_ptr<Buffer> x, y;
  std::shared_ptr<CommandList> list;
  Status status;
};

// y = x * w, 96 by 96 each.
Product product(const std::shared_ptr<Device>& device, const TensorView& w, bool transpose = false) {
  Product made;
  made.x = *device->allocate({kBytes, 0, MemoryKind::kHostVisible, "x"});
  made.y = *device->allocate({kBytes, 0, MemoryKind::kHostVisible, "y"});
  made.list = std::make_shared<CommandList>(device, "product");
  Matmul op;
  op.transpose_b = transpose;
  EXPECT_TRUE(made.list->op({op, {{made.x, 0, kSquare}, w}, {{made.y, 0, kSquare}}, "product"}).ok());
  made.status = made.list->end();
  EXPECT_TRUE(made.status.ok()) << made.status.to_string();
  return made;
}

class PackedWeights : public testing::Test {
 protected:
  int64_t prepared() const { return gpu.device->memory_use().prepared_bytes; }
  Opened gpu{true};
  std::shared_ptr<Buffer> w = weights(2);
  TensorView view{w, 0, kSquare};
};

TEST_F(PackedWeights, ListsShareThem) {
  auto first = product(gpu.device, view);
  const int64_t one = prepared();
  ASSERT_GE(one, kBytes);
  const MemoryUse before = gpu.device->memory_use();
  EXPECT_EQ(gpu.provider->launches, 1) << "the packing";
  std::vector<Product> more;
  for (int i = 0; i < 3; ++i) more.push_back(product(gpu.device, view));
  EXPECT_EQ(gpu.provider->launches, 1) << "is done once";
  EXPECT_LE(prepared(), one + 3 * kOwn);
  const int64_t operands = 3 * 2 * kBytes;
  EXPECT_LE(gpu.device->memory_use().peak_bytes, before.peak_bytes + operands + 3 * kOwn)
      << "nor are the raw weights uploaded again";
  EXPECT_GE(before.peak_bytes, before.in_use_bytes + kBytes - kOwn) << "as they were the first time";
}

TEST_F(PackedWeights, TheyGoWithTheLastList) {
  auto first = product(gpu.device, view), second = product(gpu.device, view);
  first = {};
  EXPECT_GE(prepared(), kBytes) << "the second list has them still";
  ASSERT_TRUE(run_and_wait(*gpu.device, second.list).ok());
  second = {};
  EXPECT_EQ(prepared(), 0);
  EXPECT_EQ(gpu.device->memory_use().in_use_bytes, 0);
  gpu.provider->launches = 0;
  second = product(gpu.device, view);
  EXPECT_EQ(gpu.provider->launches, 1) << "packed anew";
}

TEST_F(PackedWeights, WhatDiffersIsPackedApart) {
  auto large = weights(3, kBytes + 64), other = weights(2);
  std::vector<Product> products;
  products.push_back(product(gpu.device, view));
  products.push_back(product(gpu.device, {other, 0, kSquare}));  // another buffer of the same bytes
  products.push_back(product(gpu.device, view, true));           // packed in another order
  products.push_back(product(gpu.device, {large, 0, kSquare}));  // two views of one buffer
  products.push_back(product(gpu.device, {large, 64, kSquare}));
  EXPECT_EQ(gpu.provider->launches, 5);
  EXPECT_GE(prepared(), 5 * kBytes);
}

TEST_F(PackedWeights, WhatIsNotFrozenBelongsToItsList) {
  auto changing = *gpu.device->allocate({kBytes, 0, MemoryKind::kDeviceLocal, "changing"});
  auto first = product(gpu.device, {changing, 0, kSquare}), second = product(gpu.device, {changing, 0, kSquare});
  EXPECT_EQ(gpu.provider->launches, 0);
  ASSERT_TRUE(run_and_wait(*gpu.device, first.list).ok());
  EXPECT_EQ(gpu.provider->launches, 2) << "packed at every run";
}

TEST_F(PackedWeights, AFailedPackingIsTriedAgain) {
  gpu.provider->at_launch = Status(Code::kDeviceFault, "it broke");
  CommandList broken(gpu.device);
  auto y = buffer_on(gpu.device, kBytes), x = buffer_on(gpu.device, kBytes);
  ASSERT_TRUE(broken.op({Matmul{}, {{x, 0, kSquare}, view}, {{y, 0, kSquare}}, "product"}).ok());
  EXPECT_EQ(broken.end().code(), Code::kDeviceFault);
  gpu.provider->at_launch = {};
  EXPECT_TRUE(product(gpu.device, view).status.ok());
  EXPECT_EQ(gpu.provider->launches, 2);
}

TEST(PackedWeightsOnOpenCl, GiveTheSameInEveryList) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  auto opened = registry.open("gpu:opencl");
  if (opened.status().code() == Code::kUnavailable) GTEST_SKIP() << opened.status().message();
  ASSERT_TRUE(opened.ok()) << opened.status().to_string();
  const auto device = *opened;
  auto w = weights(2), other = weights(5);
  std::vector<Product> products;
  for (const auto& each : {w, other, w, other}) products.push_back(product(device, {each, 0, kSquare}));
  products[0] = {};
  for (size_t i = 1; i < products.size(); ++i) {
    auto x = products[i].x->map(0, kBytes, MapAccess::kWrite);
    const float one = 1;
    std::memcpy(x->data() + kBytes - 4, &one, 4);  // the last row picks the last of w's
    products[i].x->unmap();
    ASSERT_TRUE(products[i].x->flush(0, kBytes).ok());
    ASSERT_TRUE(run_and_wait(*device, products[i].list).ok());
    ASSERT_TRUE(products[i].y->invalidate(0, kBytes).ok());
    auto y = products[i].y->map(0, kBytes, MapAccess::kRead);
    float last = 0;
    std::memcpy(&last, y->data() + kBytes - 4, 4);
    EXPECT_EQ(last, i % 2 == 0 ? 2 : 5) << i;
  }
}

}  // namespace
}  // namespace systole::gpu

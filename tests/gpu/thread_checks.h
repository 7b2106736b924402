// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Threads that use one device at once: what ThreadSanitizer looks at.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "hal/command_list.h"
#include "hal/queue.h"

namespace systole::gpu {

// Each compiles a product with the same frozen weights, and runs it on either queue, on values of its own.
inline void expect_threads_apart(const std::shared_ptr<Device>& device, int64_t side) {
  const int64_t bytes = side * side * 4;
  const TensorDesc square = row_major(DType::kF32, {side, side});
  auto weights = *allocate_host({bytes, 0, MemoryKind::kConstant, "weights"});
  auto* diagonal = reinterpret_cast<float*>(weights->map(0, bytes, MapAccess::kWrite)->data());
  for (int64_t i = 0; i < side; ++i) diagonal[i * (side + 1)] = 2;
  weights->unmap();
  weights->freeze();
  std::atomic<int> right{0};
  const auto work = [&](int thread) {
    auto x = *device->allocate({bytes, 0, MemoryKind::kHostVisible, "x"});
    auto y = *device->allocate({bytes, 0, MemoryKind::kHostVisible, "y"});
    auto list = std::make_shared<CommandList>(device, "product");
    EXPECT_TRUE(list->op({Matmul{}, {{x, 0, square}, {weights, 0, square}}, {{y, 0, square}}, "product"}).ok());
    EXPECT_TRUE(list->op({Unary{}, {{y, 0, square}}, {{y, 0, square}}, "relu"}).ok());
    const Status compiled = list->end();
    ASSERT_TRUE(compiled.ok()) << compiled.to_string();
    for (int run = 0; run < 4; ++run) {
      const float value = static_cast<float>(10 * thread + run);
      auto in = x->map(0, bytes, MapAccess::kWrite);
      for (int64_t i = 0; i < side * side; ++i) std::memcpy(in->data() + 4 * i, &value, 4);
      x->unmap();
      EXPECT_TRUE(x->flush(0, bytes).ok());
      auto done = std::make_shared<Semaphore>();
      Profile profile;
      auto queue = device->queue(run % 2);
      ASSERT_TRUE((*queue)->submit({{}, {list}, {}, {{done, 1}}, run == 3 ? &profile : nullptr}).ok());
      const Status ran = done->wait(1);
      EXPECT_TRUE(ran.ok()) << ran.to_string();
      EXPECT_TRUE(y->invalidate(0, bytes).ok());
      float last = 0;
      std::memcpy(&last, y->map(0, bytes, MapAccess::kRead)->data() + bytes - 4, 4);
      y->unmap();
      right += last == 2 * value;
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) threads.emplace_back(work, thread);
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(right, 12);
}

}  // namespace systole::gpu

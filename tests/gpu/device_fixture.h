// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A gpu device over a provider's double.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "devices/gpu/device.h"
#include "hal/command_list.h"
#include "tests/gpu/provider_double.h"

namespace systole::gpu {

struct Opened {
  bool is_cpu = false;  // as PoCL's devices say
  std::shared_ptr<ProviderDouble> provider = std::make_shared<ProviderDouble>(int64_t{1} << 30, is_cpu);
  std::shared_ptr<Runtime> runtime = std::make_shared<Runtime>(provider, DiskCache(""));
  std::shared_ptr<Device> device = std::make_shared<GpuDevice>("gpu:double:0", runtime, int64_t{1} << 20);
};

inline std::shared_ptr<Buffer> buffer_on(const std::shared_ptr<Device>& device, int64_t bytes) {
  auto buffer = device->allocate({bytes, 0, MemoryKind::kHostVisible, "buffer"});
  EXPECT_TRUE(buffer.ok()) << buffer.status().to_string();
  return *buffer;
}

// `count` times relu.
inline std::shared_ptr<CommandList> relu_list(const std::shared_ptr<Device>& device, int count = 1) {
  auto x = buffer_on(device, 64), y = buffer_on(device, 64);
  const TensorDesc desc = row_major(DType::kF32, {16});
  auto list = std::make_shared<CommandList>(device, "relu");
  for (int i = 0; i < count; ++i) EXPECT_TRUE(list->op({Unary{}, {{x, 0, desc}}, {{y, 0, desc}}, "relu"}).ok());
  return list;
}

}  // namespace systole::gpu

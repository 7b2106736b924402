// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The buffer of everything whose memory is the host's.
#pragma once

#include <functional>
#include <memory>

#include "hal/buffer.h"

namespace systole {

class HostMemory final : public Buffer {
 public:
  // Zeroed. kInvalidArgument for a bad size or alignment, kOutOfMemory with the size asked for.
  // `device` is null for memory of no device and is kept alive otherwise; `on_free` is called with the size at the end.
  static Result<std::shared_ptr<HostMemory>> allocate(BufferParams params, std::shared_ptr<Device> device = nullptr,
                                                      std::function<void(int64_t)> on_free = nullptr);
  // Wraps memory of the caller's.
  HostMemory(BufferParams params, std::byte* data);
  ~HostMemory() override;

  std::byte* bytes() const { return data_; }
  Device* device() const override { return device_.get(); }
  uint64_t device_address() const override { return reinterpret_cast<uint64_t>(data_); }

 protected:
  Result<std::byte*> do_map(int64_t offset, int64_t, MapAccess) override { return data_ + offset; }

 private:
  std::shared_ptr<Device> device_;
  std::function<void(int64_t)> on_free_;
  void* owned_ = nullptr;
  std::byte* data_ = nullptr;
};

// Blocks of at least a large page are aligned to one.
inline constexpr size_t kLargePage = size_t{2} << 20;
// Asks the system for large pages under a block that is walked whole, where it is large enough to have some. A hint.
void prefer_large_pages(void* data, size_t bytes);

// Ok, or what is wrong with size and alignment.
Status check_params(const BufferParams& params);

}  // namespace systole

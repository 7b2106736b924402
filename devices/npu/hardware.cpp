// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/hardware.h"

namespace systole::npu {

Result<DeviceBlock> DeviceBlock::allocate(std::shared_ptr<Hardware> hardware, int64_t size, int64_t alignment,
                                          const std::string& name) {
  DeviceBlock block;
  if (size == 0) return block;
  SYSTOLE_ASSIGN_OR_RETURN(block.address_, hardware->allocator.allocate(size, alignment, name));
  block.hardware_ = std::move(hardware);
  return block;
}

DeviceBlock& DeviceBlock::operator=(DeviceBlock&& other) noexcept {
  std::swap(hardware_, other.hardware_);
  std::swap(address_, other.address_);
  return *this;
}

DeviceBlock::~DeviceBlock() {
  if (hardware_) hardware_->allocator.free(address_);
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/transport.h"

#include "configs/contract/generated/npu_contract.h"

namespace systole::npu {

Status Transport::dma_map(uint64_t, std::span<std::byte>, DmaAccess) {
  return Status(Code::kUnsupported, identity() + ": the device reads its own memory only; host memory can't be mapped");
}

Status Transport::dma_unmap(uint64_t, uint64_t) {
  return Status(Code::kUnsupported, identity() + ": no host memory is mapped");
}

Status check_access(uint32_t offset, int size) {
  if (size == 4 && offset % 4 == 0) return {};
  return Status(Code::kInvalidArgument, "register access of " + std::to_string(size) + " bytes at offset " +
                                            std::to_string(offset) + ": expected 4 bytes at a multiple of 4");
}

}  // namespace systole::npu

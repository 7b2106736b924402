// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/program.h"

#include <cstdlib>

namespace systole::npu {

void patch_address(contract::Descriptor& descriptor, uint64_t address) {
  switch (contract::opcode(descriptor)) {
    case contract::Opcode::kLoad: {
      contract::Load command = contract::decode_load(descriptor);
      command.dram_addr = address;
      descriptor = contract::encode(command);
      return;
    }
    case contract::Opcode::kStore: {
      contract::Store command = contract::decode_store(descriptor);
      command.dram_addr = address;
      descriptor = contract::encode(command);
      return;
    }
    case contract::Opcode::kFence: {
      contract::Fence command = contract::decode_fence(descriptor);
      command.record_addr = address;
      descriptor = contract::encode(command);
      return;
    }
    default: std::abort();
  }
}

void patch_fence(contract::Descriptor& descriptor, uint64_t sequence, bool irq) {
  if (contract::opcode(descriptor) != contract::Opcode::kFence) std::abort();
  contract::Fence command = contract::decode_fence(descriptor);
  command.sequence = sequence;
  command.irq = irq ? 1 : 0;
  descriptor = contract::encode(command);
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/rendezvous.h"

namespace systole::npu {
namespace {

void signal_core(contract::Header& header, int core) {
  header.signal0_id = kRendezvous, header.signal0_count = 1, header.signal0_scope = contract::Scope::kCore;
  header.core = static_cast<uint32_t>(core);
}

void wait_for(contract::Header& header, int count) {
  header.wait0_id = kRendezvous, header.wait0_count = static_cast<uint32_t>(count);
}

}  // namespace

void Rendezvous::begin(Program& program, uint16_t tag) const {
  if (cores == 1) return;
  contract::Nop nop;
  nop.header.tag = tag;
  if (core > 0) {
    wait_for(nop.header, 1);
    program.descriptors.push_back(contract::encode(nop));
    return;
  }
  for (int other = 1; other < cores; ++other) {
    signal_core(nop.header, other);
    program.descriptors.push_back(contract::encode(nop));
  }
}

void Rendezvous::end(Program& program) const {
  if (cores == 1) return;
  contract::Descriptor& last = program.descriptors.back();
  contract::Fence fence = contract::decode_fence(last);
  if (core > 0)
    signal_core(fence.header, 0);
  else
    wait_for(fence.header, cores - 1);
  last = contract::encode(fence);
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Device memory behind the NPU's three AXI4 masters, one beat a burst: bytes, and the moments of answers from the timed
// memory system that the model uses too. Masters pace themselves and limit what they have in flight.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "rtl/harness/pins.h"
#include "sim/memory/system.h"

namespace systole::rtl {

class AxiMemory {
 public:
  // `bytes` outlive it; at least spec.dram.bytes.
  AxiMemory(const spec::NpuSpec& spec, std::span<std::byte> bytes);

  // In each cycle, in this order: the answers of cycle `now`, at most one a master and direction, in the order of its
  // requests; then what the masters ask for in it. Bursts outside the memory read as zero, and writes to them are
  // dropped: an NPU's windows keep it from asking.
  void answer(uint64_t now, MasterPins (&masters)[kMasters]);
  void request(uint64_t now, const MasterPins (&masters)[kMasters]);
  void reset(uint64_t now);  // forgets what is in flight; the bytes stay
  const memory::System& system() const { return system_; }
  bool idle() const { return in_flight_ == 0; }

 private:
  struct Burst {
    uint64_t id, address, at;  // at: memory::kNever while not known
  };
  // bytes: of the burst that are moved; which of them does not count.
  void push(uint64_t now, int master, bool write, uint64_t address, size_t bytes);
  std::span<std::byte> at(uint64_t address) const;  // empty: outside

  memory::System system_;
  std::span<std::byte> bytes_;
  size_t burst_bytes_;
  std::deque<Burst> bursts_[kMasters][2];  // by direction: reads, writes
  uint64_t next_id_ = 0;
  size_t in_flight_ = 0;
  std::vector<memory::Reply> replies_;
};

}  // namespace systole::rtl

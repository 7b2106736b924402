// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A program through registers. Every access takes a cycle, so that all machines see the same ones.
#pragma once

#include <span>

#include "rtl/differential/substrates.h"

namespace systole::differential {

class Machine {
 public:
  virtual ~Machine() = default;
  virtual void write(uint32_t offset, uint32_t value) = 0;  // a cycle
  virtual uint32_t read(uint32_t offset) = 0;               // a cycle
  virtual uint64_t run(
      uint64_t most) = 0;  // to the end of the cycle in which the interrupt line is high; cycles passed
  virtual bool irq() const = 0;
  virtual uint64_t now() const = 0;
  virtual std::span<std::byte> memory() = 0;
  virtual std::vector<CommandTimes> take_times() = 0;  // absolute cycles
  virtual Causes causes() = 0;                         // since reset, of the cycles before now()
  virtual void at_doorbell() {}                        // the next write is it
};

// Reset, memory, ring, doorbell; until the last fence's interrupt or an error's; then registers and memory.
Outcome converse(Machine& machine, const Program& program);

}  // namespace systole::differential

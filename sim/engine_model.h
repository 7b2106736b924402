// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the core asks of an engine. The core owns queues, semaphores and moments; a model owns the engine's own
// conditions, the length of a command, and its values.
#pragma once

#include <vector>

#include "sim/box.h"
#include "sim/command.h"
#include "sim/fault.h"

namespace systole::sim {

struct Access {
  Race::Space space;
  bool write;
  Box box;
};

class EngineModel {
 public:
  virtual ~EngineModel() = default;
  virtual void reset() = 0;
  // bad_operand or dma_fault, from the command and the registers alone; asked before ready_at.
  virtual Fault check(const Command& command) const = 0;
  // bad_operand that depends on what was issued before; asked in the cycle of the issue.
  virtual Fault check_at_issue(const Command&) const { return {}; }
  // First cycle, not before `now`, in which the engine's own conditions let it issue; kNever: not before another
  // command issues.
  virtual uint64_t ready_at(const Command& command, uint64_t now) = 0;
  // Sets port_free and complete, kNever where the memory will tell; moves the values.
  virtual void issue(Command& command, uint64_t now) = 0;
  virtual void accesses(const Command& command, std::vector<Access>& out) const = 0;
};

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From a descriptor to a command: what can be refused without knowing any state, and the increments of enclosing loops.
#pragma once

#include "configs/spec/npu_spec.h"
#include "sim/command.h"
#include "sim/fault.h"

namespace systole::sim {

using LoopCounts = std::array<uint64_t, 3>;  // iterations done, by level; 0 where no loop of the level encloses

// Fills opcode, engine, tag, waits, signals and body. `address`: the descriptor's, for the fault.
Fault decode(const contract::Descriptor& descriptor, uint64_t address, const spec::NpuSpec& spec,
             const LoopCounts& iterations, Command& command);

}  // namespace systole::sim

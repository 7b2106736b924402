// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From a descriptor to a command: what can be refused without knowing any state, and the increments of enclosing loops.
#pragma once

#include "configs/spec/npu_spec.h"
#include "sim/command.h"
#include "sim/fault.h"

namespace systole::sim {

using LoopCounts = std::array<uint64_t, 3>;  // iterations done, by level; 0 where no loop of the level encloses

// A descriptor and what it says in iteration 0 of every loop: decoded once, however often it is dispatched.
struct Decoded {
  Command command;                                     // opcode, engine, tag, waits, signals and body
  std::array<std::array<int32_t, 3>, 3> increments{};  // of operands a, b and c, by level
  Fault fault;
};

// `address`: the descriptor's, for the fault.
Decoded decode(const contract::Descriptor& descriptor, uint64_t address, const spec::NpuSpec& spec);
// The command with the increments of so many iterations.
void advance_operands(const Decoded& decoded, const LoopCounts& iterations, Command& command);

}  // namespace systole::sim

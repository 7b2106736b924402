// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops that repeat: layers of a network are the same commands at other addresses.
#pragma once

#include <vector>

#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// Where an op's operands lie, those whose content is known left out.
std::vector<DramAddress> operand_addresses(const OpCall& call, Constants& constants);
// Operands whose content is known are in plain host memory, from where they are packed.
bool packs_from_host(const OpCall& call);

// The commands of one program's ops, to be copied for a later op instead of being written and folded again. Copies are
// what writing would have given: the op has the same commands, and addresses in each buffer lie as far apart as before.
// For programs without values only, as an op's constants are so many bytes then and nothing else.
class Repeats {
 public:
  explicit Repeats(Program& program) : program_(program) {}

  // Appends an earlier op's commands to the program, as those of op `index`; where there is one, its range. The names
  // and the plan in it are the earlier one's.
  const OpRange* repeat(const LoweredOp& op, const std::vector<DramAddress>& at, uint32_t index);
  // The op just written, whose operands, relocations and constants begin there.
  void remember(const LoweredOp& op, std::vector<DramAddress> at, const OpRange& range, size_t relocation,
                int64_t constant);

 private:
  struct Entry {
    const LoweredOp* op;  // lives as long as the program is compiled
    std::vector<DramAddress> at;
    OpRange range;
    size_t relocation, relocations;
    int64_t constant, constants;
  };
  void copy(const Entry& entry, const std::vector<DramAddress>& at, uint32_t index);

  Program& program_;
  std::vector<Entry> entries_;
};

}  // namespace systole::npu

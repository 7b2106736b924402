// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops that repeat: layers of a network are the same commands at other addresses.
#pragma once

#include <optional>
#include <vector>

#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// Where an op's operands lie, those whose content is known left out.
std::vector<DramAddress> operand_addresses(const OpCall& call, Constants& constants);
// Operands whose content is known are in plain host memory, from where they are packed.
bool packs_from_host(const OpCall& call);

// The ops of one program, whose commands serve for later ops instead of being written and folded again. They are what
// writing would have given: the op has the same commands, and addresses in each buffer lie as far apart as before. For
// programs without values only, as an op's constants are so many bytes then and nothing else.
class Repeats {
 public:
  explicit Repeats(Program& program) : program_(program) {}

  // Where an earlier op's commands are those of op `index`: its range, moved, and its names and plan. Takes the room
  // for constants.
  std::optional<OpRange> repeat(const LoweredOp& op, const std::vector<DramAddress>& at, uint32_t index);
  // Op `index`, just written, whose operands, relocations and constants begin there.
  void remember(const LoweredOp& op, std::vector<DramAddress> at, const OpRange& range, uint32_t index,
                size_t relocation, int64_t constant);

 private:
  struct Entry {
    const LoweredOp* op;  // lives as long as the program is compiled
    std::vector<DramAddress> at;
    OpRange range;
    uint32_t index;
    int64_t constant, constants;
  };

  Program& program_;
  std::vector<Entry> entries_;
};

}  // namespace systole::npu

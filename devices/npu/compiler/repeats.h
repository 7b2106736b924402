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
  Repeats(Program& program, Constants& constants) : program_(program), constants_(constants) {}

  // An op, the next one where its first weights are loaded with it, and where its operands lie.
  struct Op {
    const LoweredOp *lowered, *next;  // live as long as the program is compiled
    std::vector<DramAddress> at;
    uint32_t index;
    int ahead;  // blocks of its weights that are there
  };
  // Where an op begins that is written.
  struct Begin {
    size_t relocation = 0;
    int64_t constant = 0, ahead = 0;  // constants of its own, and with those that the op before it brought
  };
  Begin begin() const;

  // Where an earlier op's commands are this one's: its range, moved, and its names and plan. Takes the room for
  // constants.
  std::optional<OpRange> repeat(const Op& op);
  // The op, just written.
  void remember(Op op, const OpRange& range, const Begin& begin);

 private:
  struct Entry {
    Op op;
    OpRange range;
    int64_t constant, constants;
    Constants::Ahead ahead;  // of the next op
  };

  Program& program_;
  Constants& constants_;
  std::vector<Entry> entries_;
};

}  // namespace systole::npu

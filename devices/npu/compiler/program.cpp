// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/program.h"

#include <algorithm>
#include <cstdlib>

namespace systole::npu {
namespace {

// What turns a tag into another, in any command's words.
contract::Descriptor tag_change(uint16_t from, uint16_t to) {
  contract::Header header;
  contract::Descriptor before, after;
  header.tag = from;
  contract::put_header(before, header, contract::Opcode::kNop);
  header.tag = to;
  contract::put_header(after, header, contract::Opcode::kNop);
  for (size_t i = 0; i < after.words.size(); ++i) after.words[i] ^= before.words[i];
  return after;
}

}  // namespace

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
    default:
      std::abort();
  }
}

void patch_fence(contract::Descriptor& descriptor, uint64_t sequence, bool irq) {
  if (contract::opcode(descriptor) != contract::Opcode::kFence) std::abort();
  contract::Fence command = contract::decode_fence(descriptor);
  command.sequence = sequence;
  command.irq = irq ? 1 : 0;
  descriptor = contract::encode(command);
}

void expand(const Program& program, size_t op, std::vector<contract::Descriptor>& commands,
            std::vector<Relocation>& relocations) {
  const OpRange& range = program.ops[op];
  const auto begin = static_cast<uint32_t>(commands.size());
  const auto first = program.descriptors.begin() + range.first;
  commands.insert(commands.end(), first, program.descriptors.begin() + range.last + 1);
  auto relocation = std::lower_bound(program.relocations.begin(), program.relocations.end(), range.first,
                                     [](const Relocation& r, uint32_t at) { return r.descriptor < at; });
  for (; relocation != program.relocations.end() && relocation->descriptor <= range.last; ++relocation) {
    Relocation moved = *relocation;
    moved.descriptor = begin + relocation->descriptor - range.first;
    for (const Move& move : range.moves) {
      if (move.target != moved.target || move.index != moved.index) continue;
      moved.offset += move.bytes;
      break;
    }
    relocations.push_back(moved);
  }
  if (range.moves.empty()) return;
  const contract::Descriptor change = tag_change(contract::decode_header(*first).tag, range.tag);
  for (size_t i = begin; i < commands.size(); ++i)
    for (size_t word = 0; word < change.words.size(); ++word) commands[i].words[word] ^= change.words[word];
  patch_fence(commands.back(), uint64_t{op} + 1, false);
}

Program flat(Program program) {
  std::vector<contract::Descriptor> commands;
  std::vector<Relocation> relocations;
  std::vector<uint32_t> firsts;
  for (size_t op = 0; op < program.ops.size(); ++op) {
    firsts.push_back(static_cast<uint32_t>(commands.size()));
    expand(program, op, commands, relocations);
  }
  firsts.push_back(static_cast<uint32_t>(commands.size()));
  for (size_t op = 0; op < program.ops.size(); ++op) {
    OpRange& range = program.ops[op];
    range.first = firsts[op], range.last = firsts[op + 1] - 1;
    range.moves.clear();
  }
  program.descriptors = std::move(commands);
  program.relocations = std::move(relocations);
  return program;
}

}  // namespace systole::npu

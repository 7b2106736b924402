// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The command stream of one op under construction: commands as if unrolled; loops are found when it is finished.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "devices/npu/compiler/program.h"

namespace systole::npu {

// A place in device memory that is known at submit; or, for a resident tensor, in the scratchpad.
struct DramAddress {
  Target target = Target::kBuffer;
  int32_t index = 0;
  int64_t offset = 0;  // bytes
  DramAddress operator+(int64_t bytes) const { return {target, index, offset + bytes}; }
};

// A command without its addresses, by number in a table, and the three addresses that REPEAT can step.
struct Item {
  uint32_t form = 0;
  uint32_t steps = 0;  // number in the table of increments; 0: none
  std::array<int64_t, 3> address{};
  bool operator==(const Item&) const = default;
};

// What distinguishes one command from another beside its addresses.
struct Form {
  contract::Descriptor descriptor;  // address fields and increments zero
  contract::Opcode opcode = contract::Opcode::kNop;
  Target target = Target::kBuffer;
  int32_t index = -1;  // relocation's; -1: none
  uint32_t body = 0;   // REPEAT: items of its body
  int depth = 0;       // REPEAT: loops in it, itself included
};

using Steps = std::array<std::array<int32_t, 3>, 3>;  // [level][a, b, c]

class Emitter {
 public:
  Emitter(const spec::NpuSpec& spec, uint16_t tag);

  // header.tag, the addresses' relocation and the increments are filled in here.
  void load(contract::Load command, const DramAddress& from);
  void store(contract::Store command, const DramAddress& to);
  void preload(contract::Preload command);
  void compute(contract::Compute command);
  void vector(contract::Vector command);
  void set_semaphore(int id, int value);

  // After all other commands: loads the first of these blocks between them, as many as are estimated to cost the op no
  // time; all, or a multiple of the granule. How many.
  struct Block {
    DramAddress from;
    int64_t local = 0, bytes = 0;
  };
  size_t load_ahead(const std::vector<Block>& blocks, size_t granule);

  // Between two tiles: keeps the unfolded stream bounded. Never changes what the commands do.
  void tile_done();
  // Folds what is regular into loops and appends all to the program, ended by a FENCE with a record (record_index).
  void finish(Program& program, uint32_t record_index);

  int64_t dram_read_bytes() const { return read_bytes_; }
  int64_t dram_write_bytes() const { return write_bytes_; }
  int64_t on_chip_bytes() const { return on_chip_bytes_; }
  int64_t commands() const { return commands_; }  // as if unrolled

 private:
  uint32_t intern(Form form);
  void append(Form form, std::array<int64_t, 3> address);
  void fold(size_t from);

  const spec::NpuSpec& spec_;
  uint16_t tag_;
  std::vector<Form> forms_;
  std::unordered_multimap<uint64_t, uint32_t> form_numbers_;  // by hash
  std::array<uint32_t, 4> recent_{};
  std::vector<Steps> steps_;
  std::vector<Item> items_;
  size_t folded_ = 0;  // items_[0, folded_) went through one folding pass
  int64_t read_bytes_ = 0, write_bytes_ = 0, on_chip_bytes_ = 0, commands_ = 0;
};

}  // namespace systole::npu

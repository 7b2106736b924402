// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/emitter.h"

#include <algorithm>
#include <cstdlib>

#include "devices/npu/compiler/ahead.h"
#include "devices/npu/compiler/fold.h"
#include "devices/npu/compiler/gemm.h"

namespace systole::npu {
namespace {

constexpr size_t kUnfoldedItems = size_t{1} << 18;
constexpr int64_t kLeastPart = 1024;  // bytes of a load ahead

template <typename Command>
void put_steps(Command& command, const Steps& steps) {
  auto& h = command.header;
  h.inc_a_0 = steps[0][0], h.inc_b_0 = steps[0][1], h.inc_c_0 = steps[0][2];
  h.inc_a_1 = steps[1][0], h.inc_b_1 = steps[1][1], h.inc_c_1 = steps[1][2];
  h.inc_a_2 = steps[2][0], h.inc_b_2 = steps[2][1], h.inc_c_2 = steps[2][2];
}

int32_t relocation(const DramAddress& address) { return address.target == Target::kOnChip ? -1 : address.index; }

contract::Descriptor assemble(const Form& form, const Item& item, const Steps& steps) {
  const auto& at = item.address;
  switch (form.opcode) {
    case contract::Opcode::kLoad: {
      contract::Load c = contract::decode_load(form.descriptor);
      c.local_addr = static_cast<uint32_t>(at[1]);  // dram_addr comes by relocation, but on chip
      if (c.far == contract::Far::kScratchpad) c.dram_addr = static_cast<uint64_t>(at[0]);
      put_steps(c, steps);
      return contract::encode(c);
    }
    case contract::Opcode::kStore: {
      contract::Store c = contract::decode_store(form.descriptor);
      c.local_addr = static_cast<uint32_t>(at[1]);
      if (c.far == contract::Far::kScratchpad) c.dram_addr = static_cast<uint64_t>(at[0]);
      put_steps(c, steps);
      return contract::encode(c);
    }
    case contract::Opcode::kPreload: {
      contract::Preload c = contract::decode_preload(form.descriptor);
      c.addr = static_cast<uint32_t>(at[0]);
      put_steps(c, steps);
      return contract::encode(c);
    }
    case contract::Opcode::kCompute: {
      contract::Compute c = contract::decode_compute(form.descriptor);
      c.addr = static_cast<uint32_t>(at[0]);
      c.acc_row = static_cast<uint32_t>(at[1]);
      put_steps(c, steps);
      return contract::encode(c);
    }
    case contract::Opcode::kVector: {
      contract::Vector c = contract::decode_vector(form.descriptor);
      c.src_addr = static_cast<uint32_t>(at[0]);
      c.dst_addr = static_cast<uint32_t>(at[1]);
      if (c.c_steps != contract::CSteps::kParams) c.b_addr = static_cast<uint32_t>(at[2]);
      if (c.c_steps != contract::CSteps::kB) c.param_addr += static_cast<uint32_t>(at[2]);
      put_steps(c, steps);
      return contract::encode(c);
    }
    default:
      return form.descriptor;
  }
}

}  // namespace

Emitter::Emitter(const spec::NpuSpec& spec, uint16_t tag) : spec_(spec), tag_(tag) { steps_.push_back({}); }

uint32_t Emitter::intern(Form form) {
  const auto is = [&](uint32_t number) {
    const Form& known = forms_[number];
    return known.descriptor.words == form.descriptor.words && known.target == form.target && known.index == form.index;
  };
  for (uint32_t number : recent_)  // a tile's commands come again and again
    if (number < forms_.size() && is(number)) return number;
  uint64_t hash = static_cast<uint64_t>(form.index) << 8 | static_cast<uint64_t>(form.target);
  for (const auto word : form.descriptor.words) hash = (hash ^ word) * 0x9e3779b97f4a7c15 >> 1;
  auto number = static_cast<uint32_t>(forms_.size());
  for (auto [at, end] = form_numbers_.equal_range(hash); at != end; ++at)
    if (is(at->second)) number = at->second;
  if (number == forms_.size()) {
    forms_.push_back(std::move(form));
    form_numbers_.emplace(hash, number);
  }
  std::rotate(recent_.begin(), recent_.end() - 1, recent_.end());
  return recent_[0] = number;
}

void Emitter::append(Form form, std::array<int64_t, 3> address) {
  ++commands_;
  items_.push_back({intern(std::move(form)), 0, address});
}

void Emitter::load(contract::Load command, const DramAddress& from) {
  const std::array<int64_t, 3> at = {from.offset, command.local_addr, 0};
  const int64_t rows = static_cast<int64_t>(command.n2) *
                       std::max<int64_t>(0, int64_t{command.n1} - command.pad1_before - command.pad1_after) *
                       std::max<int64_t>(0, int64_t{command.n0} - command.pad0_before - command.pad0_after);
  const bool on_chip = from.target == Target::kOnChip && rows > 0;
  (on_chip ? on_chip_bytes_ : read_bytes_) += rows * command.row_bytes;
  command.far = on_chip ? contract::Far::kScratchpad : contract::Far::kDram;
  command.header.tag = tag_;
  command.local_addr = 0;
  append({contract::encode(command), contract::Opcode::kLoad, from.target, relocation(from)}, at);
}

void Emitter::store(contract::Store command, const DramAddress& to) {
  const std::array<int64_t, 3> at = {to.offset, command.local_addr, 0};
  const bool on_chip = to.target == Target::kOnChip;
  (on_chip ? on_chip_bytes_ : write_bytes_) +=
      static_cast<int64_t>(command.n2) * command.n1 * command.n0 * command.row_bytes;
  command.far = on_chip ? contract::Far::kScratchpad : contract::Far::kDram;
  command.header.tag = tag_;
  command.local_addr = 0;
  append({contract::encode(command), contract::Opcode::kStore, to.target, relocation(to)}, at);
}

void Emitter::preload(contract::Preload command) {
  const std::array<int64_t, 3> at = {command.addr, 0, 0};
  command.header.tag = tag_;
  command.addr = 0;
  append({contract::encode(command), contract::Opcode::kPreload}, at);
}

void Emitter::compute(contract::Compute command) {
  const std::array<int64_t, 3> at = {command.addr, command.acc_row, 0};
  command.header.tag = tag_;
  command.addr = 0;
  command.acc_row = 0;
  append({contract::encode(command), contract::Opcode::kCompute}, at);
}

void Emitter::vector(contract::Vector command) {
  const bool params = command.c_steps == contract::CSteps::kParams;
  const uint32_t c = params ? command.param_addr : command.b_addr;
  const std::array<int64_t, 3> at = {command.src_addr, command.dst_addr, c};
  command.header.tag = tag_;
  command.src_addr = 0;
  command.dst_addr = 0;
  if (!params) command.b_addr = 0;
  if (command.c_steps != contract::CSteps::kB) command.param_addr -= c;  // both: how far it lies from b
  append({contract::encode(command), contract::Opcode::kVector}, at);
}

void Emitter::set_semaphore(int id, int value) {
  contract::Sem command;
  command.header.tag = tag_;
  command.id = static_cast<uint32_t>(id);
  command.value = static_cast<uint32_t>(value);
  command.op = contract::SemOp::kSet;
  append({contract::encode(command), contract::Opcode::kSem}, {});
}

void Emitter::fold(size_t from) {
  const auto repeat = [&](uint32_t count, uint32_t body, int level) {
    contract::Repeat command;
    command.header.tag = tag_;
    command.count = count;
    command.body = body;
    command.level = static_cast<uint32_t>(level);
    Form form{contract::encode(command), contract::Opcode::kRepeat};
    form.body = body;
    form.depth = level + 1;
    return intern(form);
  };
  fold_once(items_, from, static_cast<size_t>(spec_.core.loop_buffer), forms_, steps_, repeat);
}

size_t Emitter::load_ahead(const std::vector<Block>& blocks, size_t granule) {
  const std::vector<LoadGap> gaps = load_gaps(items_, folded_, forms_, spec_);
  const auto most =
      std::max_element(gaps.begin(), gaps.end(), [](const LoadGap& a, const LoadGap& b) { return a.room < b.room; });
  size_t count = 0;
  int64_t bytes = 0, whole = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    bytes += blocks[i].bytes;
    if (bytes > most->room) break;
    if (i + 1 == blocks.size() || (i + 1) % granule == 0) count = i + 1, whole = bytes;
  }
  std::vector<Block> runs;  // blocks that touch on both sides, joined
  for (size_t i = 0; i < count; ++i) {
    const Block& block = blocks[i];
    if (!runs.empty() && runs.back().local + runs.back().bytes == block.local &&
        runs.back().from.offset + runs.back().bytes == block.from.offset)
      runs.back().bytes += block.bytes;
    else
      runs.push_back(block);
  }
  // In equal parts, which fold into loops, as late as there is room to spare.
  size_t used = 1;
  while (gaps[used - 1].room < whole + whole / 4 && &gaps[used - 1] != &*most) ++used;
  const int64_t part = round_up(std::max<int64_t>(kLeastPart, ceil_div(whole, static_cast<int64_t>(used))), 64);
  used = static_cast<size_t>(ceil_div(whole, part));
  size_t run = 0, inserted = 0;
  int64_t done = 0;  // of the run
  for (size_t gap = used; gap-- > 0;) {
    const size_t end = items_.size();
    for (int64_t left = part; left > 0 && run < runs.size();) {
      const Block& from = runs[run];
      contract::Load command;
      command.row_bytes = static_cast<uint32_t>(std::min(left, from.bytes - done));
      command.local_addr = static_cast<uint32_t>(from.local + done);
      command.n0 = command.n1 = command.n2 = 1;
      load(command, from.from + done);
      left -= command.row_bytes, done += command.row_bytes;
      if (done == from.bytes) ++run, done = 0;
    }
    const auto begin = items_.begin();
    std::rotate(begin + static_cast<std::ptrdiff_t>(gaps[gap].at + inserted), begin + static_cast<std::ptrdiff_t>(end),
                items_.end());
    inserted += items_.size() - end;
  }
  return count;
}

void Emitter::tile_done() {
  if (items_.size() - folded_ < kUnfoldedItems) return;
  fold(folded_);
  folded_ = items_.size();
}

void Emitter::finish(Program& program, uint32_t record_index) {
  fold(folded_);
  fold(0);
  fold(0);
  for (const Item& item : items_) {
    const Form& form = forms_[item.form];
    if (form.index >= 0) {
      program.relocations.push_back(
          {static_cast<uint32_t>(program.descriptors.size()), form.target, form.index, item.address[0]});
    }
    program.descriptors.push_back(assemble(form, item, steps_[item.steps]));
  }
  contract::Fence fence;
  fence.header.tag = tag_;
  fence.sequence = uint64_t{record_index} + 1;
  program.relocations.push_back(
      {static_cast<uint32_t>(program.descriptors.size()), Target::kRecords, 0, int64_t{record_index} * 64});
  program.descriptors.push_back(contract::encode(fence));
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/faults.h"

#include "rtl/differential/synchronise.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Opcode;

constexpr auto kStays = contract::Dataflow::kOutputStationary;

struct Fault {
  const spec::NpuSpec& spec;
  Random& random;

  uint32_t id() const { return static_cast<uint32_t>(spec.core.semaphores) - 1; }

  contract::Load load() const {
    contract::Load l;
    l.dram_addr = kConstants, l.row_bytes = 16, l.n0 = l.n1 = l.n2 = 1;
    return l;
  }
  contract::Store store() const {
    contract::Store s;
    s.dram_addr = kData, s.row_bytes = 16, s.n0 = s.n1 = s.n2 = 1;
    return s;
  }
  bool stays() const { return spec.array.output_stationary(); }
  contract::Preload preload() const { return {.rows = 1, .cols = 1, .row_stride = 4}; }
  contract::Compute compute() const {
    contract::Compute c;
    c.m0 = c.m1 = c.m2 = c.acc_stride = c.rows = c.cols = c.k_c = c.k_w = 1;
    c.stride0 = c.stride1 = c.stride2 = c.kw_stride = c.kh_stride = 4;
    return c;
  }
  contract::Vector vector() const { return {.channels = 4, .n0 = 1, .n1 = 1, .d_stride0 = 4, .d_stride1 = 4}; }

  std::vector<Descriptor> pair(contract::Preload p, uint32_t steps) const {
    contract::Compute c = compute();
    p.dataflow = c.dataflow = kStays, c.m0 = steps;
    return {contract::encode(p), contract::encode(c)};
  }

  template <typename T, typename F>
  std::vector<Descriptor> one(T command, F&& change) const {
    change(command);
    return {contract::encode(command)};
  }
  std::vector<Descriptor> raw(uint32_t word0, size_t at = 0, uint32_t word = 0) const {
    Descriptor d;
    d.words[0] = word0;
    d.words[at] |= word;
    return {d};
  }

  std::vector<Descriptor> undecodable() const {
    switch (random.between(0, 11)) {
      case 0:
        return raw(static_cast<uint32_t>(random.between(9, 255)));
      case 1:
        return raw(static_cast<uint32_t>(Opcode::kNop), static_cast<size_t>(random.between(13, 31)),
                   1u << random.between(0, 31));
      case 2:
        return raw(static_cast<uint32_t>(Opcode::kSem), 13, 0x100000u << random.between(0, 11));
      case 3:
        return one(preload(),
                   [&](auto& p) { p.dataflow = static_cast<contract::Dataflow>(random.between(stays() ? 2 : 1, 3)); });
      case 8:
        return one(preload(), [&](auto& p) { p.weights = static_cast<contract::Weights>(random.between(1, 3) | 1); });
      case 9:
        return one(preload(), [&](auto& p) { p.dtype = contract::Dtype::kU8, p.weights = contract::Weights::kI4; });
      case 4:
        return one(load(), [&](auto& l) { l.dtype_pair = 3; });
      case 5:
        return one(store(), [&](auto& s) { s.transpose = 1; });
      case 6:
        return one(load(), [&](auto& l) { l.header.core = 1; });
      case 11:
        return one(vector(), [&](auto& v) { v.c_steps = static_cast<contract::CSteps>(3); });
      case 7:
        return one(vector(),
                   [&](auto& v) { v.header.signal1_scope = static_cast<contract::Scope>(random.between(1, 3)); });
      default:
        return one(vector(), [&](auto& v) { v.a_dtype = static_cast<contract::Dtype>(random.between(5, 15)); });
    }
  }

  std::vector<Descriptor> wrong_operand() const {
    const auto end = static_cast<uint32_t>(spec.scratchpad.bytes);
    switch (random.between(0, stays() ? 14 : 11)) {
      case 0:
        return one(load(), [&](auto& l) { l.n1 = 0; });
      case 1:
        return one(load(), [&](auto& l) { l.local_addr = end - 15; });
      case 2:
        return one(store(), [&](auto& s) { s.pad0_before = 1; });
      case 3:
        return one(preload(), [&](auto& p) { p.rows = static_cast<uint32_t>(spec.array.rows) + 1; });
      case 4:
        return one(compute(), [&](auto& c) { c.acc_row = static_cast<uint32_t>(spec.accumulator.rows); });
      case 5:
        return one(compute(), [&](auto& c) { c.c0 = 1; });
      case 6:
        return one(compute(), [&](auto& c) { c.addr = end; });
      case 7:
        return one(vector(), [&](auto& v) { v.channels = 0; });
      case 8:
        return one(vector(), [&](auto& v) { v.dst_addr = end - 3; });
      case 9:
        return one(vector(), [&](auto& v) { v.a_dtype = contract::Dtype::kI32, v.src_addr = 2; });
      case 10:
        return one(load(), [&](auto& l) { l.space = contract::Space::kAccumulator, l.local_addr = 2; });
      case 12:
        return one(compute(), [&](auto& c) { c.dataflow = kStays, c.rows = 2, c.acc_stride = 0; });
      case 13:
        return pair(preload(), 2);
      case 14:
        return pair({.addr = 4, .rows = 1, .cols = 1, .row_stride = 4}, 1);  // in the bank of its vectors
      default:
        return one(load(), [&](auto& l) { l.header.wait1_id = id() + 1, l.header.wait1_count = 1; });
    }
  }

  std::vector<Descriptor> outside() const {
    switch (random.between(0, 4)) {
      case 0:
        return one(load(), [&](auto& l) { l.dram_addr = kDramBytes - 8; });
      case 1:
        return one(store(),
                   [&](auto& s) { s.dram_addr = kConstants + static_cast<uint64_t>(random.between(0, 4096)); });
      case 2:
        return one(load(),
                   [&](auto& l) { l.dram_addr = kRecords - 64, l.n0 = 2, l.dram_stride0 = 16, l.local_stride0 = 16; });
      case 3:
        return one(store(), [&](auto& s) { s.dram_addr = uint64_t{1} << random.between(32, 63); });
      default:
        return one(contract::Fence{.sequence = 5}, [&](auto& f) {
          f.record_addr = random.pick<uint64_t>({kConstants, kRecords + 32, uint64_t{1} << 62});
        });
    }
  }

  std::vector<Descriptor> count() const {
    const contract::Sem full{.id = id(), .value = 255, .op = contract::SemOp::kSet};
    switch (random.between(0, 3)) {
      case 0:
        return {contract::encode(contract::Sem{.id = id(), .value = 0}),
                contract::encode(contract::Sem{.id = id(), .value = 1, .op = contract::SemOp::kSub})};
      case 1:
        return {contract::encode(full),
                contract::encode(contract::Sem{.id = id(), .value = 1, .op = contract::SemOp::kAdd})};
      case 2: {  // by a completion
        contract::Load l = load();
        l.header.signal0_id = id(), l.header.signal0_count = static_cast<uint32_t>(random.between(1, 255));
        return {contract::encode(full), contract::encode(l)};
      }
      default:
        return one(contract::Sem{.id = id() + 1}, [](auto&) {});
    }
  }

  std::vector<Descriptor> loop() const {
    const contract::Descriptor nop = contract::encode(contract::Nop{});
    switch (random.between(0, 3)) {
      case 0:
        return {contract::encode(contract::Repeat{.count = 2, .body = 2, .level = 1}),
                contract::encode(contract::Repeat{.count = 2, .body = 1, .level = 1}), nop};
      case 1:
        return {contract::encode(
                    contract::Repeat{.count = 2, .body = static_cast<uint32_t>(spec.core.loop_buffer) + 1, .level = 0}),
                nop};
      case 2:
        return {contract::encode(contract::Repeat{.count = 0, .body = 1, .level = 0}), nop};
      default:
        return {contract::encode(contract::Repeat{.count = 1, .body = 1, .level = 3}), nop};
    }
  }

  std::vector<Descriptor> deadlock() const {
    const auto wait = [&](auto command) {
      command.header.wait0_id = id(), command.header.wait0_count = static_cast<uint32_t>(random.between(1, 255));
      return contract::encode(command);
    };
    const Descriptor empty = contract::encode(contract::Sem{.id = id(), .value = 0});
    switch (random.between(0, stays() ? 4 : 3)) {
      case 0:
        return {empty, wait(load())};
      case 4:  // one of a pair
        if (random.chance(50)) return one(compute(), [](auto& c) { c.dataflow = kStays; });
        return {pair(preload(), 1)[0], contract::encode(contract::Fence{.sequence = 998})};
      case 1:
        return {empty, wait(vector())};
      case 2:
        return {empty, wait(contract::Nop{})};
      default:
        return {contract::encode(preload()), contract::encode(preload()), contract::encode(preload())};
    }
  }
};

}  // namespace

void put_fault(const spec::NpuSpec& spec, Random& random, std::vector<Descriptor>& commands, uint32_t& watchdog) {
  const Fault fault{spec, random};
  std::vector<Descriptor> wrong;
  switch (random.between(0, 5)) {
    case 0:
      wrong = fault.undecodable();
      break;
    case 1:
      wrong = fault.wrong_operand();
      break;
    case 2:
      wrong = fault.outside();
      break;
    case 3:
      wrong = fault.count();
      break;
    case 4:
      wrong = fault.loop();
      break;
    default:
      wrong = fault.deadlock();
      watchdog = static_cast<uint32_t>(random.between(600, 3000));
  }
  if (random.chance(60)) wrong.insert(wrong.begin(), contract::encode(contract::Fence{.sequence = 999}));
  std::vector<size_t> places;
  size_t body_end = 0;
  bool in_pair = false;  // a fence there would never be met
  for (size_t i = 0; i < commands.size(); ++i) {
    if (i >= body_end && !in_pair) places.push_back(i);
    if (begins_pair(commands[i])) in_pair = true;
    if (contract::opcode(commands[i]) == Opcode::kCompute) in_pair = false;
    if (contract::opcode(commands[i]) == Opcode::kRepeat && i >= body_end)
      body_end = i + 1 + contract::decode_repeat(commands[i]).body;
  }
  const auto at = commands.begin() + static_cast<std::ptrdiff_t>(random.pick(places));
  commands.insert(at, wrong.begin(), wrong.end());
}

}  // namespace systole::differential

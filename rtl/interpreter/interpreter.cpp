// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/interpreter/interpreter.h"

#include <bit>
#include <cstring>

namespace systole::reference {

using contract::Dtype;
using contract::Opcode;
using contract::Space;

namespace {

int queue_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::kLoad:
      return 0;
    case Opcode::kStore:
      return 1;
    case Opcode::kPreload:
      return 2;
    case Opcode::kCompute:
      return 3;
    case Opcode::kVector:
      return 4;
    default:
      return -1;
  }
}

}  // namespace

Interpreter::Interpreter(const spec::NpuSpec& spec, size_t dram, uint32_t order)
    : spec_(spec), dram_(dram), random_(order) {
  const auto acc_bytes = static_cast<size_t>(spec.accumulator.rows) * static_cast<size_t>(spec.array.cols) * 4;
  local_ = {std::vector<std::byte>(static_cast<size_t>(spec.scratchpad.bytes)), std::vector<std::byte>(acc_bytes)};
  state_ = {std::vector<State>(local_[0].size()), std::vector<State>(local_[1].size())};
  dram_state_.assign(dram, kWritten);
  semaphores_.assign(static_cast<size_t>(spec.core.semaphores), 0);
  const auto& c = spec.core;
  depth_ = {static_cast<size_t>(c.load_queue), static_cast<size_t>(c.store_queue), static_cast<size_t>(c.preload_queue),
            static_cast<size_t>(c.compute_queue), static_cast<size_t>(c.vector_queue)};
  // Each engine is eager or sluggish, so that every engine runs far ahead or far behind in some order.
  for (double& e : eagerness_) e = random_() % 3 == 0 ? 0.02 : random_() % 2 ? 1.0 : 20.0;
  shadow_.assign(static_cast<size_t>(spec.array.rows * spec.array.cols), 0);
  active_ = shadow_;
}

void Interpreter::fail(const std::string& what) {
  if (error_.empty()) error_ = what + " (after " + std::to_string(executed_) + " commands)";
}

bool Interpreter::next_command(std::span<const contract::Descriptor> commands, Pending& next) {
  while (!loops_.empty() && pc_ == loops_.back().end) {
    if (++loops_.back().done < loops_.back().count) {
      pc_ = loops_.back().first;
    } else {
      loops_.pop_back();
    }
  }
  if (pc_ >= commands.size()) return false;
  next.descriptor = commands[pc_++];
  next.add = {};
  const contract::Nop any = contract::decode_nop(next.descriptor);
  const contract::Header& h = any.header;
  const int32_t step[3][3] = {
      {h.inc_a_0, h.inc_b_0, h.inc_c_0}, {h.inc_a_1, h.inc_b_1, h.inc_c_1}, {h.inc_a_2, h.inc_b_2, h.inc_c_2}};
  for (const Loop& loop : loops_) {
    for (size_t k = 0; k < 3; ++k) next.add[k] += static_cast<int64_t>(loop.done) * step[loop.level][k];
  }
  return true;
}

// False: it has to wait.
bool Interpreter::dispatch(const Pending& next) {
  if (!contract::reserved_bits_clear(next.descriptor)) return fail("reserved bits"), true;
  const Opcode opcode = contract::opcode(next.descriptor);
  if (!contract::find_command(opcode)) return fail("opcode"), true;
  const int engine = queue_of(opcode);
  if (engine >= 0) {
    auto& queue = queues_[static_cast<size_t>(engine)];
    if (queue.size() >= depth_[static_cast<size_t>(engine)]) return false;
    queue.push_back(next);
    return true;
  }
  const contract::Header header = contract::decode_header(next.descriptor);
  if (!waits_met(header)) return false;
  for (const auto& queue : queues_) {
    if (opcode == Opcode::kFence && (!queue.empty() || matrix_)) return false;
  }
  take_and_give(header, true);
  control(next);
  take_and_give(header, false);
  return true;
}

void Interpreter::control(const Pending& next) {
  switch (contract::opcode(next.descriptor)) {
    case Opcode::kSem: {
      const contract::Sem c = contract::decode_sem(next.descriptor);
      if (c.id >= semaphores_.size()) return fail("semaphore number");
      int& value = semaphores_[c.id];
      value = c.op == contract::SemOp::kSet   ? static_cast<int>(c.value)
              : c.op == contract::SemOp::kAdd ? value + static_cast<int>(c.value)
                                              : value - static_cast<int>(c.value);
      if (value < 0 || value > 255) fail("semaphore " + std::to_string(c.id) + " is " + std::to_string(value));
      return;
    }
    case Opcode::kRepeat: {
      const contract::Repeat c = contract::decode_repeat(next.descriptor);
      if (c.level > 2 || c.count == 0 || c.body == 0) return fail("repeat fields");
      for (const Loop& loop : loops_) {
        if (loop.level == static_cast<int>(c.level)) fail("a loop level inside itself");
        if (pc_ + c.body > loop.end) fail("a loop that leaves its loop");
      }
      if (c.body > static_cast<uint32_t>(spec_.core.loop_buffer)) fail("a body beyond the loop buffer");
      loops_.push_back({pc_, pc_ + c.body, c.count, 0, static_cast<int>(c.level)});
      return;
    }
    case Opcode::kFence: {
      const contract::Fence c = contract::decode_fence(next.descriptor);
      last_fence_ = c.sequence;
      if (!c.record_addr) return;
      const uint64_t at = c.record_addr + static_cast<uint64_t>(next.add[0]);
      if (at % 64 || at + 64 > dram_.size()) return fail("fence record at " + std::to_string(at));
      std::memcpy(dram_.data() + at, &c.sequence, 8);
      return;
    }
    default:
      return;
  }
}

bool Interpreter::waits_met(const contract::Header& h) const {
  int need0 = static_cast<int>(h.wait0_count), need1 = static_cast<int>(h.wait1_count);
  if (need0 && need1 && h.wait0_id == h.wait1_id) need0 += need1, need1 = 0;
  return (!need0 || semaphores_[h.wait0_id] >= need0) && (!need1 || semaphores_[h.wait1_id] >= need1);
}

bool Interpreter::ready(const Pending& p) const {
  if (!waits_met(contract::decode_header(p.descriptor))) return false;
  const Opcode opcode = contract::opcode(p.descriptor);
  if (opcode == Opcode::kPreload) {
    const bool stays = contract::decode_preload(p.descriptor).dataflow == contract::Dataflow::kOutputStationary;
    return !matrix_ && (stays || !shadow_full_);
  }
  if (opcode != Opcode::kCompute) return true;
  const contract::Compute c = contract::decode_compute(p.descriptor);
  if (c.dataflow == contract::Dataflow::kOutputStationary) return matrix_.has_value();
  return !c.swap || shadow_full_;
}

void Interpreter::take_and_give(const contract::Header& h, bool take) {
  const auto change = [&](uint32_t id, uint32_t count, int sign) {
    if (!count) return;
    semaphores_[id] += sign * static_cast<int>(count);
    if (semaphores_[id] > 255) fail("semaphore " + std::to_string(id) + " overflows");
  };
  if (take) {
    change(h.wait0_id, h.wait0_count, -1);
    change(h.wait1_id, h.wait1_count, -1);
  } else {
    change(h.signal0_id, h.signal0_count, 1);
    change(h.signal1_id, h.signal1_count, 1);
  }
}

void Interpreter::execute(int engine) {
  const Pending p = queues_[static_cast<size_t>(engine)].front();
  queues_[static_cast<size_t>(engine)].pop_front();
  const contract::Header h = contract::decode_nop(p.descriptor).header;
  take_and_give(h, true);
  switch (engine) {
    case 0:
      run_load(p);
      break;
    case 1:
      run_store(p);
      break;
    case 2:
      run_preload(p);
      break;
    case 3:
      run_compute(p);
      break;
    default:
      run_vector(p);
      break;
  }
  ++executed_;
  if (engine == 2 && matrix_) return;  // completes with its COMPUTE
  take_and_give(h, false);
}

std::string Interpreter::run(std::span<const contract::Descriptor> commands) {
  pc_ = 0;
  loops_.clear();
  Pending next;
  bool waiting = next_command(commands, next);
  std::uniform_real_distribution<double> uniform(0, 1);
  while (error_.empty()) {
    while (waiting && dispatch(next)) {
      if (!error_.empty()) return error_;
      waiting = next_command(commands, next);
      if (random_() % 4 == 0) break;
    }
    double total = 0;
    std::array<double, 5> weight{};
    for (size_t e = 0; e < 5; ++e) {
      if (!queues_[e].empty() && ready(queues_[e].front())) total += weight[e] = eagerness_[e];
    }
    if (total == 0) {
      bool empty = true;
      for (const auto& queue : queues_) empty = empty && queue.empty();
      if (empty && !waiting && matrix_) fail("an output-stationary preload without its compute");
      if (empty && !waiting) return error_;
      if (waiting && dispatch(next)) {
        waiting = next_command(commands, next);
        continue;
      }
      if (empty) {
        fail("deadlock: every queue is empty, and the next command waits");
        break;
      }
      fail("deadlock: queues hold " + std::to_string(queues_[0].size()) + " loads, " +
           std::to_string(queues_[1].size()) + " stores, " + std::to_string(queues_[2].size()) + " preloads, " +
           std::to_string(queues_[3].size()) + " computes, " + std::to_string(queues_[4].size()) + " vectors");
      break;
    }
    double pick = uniform(random_) * total;
    for (int e = 0; e < 5; ++e) {
      if (weight[static_cast<size_t>(e)] == 0) continue;
      pick -= weight[static_cast<size_t>(e)];
      if (pick <= 0) {
        execute(e);
        break;
      }
    }
  }
  return error_;
}

uint64_t Interpreter::read(Space space, int64_t address, int64_t bytes) {
  auto& memory = local_[static_cast<size_t>(space)];
  if (address < 0 || address + bytes > static_cast<int64_t>(memory.size()) || address % bytes != 0)
    return fail("local read at " + std::to_string(address)), 0;
  uint64_t value = 0;
  for (int64_t b = 0; b < bytes; ++b) {
    if (state(space, address + b) == kUnwritten)
      fail("read of unwritten local byte " + std::to_string(address + b) + " of space " +
           std::to_string(static_cast<int>(space)));
  }
  std::memcpy(&value, memory.data() + address, static_cast<size_t>(bytes));
  return value;
}

void Interpreter::write(Space space, int64_t address, int64_t bytes, uint64_t value, State now) {
  auto& memory = local_[static_cast<size_t>(space)];
  if (address < 0 || address + bytes > static_cast<int64_t>(memory.size()) || address % bytes != 0)
    return fail("local write at " + std::to_string(address));
  std::memcpy(memory.data() + address, &value, static_cast<size_t>(bytes));
  for (int64_t b = 0; b < bytes; ++b) state(space, address + b) = now;
}

void Interpreter::write_f32(Space space, int64_t address, float value) {
  write(space, address, 4, std::bit_cast<uint32_t>(value), value != value ? kNan32 : kWritten);
}

void Interpreter::write_bf16(Space space, int64_t address, uint16_t bits) {
  write(space, address, 2, bits, (bits & 0x7fff) > 0x7f80 ? kNan16 : kWritten);
}

template <typename Command>
void Interpreter::move(const Command& c, const Pending& p, bool load) {
  const int64_t dram = static_cast<int64_t>(c.dram_addr) + p.add[0],
                local = static_cast<int64_t>(c.local_addr) + p.add[1];
  if (c.n0 == 0 || c.n1 == 0 || c.n2 == 0 || c.row_bytes == 0) return fail("dma count of zero");
  if (uint64_t{c.n0} * c.n1 * c.n2 > UINT32_MAX) return fail("too many dma rows");
  if (c.dtype_pair || c.sparsity || c.group_scale || c.transpose) return fail("unsupported dma field");
  const bool padded = c.pad0_before || c.pad0_after || c.pad1_before || c.pad1_after;
  if (padded != (c.pad_bytes != 0) || (!load && padded)) return fail("padding fields");
  for (int64_t i2 = 0; i2 < c.n2; ++i2) {
    for (int64_t i1 = 0; i1 < c.n1; ++i1) {
      for (int64_t i0 = 0; i0 < c.n0; ++i0) {
        const bool pad = i1 < c.pad1_before || i1 >= int64_t{c.n1} - c.pad1_after || i0 < c.pad0_before ||
                         i0 >= int64_t{c.n0} - c.pad0_after;
        const int64_t from =
            dram + i2 * c.dram_stride2 + (i1 - c.pad1_before) * c.dram_stride1 + (i0 - c.pad0_before) * c.dram_stride0;
        const int64_t to = local + i2 * c.local_stride2 + i1 * c.local_stride1 + i0 * c.local_stride0;
        const bool far = c.far == contract::Far::kScratchpad;
        if (!pad && !far && (from < 0 || from + c.row_bytes > static_cast<int64_t>(dram_.size())))
          return fail("dram address " + std::to_string(from));
        for (int64_t b = 0; b < c.row_bytes; ++b) {
          if (far && !pad) {
            const int64_t source = load ? from : to, target = load ? to : from;
            const Space near = load ? Space::kScratchpad : c.space;
            const uint64_t value = read(near, source + b, 1);
            if (!error_.empty()) return;
            write(load ? c.space : Space::kScratchpad, target + b, 1, value, state(near, source + b));
          } else if (!load) {
            dram_[static_cast<size_t>(from + b)] = static_cast<std::byte>(read(c.space, to + b, 1));
            if (!error_.empty()) return;
            dram_state_[static_cast<size_t>(from + b)] = state(c.space, to + b);
          } else if (pad) {
            write(c.space, to + b, 1, (c.pad_pattern >> (8 * (b % c.pad_bytes))) & 0xff);
          } else {
            const auto at = static_cast<size_t>(from + b);
            write(c.space, to + b, 1, static_cast<uint64_t>(dram_[at]), dram_state_[at]);
          }
        }
      }
    }
  }
}

void Interpreter::run_load(const Pending& p) { move(contract::decode_load(p.descriptor), p, true); }
void Interpreter::run_store(const Pending& p) { move(contract::decode_store(p.descriptor), p, false); }

int64_t Interpreter::integer(Space space, int64_t address, Dtype type) {
  if (type == Dtype::kBf16 || type == Dtype::kF32) return fail("integer type"), 0;
  const int64_t size = type == Dtype::kI32 ? 4 : 1;
  const uint64_t value = read(space, address, size);
  for (int64_t b = 0; b < size && error_.empty(); ++b) nan_bits_read_ |= state(space, address + b) >= kNan32;
  if (type == Dtype::kI8) return static_cast<int8_t>(value);
  return type == Dtype::kU8 ? static_cast<uint8_t>(value) : static_cast<int64_t>(static_cast<int32_t>(value));
}

float Interpreter::real(Space space, int64_t address, Dtype type) {
  if (type != Dtype::kBf16 && type != Dtype::kF32) return fail("float type"), 0;
  const int64_t size = type == Dtype::kF32 ? 4 : 2;
  const auto bits = static_cast<uint32_t>(read(space, address, size) << (32 - 8 * size));
  const auto value = std::bit_cast<float>(bits);
  const State whole = size == 4 ? kNan32 : kNan16;
  for (int64_t b = 0; b < size && error_.empty(); ++b) {
    const State byte = state(space, address + b);
    nan_bits_read_ |= byte >= kNan32 && (byte != whole || value == value);
  }
  return value;
}

}  // namespace systole::reference

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
  written_ = {std::vector<bool>(local_[0].size()), std::vector<bool>(local_[1].size())};
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

bool Interpreter::dispatch(const Pending& next) {
  if (!contract::reserved_bits_clear(next.descriptor)) return fail("reserved bits"), true;
  const Opcode opcode = contract::opcode(next.descriptor);
  switch (opcode) {
    case Opcode::kNop:
      return true;
    case Opcode::kSem: {
      const contract::Sem c = contract::decode_sem(next.descriptor);
      if (c.id >= semaphores_.size()) return fail("semaphore number"), true;
      int& value = semaphores_[c.id];
      value = c.op == contract::SemOp::kSet   ? static_cast<int>(c.value)
              : c.op == contract::SemOp::kAdd ? value + static_cast<int>(c.value)
                                              : value - static_cast<int>(c.value);
      if (value < 0 || value > 255) fail("semaphore " + std::to_string(c.id) + " is " + std::to_string(value));
      return true;
    }
    case Opcode::kRepeat: {
      const contract::Repeat c = contract::decode_repeat(next.descriptor);
      if (c.level > 2 || c.count == 0 || c.body == 0) return fail("repeat fields"), true;
      for (const Loop& loop : loops_) {
        if (loop.level == static_cast<int>(c.level)) fail("a loop level inside itself");
        if (pc_ + c.body > loop.end) fail("a loop that leaves its loop");
      }
      if (c.body > static_cast<uint32_t>(spec_.core.loop_buffer)) fail("a body beyond the loop buffer");
      loops_.push_back({pc_, pc_ + c.body, c.count, 0, static_cast<int>(c.level)});
      return true;
    }
    case Opcode::kFence: {
      for (const auto& queue : queues_) {
        if (!queue.empty()) return false;
      }
      const contract::Fence c = contract::decode_fence(next.descriptor);
      last_fence_ = c.sequence;
      if (c.record_addr) std::memcpy(dram_.data() + c.record_addr, &c.sequence, 8);
      return true;
    }
    default: {
      const int engine = queue_of(opcode);
      if (engine < 0) return fail("opcode"), true;
      auto& queue = queues_[static_cast<size_t>(engine)];
      if (queue.size() >= depth_[static_cast<size_t>(engine)]) return false;
      queue.push_back(next);
      return true;
    }
  }
}

bool Interpreter::ready(const Pending& p) const {
  const contract::Header h = contract::decode_nop(p.descriptor).header;
  int need0 = static_cast<int>(h.wait0_count), need1 = static_cast<int>(h.wait1_count);
  if (need0 && need1 && h.wait0_id == h.wait1_id) need0 += need1, need1 = 0;
  if (need0 && semaphores_[h.wait0_id] < need0) return false;
  if (need1 && semaphores_[h.wait1_id] < need1) return false;
  const Opcode opcode = contract::opcode(p.descriptor);
  if (opcode == Opcode::kPreload && shadow_full_) return false;
  if (opcode == Opcode::kCompute && contract::decode_compute(p.descriptor).swap && !shadow_full_) return false;
  return true;
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
  take_and_give(h, false);
  ++executed_;
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
      if (empty && !waiting) return error_;
      if (waiting && dispatch(next)) {
        waiting = next_command(commands, next);
        continue;
      }
      if (empty) continue;
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
    if (!written_[static_cast<size_t>(space)][static_cast<size_t>(address + b)])
      fail("read of unwritten local byte " + std::to_string(address + b) + " of space " +
           std::to_string(static_cast<int>(space)));
  }
  std::memcpy(&value, memory.data() + address, static_cast<size_t>(bytes));
  return value;
}

void Interpreter::write(Space space, int64_t address, int64_t bytes, uint64_t value) {
  auto& memory = local_[static_cast<size_t>(space)];
  if (address < 0 || address + bytes > static_cast<int64_t>(memory.size()) || address % bytes != 0)
    return fail("local write at " + std::to_string(address));
  std::memcpy(memory.data() + address, &value, static_cast<size_t>(bytes));
  for (int64_t b = 0; b < bytes; ++b) written_[static_cast<size_t>(space)][static_cast<size_t>(address + b)] = true;
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
            const uint64_t value = read(load ? Space::kScratchpad : c.space, source + b, 1);
            write(load ? c.space : Space::kScratchpad, target + b, 1, value);
          } else if (!load) {
            dram_[static_cast<size_t>(from + b)] = static_cast<std::byte>(read(c.space, to + b, 1));
          } else {
            const uint64_t value = pad ? (c.pad_pattern >> (8 * (b % c.pad_bytes))) & 0xff
                                       : static_cast<uint64_t>(dram_[static_cast<size_t>(from + b)]);
            write(c.space, to + b, 1, value);
          }
        }
      }
    }
  }
}

void Interpreter::run_load(const Pending& p) { move(contract::decode_load(p.descriptor), p, true); }
void Interpreter::run_store(const Pending& p) { move(contract::decode_store(p.descriptor), p, false); }

int64_t Interpreter::integer(Space space, int64_t address, Dtype type) {
  switch (type) {
    case Dtype::kI8:
      return static_cast<int8_t>(read(space, address, 1));
    case Dtype::kU8:
      return static_cast<uint8_t>(read(space, address, 1));
    case Dtype::kI32:
      return static_cast<int32_t>(read(space, address, 4));
    default:
      return fail("integer type"), 0;
  }
}

float Interpreter::real(Space space, int64_t address, Dtype type) {
  if (type == Dtype::kBf16) return std::bit_cast<float>(static_cast<uint32_t>(read(space, address, 2) << 16));
  if (type == Dtype::kF32) return std::bit_cast<float>(static_cast<uint32_t>(read(space, address, 4)));
  return fail("float type"), 0;
}

void Interpreter::run_preload(const Pending& p) {
  const contract::Preload c = contract::decode_preload(p.descriptor);
  const int64_t rows = spec_.array.rows, cols = spec_.array.cols, addr = c.addr + p.add[0];
  if (c.rows == 0 || c.rows > rows || c.cols == 0 || c.cols > cols || c.sparsity ||
      c.dataflow != contract::Dataflow::kWeightStationary)
    return fail("preload fields");
  const int64_t es = c.dtype == Dtype::kBf16 ? 2 : 1;
  std::fill(shadow_.begin(), shadow_.end(), 0.0);
  shadow_bf16_ = c.dtype == Dtype::kBf16;
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t j = 0; j < c.cols; ++j) {
      const int64_t at = addr + r * c.row_stride + j * es;
      shadow_[static_cast<size_t>(r * cols + j)] =
          shadow_bf16_ ? real(Space::kScratchpad, at, c.dtype)
                       : static_cast<double>(integer(Space::kScratchpad, at, c.dtype) - c.zero_point);
    }
  }
  shadow_full_ = true;
}

void Interpreter::run_compute(const Pending& p) {
  const contract::Compute c = contract::decode_compute(p.descriptor);
  const int64_t array_cols = spec_.array.cols, addr = c.addr + p.add[0], acc_row = c.acc_row + p.add[1];
  if (c.m0 == 0 || c.m1 == 0 || c.m2 == 0 || c.rows == 0 || c.rows > static_cast<uint32_t>(spec_.array.rows) ||
      c.cols == 0 || c.cols > array_cols || c.k_c == 0 || c.k_w == 0)
    return fail("compute fields");
  if (c.swap) active_ = shadow_, weights_bf16_ = shadow_bf16_, shadow_full_ = false;
  const bool bf16 = c.dtype == Dtype::kBf16;
  if (bf16 != weights_bf16_) return fail("operand types of a compute");
  const int64_t es = bf16 ? 2 : 1;
  std::vector<double> vector(c.rows);
  int64_t m = 0;
  for (int64_t m2 = 0; m2 < c.m2; ++m2) {
    for (int64_t m1 = 0; m1 < c.m1; ++m1) {
      for (int64_t m0 = 0; m0 < c.m0; ++m0, ++m) {
        int64_t ci = c.c0, kw = c.kw0, kh = 0;
        for (int64_t r = 0; r < c.rows; ++r) {
          const int64_t at =
              addr + m0 * c.stride0 + m1 * c.stride1 + m2 * c.stride2 + kh * c.kh_stride + kw * c.kw_stride + ci * es;
          vector[static_cast<size_t>(r)] =
              bf16 ? real(Space::kScratchpad, at, c.dtype)
                   : static_cast<double>(integer(Space::kScratchpad, at, c.dtype) - c.zero_point);
          if (++ci == c.k_c) {
            ci = 0;
            if (++kw == c.k_w) kw = 0, ++kh;
          }
        }
        for (int64_t j = 0; j < c.cols; ++j) {
          const int64_t at = ((acc_row + m * c.acc_stride) * array_cols + j) * 4;
          if (bf16) {
            float sum = 0;
            for (int64_t r = 0; r < c.rows; ++r)
              sum += static_cast<float>(vector[static_cast<size_t>(r)]) *
                     static_cast<float>(active_[static_cast<size_t>(r * array_cols + j)]);
            if (c.accumulate) sum = real(Space::kAccumulator, at, Dtype::kF32) + sum;
            write(Space::kAccumulator, at, 4, std::bit_cast<uint32_t>(sum));
          } else {
            uint32_t sum = c.accumulate ? static_cast<uint32_t>(read(Space::kAccumulator, at, 4)) : 0;
            for (int64_t r = 0; r < c.rows; ++r) {
              sum += static_cast<uint32_t>(static_cast<int64_t>(vector[static_cast<size_t>(r)]) *
                                           static_cast<int64_t>(active_[static_cast<size_t>(r * array_cols + j)]));
            }
            write(Space::kAccumulator, at, 4, sum);
          }
        }
        macs_ += uint64_t{c.rows} * c.cols;
      }
    }
  }
}

}  // namespace systole::reference

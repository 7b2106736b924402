// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/program.h"

#include <bit>
#include <cstring>
#include <random>

namespace systole::differential {
namespace {

constexpr const char* kValues[] = {"bytes", "i32", "f32", "bf16", "scale", "shift"};

// Of moderate size, of either sign; a few small, large and halves.
float real(std::mt19937_64& random) {
  const auto whole = static_cast<float>(static_cast<int64_t>(random() % 2097153) - 1048576);
  switch (random() % 16) {
    case 0:
      return whole * 0x1p-40f;
    case 1:
      return whole * 0x1p-4f;
    case 2:
      return static_cast<float>(static_cast<int64_t>(random() % 257) - 128) * 0.5f;
    case 3:
      return 0;
    default:
      return whole * 0x1p-18f;
  }
}

uint32_t word(Values kind, std::mt19937_64& random) {
  switch (kind) {
    case Values::kBytes:
      return static_cast<uint32_t>(random());
    case Values::kI32:
      return random() % 16 ? static_cast<uint32_t>(random() % 4001) - 2000 : static_cast<uint32_t>(random());
    case Values::kF32:
      return std::bit_cast<uint32_t>(real(random));
    case Values::kBf16:
      return (std::bit_cast<uint32_t>(real(random)) & 0xffff0000u) | std::bit_cast<uint32_t>(real(random)) >> 16;
    case Values::kScale:  // 2^-10 to 2^3; read as an integer, from 2^29 on
      return 0x3a800000u + static_cast<uint32_t>(random() % 0x06800000u);
    case Values::kShift:
      return static_cast<uint32_t>(random() % 41) - 30;
  }
  return 0;
}

}  // namespace

const char* name(Values kind) { return kValues[static_cast<int>(kind)]; }

std::vector<std::byte> initial_memory(const Program& program) {
  std::vector<std::byte> memory(kDramBytes);
  for (const Fill& fill : program.fills) {
    std::mt19937_64 random(fill.seed);
    for (uint64_t at = fill.address; at < fill.address + fill.bytes; at += 4) {
      const uint32_t bits = word(fill.kind, random);
      std::memcpy(&memory[at], &bits, std::min<uint64_t>(4, fill.address + fill.bytes - at));
    }
  }
  for (size_t i = 0; i < program.commands.size() && i < kRingDescriptors; ++i)
    std::memcpy(&memory[i * contract::kDescriptorBytes], program.commands[i].words.data(), contract::kDescriptorBytes);
  return memory;
}

bool small_spec(const std::string& name, spec::NpuSpec& s) {
  const int size = name == "4x4" ? 4 : name == "8x8" ? 8 : 0;
  if (size == 0) return false;
  s = {};
  s.name = "small-" + name;
  s.structure = "exact";
  s.clock.hz = 1'000'000'000;
  s.array = {.rows = size, .cols = size};
  s.array.dataflows = "both";
  s.array.weight_types = "i4";
  s.array.bf16_interval = size == 4 ? 1 : 2;
  s.array.pe_latency = size == 4 ? 1 : 2;
  s.array.weight_rows_per_cycle = size == 4 ? 1 : 2;
  s.scratchpad = {.bytes = 16 * 1024, .banks = 4, .interleave = 4, .line_bytes = size, .read_latency = 2};
  s.accumulator = {.rows = 64, .write_latency = 1, .rmw_interval = 4};
  s.vector = {.lanes = size, .pipeline = 8, .function_latency = 12};
  s.dma = {.burst_bytes = size == 4 ? 32 : 64, .outstanding = 8, .bytes_per_cycle = 32, .setup_cycles = 4};
  s.core = {.semaphores = 32,
            .loop_buffer = 32,
            .load_queue = 4,
            .store_queue = 2,
            .preload_queue = 2,
            .compute_queue = 3,
            .vector_queue = 2,
            .fetch_ahead = 4};
  s.dram.bytes = static_cast<int64_t>(kDramBytes);
  s.dram.channels = size == 4 ? 1 : 2;
  s.dram.banks = 4;
  s.dram.row_bytes = 512;
  s.dram.interleave_bytes = 128;
  s.dram.bytes_per_second = 24e9;  // not a whole number of cycles a burst
  s.dram.latency_cycles = 20;
  s.dram.row_miss_cycles = 9;
  s.dram.turnaround_cycles = 4;
  s.dram.batch_bursts = 4;
  return true;
}

std::string adapt(spec::NpuSpec& spec) {
  if (spec.dram.bytes < static_cast<int64_t>(kDramBytes))
    return "dram.bytes: programs need " + std::to_string(kDramBytes) + ", got " + std::to_string(spec.dram.bytes);
  if (spec.scratchpad.bytes < 8192)
    return "scratchpad.bytes: programs need 8192, got " + std::to_string(spec.scratchpad.bytes);
  if (spec.core.semaphores < 8) return "core.semaphores: programs need 8, got " + std::to_string(spec.core.semaphores);
  if (spec.core.loop_buffer < 4)
    return "core.loop_buffer: programs need 4, got " + std::to_string(spec.core.loop_buffer);
  if (spec.accumulator.rows < 16)
    return "accumulator.rows: programs need 16, got " + std::to_string(spec.accumulator.rows);
  if (spec.array.int8_interval == 0) return "array.int8_interval: programs multiply int8, which this NPU can't";
  spec.dram.bytes = static_cast<int64_t>(kDramBytes);
  return "";
}

}  // namespace systole::differential

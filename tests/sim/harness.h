// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A device with a small program: what every test of the model starts from. Ring at 0, records after it, data from kData
// on.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "sim/npu.h"

namespace systole::sim {

namespace c = systole::contract;

inline constexpr uint64_t kRecord = 0x40000, kData = 0x100000;
inline constexpr uint32_t kRing = 1024;

inline std::vector<int8_t> random_bytes(size_t n, uint32_t seed) {
  std::mt19937 rng(seed);
  std::vector<int8_t> v(n);
  for (auto& x : v) x = static_cast<int8_t>(rng());
  return v;
}

inline spec::NpuSpec small_spec() {
  spec::NpuSpec s;
  s.name = "test";
  s.clock.hz = 1'000'000'000;
  s.array = {.rows = 8, .cols = 8};
  s.scratchpad = {.bytes = 64 * 1024, .banks = 4, .interleave = 4, .line_bytes = 16, .read_latency = 2};
  s.accumulator = {.rows = 256};
  s.vector = {.lanes = 8, .pipeline = 8};
  s.dram.bytes = 16 << 20;
  s.dram.bytes_per_second = 64e9;
  return s;
}

struct Device {
  explicit Device(const spec::NpuSpec& s = small_spec(), NpuOptions options = {.trace = true}) : spec(s) {
    std::string error;
    npu = Npu::create(spec, options, error);
    EXPECT_NE(npu, nullptr) << error;
    configure();
  }

  void configure() {
    set(c::reg::kRingBaseLo, 0);
    set(c::reg::kRingSize, kRing);
    set(c::reg::kWindow0LimitLo, static_cast<uint32_t>(spec.dram.bytes));
    set(c::reg::kWindow0Flags, 3);
    set(c::reg::kIrqEnable, 3);
    set(c::reg::kCtrl, c::reg::ctrl::kEnableMask);
    tail = 0;
    program.clear();
  }

  void set(uint32_t offset, uint32_t value) { EXPECT_TRUE(npu->reg_write(offset, value)) << offset; }
  uint32_t get(uint32_t offset) {
    bool ok = false;
    uint32_t value = npu->reg_read(offset, ok);
    EXPECT_TRUE(ok) << offset;
    return value;
  }

  template <typename T>
  Device& add(const T& command) {
    program.push_back(c::encode(command));
    return *this;
  }
  // Rings the doorbell for what was added; a fence with an interrupt is added unless told otherwise. Cycles passed.
  uint64_t run(bool fence = true, uint64_t most = 1'000'000) {
    if (fence) add(c::Fence{.sequence = 1, .irq = 1});
    for (const c::Descriptor& d : program)
      std::memcpy(npu->memory() + (tail++ % kRing) * c::kDescriptorBytes, d.words.data(), c::kDescriptorBytes);
    program.clear();
    set(c::reg::kRingTail, tail);
    uint64_t moved = npu->run(most);
    for (Span& s : npu->take_trace()) spans.push_back(s);
    return moved;
  }
  void expect_clean() { EXPECT_EQ(error(), c::ErrorCode::kNone) << "at " << get(c::reg::kErrorAddrLo); }
  c::ErrorCode error() { return static_cast<c::ErrorCode>(get(c::reg::kErrorCode)); }

  // The n-th command (from 0) of an engine, in order of issue.
  const Span& span(Engine engine, size_t n = 0) {
    for (const Span& s : spans)
      if (s.engine == engine && n-- == 0) return s;
    ADD_FAILURE() << "no such command of " << engine_name(engine);
    static Span none;
    return none;
  }

  template <typename T>
  void put(uint64_t address, const std::vector<T>& values) {
    std::memcpy(npu->memory() + address, values.data(), values.size() * sizeof(T));
  }
  template <typename T>
  std::vector<T> take(uint64_t address, size_t count) {
    std::vector<T> values(count);
    std::memcpy(values.data(), npu->memory() + address, count * sizeof(T));
    return values;
  }

  spec::NpuSpec spec;
  std::unique_ptr<Npu> npu;
  std::vector<c::Descriptor> program;
  std::vector<Span> spans;
  uint32_t tail = 0;
};

// One run of bytes in, signalling `done`; and out, waiting for `ready`.
inline c::Load load(uint64_t from, uint32_t to, uint32_t bytes, uint32_t done = 0) {
  c::Load l;
  l.header.signal0_id = done;
  l.header.signal0_count = 1;
  l.dram_addr = from;
  l.local_addr = to;
  l.row_bytes = bytes;
  l.n0 = l.n1 = l.n2 = 1;
  return l;
}
inline c::Store store(uint32_t from, uint64_t to, uint32_t bytes, uint32_t ready,
                      c::Space space = c::Space::kScratchpad) {
  c::Store s;
  s.header.wait0_id = ready;
  s.header.wait0_count = 1;
  s.dram_addr = to;
  s.local_addr = from;
  s.row_bytes = bytes;
  s.n0 = s.n1 = s.n2 = 1;
  s.space = space;
  return s;
}
inline c::Preload preload(uint32_t addr, uint32_t rows, uint32_t cols, c::Dtype dtype = c::Dtype::kI8) {
  c::Preload p;
  p.addr = addr;
  p.rows = rows;
  p.cols = cols;
  p.row_stride = cols * (dtype == c::Dtype::kBf16 ? 2 : 1);
  p.dtype = dtype;
  return p;
}
// A plain GEMM: m consecutive vectors of `rows` elements, `stride` bytes apart.
inline c::Compute compute(uint32_t addr, int32_t stride, uint32_t m, uint32_t rows, uint32_t cols, uint32_t acc = 0) {
  c::Compute p;
  p.addr = addr;
  p.acc_row = acc;
  p.m0 = m;
  p.m1 = p.m2 = 1;
  p.acc_stride = 1;
  p.stride0 = stride;
  p.rows = p.k_c = rows;
  p.cols = cols;
  p.k_w = 1;
  p.dtype = c::Dtype::kI8;
  p.swap = 1;
  return p;
}

template <typename T>
T waiting(T command, uint32_t id, uint32_t count = 1) {
  command.header.wait0_id = id;
  command.header.wait0_count = count;
  return command;
}
template <typename T>
T signalling(T command, uint32_t id, uint32_t count = 1) {
  command.header.signal0_id = id;
  command.header.signal0_count = count;
  return command;
}

}  // namespace systole::sim

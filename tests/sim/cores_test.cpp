// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Several cores in one device: registers and rings of their own, signals to each other, one memory.
#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

constexpr uint32_t kStride = 0x1000;
constexpr uint64_t kRingBytes = kRing * c::kDescriptorBytes;
constexpr uint64_t kCoreData = 0x400000;  // of each core

spec::NpuSpec spec_of(int cores) {
  spec::NpuSpec s = small_spec();
  s.cores = cores;
  s.dram.bytes = 64 << 20;
  return s;
}

c::Nop signal_to(uint32_t core, uint32_t semaphore, uint32_t count = 1) {
  c::Nop nop;
  nop.header.signal0_id = semaphore;
  nop.header.signal0_count = count;
  nop.header.signal0_scope = c::Scope::kCore;
  nop.header.core = core;
  return nop;
}
c::Nop wait_for(uint32_t semaphore, uint32_t count = 1) {
  c::Nop nop;
  nop.header.wait0_id = semaphore;
  nop.header.wait0_count = count;
  return nop;
}

struct Cores {
  explicit Cores(const spec::NpuSpec& s) : spec(s), programs(static_cast<size_t>(s.cores)) {
    std::string error;
    npu = Npu::create(spec, {.trace = true}, error);
    EXPECT_NE(npu, nullptr) << error;
    configure();
  }
  void configure() {
    tails.assign(programs.size(), 0);
    for (uint32_t core = 0; core < programs.size(); ++core) {
      set(core, c::reg::kRingBaseLo, static_cast<uint32_t>(core * kRingBytes));
      set(core, c::reg::kRingSize, kRing);
      set(core, c::reg::kWindow0LimitLo, static_cast<uint32_t>(spec.dram.bytes));
      set(core, c::reg::kWindow0Flags, 3);
      set(core, c::reg::kCtrl, c::reg::ctrl::kEnableMask);
    }
  }
  void set(uint32_t core, uint32_t offset, uint32_t value) {
    EXPECT_TRUE(npu->reg_write(core * kStride + offset, value)) << core << " " << offset;
  }
  uint32_t get(uint32_t core, uint32_t offset) {
    bool ok = false;
    const uint32_t value = npu->reg_read(core * kStride + offset, ok);
    EXPECT_TRUE(ok) << core << " " << offset;
    return value;
  }
  template <typename T>
  Cores& add(size_t core, const T& command) {
    programs[core].push_back(c::encode(command));
    return *this;
  }
  void ring() {  // the doorbells, for what was added
    for (uint32_t core = 0; core < programs.size(); ++core) {
      for (const c::Descriptor& d : programs[core])
        std::memcpy(npu->memory() + core * kRingBytes + tails[core]++ % kRing * c::kDescriptorBytes, d.words.data(),
                    c::kDescriptorBytes);
      programs[core].clear();
      set(core, c::reg::kRingTail, tails[core]);
    }
  }
  // Until nothing is pending any more, or `most` cycles. Cycles from the doorbells to the last completion.
  uint64_t run(uint64_t most = 1'000'000) {
    const uint64_t start = npu->now();
    ring();
    while (!npu->idle() && npu->now() < start + most) npu->advance(64);
    uint64_t end = start;
    spans = npu->take_trace();
    for (const Span& span : spans) end = std::max(end, span.complete);
    return end - start;
  }
  c::ErrorCode error(uint32_t core) { return static_cast<c::ErrorCode>(get(core, c::reg::kErrorCode)); }
  const Span& span(int core, Engine engine, size_t n = 0) {
    for (const Span& s : spans)
      if (s.core == core && s.engine == engine && n-- == 0) return s;
    ADD_FAILURE() << "core " << core << " has no such command of " << engine_name(engine);
    static Span none;
    return none;
  }

  spec::NpuSpec spec;
  std::unique_ptr<Npu> npu;
  std::vector<std::vector<c::Descriptor>> programs;
  std::vector<uint32_t> tails;
  std::vector<Span> spans;
};

TEST(Cores, HaveRegistersOfTheirOwnAndAResetInCommon) {
  Cores device(spec_of(3));
  EXPECT_EQ(device.get(0, c::reg::kCapCores), 3u | 1u << 8 | 12u << 16);
  EXPECT_EQ(device.get(2, c::reg::kCapCores), device.get(0, c::reg::kCapCores));
  device.set(1, c::reg::kWatchdog, 77);
  EXPECT_EQ(device.get(1, c::reg::kWatchdog), 77u);
  EXPECT_NE(device.get(0, c::reg::kWatchdog), 77u);
  bool ok = true;
  device.npu->reg_read(3 * kStride, ok);
  EXPECT_FALSE(ok);
  EXPECT_FALSE(device.npu->reg_write(0x400, 1)) << "between two cores";
  device.set(2, c::reg::kCtrl, c::reg::ctrl::kResetMask);
  EXPECT_NE(device.get(1, c::reg::kWatchdog), 77u);
  EXPECT_EQ(device.get(0, c::reg::kRingSize), 0u);
  std::string error;
  EXPECT_EQ(Npu::create(spec_of(17), {}, error), nullptr);
  EXPECT_EQ(error, "cores: expected 1 to 16, got 17");
}

TEST(Cores, ASignalIsAtTheOtherCoreInTheNextCycle) {
  Cores device(spec_of(2));
  device.add(0, wait_for(5)).add(0, signal_to(1, 7)).add(1, signal_to(0, 5)).add(1, wait_for(7));
  device.run();
  const uint64_t sent = device.span(1, Engine::kControl, 0).complete;
  EXPECT_EQ(device.span(0, Engine::kControl, 0).dispatch, sent + 1);
  EXPECT_GT(device.span(1, Engine::kControl, 1).dispatch, device.span(0, Engine::kControl, 1).complete);
  for (uint32_t core : {0u, 1u}) EXPECT_EQ(device.error(core), c::ErrorCode::kNone);
}

TEST(Cores, WrongScopesAreTheSendersErrorsAndOverflowTheReceivers) {
  const auto error_of = [](const c::Nop& nop) {
    Cores device(spec_of(2));
    device.add(0, nop);
    device.run(1000);
    EXPECT_EQ(device.error(1), c::ErrorCode::kNone);
    return std::pair{device.error(0), device.get(0, c::reg::kErrorAddrLo)};
  };
  EXPECT_EQ(error_of(signal_to(2, 0)), (std::pair{c::ErrorCode::kBadOperand, 2u}));
  c::Nop nop = signal_to(1, 0);
  nop.header.signal0_scope = c::Scope::kDevice;
  EXPECT_EQ(error_of(nop).first, c::ErrorCode::kUnsupported);
  nop = wait_for(0);
  nop.header.wait0_scope = c::Scope::kCore;
  EXPECT_EQ(error_of(nop).first, c::ErrorCode::kUnsupported);
  nop = {};
  nop.header.core = 1;
  EXPECT_EQ(error_of(nop).first, c::ErrorCode::kUnsupported);

  Cores device(spec_of(2));
  device.add(0, signal_to(1, 3, 200)).add(0, signal_to(1, 3, 100));
  device.run(1000);
  EXPECT_EQ(device.error(0), c::ErrorCode::kNone);
  EXPECT_EQ(device.error(1), c::ErrorCode::kSemOverflow);
  EXPECT_EQ(device.get(1, c::reg::kErrorAddrLo), 3u);

  // One core knows no scope but its own.
  Device alone;
  alone.add(signal_to(0, 0)).run(false, 1000);
  EXPECT_EQ(alone.error(), c::ErrorCode::kUnsupported);
}

// Contiguous reads: each core's begin half of the banks apart.
uint64_t cycles_of_loads(int cores, uint32_t loads_of_each) {
  spec::NpuSpec s = spec_of(cores);
  s.dram.bytes_per_second = 16e9;
  s.dma.outstanding = 64;
  Cores device(s);
  for (int core = 0; core < cores; ++core)
    for (uint32_t i = 0; i < loads_of_each; ++i) {
      c::Load l = load(kCoreData * static_cast<uint64_t>(core + 1) + i * 16384 + (core % 2 ? 16384 : 0), 0, 16384);
      l.header.signal0_count = 0;
      device.add(static_cast<size_t>(core), l);
    }
  return device.run();
}

TEST(Cores, MemoryBoundWorkOfTwoTakesAsLongAsOneDoingBoth) {
  const uint64_t least = 2u * 24 * 16384 / 16;  // bytes at 16 a cycle
  const uint64_t one = cycles_of_loads(1, 48), two = cycles_of_loads(2, 24);
  EXPECT_GE(one, least);
  EXPECT_GE(two, least);
  EXPECT_LE(static_cast<double>(two), 1.05 * static_cast<double>(one));
  EXPECT_GT(static_cast<double>(two), 1.9 * static_cast<double>(cycles_of_loads(1, 24)));
}

uint64_t cycles_of_computes(int cores, int computes) {
  Cores device(spec_of(cores));
  for (size_t core = 0; core < static_cast<size_t>(cores); ++core) {
    c::Compute compute;
    compute.m0 = 100, compute.m1 = compute.m2 = 1;
    compute.stride0 = 16;
    compute.acc_stride = 1;
    compute.rows = compute.cols = compute.k_c = 8, compute.k_w = 1;
    c::Repeat repeat;
    repeat.count = static_cast<uint32_t>(computes);
    repeat.body = 1;
    compute.swap = 1;
    device.add(core, preload(32768, 8, 8)).add(core, compute).add(core, repeat);
    compute.swap = 0;
    device.add(core, compute);
  }
  const uint64_t cycles = device.run();
  for (int core = 0; core < cores; ++core)
    EXPECT_EQ(device.npu->stats(core).total.macs, 64u * 100u * static_cast<unsigned>(computes + 1)) << core;
  return cycles;
}

TEST(Cores, ComputeBoundWorkScalesWithThem) {
  const uint64_t all = cycles_of_computes(1, 1600), share = cycles_of_computes(4, 400);
  EXPECT_GT(all, 1600u * 100);
  EXPECT_GT(static_cast<double>(all), 3.9 * static_cast<double>(share));
}

TEST(Cores, EveryCycleOfEachHasACause) {
  Cores device(spec_of(2));
  c::Load l = load(kCoreData, 0, 4096);
  device.add(0, l).add(0, signal_to(1, 1)).add(1, wait_for(1));
  device.run();
  for (int core : {0, 1}) {
    const Stats& stats = device.npu->stats(core);
    const uint64_t since = device.get(static_cast<uint32_t>(core), c::reg::kPerfCyclesLo);
    EXPECT_EQ(stats.total.total_cycles() + stats.idle_cycles, since) << core;
  }
}

// Nothing happens after the cycle of an interrupt before the host has seen it: the other core, busy in every cycle, is
// where it is when time moves cycle by cycle.
TEST(Cores, AnInterruptStopsThemAll) {
  const auto at_the_interrupt = [](uint32_t interrupting, uint64_t most) {
    Cores device(spec_of(2));
    device.set(interrupting, c::reg::kIrqEnable, 1);
    const uint32_t busy = 1 - interrupting;
    c::Repeat repeat;
    repeat.count = 50'000;
    repeat.body = 1;
    device.add(busy, repeat).add(busy, c::Nop{});
    repeat.count = 500;
    device.add(interrupting, repeat)
        .add(interrupting, c::Nop{})
        .add(interrupting, c::Fence{.sequence = 1, .record_addr = kRecord, .irq = 1});
    device.ring();
    while (!device.npu->irq()) device.npu->run(most);
    return std::pair{device.npu->now(), device.get(busy, c::reg::kPerfCommandsLo)};
  };
  for (uint32_t interrupting : {0u, 1u}) {
    const auto seen = at_the_interrupt(interrupting, 100'000);
    EXPECT_GT(seen.second, 400u);
    EXPECT_EQ(seen, at_the_interrupt(interrupting, 1)) << interrupting;
  }
}

// The progress of one keeps the watchdogs of all quiet; where all wait, each core's own bites.
TEST(Cores, WaitingForABusyCoreIsNoDeadlock) {
  Cores device(spec_of(2));
  for (uint32_t core : {0u, 1u}) device.set(core, c::reg::kWatchdog, 300);
  for (int i = 0; i < 40; ++i) {
    c::Load l = load(kCoreData, 0, 4096);
    l.header.signal0_count = 0;
    device.add(0, l);
  }
  c::Fence fence{.sequence = 1};
  fence.header.signal0_id = 2, fence.header.signal0_count = 1, fence.header.signal0_scope = c::Scope::kCore;
  fence.header.core = 1;
  device.add(0, fence).add(1, wait_for(2));
  EXPECT_GT(device.run(), 1000u);
  for (uint32_t core : {0u, 1u}) EXPECT_EQ(device.error(core), c::ErrorCode::kNone) << core;
  device.add(0, wait_for(9)).add(1, wait_for(9));
  device.run(2000);
  for (uint32_t core : {0u, 1u}) EXPECT_EQ(device.error(core), c::ErrorCode::kWatchdog) << core;
}

TEST(Cores, AResetInFlightLeaksNothing) {
  Cores device(spec_of(2));
  const auto work = [&] {
    for (size_t core : {0u, 1u})
      for (uint32_t i = 0; i < 4; ++i) device.add(core, load(kCoreData * (core + 1), 0, 8192, 1));
    device.add(0, signal_to(1, 2)).add(1, wait_for(2));
  };
  work();
  const uint64_t first = device.run();
  for (uint32_t cut : {3u, 40u, 200u}) {
    work();
    device.run(cut);
    device.set(1, c::reg::kCtrl, c::reg::ctrl::kResetMask);
    EXPECT_TRUE(device.npu->idle());
    device.npu->take_trace();
    device.configure();
    work();
    EXPECT_EQ(device.run(), first) << cut;
  }
}

}  // namespace
}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The command processor: loops, semaphores, queues, fences, halt and step, the watchdog, reset.
#include "harness.h"

namespace systole::sim {
namespace {

c::Sem sem(uint32_t id, uint32_t value, c::SemOp op) { return {.id = id, .value = value, .op = op}; }
c::Repeat repeat(uint32_t count, uint32_t body, uint32_t level) {
  return {.count = count, .body = body, .level = level};
}
c::Vector vector(uint32_t n0 = 1) {
  c::Vector v;
  v.channels = 8;
  v.n0 = n0;
  v.n1 = 1;
  v.a_dtype = v.d_dtype = c::Dtype::kI8;
  v.dst_addr = 4096;
  return v;
}

TEST(Control, RegistersAfterPowerOn) {
  std::string error;
  auto npu = Npu::create(small_spec(), {}, error);
  bool ok = false;
  for (const auto& r : c::kRegisters) {
    const uint32_t value = npu->reg_read(r.offset, ok);
    EXPECT_TRUE(ok) << r.name;
    if (r.has_reset) {
      EXPECT_EQ(value, r.reset) << r.name;
    }
  }
  EXPECT_EQ(npu->reg_read(c::reg::kCapArray, ok), 8u | 8u << 16);
  EXPECT_EQ(npu->reg_read(c::reg::kCapScratchpad, ok), 64u);
  npu->reg_read(0x00c, ok);
  EXPECT_FALSE(ok);
  npu->reg_read(0x1000, ok);
  EXPECT_FALSE(ok);
  EXPECT_TRUE(npu->idle());
  EXPECT_EQ(npu->run(12345), 12345u);
  EXPECT_EQ(npu->now(), 12345u);
}

TEST(Control, RefusesSpecsItCannotBuild) {
  spec::NpuSpec s = small_spec();
  s.scratchpad.banks = 65;
  std::string error;
  EXPECT_EQ(Npu::create(s, {}, error), nullptr);
  EXPECT_NE(error.find("scratchpad.banks"), std::string::npos);
}

TEST(Control, FenceWritesItsRecordAndInterrupts) {
  Device d;
  d.add(load(kData, 0, 128, 0)).add(c::Fence{.sequence = 0x1122334455667788, .record_addr = kRecord, .irq = 1});
  d.run(false);
  EXPECT_TRUE(d.npu->irq());
  EXPECT_EQ(d.get(c::reg::kFenceHi), 0x11223344u);
  const auto record = d.take<uint64_t>(kRecord, 8);
  EXPECT_EQ(record[0], 0x1122334455667788u);
  EXPECT_EQ(record[3], 128u);
  EXPECT_EQ(record[5], 1u);
  const Span& fence = d.span(Engine::kControl);
  EXPECT_EQ(fence.issue, d.span(Engine::kLoad).complete);
  EXPECT_GE(fence.complete, fence.issue + 60);
  d.set(c::reg::kIrqStatus, c::reg::irq_status::kFenceMask);
  EXPECT_FALSE(d.npu->irq());
  EXPECT_TRUE(d.npu->idle());
}

TEST(Control, DispatchIsOneACycle) {
  Device d;
  for (int i = 0; i < 4; ++i) d.add(c::Nop{});
  d.add(repeat(20, 1, 0)).add(c::Nop{}).run();
  std::vector<uint64_t> times;
  for (const Span& s : d.spans)
    if (s.name == std::string("nop")) times.push_back(s.issue);
  ASSERT_EQ(times.size(), 24u);
  for (size_t i = 5; i < times.size(); ++i) EXPECT_EQ(times[i], times[i - 1] + 1);  // replayed: nothing to fetch
}

TEST(Control, NestedLoopsAddTheirIncrements) {
  Device d;
  std::vector<uint8_t> x(4096);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 7 + i / 256);
  d.put(kData, x);
  auto l = load(kData, 0, 4, 0);
  l.header.inc_a_0 = 1000;
  l.header.inc_a_1 = 100;
  l.header.inc_a_2 = 10;
  l.header.inc_b_0 = 64;
  l.header.inc_b_1 = 16;
  l.header.inc_b_2 = 4;
  d.add(repeat(3, 4, 0)).add(repeat(4, 2, 1)).add(repeat(2, 1, 2)).add(l).add(c::Nop{});
  d.add(store(0, kData + 65536, 256, 0)).program.back() = c::encode(waiting(store(0, kData + 65536, 256, 0), 0, 24));
  d.run();
  d.expect_clean();
  const auto out = d.take<uint8_t>(kData + 65536, 256);
  for (uint32_t i = 0; i < 3; ++i)
    for (uint32_t j = 0; j < 4; ++j)
      for (uint32_t k = 0; k < 2; ++k)
        for (uint32_t b = 0; b < 4; ++b)
          EXPECT_EQ(out[i * 64 + j * 16 + k * 4 + b], x[i * 1000 + j * 100 + k * 10 + b]);
  EXPECT_EQ(d.npu->stats().total.engine_commands[0], 24u);
  size_t nops = 0;
  for (const Span& s : d.spans) nops += s.name == std::string("nop");
  EXPECT_EQ(nops, 3u);
}

// Of bias (a parameter) and operand B, each four words of i32 in a table of their own.
TEST(Control, LoopsStepWhatAVectorNames) {
  constexpr uint32_t kBias = 0, kB = 256, kD = 512;
  std::vector<int32_t> tables(128);
  for (size_t i = 0; i < tables.size(); ++i) tables[i] = static_cast<int32_t>(i < 64 ? i : 1000 * (i - 64));
  for (const auto steps : {c::CSteps::kB, c::CSteps::kParams, c::CSteps::kBoth}) {
    Device d;
    d.put(kData, tables);
    c::Vector v{.src_addr = 480, .dst_addr = kD, .b_addr = kB, .channels = 4, .n0 = 1, .n1 = 1, .bias = 1};
    v.d_stride0 = v.d_stride1 = 16, v.binary = c::BinaryOp::kAdd, v.param_addr = kBias, v.c_steps = steps;
    v.a_dtype = v.b_dtype = v.d_dtype = c::Dtype::kI32;
    v.header.inc_b_0 = 64, v.header.inc_b_1 = 16, v.header.inc_c_0 = -16, v.header.inc_c_1 = 48;
    v.b_addr += 32, v.param_addr += 32;  // two rows of the table are before it
    d.add(load(kData, 0, 512)).add(waiting(c::Nop{}, 0)).add(repeat(3, 2, 0)).add(repeat(2, 1, 1)).add(v);
    d.add(c::Fence{.sequence = 1}).add(waiting(store(kD, kData + 4096, 192, 0), 0, 0));
    d.run();
    d.expect_clean();
    const auto out = d.take<int32_t>(kData + 4096, 48);
    for (int32_t i = 0; i < 3; ++i)
      for (int32_t j = 0; j < 2; ++j)
        for (int32_t n = 0; n < 4; ++n) {
          const int32_t moved = 8 - 4 * i + 12 * j, still = 8;
          const int32_t bias = (steps == c::CSteps::kB ? still : moved) + n;
          const int32_t b = 1000 * ((steps == c::CSteps::kParams ? still : moved) + n);
          EXPECT_EQ(out[static_cast<size_t>(16 * i + 4 * j + n)], tables[120 + static_cast<size_t>(n)] + bias + b)
              << static_cast<int>(steps) << " " << i << " " << j << " " << n;
        }
  }
}

TEST(Control, SemaphoresOrderEngines) {
  Device d;
  d.add(signalling(vector(50), 4, 2)).add(waiting(preload(0, 8, 8), 4, 2)).run();
  d.expect_clean();
  EXPECT_EQ(d.span(Engine::kPreload).issue, d.span(Engine::kVector).complete);
}

TEST(Control, BothWaitsAreTakenAtOnce) {
  Device d;
  auto p = waiting(preload(0, 8, 8), 1);
  p.header.wait1_id = 1;
  p.header.wait1_count = 2;
  d.add(p)
      .add(sem(1, 2, c::SemOp::kAdd))
      .add(c::Nop{})
      .add(sem(1, 2, c::SemOp::kAdd))
      .add(sem(1, 1, c::SemOp::kSub))
      .run();
  d.expect_clean();
  EXPECT_EQ(d.span(Engine::kPreload).issue, d.spans[2].issue + 1);  // the second SEM; seen in the next cycle
}

TEST(Control, AFullQueueBlocksThoseBehind) {
  spec::NpuSpec s = small_spec();
  s.core.vector_queue = 2;
  Device d(s);
  for (int i = 0; i < 4; ++i) d.add(vector(200));
  d.add(load(kData, 0, 64, 0)).run();
  d.expect_clean();
  // Two wait in the queue, one runs: the fourth is dispatched when the second issues, the load only after it.
  EXPECT_EQ(d.span(Engine::kVector, 3).dispatch, d.span(Engine::kVector, 1).issue);
  EXPECT_GT(d.span(Engine::kLoad).dispatch, d.span(Engine::kVector, 1).issue);
}

TEST(Control, VectorCyclesAreTheClosedForm) {
  Device d;
  auto v = vector(10);
  v.n1 = 3;
  v.channels = 20;
  v.a_stride0 = v.d_stride0 = 20;
  v.a_stride1 = v.d_stride1 = 200;
  d.add(v).run();
  EXPECT_EQ(d.span(Engine::kVector).port_free - d.span(Engine::kVector).issue, 30u * 3);
  EXPECT_EQ(d.span(Engine::kVector).complete, d.span(Engine::kVector).port_free - 1 + 8);
}

TEST(Control, HaltAndStep) {
  Device d;
  d.set(c::reg::kCtrl, c::reg::ctrl::kEnableMask | c::reg::ctrl::kHaltMask);
  d.add(c::Nop{}).add(c::Nop{}).add(c::Nop{});
  EXPECT_EQ(d.run(true, 500), 500u);
  EXPECT_EQ(d.get(c::reg::kRingHead), 0u);
  EXPECT_TRUE(d.get(c::reg::kStatus) & c::reg::status::kHaltedMask);
  for (uint32_t n = 1; n <= 2; ++n) {
    d.set(c::reg::kCtrl, c::reg::ctrl::kEnableMask | c::reg::ctrl::kHaltMask | c::reg::ctrl::kStepMask);
    d.npu->run(100);
    EXPECT_EQ(d.get(c::reg::kRingHead), n);
  }
  d.set(c::reg::kCtrl, c::reg::ctrl::kEnableMask);
  d.npu->run(1000);
  EXPECT_TRUE(d.npu->irq());
  EXPECT_EQ(d.get(c::reg::kRingHead), 4u);
}

TEST(Control, TheRingWrapsAround) {
  Device d;
  d.set(c::reg::kRingSize, 4);
  for (uint32_t n = 0; n < 10; ++n) {
    for (const auto& descriptor : {c::encode(load(kData, 0, 64, 0)), c::encode(sem(0, 1, c::SemOp::kSub)),
                                   c::encode(c::Fence{.sequence = n, .irq = 1})}) {
      c::Descriptor x = descriptor;
      if (c::opcode(x) == c::Opcode::kSem) x = c::encode(waiting(c::Nop{}, 0));
      std::memcpy(d.npu->memory() + d.tail++ % 4 * 128, x.words.data(), 128);
    }
    d.set(c::reg::kRingTail, d.tail);
    d.npu->run(10000);
    EXPECT_EQ(d.get(c::reg::kFenceLo), n);
    d.set(c::reg::kIrqStatus, 1);
  }
  d.expect_clean();
  EXPECT_EQ(d.get(c::reg::kRingHead), 30u);
}

// A program that keeps every engine busy.
void busy(Device& d) {
  d.add(load(kData, 0, 4096, 0)).add(waiting(preload(0, 8, 8), 0)).add(signalling(compute(1024, 16, 100, 8, 8), 1));
  auto v = signalling(waiting(vector(64), 1), 2);
  v.a_dtype = c::Dtype::kI32;
  v.a_space = c::Space::kAccumulator;
  v.a_stride0 = 32;
  v.d_stride0 = 8;
  d.add(v).add(store(4096, kData + 65536, 512, 2)).add(load(kData + 8192, 8192, 2048, 3));
}

TEST(Control, ResetInFlightLeaksNothing) {
  std::vector<uint8_t> x(16384);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 31 + i / 99);
  auto measure = [&](Device& d) {
    const uint64_t from = d.npu->now();
    busy(d);
    d.run();
    d.expect_clean();
    std::vector<uint64_t> moments;
    for (const Span& s : d.spans)
      for (uint64_t t : {s.dispatch, s.issue, s.port_free, s.complete}) moments.push_back(t - from);
    return std::make_pair(moments, d.take<uint8_t>(kData + 65536, 512));
  };
  Device fresh;
  fresh.put(kData, x);
  const auto want = measure(fresh);
  for (uint64_t after : {3u, 77u, 120u, 180u, 230u, 300u, 333u, 420u}) {
    Device d;
    d.put(kData, x);
    busy(d);
    d.run(true, after);
    d.set(c::reg::kCtrl, c::reg::ctrl::kResetMask);
    EXPECT_TRUE(d.npu->idle());
    EXPECT_FALSE(d.npu->irq());
    EXPECT_EQ(d.get(c::reg::kPerfMacsLo), 0u);
    d.spans.clear();
    d.configure();
    const auto got = measure(d);
    EXPECT_EQ(got.first, want.first) << after;
    EXPECT_EQ(got.second, want.second) << after;
  }
}

TEST(Control, TwoDevicesDoNotDisturbEachOther) {
  Device a, b;
  busy(a);
  const uint64_t alone = a.run();
  Device x;
  busy(x);
  x.run(true, 100);
  busy(b);
  EXPECT_EQ(b.run(), alone);
  x.npu->run(100000);
  EXPECT_EQ(x.npu->now(), alone);
}

TEST(Control, FunctionalOffKeepsTheCycles) {
  Device on, off(small_spec(), {.functional = false, .trace = true});
  busy(on);
  busy(off);
  EXPECT_EQ(on.run(), off.run());
  ASSERT_EQ(on.spans.size(), off.spans.size());
  for (size_t i = 0; i < on.spans.size(); ++i) EXPECT_EQ(on.spans[i].complete, off.spans[i].complete);
}

TEST(Control, EveryCycleHasOneCauseAndOneTag) {
  Device d;
  auto l = load(kData, 0, 4096, 0);
  l.header.tag = 7;
  auto v = waiting(vector(50), 0);
  v.header.tag = 7;
  d.add(l).add(v).add(c::Fence{.header = {.tag = 7}, .sequence = 5, .record_addr = kRecord});
  auto p = preload(0, 8, 8);
  p.header.tag = 9;
  auto m = compute(1024, 16, 100, 8, 8);
  m.header.tag = 9;
  d.add(p).add(m).add(c::Fence{.header = {.tag = 9}, .sequence = 6, .irq = 1});
  d.run(false);
  const Stats& s = d.npu->stats();
  uint64_t first_fence = 0, second_fence = 0;
  for (const Span& span : d.spans)
    if (span.name == std::string("fence")) (span.tag == 7 ? first_fence : second_fence) = span.complete;
  EXPECT_EQ(s.tags.at(9).total_cycles(), second_fence - first_fence);
  EXPECT_EQ(s.tags.at(7).total_cycles() + s.idle_cycles, first_fence);
  EXPECT_EQ(s.tags.at(9).cycles[static_cast<int>(Cause::kCompute)], 100u);
  EXPECT_EQ(s.tags.at(7).cycles[static_cast<int>(Cause::kVector)], 50u);
  const Span& load_span = d.span(Engine::kLoad);
  EXPECT_EQ(s.tags.at(7).cycles[static_cast<int>(Cause::kDram)], load_span.complete - load_span.issue);
}

}  // namespace
}  // namespace systole::sim

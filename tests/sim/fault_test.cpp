// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every error of the contract with its code, address and engine; what a fault leaves behind; deadlocks; races.
#include <functional>

#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

struct FaultCase {
  const char* name;
  std::function<void(Device&)> program;
  c::ErrorCode code;
  uint64_t address;
  c::Engine engine;
};

void PrintTo(const FaultCase& fault, std::ostream* out) { *out << fault.name; }

c::Descriptor raw(uint32_t word0) {
  c::Descriptor d;
  d.words[0] = word0;
  return d;
}

uint64_t ring_slot(uint64_t index) { return index * c::kDescriptorBytes; }

class Faults : public testing::TestWithParam<FaultCase> {};

TEST_P(Faults, AreReportedAndTheDeviceWorksAfterReset) {
  Device d;
  const std::vector<uint8_t> untouched(64, 0xab);
  d.put(kData + 4096, untouched);
  GetParam().program(d);
  d.run(false, 5'000'000);
  EXPECT_EQ(d.error(), GetParam().code);
  EXPECT_EQ(d.get(c::reg::kErrorAddrLo), GetParam().address);
  EXPECT_EQ(d.get(c::reg::kErrorEngine), static_cast<uint32_t>(GetParam().engine));
  EXPECT_NE(d.get(c::reg::kStatus) & c::reg::status::kErrorMask, 0u);
  EXPECT_TRUE(d.npu->irq());
  EXPECT_EQ(d.take<uint8_t>(kData + 4096, 64), untouched) << "a faulting command writes nothing";
  const Stats& stats = d.npu->stats();
  EXPECT_EQ(stats.total.total_cycles() + stats.idle_cycles, d.get(c::reg::kPerfCyclesLo)) << "every cycle has a cause";

  d.set(c::reg::kCtrl, c::reg::ctrl::kResetMask);
  d.configure();
  d.put(kData, std::vector<uint8_t>(64, 7));
  d.add(load(kData, 0, 64, 1)).add(store(0, kData + 8192, 64, 1)).run();
  d.expect_clean();
  EXPECT_EQ(d.take<uint8_t>(kData + 8192, 64), std::vector<uint8_t>(64, 7));
}

c::Load with(std::function<void(c::Load&)> change) {
  c::Load command = load(kData, 0, 64);
  change(command);
  return command;
}
c::Preload with(std::function<void(c::Preload&)> change) {
  c::Preload command = preload(0, 8, 8);
  change(command);
  return command;
}

const FaultCase kCases[] = {
    {"bad_opcode", [](Device& d) { d.program.push_back(raw(0xee)); }, c::ErrorCode::kBadOpcode, ring_slot(0),
     c::Engine::kControl},
    {"reserved_bits",
     [](Device& d) {
       d.add(c::Nop{});
       d.program.push_back(raw(static_cast<uint32_t>(c::Opcode::kNop)));
       d.program.back().words[31] = 1;
     },
     c::ErrorCode::kReservedBits, ring_slot(1), c::Engine::kControl},
    {"output_stationary",
     [](Device& d) { d.add(with([](c::Preload& p) { p.dataflow = c::Dataflow::kOutputStationary; })); },
     c::ErrorCode::kUnsupported, ring_slot(0), c::Engine::kPreload},
    {"sparsity", [](Device& d) { d.add(with([](c::Preload& p) { p.sparsity = 2; })); }, c::ErrorCode::kUnsupported,
     ring_slot(0), c::Engine::kPreload},
    {"dtype_pair", [](Device& d) { d.add(with([](c::Load& l) { l.dtype_pair = 1; })); }, c::ErrorCode::kUnsupported,
     ring_slot(0), c::Engine::kLoad},
    {"c_steps",
     [](Device& d) {
       d.add(c::Vector{.channels = 1, .n0 = 1, .n1 = 1, .d_stride0 = 1, .d_stride1 = 1, .c_steps = c::CSteps{3}});
     },
     c::ErrorCode::kUnsupported, ring_slot(0), c::Engine::kVector},
    {"another_core", [](Device& d) { d.add(with([](c::Load& l) { l.header.core = 1; })); }, c::ErrorCode::kUnsupported,
     ring_slot(0), c::Engine::kLoad},
    {"device_scope", [](Device& d) { d.add(with([](c::Load& l) { l.header.signal0_scope = c::Scope::kDevice; })); },
     c::ErrorCode::kUnsupported, ring_slot(0), c::Engine::kLoad},
    {"count_zero", [](Device& d) { d.add(with([](c::Load& l) { l.n1 = 0; })); }, c::ErrorCode::kBadOperand, 0,
     c::Engine::kLoad},
    {"scratchpad_end", [](Device& d) { d.add(with([](c::Load& l) { l.local_addr = 64 * 1024 - 63; })); },
     c::ErrorCode::kBadOperand, 64 * 1024 - 63, c::Engine::kLoad},
    {"too_many_rows", [](Device& d) { d.add(preload(16, 9, 8)); }, c::ErrorCode::kBadOperand, 16, c::Engine::kPreload},
    {"read_outside_window", [](Device& d) { d.add(load(16 << 20, 0, 64)); }, c::ErrorCode::kDmaFault, 16 << 20,
     c::Engine::kLoad},
    {"write_to_read_only",
     [](Device& d) {
       d.set(c::reg::kWindow0Flags, 1);
       d.add(load(kData, 0, 64, 1)).add(store(0, kData + 4096, 64, 1));
     },
     c::ErrorCode::kDmaFault, kData + 4096, c::Engine::kStore},
    {"sem_underflow", [](Device& d) { d.add(c::Sem{.id = 5, .value = 1, .op = c::SemOp::kSub}); },
     c::ErrorCode::kSemUnderflow, 5, c::Engine::kControl},
    {"sem_overflow",
     [](Device& d) {
       d.add(c::Sem{.id = 6, .value = 255, .op = c::SemOp::kSet});
       d.add(c::Sem{.id = 6, .value = 1, .op = c::SemOp::kAdd});
     },
     c::ErrorCode::kSemOverflow, 6, c::Engine::kControl},
    {"ring_too_small",
     [](Device& d) {
       d.set(c::reg::kRingSize, 3);
       d.add(c::Nop{});
     },
     c::ErrorCode::kRing, 3, c::Engine::kControl},
    {"same_level_inside",
     [](Device& d) {
       d.add(c::Repeat{.count = 2, .body = 2, .level = 0})
           .add(c::Repeat{.count = 2, .body = 1, .level = 0})
           .add(c::Nop{});
     },
     c::ErrorCode::kLoop, ring_slot(1), c::Engine::kControl},
    {"body_beyond_the_buffer",
     [](Device& d) {
       d.add(c::Repeat{.count = 2, .body = 65, .level = 0});
       for (int i = 0; i < 65; ++i) d.add(c::Nop{});
     },
     c::ErrorCode::kLoop, ring_slot(0), c::Engine::kControl},
};

INSTANTIATE_TEST_SUITE_P(Contract, Faults, testing::ValuesIn(kCases),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST(Watchdog, ADeadlockIsFoundAtItsCycle) {
  Device d;
  d.set(c::reg::kWatchdog, 1000);
  d.add(waiting(load(kData, 0, 64), 3)).run(true, 100'000);
  EXPECT_EQ(d.error(), c::ErrorCode::kWatchdog);
  EXPECT_LT(d.npu->now(), 5000u);
}

TEST(Watchdog, OffItWaitsForever) {
  Device d;
  d.set(c::reg::kWatchdog, 0);
  d.add(waiting(load(kData, 0, 64), 3)).run(true, 100'000);
  EXPECT_EQ(d.error(), c::ErrorCode::kNone);
  EXPECT_EQ(d.npu->now(), 100'000u);
}

NpuOptions checking() { return {.race_check = true, .trace = true}; }

TEST(Races, AnUnorderedReadOfWhatIsBeingWrittenIsReported) {
  Device d(small_spec(), checking());
  c::Store early = store(0, kData + 4096, 64, 1);
  early.header.wait0_count = 0;
  d.add(load(kData, 0, 64, 1)).add(early).run();
  ASSERT_FALSE(d.npu->races().empty());
}

TEST(Races, TheSameOrderedByASemaphoreIsNot) {
  Device d(small_spec(), checking());
  d.add(load(kData, 0, 64, 1)).add(store(0, kData + 4096, 64, 1)).run();
  EXPECT_TRUE(d.npu->races().empty()) << d.npu->races().front().to_string();
}

TEST(Races, AnUnorderedOverwriteIsReportedEvenLongAfter) {
  Device d(small_spec(), checking());
  d.add(load(kData, 0, 64, 1)).add(store(0, kData + 4096, 64, 1));
  for (int i = 0; i < 200; ++i) d.add(c::Nop{});
  d.add(load(kData + 64, 0, 64, 2)).run();  // nothing says that the store has read
  ASSERT_FALSE(d.npu->races().empty());
  EXPECT_EQ(d.npu->races().front().kind, Race::Kind::kReadWrite);
}

TEST(Races, StorageNeverWrittenIsReported) {
  Device d(small_spec(), checking());
  d.add(preload(0, 8, 8)).run();
  ASSERT_FALSE(d.npu->races().empty());
  EXPECT_EQ(d.npu->races().front().kind, Race::Kind::kUnwritten);
  EXPECT_EQ(d.npu->races().front().engine, Engine::kPreload);
}

}  // namespace
}  // namespace systole::sim

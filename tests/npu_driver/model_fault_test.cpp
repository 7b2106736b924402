// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Malformed programs through the SystemC transport: the right status, and a device that works after reset.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/npu_driver/model_bench.h"

namespace systole::npu {
namespace {

using contract::encode;
using contract::Engine;
using contract::ErrorCode;

struct Malformed {
  const char* name;
  ErrorCode code;
  FaultReport::Kind kind;
  std::function<Descriptors(const ModelBench&)> program;
  // The address the report must have; by default none is compared.
  std::function<uint64_t(const ModelBench&)> address = nullptr;
};

contract::Descriptor with_word(contract::Descriptor d, int word, uint32_t bits) {
  d.words[static_cast<size_t>(word)] |= bits;
  return d;
}

contract::Compute compute(contract::Dataflow dataflow) {
  contract::Compute command;
  command.m0 = command.m1 = command.m2 = 1;
  command.acc_stride = 1;
  command.rows = command.cols = command.k_c = 4;
  command.k_w = 1;
  command.dataflow = dataflow;
  return command;
}

std::vector<Malformed> malformed() {
  using Kind = FaultReport::Kind;
  const auto beyond = [](const ModelBench& b) { return b.config.dram_bytes - 64; };
  return {
      {"unknown_opcode", ErrorCode::kBadOpcode, Kind::kBadDescriptor,
       [](const ModelBench&) { return Descriptors{with_word({}, 0, 0xee)}; },
       [](const ModelBench&) { return uint64_t{0}; }},
      {"reserved_bit_of_the_header", ErrorCode::kReservedBits, Kind::kBadDescriptor,
       [](const ModelBench&) {
         return Descriptors{encode(contract::Nop{}), with_word(encode(contract::Nop{}), 0, 0x100)};
       },
       [](const ModelBench&) { return uint64_t{128}; }},
      {"reserved_bit_of_a_load", ErrorCode::kReservedBits, Kind::kBadDescriptor,
       [](const ModelBench& b) { return Descriptors{with_word(encode(load(b.data(), 0, 64)), 31, 1)}; }},
      {"load_beyond_memory", ErrorCode::kDmaFault, Kind::kDmaFault,
       [beyond](const ModelBench& b) { return Descriptors{encode(load(beyond(b), 0, 128))}; }, beyond},
      {"load_far_outside", ErrorCode::kDmaFault, Kind::kDmaFault,
       [](const ModelBench&) { return Descriptors{encode(load(0x7000000000000000ull, 0, 64))}; },
       [](const ModelBench&) { return uint64_t{0x7000000000000000ull}; }},
      {"store_into_the_ring", ErrorCode::kDmaFault, Kind::kDmaFault,
       [](const ModelBench& b) { return Descriptors{encode(store(b.config.ring_base, 0, 64))}; },
       [](const ModelBench& b) { return b.config.ring_base; }},
      {"load_beyond_the_scratchpad", ErrorCode::kBadOperand, Kind::kIllegalOp,
       [](const ModelBench& b) {
         return Descriptors{encode(load(b.data(), static_cast<uint32_t>(b.spec.scratchpad.bytes) - 32, 64))};
       }},
      {"load_of_no_rows", ErrorCode::kBadOperand, Kind::kIllegalOp,
       [](const ModelBench& b) { return Descriptors{encode(load(b.data(), 0, 64, 0))}; }},
      {"input_stationary", ErrorCode::kUnsupported, Kind::kIllegalOp,
       [](const ModelBench&) { return Descriptors{encode(compute(contract::Dataflow::kInputStationary))}; }},
      {"semaphore_below_zero", ErrorCode::kSemUnderflow, Kind::kSemaphore,
       [](const ModelBench&) {
         contract::Sem sem;
         sem.id = 5;
         sem.value = 1;
         sem.op = contract::SemOp::kSub;
         return Descriptors{encode(sem)};
       },
       [](const ModelBench&) { return uint64_t{5}; }},
      {"a_wait_that_nobody_ends", ErrorCode::kWatchdog, Kind::kWatchdog,
       [](const ModelBench& b) {
         contract::Load stuck = load(b.data(), 0, 64);
         stuck.header.wait0_id = 2;
         stuck.header.wait0_count = 1;
         return Descriptors{encode(stuck)};
       }},
      {"repeat_longer_than_the_loop_buffer", ErrorCode::kLoop, Kind::kBadDescriptor,
       [](const ModelBench& b) {
         contract::Repeat repeat;
         repeat.count = 2;
         repeat.body = static_cast<uint32_t>(b.spec.core.loop_buffer) + 1;
         return Descriptors{encode(repeat)};
       }},
  };
}

class MalformedProgram : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedProgram, GivesItsStatusAndTheDeviceWorksAfterReset) {
  const Malformed& bad = GetParam();
  for (const bool functional : {true, false}) {
    ModelBench bench("tiny-4x4", 64, functional);
    const Status status = bench.run(bad.program(bench));
    ASSERT_EQ(status.code(), Code::kDeviceFault) << status.to_string();
    ASSERT_NE(status.fault(), nullptr);
    EXPECT_EQ(status.fault()->device_code, static_cast<uint32_t>(bad.code)) << status.to_string();
    EXPECT_EQ(status.fault()->kind, bad.kind) << status.to_string();
    if (bad.address) {
      EXPECT_EQ(status.fault()->address, bad.address(bench)) << status.to_string();
    }
    EXPECT_EQ(bench.run({}).code(), Code::kFailedPrecondition);
    ASSERT_TRUE(bench.driver->reset().ok());
    EXPECT_TRUE(bench.run({encode(load(bench.data(), 0, 64))}).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Model, MalformedProgram, testing::ValuesIn(malformed()),
                         [](const auto& each) { return each.param.name; });

TEST(Model, TheWatchdogFiresAtTheCycleItIsSetTo) {
  ModelBench bench;
  contract::Load stuck = load(bench.data(), 0, 64);
  stuck.header.wait0_id = 2;
  stuck.header.wait0_count = 1;
  const Status status = bench.run({encode(stuck)});
  ASSERT_NE(status.fault(), nullptr) << status.to_string();
  EXPECT_GE(status.fault()->cycle, bench.config.watchdog_cycles);
  EXPECT_LT(status.fault()->cycle, bench.config.watchdog_cycles + 500u);
}

// Every descriptor has only bits that exist, small or any values by turns: each must end, well or with a fault of the
// contract.
TEST(Model, RandomCommandsEndInOrderOrWithAFaultAndNeverHang) {
  std::mt19937 random(11);
  int faults = 0, completions = 0;
  for (const bool functional : {true, false}) {
    ModelBench bench("tiny-4x4", 64, functional);
    for (int i = 0; i < 1500; ++i) {
      const contract::CommandInfo& command = contract::kCommands[random() % std::size(contract::kCommands)];
      if (command.opcode == contract::Opcode::kRepeat) continue;  // would take the fence behind it as its body
      contract::Descriptor d;
      for (const contract::FieldInfo& field : command.fields) {
        const bool small = random() % 4 != 0;
        const uint64_t value = (static_cast<uint64_t>(random()) << 32 | random()) &
                               contract::low_mask(small ? std::min(field.bits, 3) : field.bits);
        contract::put_bits(d.words.data(), field.word, field.lsb, field.bits, value);
      }
      d.words[0] |= static_cast<uint32_t>(command.opcode);
      const Status status = bench.run({d});
      if (status.ok()) {
        ++completions;
        continue;
      }
      ++faults;
      ASSERT_EQ(status.code(), Code::kDeviceFault) << command.name << ": " << status.to_string();
      ASSERT_NE(status.fault()->kind, FaultReport::Kind::kOther) << status.to_string();
      ASSERT_TRUE(bench.driver->reset().ok());
    }
  }
  EXPECT_GT(faults, 100);
  EXPECT_GT(completions, 100);
}

TEST(Model, AFaultingStoreWritesNothing) {
  ModelBench bench;
  const uint64_t end = bench.config.dram_bytes;
  *bench.at(end - 64) = std::byte{9};
  EXPECT_FALSE(bench.run({encode(store(end - 64, 0, 64, 2))}).ok());
  EXPECT_EQ(*bench.at(end - 64), std::byte{9});
}

}  // namespace
}  // namespace systole::npu

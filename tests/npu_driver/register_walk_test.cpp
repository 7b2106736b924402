// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The generated register table, walked over every transport that has registers of its own.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/load.h"
#include "devices/npu/transport_sim.h"

namespace systole::npu {
namespace {

namespace reg = contract::reg;
using contract::Access;
using contract::RegisterInfo;

struct Walked {
  const char* name;
  std::function<Result<std::unique_ptr<Transport>>()> make;
};

Result<std::unique_ptr<Transport>> model_of(const char* preset) {
  SYSTOLE_ASSIGN_OR_RETURN(const spec::NpuSpec spec, spec::load_npu_spec(preset));
  return make_model_transport(spec, {});
}

class RegisterWalk : public testing::TestWithParam<Walked> {
 protected:
  void SetUp() override {
    auto made = GetParam().make();
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    transport_ = std::move(made).value();
  }
  uint32_t read(uint32_t offset) {
    const auto value = transport_->read(offset, 4);
    EXPECT_TRUE(value.ok()) << offset << ": " << value.status().to_string();
    return value.ok() ? *value : 0xdeadbeef;
  }
  void write(uint32_t offset, uint32_t value) {
    (void)transport_->write(offset, value, 4);
    EXPECT_TRUE(transport_->advance(4).ok());  // posted: give it time to arrive
  }
  // Bits that read back as written: ctrl's reset and step clear themselves.
  static uint32_t lasting(const RegisterInfo& r) {
    return r.offset == reg::kCtrl ? r.mask & ~(reg::ctrl::kResetMask | reg::ctrl::kStepMask) : r.mask;
  }
  std::unique_ptr<Transport> transport_;
};

TEST_P(RegisterWalk, ResetValuesHoldAndUnusedBitsReadZero) {
  for (const RegisterInfo& r : contract::kRegisters) {
    const uint32_t value = read(r.offset);
    if (r.has_reset) {
      EXPECT_EQ(value, r.reset) << r.name;
    }
    EXPECT_EQ(value & ~r.mask, 0u) << r.name;
  }
}

TEST_P(RegisterWalk, ReadOnlyRegistersIgnoreWrites) {
  const std::set<uint32_t> running = {reg::kPerfCyclesLo, reg::kPerfCyclesHi};
  for (const RegisterInfo& r : contract::kRegisters) {
    if (r.access != Access::kReadOnly || running.count(r.offset)) continue;
    const uint32_t before = read(r.offset);
    write(r.offset, ~before);
    EXPECT_EQ(read(r.offset), before) << r.name;
  }
}

TEST_P(RegisterWalk, ReadWriteRegistersKeepExactlyTheirBits) {
  for (const RegisterInfo& r : contract::kRegisters) {
    if (r.access != Access::kReadWrite) continue;
    for (const uint32_t pattern : {0xffffffffu, 0u, 0x55555555u, 0xaaaaaaaau}) {
      const uint32_t harmless = r.offset == reg::kCtrl ? pattern & ~reg::ctrl::kResetMask : pattern;
      write(r.offset, harmless);
      EXPECT_EQ(read(r.offset), harmless & lasting(r)) << r.name << " written with " << harmless;
    }
    write(r.offset, r.reset);
    EXPECT_EQ(read(r.offset), r.reset) << r.name;
  }
}

TEST_P(RegisterWalk, WritingOnesToNoCauseSetsNone) {
  for (const RegisterInfo& r : contract::kRegisters) {
    if (r.access != Access::kWriteOneToClear) continue;
    write(r.offset, ~0u);
    EXPECT_EQ(read(r.offset), 0u) << r.name;
  }
}

TEST_P(RegisterWalk, UnmappedOffsetsAreRefusedBothWays) {
  std::set<uint32_t> known;
  for (const RegisterInfo& r : contract::kRegisters) known.insert(r.offset);
  for (uint32_t offset = 0; offset < 0x420; offset += 4) {
    if (known.count(offset)) continue;
    EXPECT_EQ(transport_->read(offset, 4).status().code(), Code::kOutOfRange) << offset;
    EXPECT_EQ(transport_->write(offset, 1, 4).code(), Code::kOutOfRange) << offset;
  }
  EXPECT_EQ(transport_->read(0xfffffffc, 4).status().code(), Code::kOutOfRange);
}

TEST_P(RegisterWalk, WrongSizesAndMisalignmentAreRefused) {
  for (const int size : {0, 1, 2, 8}) {
    EXPECT_EQ(transport_->read(reg::kId, size).status().code(), Code::kInvalidArgument) << size;
    EXPECT_EQ(transport_->write(reg::kWatchdog, 1, size).code(), Code::kInvalidArgument) << size;
  }
  for (const uint32_t offset : {1u, 2u, 3u, 0x81u}) {
    EXPECT_EQ(transport_->read(offset, 4).status().code(), Code::kInvalidArgument) << offset;
    EXPECT_EQ(transport_->write(offset, 0, 4).code(), Code::kInvalidArgument) << offset;
  }
  EXPECT_EQ(read(reg::kWatchdog), 10000000u);
}

TEST_P(RegisterWalk, ResetRestoresEveryRegister) {
  std::map<uint32_t, uint32_t> fresh;
  for (const RegisterInfo& r : contract::kRegisters) fresh[r.offset] = read(r.offset);
  for (const RegisterInfo& r : contract::kRegisters) {
    if (r.access == Access::kReadWrite && r.offset != reg::kCtrl && r.offset != reg::kRingTail) write(r.offset, 0x40);
  }
  ASSERT_TRUE(transport_->reset().ok());
  for (const RegisterInfo& r : contract::kRegisters) {
    if (r.offset == reg::kPerfCyclesLo) continue;  // it counts again from zero
    EXPECT_EQ(read(r.offset), fresh[r.offset]) << r.name;
  }
  EXPECT_LT(read(reg::kPerfCyclesLo), 8u);
}

INSTANTIATE_TEST_SUITE_P(Transports, RegisterWalk,
                         testing::Values(Walked{"model_tiny_4x4", [] { return model_of("tiny-4x4"); }},
                                         Walked{"model_edge_16x16", [] { return model_of("edge-16x16"); }}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace systole::npu

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

// The registers of one core of several.
class OneCore final : public Transport {
 public:
  OneCore(std::unique_ptr<Transport> all, uint32_t first) : all_(std::move(all)), first_(first) {}
  std::string identity() const override { return all_->identity(); }
  Result<uint32_t> read(uint32_t offset, int size) override { return all_->read(first_ + offset, size); }
  Status write(uint32_t offset, uint32_t value, int size) override { return all_->write(first_ + offset, value, size); }
  std::span<std::byte> memory() override { return all_->memory(); }
  Status irq_enable(bool on) override { return all_->irq_enable(on); }
  Result<bool> irq_wait(uint64_t max_cycles) override { return all_->irq_wait(max_cycles); }
  Status reset() override { return write(reg::kCtrl, reg::ctrl::kResetMask, 4); }
  uint64_t now_cycles() override { return all_->now_cycles(); }
  uint64_t frequency_hz() const override { return all_->frequency_hz(); }
  Status advance(uint64_t cycles) override { return all_->advance(cycles); }

 private:
  std::unique_ptr<Transport> all_;
  uint32_t first_;
};

Result<std::unique_ptr<Transport>> last_core_of_three() {
  SYSTOLE_ASSIGN_OR_RETURN(spec::NpuSpec spec, spec::load_npu_spec("tiny-4x4"));
  spec.cores = 3;
  SYSTOLE_ASSIGN_OR_RETURN(auto all, make_model_transport(spec, {}));
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t cores, all->read(reg::kCapCores, 4));
  const uint32_t stride = (cores & reg::cap_cores::kStrideMask) >> reg::cap_cores::kStrideLsb;
  return std::unique_ptr<Transport>(std::make_unique<OneCore>(std::move(all), 2u << stride));
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
                                         Walked{"model_edge_16x16", [] { return model_of("edge-16x16"); }},
                                         Walked{"last_core_of_three", last_core_of_three}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A walk over the registers of the RTL, beside the model's: every offset read, every register written with patterns.
#include <gtest/gtest.h>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/load.h"
#include "devices/npu/transport_rtl.h"
#include "devices/npu/transport_sim.h"

namespace systole::npu {
namespace {

namespace reg = contract::reg;

class RegisterWalk : public testing::Test {
 protected:
  void SetUp() override {
    const auto spec = spec::load_npu_spec("tiny-4x4");
    ASSERT_TRUE(spec.ok()) << spec.status().to_string();
    auto rtl = make_rtl_transport(*spec, {spec::rtl_directory(), "", ""});
    if (!rtl.ok() && rtl.status().code() == Code::kUnavailable) GTEST_SKIP() << rtl.status().message();
    auto model = make_model_transport(*spec, {});
    ASSERT_TRUE(rtl.ok() && model.ok()) << rtl.status().to_string() << model.status().to_string();
    rtl_ = std::move(*rtl), model_ = std::move(*model);
  }

  // The same answer from both; how many offsets had a register.
  int read_all(const std::string& when) {
    int mapped = 0;
    for (uint32_t offset = 0; offset < 0x1000; offset += 4) {
      // Cycles since reset go on with every access to the RTL, and the model's stand still.
      if (offset == reg::kPerfCyclesLo || offset == reg::kPerfCyclesHi) continue;
      const auto want = model_->read(offset, 4), got = rtl_->read(offset, 4);
      EXPECT_EQ(want.status().code(), got.status().code()) << when << ", offset " << std::hex << offset;
      if (!want.ok() || !got.ok()) continue;
      EXPECT_EQ(*want, *got) << when << ", offset " << std::hex << offset;
      ++mapped;
    }
    return mapped;
  }
  void write(uint32_t offset, uint32_t value) {
    const Status want = model_->write(offset, value, 4), got = rtl_->write(offset, value, 4);
    EXPECT_EQ(want.code(), got.code()) << std::hex << value << " to offset " << offset;
    ASSERT_TRUE(model_->advance(2).ok() && rtl_->advance(2).ok());
  }

  std::unique_ptr<Transport> model_, rtl_;
};

TEST_F(RegisterWalk, EveryOffsetAnswersAsTheModels) {
  int registers = 0;
  for (const contract::RegisterInfo& info : contract::kRegisters)
    registers += info.access != contract::Access::kWriteOnly;
  EXPECT_EQ(read_all("after reset"), registers - 2);
  for (const uint32_t pattern : {0xffffffffu, 0x55555555u, 0xaaaaaaaau, 0u}) {
    for (uint32_t offset = 0; offset < 0x1000; offset += 4) {
      if (offset == reg::kCtrl) continue;  // the next test's
      write(offset, pattern);
    }
    read_all("after writes");
  }
  for (const uint32_t odd : {1u, 2u, 0x81u, 0x1000u, 0xfffffffcu})
    EXPECT_EQ(model_->read(odd, 4).status().code(), rtl_->read(odd, 4).status().code()) << odd;
  write(reg::kCtrl, reg::ctrl::kResetMask);
  EXPECT_EQ(read_all("after a reset"), registers - 2);
}

TEST_F(RegisterWalk, ControlBits) {
  for (uint32_t value = 0; value < 16; ++value) {
    if (value & reg::ctrl::kResetMask) continue;
    write(reg::kCtrl, value);
    read_all("ctrl " + std::to_string(value));
  }
}

// An error, its interrupt, and how they are taken back.
TEST_F(RegisterWalk, RingsThatCantBe) {
  struct Case {
    uint32_t size, base, tail, blamed;
  };
  for (const Case& ring :
       {Case{3, 0, 1, 3}, Case{8, 64, 1, 64}, Case{8, 0xffffff80, 1, 0xffffff80}, Case{8, 0, 9, 9}}) {
    write(reg::kCtrl, reg::ctrl::kEnableMask);
    write(reg::kIrqEnable, reg::irq_enable::kErrorMask);
    write(reg::kRingSize, ring.size);
    write(reg::kRingBaseLo, ring.base);
    write(reg::kRingTail, ring.tail);
    read_all("after a ring of " + std::to_string(ring.size) + " at " + std::to_string(ring.base));
    for (Transport* each : {model_.get(), rtl_.get()}) {
      EXPECT_EQ(*each->read(reg::kErrorCode, 4), static_cast<uint32_t>(contract::ErrorCode::kRing));
      EXPECT_EQ(*each->read(reg::kErrorAddrLo, 4), ring.blamed);
      ASSERT_TRUE(each->irq_enable(true).ok());
      EXPECT_TRUE(*each->irq_wait(10));
    }
    write(reg::kIrqStatus, reg::irq_status::kErrorMask);
    for (Transport* each : {model_.get(), rtl_.get()}) EXPECT_FALSE(*each->irq_wait(10));
    write(reg::kCtrl, reg::ctrl::kResetMask);
    read_all("after the error's reset");
  }
}

}  // namespace
}  // namespace systole::npu

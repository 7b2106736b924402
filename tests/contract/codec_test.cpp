// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "configs/contract/generated/npu_contract.h"

namespace systole::contract {
namespace {

// A descriptor whose used bits are random: every value that fields can hold.
Descriptor random_descriptor(const CommandInfo& command, std::mt19937& random) {
  Descriptor d;
  for (int i = 0; i < kDescriptorWords; ++i) d.words[i] = random() & command.used[i];
  d.words[0] = (d.words[0] & ~0xffu) | static_cast<uint32_t>(command.opcode);
  return d;
}

TEST(Codec, DecodeThenEncodeGivesTheSameBitsForEveryCommand) {
  std::mt19937 random(1);
  for (const CommandInfo& command : kCommands) {
    for (int i = 0; i < 500; ++i) {
      const Descriptor d = random_descriptor(command, random);
      const bool known = visit(d, [&](const auto& decoded) {
        EXPECT_EQ(encode(decoded).words, d.words) << command.name;
        EXPECT_EQ(decoded.header.opcode, command.opcode);
      });
      EXPECT_TRUE(known) << command.name;
    }
  }
}

TEST(Codec, FieldsLieWhereTheContractSaysAndEveryExtremeSurvives) {
  Load load;
  load.header.tag = 0x1234;
  load.header.inc_b_2 = -5;
  load.dram_addr = 0xfedcba9876543210ull;
  load.dram_stride1 = std::numeric_limits<int32_t>::min();
  load.space = Space::kAccumulator;
  load.n2 = 65535;
  const Descriptor d = encode(load);
  EXPECT_EQ(d.words[0], 0x12340001u);
  EXPECT_EQ(d.words[11], static_cast<uint32_t>(-5));
  EXPECT_EQ(d.words[13], 0x76543210u);
  EXPECT_EQ(d.words[14], 0xfedcba98u);
  EXPECT_EQ(d.words[18], 0x1ffffu);
  EXPECT_EQ(d.words[20], 0x80000000u);
  EXPECT_EQ(decode_load(d), load);

  Vector vector;
  vector.a_zero = -256;
  vector.b_zero = 255;
  vector.d_zero = -1;
  EXPECT_EQ(encode(vector).words[31], 0x100u | 0xffu << 9 | 0x1ffu << 18);
  EXPECT_EQ(decode_vector(encode(vector)), vector);
}

TEST(Codec, EveryReservedBitOfEveryCommandIsDetected) {
  std::mt19937 random(2);
  for (const CommandInfo& command : kCommands) {
    Descriptor d = random_descriptor(command, random);
    EXPECT_TRUE(reserved_bits_clear(d)) << command.name;
    for (int bit = 0; bit < kDescriptorWords * 32; ++bit) {
      const uint32_t mask = 1u << bit % 32;
      if (command.used[bit / 32] & mask) continue;
      d.words[bit / 32] |= mask;
      EXPECT_FALSE(reserved_bits_clear(d)) << command.name << " word " << bit / 32 << " bit " << bit % 32;
      d.words[bit / 32] &= ~mask;
    }
  }
}

TEST(Codec, AnUnknownOpcodeIsNotVisited) {
  Descriptor d;
  d.words[0] = 0xee;
  EXPECT_FALSE(is_valid(opcode(d)));
  EXPECT_EQ(find_command(opcode(d)), nullptr);
  EXPECT_FALSE(visit(d, [](const auto&) { FAIL(); }));
}

TEST(CodecDeath, AValueThatDoesNotFitAborts) {
  Preload preload;
  preload.rows = 65536;
  EXPECT_DEATH((void)encode(preload), "fit");
  Compute compute;
  compute.zero_point = -32769;
  EXPECT_DEATH((void)encode(compute), "fit");
}

TEST(Registers, IdentityHoldsTheHashAndOffsetsAreUniqueWords) {
  std::set<uint32_t> offsets;
  for (const RegisterInfo& r : kRegisters) {
    EXPECT_EQ(r.offset % 4, 0u) << r.name;
    EXPECT_TRUE(offsets.insert(r.offset).second) << r.name;
    EXPECT_EQ(r.reset & ~r.mask, 0u) << r.name;
    if (r.offset == reg::kId) {
      EXPECT_EQ(r.reset, static_cast<uint32_t>(kHash));
    }
    if (r.offset == reg::kIdHi) {
      EXPECT_EQ(r.reset, static_cast<uint32_t>(kHash >> 32));
    }
  }
  EXPECT_EQ(reg::ctrl::kHaltMask, 4u);
}

}  // namespace
}  // namespace systole::contract

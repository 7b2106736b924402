// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// dram.channel_hash: which channel an address lies on, and what that does to strides (docs/timing.md, section 7).
#include "sim/memory/channel_hash.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/memory/drain.h"

namespace systole::memory {
namespace {

TEST(ChannelHash, EveryGroupOfBlocksTakesEachChannelOnce) {
  for (const uint64_t channels : {1u, 2u, 16u, 32u})
    for (const uint64_t group : {0ull, 1ull, 37ull, 123456789ull}) {
      std::set<uint64_t> seen;
      for (uint64_t i = 0; i < channels; ++i) seen.insert(ChannelHash(channels, true).channel_of(group * channels + i));
      EXPECT_EQ(seen.size(), channels) << channels << " " << group;
      EXPECT_LT(*seen.rbegin(), channels);
    }
  EXPECT_EQ(ChannelHash(16, true).channel_of(0x123), 1u ^ 2u ^ 3u);
  EXPECT_EQ(ChannelHash(8, true).channel_of(uint64_t{1} << 63 | 5), 1u ^ 5u);  // the last digit is of one bit
  EXPECT_EQ(ChannelHash(2, true).channel_of(0x8000'0001'0000'0011), 0u);
  EXPECT_EQ(ChannelHash(16, false).channel_of(0x123), 3u);
  EXPECT_EQ(ChannelHash(7, false).channel_of(1000), 1000u % 7);
}

uint64_t cycles_of_strided_reads(const std::string& hash, uint64_t stride) {
  spec::DramSpec d;
  d.bytes = 1 << 30;
  d.channels = 8;
  d.interleave_bytes = 64;
  d.bytes_per_second = 64e9;  // a 64-byte burst takes a channel 8 cycles
  d.row_miss_cycles = 0;
  d.channel_hash = hash;
  System system(d, {1'000'000'000}, 64, {{1024, 0, false}});
  for (uint64_t i = 0; i < 512; ++i) system.push(0, {i, 0, i * stride, 64, false});
  uint64_t last = 0;
  for (const Reply& reply : walk(system)) last = std::max(last, reply.at);
  return last;
}

TEST(ChannelHash, StridesOfAPowerOfTwoUseAllChannels) {
  const uint64_t stream = cycles_of_strided_reads("none", 64);
  EXPECT_LT(stream, 700u);  // 512 bursts on 8 channels: 512 cycles and a latency
  EXPECT_GT(cycles_of_strided_reads("none", 512), 4000u) << "all on one channel";
  for (const uint64_t stride : {64u, 512u, 4096u, 32768u})
    EXPECT_LT(cycles_of_strided_reads("fold", stride), stream + 100) << stride;
}

}  // namespace
}  // namespace systole::memory

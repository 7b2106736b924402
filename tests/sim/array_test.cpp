// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD and COMPUTE: values against plain loops, cycles against the closed forms of docs/timing.md, sections 3 and 4.
#include "harness.h"

namespace systole::sim {
namespace {

constexpr uint32_t kWeights = 0, kInput = 16 * 1024, kOther = 32 * 1024;  // one bank each
const uint64_t kDrain = 2 + 8 + 8 + 1;

TEST(Array, GemmValuesAndZeroPoints) {
  Device d;
  const auto w = random_bytes(5 * 7, 1), x = random_bytes(20 * 5, 2);
  d.put(kData, w);
  d.put(kData + 4096, x);
  auto p = preload(kWeights, 5, 7);
  p.zero_point = -3;
  auto m = compute(kInput, 5, 20, 5, 7);
  m.zero_point = 11;
  m.dtype = c::Dtype::kU8;
  d.add(load(kData, kWeights, 35, 0)).add(load(kData + 4096, kInput, 100, 1));
  d.add(waiting(p, 0)).add(signalling(waiting(m, 1), 2));
  d.add(store(0, kData + 8192, 20 * 32, 2, c::Space::kAccumulator));
  d.run();
  d.expect_clean();
  const auto out = d.take<int32_t>(kData + 8192, 20 * 8);
  for (int v = 0; v < 20; ++v)
    for (int j = 0; j < 7; ++j) {
      int32_t sum = 0;
      for (int r = 0; r < 5; ++r) sum += (static_cast<uint8_t>(x[v * 5 + r]) - 11) * (w[r * 7 + j] + 3);
      EXPECT_EQ(out[v * 8 + j], sum) << v << "," << j;
    }
  EXPECT_EQ(d.npu->stats().total.macs, 20u * 5 * 7);
}

TEST(Array, AccumulateAddsTileSumsAndCountsOverflow) {
  Device d;
  d.put<int8_t>(kData, {100});
  d.put<int32_t>(kData + 64, {2147483647});
  auto in = load(kData + 64, 0, 4, 1);
  in.space = c::Space::kAccumulator;
  auto m = compute(kInput, 1, 1, 1, 1);
  m.accumulate = 1;
  m.header.wait1_id = 1;
  m.header.wait1_count = 1;
  d.add(load(kData, kWeights, 1, 0)).add(in).add(load(kData, kInput, 1, 3)).add(waiting(preload(kWeights, 1, 1), 0));
  d.add(signalling(waiting(m, 3), 2)).add(store(0, kData + 128, 4, 2, c::Space::kAccumulator));
  d.run();
  d.expect_clean();
  EXPECT_EQ(d.take<int32_t>(kData + 128, 1)[0], static_cast<int32_t>(2147483647u + 10000u));
  EXPECT_EQ(d.get(c::reg::kPerfOverflowLo), 1u);
}

TEST(Array, Bf16SumsFromZeroThenAdds) {
  Device d;
  auto bf = [](float f) {
    uint32_t b;
    std::memcpy(&b, &f, 4);
    return static_cast<uint16_t>(b >> 16);
  };
  // old 2^24, tile 1 + 1: from zero 2, then 2^24 + 2. Adding one by one would lose both.
  d.put<uint16_t>(kData, {bf(1), bf(1)});
  d.put<float>(kData + 64, {16777216.0f});
  auto in = load(kData + 64, 0, 4, 1);
  in.space = c::Space::kAccumulator;
  auto m = compute(kInput, 4, 1, 2, 1);
  m.dtype = c::Dtype::kBf16;
  m.accumulate = 1;
  m.header.wait1_id = 1;
  m.header.wait1_count = 1;
  d.add(load(kData, kWeights, 4, 0)).add(in).add(load(kData, kInput, 4, 3));
  d.add(waiting(preload(kWeights, 2, 1, c::Dtype::kBf16), 0)).add(signalling(waiting(m, 3), 2));
  d.add(store(0, kData + 128, 4, 2, c::Space::kAccumulator));
  d.run();
  d.expect_clean();
  EXPECT_EQ(d.take<float>(kData + 128, 1)[0], 16777218.0f);
}

TEST(Array, ConvolutionGathersTaps) {
  // 3x3 taps of 3 channels over a 6x6 image: 27 elements in four tiles of 8 rows (the last of 3), accumulated.
  Device d;
  constexpr int kC = 3, kW = 6, kO = 4, kN = 8;
  const auto x = random_bytes(kW * kW * kC, 5), w = random_bytes(27 * kN, 6);
  d.put(kData, x);
  d.put(kData + 4096, w);
  d.add(load(kData, kInput, kW * kW * kC, 0)).add(load(kData + 4096, kWeights, 27 * kN, 1));
  for (int tile = 0, r = 0; r < 27; ++tile, r += 8) {
    const int rows = std::min(8, 27 - r);
    auto p = preload(kWeights + static_cast<uint32_t>(r * kN), static_cast<uint32_t>(rows), kN);
    if (tile == 0) p = waiting(p, 1);
    auto m = compute(kInput, kC, kO, static_cast<uint32_t>(rows), kN);
    if (tile == 0) m = waiting(m, 0);
    m.m1 = kO;
    m.stride1 = kW * kC;
    m.k_c = kC;
    m.k_w = 3;
    m.c0 = static_cast<uint32_t>(r % kC);
    m.kw0 = static_cast<uint32_t>(r / kC % 3);
    m.addr = kInput + static_cast<uint32_t>(r / (3 * kC) * kW * kC);
    m.kw_stride = kC;
    m.kh_stride = kW * kC;
    m.accumulate = tile > 0;
    d.add(p).add(signalling(m, 2));
  }
  auto out = store(0, kData + 8192, kO * kO * 32, 2, c::Space::kAccumulator);
  out.header.wait0_count = 4;
  d.add(out).run();
  d.expect_clean();
  const auto sums = d.take<int32_t>(kData + 8192, kO * kO * 8);
  for (int oh = 0; oh < kO; ++oh)
    for (int ow = 0; ow < kO; ++ow)
      for (int n = 0; n < kN; ++n) {
        int32_t sum = 0;
        for (int kh = 0; kh < 3; ++kh)
          for (int kw = 0; kw < 3; ++kw)
            for (int ch = 0; ch < kC; ++ch)
              sum += x[((oh + kh) * kW + ow + kw) * kC + ch] * w[((kh * 3 + kw) * kC + ch) * kN + n];
        EXPECT_EQ(sums[(oh * kO + ow) * 8 + n], sum);
      }
}

TEST(ArrayTiming, SequenceOfTilesIsTheClosedForm) {
  for (uint32_t m : {9u, 13u, 40u}) {
    Device d;
    const int tiles = 5;
    for (int t = 0; t < tiles; ++t) {
      // The first PRELOAD waits until all are queued, so that no fetch is waited for.
      d.add(t == 0 ? waiting(preload(kWeights, 8, 8), 9) : preload(kWeights, 8, 8));
      d.add(compute(kInput, 16, m, 8, 8, t % 2 ? 128 : 0));
    }
    d.add(c::Sem{.id = 9, .value = 1, .op = c::SemOp::kAdd}).run();
    d.expect_clean();
    const uint64_t first = d.span(Engine::kPreload).issue, last = d.span(Engine::kCompute, tiles - 1).complete;
    EXPECT_EQ(last - first, 8 + tiles * m - 1 + kDrain) << m;
  }
}

TEST(ArrayTiming, ShortStreamsWaitForWeights) {
  Device d;
  for (int t = 0; t < 3; ++t)
    d.add(preload(kWeights, 8, 8)).add(compute(kInput, 16, 2, 8, 8, static_cast<uint32_t>(t) * 8));
  d.run();
  // Each PRELOAD issues when the first vector after the swap has entered and takes 8 cycles.
  for (size_t t = 1; t < 3; ++t) {
    EXPECT_EQ(d.span(Engine::kPreload, t).issue, d.span(Engine::kCompute, t - 1).issue + 1);
    EXPECT_EQ(d.span(Engine::kCompute, t).issue, d.span(Engine::kPreload, t).issue + 8);
  }
}

TEST(ArrayTiming, AccumulatorRowsAreKeptApart) {
  Device d;  // rmw_interval 4: two vectors on rows 0, 1; then again
  d.add(preload(kWeights, 8, 8)).add(compute(kInput, 16, 2, 8, 8));
  auto again = compute(kInput, 16, 2, 8, 8);
  again.swap = 0;
  again.accumulate = 1;
  d.add(again).run();
  const Span &a = d.span(Engine::kCompute), &b = d.span(Engine::kCompute, 1);
  EXPECT_EQ(b.issue, a.issue + 4);  // row 0 entered at s: four cycles apart
  EXPECT_EQ(b.port_free, b.issue + 2);
  EXPECT_EQ(b.complete, b.port_free - 1 + kDrain);
}

TEST(ArrayTiming, OneRowForEveryVector) {
  Device d;
  auto m = compute(kInput, 16, 10, 8, 8);
  m.acc_stride = 0;
  d.add(preload(kWeights, 8, 8)).add(m).run();
  EXPECT_EQ(d.span(Engine::kCompute).port_free - d.span(Engine::kCompute).issue, 9u * 4 + 1);
}

TEST(ArrayTiming, GatherConflictsCostCycles) {
  Device d;  // two taps a whole round of sub-banks apart: both lines in one sub-bank
  auto m = compute(kInput, 0, 6, 8, 8);
  m.k_c = 4;
  m.k_w = 2;
  m.kw_stride = 16 * 4;
  d.add(preload(kWeights, 8, 8)).add(m);
  m.kw_stride = 16;  // neighbours: no conflict
  m.swap = 0;
  m.acc_row = 64;
  d.add(m);
  m.kw_stride = 1024;  // another multiple, in the same sub-bank
  m.acc_row = 128;
  d.add(m).run();
  auto length = [&](size_t n) { return d.span(Engine::kCompute, n).port_free - d.span(Engine::kCompute, n).issue; };
  EXPECT_EQ(length(0), 12u);
  EXPECT_EQ(length(1), 6u);
  EXPECT_EQ(length(2), 12u);
}

TEST(ArrayTiming, AUnalignedVectorNeedsTwoLines) {
  spec::NpuSpec s = small_spec();
  s.scratchpad.interleave = 1;
  Device d(s);
  d.add(preload(kWeights, 8, 8)).add(compute(kInput + 12, 16, 5, 8, 8));
  auto aligned = compute(kInput, 16, 5, 8, 8, 64);
  aligned.swap = 0;
  d.add(aligned).run();
  EXPECT_EQ(d.span(Engine::kCompute).port_free - d.span(Engine::kCompute).issue, 10u);
  EXPECT_EQ(d.span(Engine::kCompute, 1).port_free - d.span(Engine::kCompute, 1).issue, 5u);
}

TEST(ArrayTiming, BanksAreClaimed) {
  Device d;
  d.add(preload(kWeights, 8, 8)).add(compute(kWeights + 4096, 16, 30, 8, 8)).add(preload(kWeights, 8, 8));
  auto other = compute(kOther, 16, 4, 8, 8, 64);
  d.add(other).run();
  // The second PRELOAD shares bank 0 with the COMPUTE before it: it waits for that one's port.
  EXPECT_EQ(d.span(Engine::kPreload, 1).issue, d.span(Engine::kCompute).port_free);
}

TEST(ArrayTiming, Bf16Interval) {
  spec::NpuSpec s = small_spec();
  s.array.bf16_interval = 2;
  Device d(s);
  auto m = compute(kInput, 16, 9, 8, 8);
  m.dtype = c::Dtype::kBf16;
  d.add(preload(kWeights, 8, 8, c::Dtype::kBf16)).add(m).run();
  d.expect_clean();
  EXPECT_EQ(d.span(Engine::kCompute).port_free - d.span(Engine::kCompute).issue, 18u);
}

TEST(ArrayTiming, PeLatencyAndWeightRate) {
  spec::NpuSpec s = small_spec();
  s.array.pe_latency = 3;
  s.array.weight_rows_per_cycle = 3;
  Device d(s);
  d.add(preload(kWeights, 8, 8)).add(compute(kInput, 16, 9, 8, 8)).run();
  EXPECT_EQ(d.span(Engine::kPreload).port_free - d.span(Engine::kPreload).issue, 3u);
  EXPECT_EQ(d.span(Engine::kPreload).complete, d.span(Engine::kPreload).port_free + 2);
  EXPECT_EQ(d.span(Engine::kCompute).issue, d.span(Engine::kPreload).port_free);
  EXPECT_EQ(d.span(Engine::kCompute).complete - d.span(Engine::kCompute).port_free, 2u + 24 + 8 + 1 - 1);
}

}  // namespace
}  // namespace systole::sim

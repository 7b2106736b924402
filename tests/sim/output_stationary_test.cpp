// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Output-stationary pairs: values, and the moments that docs/timing.md gives them.
#include <cstring>

#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

using c::Dataflow;

spec::NpuSpec both() {
  spec::NpuSpec s = small_spec();
  s.array.dataflows = "both";
  return s;
}

constexpr uint64_t kDrain = 2 + 8 + 8 + 1;         // read_latency + R*P + C + write_latency
constexpr uint32_t kMatrix = 0, kVectors = 16384;  // in two banks

c::Preload matrix(uint32_t steps, uint32_t cols, c::Dtype dtype = c::Dtype::kI8) {
  c::Preload p = preload(kMatrix, steps, cols, dtype);
  p.dataflow = Dataflow::kOutputStationary;
  return p;
}
// Vector k has the k-th elements of `rows` rows, that lie one after another.
c::Compute product(uint32_t steps, uint32_t rows, uint32_t cols, uint32_t acc_row = 0) {
  c::Compute m = compute(kVectors, rows, steps, rows, cols, acc_row);
  m.swap = 0;
  m.dataflow = Dataflow::kOutputStationary;
  return m;
}

TEST(OutputStationary, SumsOverMoreStepsThanTheArrayHasRows) {
  constexpr uint32_t kSteps = 50, kRows = 5, kCols = 7;
  Device d(both());
  const auto b = random_bytes(kSteps * kCols, 1), a = random_bytes(kSteps * kRows, 2);
  d.put(kData, b);
  d.put(kData + 4096, a);
  auto p = matrix(kSteps, kCols);
  p.zero_point = -3;
  auto m = product(kSteps, kRows, kCols, 9);
  m.dtype = c::Dtype::kU8;
  m.zero_point = 11;
  m.acc_stride = 2;
  d.add(load(kData, kMatrix, kSteps * kCols, 0)).add(load(kData + 4096, kVectors, kSteps * kRows, 1));
  d.add(waiting(p, 0)).add(signalling(waiting(m, 1), 2));
  d.add(store(9 * 32, kData + 8192, (2 * kRows - 1) * 32, 2, c::Space::kAccumulator));
  d.run();
  d.expect_clean();
  const auto out = d.take<int32_t>(kData + 8192, 2 * kRows * 8);
  for (uint32_t r = 0; r < kRows; ++r)
    for (uint32_t j = 0; j < kCols; ++j) {
      int32_t sum = 0;
      for (uint32_t k = 0; k < kSteps; ++k)
        sum += (static_cast<uint8_t>(a[k * kRows + r]) - 11) * (b[k * kCols + j] + 3);
      EXPECT_EQ(out[2 * r * 8 + j], sum) << r << "," << j;
    }
  EXPECT_EQ(d.npu->stats().total.macs, uint64_t{kSteps} * kRows * kCols);
}

TEST(OutputStationary, Bf16SumsAllStepsFromZeroThenAdds) {
  Device d(both());
  // Old 2^24, ones: twelve of them from zero make 12. Weight-stationary they would be added in two tiles of 8 and 4.
  const std::vector<uint16_t> ones(12, 0x3f80);
  d.put(kData, ones);
  d.put<float>(kData + 64, {16777216.0f});
  auto in = load(kData + 64, 0, 4, 1);
  in.space = c::Space::kAccumulator;
  auto m = product(12, 1, 1);
  m.dtype = c::Dtype::kBf16;
  m.stride0 = 2;
  m.accumulate = 1;
  m.header.wait1_id = m.header.wait1_count = 1;
  d.add(load(kData, kMatrix, 24, 0)).add(in).add(load(kData, kVectors, 24, 3));
  d.add(waiting(matrix(12, 1, c::Dtype::kBf16), 0)).add(signalling(waiting(m, 3), 2));
  d.add(store(0, kData + 128, 4, 2, c::Space::kAccumulator)).run();
  d.expect_clean();
  EXPECT_EQ(d.take<float>(kData + 128, 1)[0], 16777228.0f);
}

TEST(OutputStationary, PairsFollowEachOtherWithoutAGap) {
  for (uint32_t steps : {1u, 3u, 20u}) {
    Device d(both());
    d.add(waiting(matrix(steps, 8), 9)).add(product(steps, 6, 8));
    d.add(matrix(steps, 8)).add(product(steps, 6, 8, 32));
    d.add(c::Sem{.id = 9, .value = 1, .op = c::SemOp::kAdd}).run();
    d.expect_clean();
    const Span &p = d.span(Engine::kPreload), &m = d.span(Engine::kCompute), &n = d.span(Engine::kCompute, 1);
    EXPECT_EQ(m.issue, p.issue);
    EXPECT_EQ(m.port_free, m.issue + steps);
    EXPECT_EQ(p.port_free, m.port_free);
    EXPECT_EQ(p.complete, p.port_free + 2);
    EXPECT_EQ(m.complete, m.port_free - 1 + 5 + kDrain);
    // Six rows leave from the last step on: the next last step waits for them; with one step, the issue does.
    const uint64_t last = std::max(m.port_free + steps - 1, m.port_free - 1 + 6);
    EXPECT_EQ(n.issue, steps == 1 ? last : m.port_free) << steps;
    EXPECT_EQ(n.port_free, last + 1) << steps;
  }
}

TEST(OutputStationary, LeavingRowsAndStreamedVectorsTakeTurns) {
  Device d(both());
  auto streamed = compute(kVectors, 8, 2, 8, 8, 64);
  d.add(preload(kMatrix, 8, 8)).add(matrix(4, 8)).add(product(4, 8, 8)).add(streamed).run();
  d.expect_clean();
  const Span &m = d.span(Engine::kCompute), &n = d.span(Engine::kCompute, 1);
  EXPECT_EQ(n.issue, m.port_free - 1 + 8);
}

TEST(OutputStationary, AccumulatorRowsAreKeptApart) {
  Device d(both());  // rmw_interval 4; rows 0 and 1 enter at s and s + 1; row 1 leaves first
  auto again = product(1, 2, 8);
  again.accumulate = 1;
  d.add(preload(kMatrix, 8, 8)).add(compute(kVectors, 16, 2, 8, 8)).add(matrix(1, 8)).add(again).run();
  d.expect_clean();
  EXPECT_EQ(d.span(Engine::kCompute, 1).issue, d.span(Engine::kCompute).issue + 1 + 4);
}

TEST(OutputStationary, ABf16StepWaitsForTheAdditionBefore) {
  spec::NpuSpec s = both();
  s.array.pe_latency = 3;
  Device d(s);
  auto m = product(10, 2, 2);
  m.dtype = c::Dtype::kBf16;
  m.stride0 = 4;
  d.add(matrix(10, 2, c::Dtype::kBf16)).add(m);
  d.add(matrix(10, 2)).add(product(10, 2, 2)).run();
  d.expect_clean();
  EXPECT_EQ(d.span(Engine::kCompute).port_free - d.span(Engine::kCompute).issue, 30u);
  EXPECT_EQ(d.span(Engine::kCompute, 1).port_free - d.span(Engine::kCompute, 1).issue, 10u);
}

TEST(OutputStationary, WhatDoesNotGoTogetherIsAnErrorAtTheIssue) {
  struct Case {
    const char* name;
    c::ErrorCode code;
    void (*change)(c::Preload&, c::Compute&);
  };
  const Case cases[] = {
      {"rows", c::ErrorCode::kBadOperand, [](c::Preload& p, c::Compute&) { p.rows = 3; }},
      {"type", c::ErrorCode::kBadOperand, [](c::Preload& p, c::Compute&) { p.dtype = c::Dtype::kBf16; }},
      {"bank", c::ErrorCode::kBadOperand, [](c::Preload& p, c::Compute&) { p.addr = kVectors + 64; }},
      {"one row for all", c::ErrorCode::kBadOperand, [](c::Preload&, c::Compute& m) { m.acc_stride = 0; }},
      {"swap", c::ErrorCode::kUnsupported, [](c::Preload&, c::Compute& m) { m.swap = 1; }},
      {"input_stationary", c::ErrorCode::kUnsupported,
       [](c::Preload& p, c::Compute&) { p.dataflow = Dataflow::kInputStationary; }},
      {"no matrix", c::ErrorCode::kWatchdog,
       [](c::Preload& p, c::Compute&) { p.dataflow = Dataflow::kWeightStationary; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Device d(both());
    d.set(c::reg::kWatchdog, 1000);
    auto p = matrix(4, 8);
    auto m = product(4, 8, 8);
    test.change(p, m);
    d.add(p).add(m).run();
    EXPECT_EQ(d.error(), test.code);
    d.set(c::reg::kCtrl, c::reg::ctrl::kResetMask);
    d.configure();
    d.add(matrix(4, 8)).add(product(4, 8, 8)).run();
    d.expect_clean();
  }
}

TEST(OutputStationary, TheCapabilityRegisterSaysSo) {
  EXPECT_EQ(Device(both()).get(c::reg::kCapDataflows), 3u);
  EXPECT_EQ(Device().get(c::reg::kCapDataflows), 1u);
}

}  // namespace
}  // namespace systole::sim

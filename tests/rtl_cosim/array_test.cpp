// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Verilated arrays in the place of the model's: its own in Verilog to the bit, the example's to its definition.
#include "rtl/cosim/array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "rtl/harness/build.h"
#include "sim/functional_array.h"

namespace systole::sim {
namespace {

using contract::Dtype;

spec::NpuSpec figures(int rows, int cols, int pe_latency, int weight_rows) {
  spec::NpuSpec s;
  s.name = "cosim";
  s.array.rows = rows, s.array.cols = cols;
  s.array.pe_latency = pe_latency, s.array.weight_rows_per_cycle = weight_rows;
  s.array.bf16_interval = 2;
  s.scratchpad.bytes = 65536, s.scratchpad.line_bytes = 16;
  s.accumulator.rows = 64;
  s.vector.lanes = 4;
  s.clock.hz = 1'000'000'000;
  return s;
}

class Cosim : public testing::Test {
 protected:
  Cosim() {
    for (int64_t i = 0; i < scratchpad.bytes(); i += 2) {  // finite as bf16
      const auto value = static_cast<uint16_t>((random() & 0x807f) | (100 + random() % 50) << 7);
      std::memcpy(scratchpad.at(i), &value, 2);
    }
  }

  std::unique_ptr<ArrayPort> verilated(const spec::NpuSpec& spec, const std::string& file, const std::string& top) {
    rtl::BuildRequest request{spec, SYSTOLE_SOURCE_DIR "/rtl"};
    request.array_file = file, request.array_top = top;
    const rtl::BuildResult built = rtl::build(request);
    no_verilator = built.status == rtl::BuildStatus::kNoVerilator;
    problem = built.message;
    return built.status == rtl::BuildStatus::kOk ? rtl::make_verilated_array(spec, built.library, problem) : nullptr;
  }

  int64_t between(int64_t low, int64_t high) { return low + static_cast<int64_t>(random() % (high - low + 1)); }

  contract::Preload preload(const spec::NpuSpec& spec, Dtype dtype) {
    contract::Preload p;
    p.dtype = dtype;
    p.rows = static_cast<uint16_t>(between(1, spec.array.rows));
    p.cols = static_cast<uint16_t>(between(1, spec.array.cols));
    p.addr = static_cast<uint32_t>(between(0, 1000) * 2);
    p.row_stride = static_cast<uint32_t>(between(0, 50) * 2);
    p.zero_point = static_cast<int16_t>(dtype == Dtype::kBf16 ? 0 : between(-255, 255));
    return p;
  }
  contract::Compute compute(const spec::NpuSpec& spec, Dtype dtype, bool swap) {
    contract::Compute c;
    c.dtype = dtype, c.swap = swap;
    c.rows = static_cast<uint16_t>(between(1, spec.array.rows));
    c.cols = static_cast<uint16_t>(between(1, spec.array.cols));
    c.m0 = static_cast<uint16_t>(between(1, 9)), c.m1 = static_cast<uint16_t>(between(1, 3)), c.m2 = 1;
    c.stride0 = static_cast<int32_t>(between(0, 20) * 2), c.stride1 = 64;
    c.k_c = static_cast<uint16_t>(between(1, 9)), c.k_w = static_cast<uint16_t>(between(1, 3));
    c.kw_stride = 32, c.kh_stride = 100;
    c.addr = static_cast<uint32_t>(between(0, 1000) * 2);
    c.zero_point = static_cast<int16_t>(dtype == Dtype::kBf16 ? 0 : between(-255, 255));
    c.accumulate = between(0, 1) != 0;
    c.acc_stride = static_cast<uint16_t>(between(0, 1)), c.acc_row = static_cast<uint32_t>(between(0, 30));
    return c;
  }

  std::mt19937_64 random{5};
  LocalMemory scratchpad{65536, true};
  std::string problem;
  bool no_verilator = false;
};

TEST_F(Cosim, TheArrayInVerilogGivesTheModelsValues) {
  for (const spec::NpuSpec& spec : {figures(4, 4, 1, 1), figures(5, 3, 2, 2)}) {
    const auto rtl = verilated(spec, SYSTOLE_SOURCE_DIR "/rtl/npu_array.sv", "npu_array");
    if (no_verilator) GTEST_SKIP() << problem;
    ASSERT_NE(rtl, nullptr) << problem;
    const auto model = make_functional_array(spec.array);
    const int64_t bytes = int64_t{spec.accumulator.rows} * spec.array.cols * 4;
    LocalMemory got(bytes, true), want(bytes, true);
    Dtype active = Dtype::kF32;
    for (int n = 0; n < 300; ++n) {
      const Dtype dtype = n / 10 % 2 ? Dtype::kBf16 : Dtype::kI8;
      if (n % 50 == 0) {
        for (ArrayPort* array : {rtl.get(), model.get()}) array->reset();
        for (LocalMemory* memory : {&got, &want}) std::memset(memory->at(0), 0, static_cast<size_t>(bytes));
      }
      const contract::Preload p = preload(spec, dtype);
      const bool swap = dtype != active || between(0, 3) == 0;  // vectors are of their weights' type
      active = dtype;
      const contract::Compute c = compute(spec, dtype, swap);
      const Gather gather(c, spec.scratchpad);
      uint64_t overflow[2] = {}, at = 0;
      for (const auto& [array, memory] : {std::pair{rtl.get(), &got}, std::pair{model.get(), &want}}) {
        array->preload(p, scratchpad);
        if (swap) array->swap();
        overflow[at++] = array->compute(c, gather, scratchpad, *memory);
      }
      ASSERT_EQ(overflow[0], overflow[1]);
      ASSERT_EQ(std::memcmp(got.at(0), want.at(0), static_cast<size_t>(bytes)), 0) << n;
    }
  }
}

TEST_F(Cosim, TheNarrowArrayOfTheExampleSaturates) {
  const spec::NpuSpec spec = figures(4, 4, 1, 1);
  const auto rtl = verilated(spec, SYSTOLE_SOURCE_DIR "/examples/narrow_array/narrow_array.sv", "narrow_array");
  if (no_verilator) GTEST_SKIP() << problem;
  ASSERT_NE(rtl, nullptr) << problem;
  LocalMemory got(int64_t{spec.accumulator.rows} * 16, true);
  int saturated = 0;
  for (int n = 0; n < 200; ++n) {
    const contract::Preload p = preload(spec, Dtype::kI8);
    contract::Compute c = compute(spec, Dtype::kI8, true);
    c.accumulate = 0, c.m0 = c.m1 = 1;
    const Gather gather(c, spec.scratchpad);
    rtl->preload(p, scratchpad);
    rtl->swap();
    rtl->compute(c, gather, scratchpad, got);
    std::vector<int64_t> at;
    for (const Gather::Segment& s : gather.segments())
      for (int64_t b = 0; b < s.bytes; ++b) at.push_back(c.addr + s.offset + b);
    for (int64_t col = 0; col < c.cols; ++col) {
      int32_t sum = 0, value = 0;
      for (int64_t r = 0; r < c.rows; ++r) {
        const auto element = [&](int64_t address) {
          return static_cast<int>(static_cast<int8_t>(*scratchpad.at(address)));
        };
        const int weight = r < p.rows && col < p.cols ? element(p.addr + r * p.row_stride + col) - p.zero_point : 0;
        const int exact = sum + (element(at[static_cast<size_t>(r)]) - c.zero_point) * weight;
        sum = std::clamp(exact, -32768, 32767);
        saturated += sum != exact;
      }
      std::memcpy(&value, got.at((int64_t{c.acc_row} * 4 + col) * 4), 4);
      ASSERT_EQ(value, sum) << n << ", column " << col;
    }
  }
  EXPECT_GT(saturated, 20);
}

TEST_F(Cosim, AModuleThatIsNoArrayIsRefused) {
  EXPECT_EQ(verilated(figures(4, 4, 1, 1), SYSTOLE_SOURCE_DIR "/rtl/npu_counters.sv", "npu_counters"), nullptr);
  if (no_verilator) GTEST_SKIP() << problem;
  EXPECT_NE(problem.find("module npu_counters failed; see "), std::string::npos) << problem;
  EXPECT_EQ(verilated(figures(128, 128, 1, 1), SYSTOLE_SOURCE_DIR "/rtl/npu_array.sv", "npu_array"), nullptr);
  EXPECT_NE(problem.find("array.rows: the RTL expects 2 to 64, got 128"), std::string::npos) << problem;
}

}  // namespace
}  // namespace systole::sim

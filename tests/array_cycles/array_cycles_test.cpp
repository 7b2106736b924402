// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The simulator's preload and compute queues against the array stepped PE by PE and against the closed form of
// docs/timing.md, on random GEMMs: every event of every command, to the cycle, and the values.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "configs/contract/generated/npu_contract.h"
#include "sim/npu.h"
#include "tests/pe_stepper/gemm_program.h"

namespace systole::tests {
namespace {

constexpr uint64_t kImage = 1 << 20, kResult = 8 << 20, kRing = 16 << 20;
constexpr int kMostTiles = 60;  // all commands wait in their queues before the first is let go

StepperConfig random_array(int size, std::mt19937_64& random) {
  StepperConfig config;
  config.rows = config.cols = size;
  config.line_bytes = size;
  config.banks = 4;
  config.interleave = 4;
  config.scratchpad_bytes = 1 << 18;
  config.accumulator_rows = 1024;
  config.weight_rows_per_cycle = 1 << random() % 3;
  config.vector_interval = 1 + static_cast<int>(random() % 2);
  config.rmw_interval = 1 + static_cast<int>(random() % 7);
  config.read_latency = 1 + static_cast<int>(random() % 3);
  config.write_latency = 1 + static_cast<int>(random() % 2);
  return config;
}

GemmCase random_gemm(const StepperConfig& config, std::mt19937_64& random) {
  for (;;) {
    const int size = config.rows;
    const GemmCase gemm{1 + static_cast<int>(random() % (random() % 2 ? size : 6 * size)),
                        1 + static_cast<int>(random() % (6 * size)), 1 + static_cast<int>(random() % (6 * size)),
                        random()};
    const int tiles = (gemm.k + size - 1) / size * ((gemm.n + size - 1) / size);
    if (tiles <= kMostTiles && fits(gemm, config)) return gemm;
  }
}

spec::NpuSpec npu_of(const StepperConfig& config) {
  spec::NpuSpec npu;
  npu.name = "array-test";
  npu.structure = "exact";
  npu.clock.hz = 1'000'000'000;
  npu.array.rows = config.rows;
  npu.array.cols = config.cols;
  npu.array.weight_rows_per_cycle = config.weight_rows_per_cycle;
  npu.array.int8_interval = config.vector_interval;
  npu.scratchpad = {config.scratchpad_bytes, config.banks, config.interleave, config.line_bytes, config.read_latency};
  npu.accumulator = {config.accumulator_rows, config.write_latency, config.rmw_interval};
  npu.vector.lanes = config.cols;
  npu.core.preload_queue = npu.core.compute_queue = 63;
  npu.dram.bytes = 64 << 20;
  npu.dram.bytes_per_second = 64e9;
  return npu;
}

class Program {
 public:
  explicit Program(sim::Npu& npu) : npu_(npu) {}
  template <typename Command>
  void add(const Command& command) {
    const contract::Descriptor descriptor = contract::encode(command);
    std::memcpy(npu_.memory() + kRing + count_ * sizeof descriptor.words, descriptor.words.data(),
                sizeof descriptor.words);
    ++count_;
  }
  void fence(uint64_t sequence, bool interrupt) {
    contract::Fence fence{};
    fence.sequence = sequence;
    fence.irq = interrupt;
    add(fence);
  }
  // Runs until the interrupt of the last fence; false when it does not come.
  bool run() {
    using namespace contract;
    const auto write64 = [&](uint32_t lo, uint32_t hi, uint64_t value) {
      ASSERT_TRUE(npu_.reg_write(lo, static_cast<uint32_t>(value)));
      ASSERT_TRUE(npu_.reg_write(hi, static_cast<uint32_t>(value >> 32)));
    };
    write64(reg::kWindow0BaseLo, reg::kWindow0BaseHi, 0);
    write64(reg::kWindow0LimitLo, reg::kWindow0LimitHi, npu_.memory_bytes());
    npu_.reg_write(reg::kWindow0Flags, 3);
    write64(reg::kRingBaseLo, reg::kRingBaseHi, kRing);
    npu_.reg_write(reg::kRingSize, 4096);
    npu_.reg_write(reg::kIrqEnable, 3);
    npu_.reg_write(reg::kCtrl, 1);
    npu_.reg_write(reg::kRingTail, static_cast<uint32_t>(count_));
    npu_.run(100'000'000);
    bool ok = true;
    return npu_.irq() && npu_.reg_read(reg::kErrorCode, ok) == 0;
  }

 private:
  sim::Npu& npu_;
  uint64_t count_ = 0;
};

contract::Load load_image(const StepperConfig& config) {
  contract::Load load{};
  load.dram_addr = kImage;
  load.row_bytes = static_cast<uint32_t>(config.scratchpad_bytes);
  load.n0 = load.n1 = load.n2 = 1;
  return load;
}

contract::Store store_accumulators(const StepperConfig& config, int rows) {
  contract::Store store{};
  store.dram_addr = kResult;
  store.space = contract::Space::kAccumulator;
  store.row_bytes = static_cast<uint32_t>(rows * config.cols * 4);
  store.n0 = store.n1 = store.n2 = 1;
  return store;
}

contract::Preload preload_of(const StepCommand& step, bool wait) {
  contract::Preload preload{};
  preload.header.wait0_id = 0;
  preload.header.wait0_count = wait ? 1 : 0;
  preload.addr = static_cast<uint32_t>(step.addr);
  preload.rows = static_cast<uint32_t>(step.rows);
  preload.cols = static_cast<uint32_t>(step.cols);
  preload.row_stride = static_cast<uint32_t>(step.row_stride);
  preload.dtype = contract::Dtype::kI8;
  return preload;
}

contract::Compute compute_of(const StepCommand& step) {
  contract::Compute compute{};
  compute.addr = static_cast<uint32_t>(step.addr);
  compute.acc_row = static_cast<uint32_t>(step.acc_row);
  compute.m0 = static_cast<uint32_t>(step.vectors);
  compute.m1 = compute.m2 = compute.acc_stride = 1;
  compute.stride0 = static_cast<int32_t>(step.row_stride);
  compute.rows = static_cast<uint32_t>(step.rows);
  compute.cols = static_cast<uint32_t>(step.cols);
  compute.k_c = compute.rows;
  compute.k_w = 1;
  compute.dtype = contract::Dtype::kI8;
  compute.accumulate = step.accumulate;
  compute.swap = step.swap;
  return compute;
}

std::vector<StepEvents> array_events(sim::Npu& npu) {
  std::vector<sim::Span> spans = npu.take_trace();
  std::sort(spans.begin(), spans.end(), [](const sim::Span& a, const sim::Span& b) { return a.index < b.index; });
  std::vector<StepEvents> events;
  int64_t start = -1;
  for (const sim::Span& span : spans) {
    if (span.engine != sim::Engine::kPreload && span.engine != sim::Engine::kCompute) continue;
    if (start < 0) start = static_cast<int64_t>(span.issue);
    events.push_back({static_cast<int64_t>(span.issue) - start, static_cast<int64_t>(span.port_free) - start,
                      static_cast<int64_t>(span.complete) - start});
  }
  return events;
}

void check_gemm(const GemmCase& gemm, const StepperConfig& config) {
  const GemmProgram program = make_gemm(gemm, config);
  PeStepper stepper(config, program.scratchpad);
  const std::vector<StepEvents> expected = stepper.run(program.commands, 10'000'000);
  ASSERT_EQ(expected.size(), program.commands.size()) << "the clocked array does not end";
  ASSERT_EQ(expected.back().complete - expected.front().issue, closed_form(gemm, config));

  std::string error;
  sim::NpuOptions options;
  options.trace = options.race_check = true;
  auto npu = sim::Npu::create(npu_of(config), options, error);
  ASSERT_NE(npu, nullptr) << error;
  std::memcpy(npu->memory() + kImage, program.scratchpad.data(), program.scratchpad.size());
  const int rows = gemm.m * ((gemm.n + config.cols - 1) / config.cols);
  Program commands(*npu);
  commands.add(load_image(config));
  commands.fence(1, false);
  for (const StepCommand& step : program.commands) {
    if (step.kind == StepCommand::Kind::kPreload) {
      commands.add(preload_of(step, &step == &program.commands.front()));
    } else {
      commands.add(compute_of(step));
    }
  }
  contract::Sem go{};
  go.value = 1;
  go.op = contract::SemOp::kAdd;
  commands.add(go);
  commands.fence(2, false);
  if (gemm.n % config.cols == 0) commands.add(store_accumulators(config, rows));
  commands.fence(3, true);
  ASSERT_TRUE(commands.run());
  const std::vector<StepEvents> got = array_events(*npu);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].issue, expected[i].issue) << "issue of command " << i;
    ASSERT_EQ(got[i].port_free, expected[i].port_free) << "port free of command " << i;
    ASSERT_EQ(got[i].complete, expected[i].complete) << "last write-back of command " << i;
  }
  ASSERT_EQ(stepper.accumulators(), program.expected);
  if (gemm.n % config.cols == 0) {
    ASSERT_EQ(
        0, std::memcmp(npu->memory() + kResult, program.expected.data(), static_cast<size_t>(rows * config.cols) * 4));
  }
  EXPECT_TRUE(npu->races().empty()) << npu->races().front().to_string();
}

class ArrayCycles : public testing::TestWithParam<int> {};

TEST_P(ArrayCycles, EqualTheClockedArrayAndTheClosedForm) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()) * 77);
  for (int run = 0; run < 200; ++run) {
    const StepperConfig config = random_array(GetParam(), random);
    GemmCase gemm = random_gemm(config, random);
    if (run % 2) gemm.n = std::max(1, gemm.n / config.cols) * config.cols;
    SCOPED_TRACE(testing::Message() << "run " << run << ": " << gemm.m << "x" << gemm.k << "x" << gemm.n << " on "
                                    << config.rows << ", weight rows " << config.weight_rows_per_cycle << ", interval "
                                    << config.vector_interval << ", rmw " << config.rmw_interval << ", read "
                                    << config.read_latency);
    check_gemm(gemm, config);
    if (testing::Test::HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ArrayCycles, testing::Values(4, 8, 16));

}  // namespace
}  // namespace systole::tests

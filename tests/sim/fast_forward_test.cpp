// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Loops whose iterations are skipped where their state recurs, beside the same loops simulated one by one.
#include <functional>

#include "sim/memory/timeline.h"
#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

using Program = std::function<void(Device&)>;

NpuOptions timing_only(bool fast_forward) {
  NpuOptions options;
  options.functional = false;
  options.fast_forward = fast_forward;
  return options;
}

// Everything that can be seen of a device from outside, as numbers.
std::vector<uint64_t> seen(Device& d) {
  std::vector<uint64_t> all{d.npu->now(), d.npu->irq(), d.npu->idle()};
  const Stats& stats = d.npu->stats();
  const auto counters = [&](const Counters& c) {
    all.insert(all.end(), {c.macs, c.commands, c.overflow, c.row_hits, c.row_misses});
    for (const auto& each : {c.busy, c.dram_bytes, c.engine_commands}) all.insert(all.end(), each.begin(), each.end());
    all.insert(all.end(), c.cycles.begin(), c.cycles.end());
    all.insert(all.end(), c.queue_cycles.begin(), c.queue_cycles.end());
    all.insert(all.end(), c.queue_most.begin(), c.queue_most.end());
    all.insert(all.end(), c.flight_cycles.begin(), c.flight_cycles.end());
  };
  counters(stats.total);
  for (const auto& [tag, c] : stats.tags) all.push_back(tag), counters(c);
  all.insert(all.end(), {stats.idle_cycles, stats.row_hits, stats.row_misses});
  all.insert(all.end(), stats.channel_busy.begin(), stats.channel_busy.end());
  const memory::Timeline& traffic = d.npu->traffic();
  all.insert(all.end(), {traffic.origin(), traffic.bin_cycles()});
  for (size_t channel = 0; channel < traffic.channels(); ++channel)
    for (const bool write : {false, true}) {
      const auto& bins = traffic.bytes(channel, write);
      all.push_back(bins.size());
      all.insert(all.end(), bins.begin(), bins.end());
    }
  for (const uint32_t offset : {c::reg::kStatus, c::reg::kErrorCode, c::reg::kErrorAddrLo, c::reg::kErrorSeq,
                                c::reg::kRingHead, c::reg::kPerfCyclesLo, c::reg::kPerfStartLo, c::reg::kPerfMacsLo})
    all.push_back(d.get(offset));
  for (const uint64_t word : d.take<uint64_t>(kRecord, 16)) all.push_back(word);
  return all;
}

// The share of cycles that were skipped, in percent, of a program that leaves the same behind with and without.
uint64_t same(const spec::NpuSpec& spec, const Program& program, uint64_t slice = 100'000'000) {
  uint64_t skipped = 0;
  std::vector<std::vector<uint64_t>> of_both;
  for (const bool on : {false, true}) {
    Device d(spec, timing_only(on));
    program(d);
    d.run(true, slice);
    while (!d.npu->irq() && !d.npu->idle()) d.npu->run(slice);
    of_both.push_back(seen(d));
    // A later loop is at other moments of the memory's and of the ring's: what is left behind counts.
    program(d);
    d.run(true, slice);
    while (!d.npu->irq() && !d.npu->idle()) d.npu->run(slice);
    for (const uint64_t each : seen(d)) of_both.back().push_back(each);
    EXPECT_TRUE(on || d.npu->skipped() == 0);
    skipped = 100 * d.npu->skipped() / d.npu->now();
  }
  EXPECT_EQ(of_both[0], of_both[1]);
  return skipped;
}

template <typename T>
T stepping(T command, uint32_t level, int32_t a, int32_t b = 0) {
  (level == 0 ? command.header.inc_a_0 : command.header.inc_a_1) = a;
  (level == 0 ? command.header.inc_b_0 : command.header.inc_b_1) = b;
  return command;
}
c::Sem set(uint32_t id, uint32_t value) { return {.id = id, .value = value, .op = c::SemOp::kSet}; }
c::Fence recorded(uint64_t sequence) { return {.sequence = sequence, .record_addr = kRecord + 64 * (sequence - 1)}; }

// Weights come tile by tile, `step` bytes apart in memory, through two slots; each is multiplied `inner` times.
void multiply(Device& d, uint32_t tiles, int32_t step, uint32_t inner = 1, int32_t store_step = 0) {
  enum : uint32_t { kFull, kFree, kSums, kOut };
  d.add(set(kFull, 0)).add(set(kFree, 2)).add(set(kSums, 0)).add(set(kOut, 0));
  d.add(c::Repeat{.count = tiles, .body = inner == 1 ? 10u : 16u, .level = 1});
  for (const uint32_t slot : {0u, 1u}) {
    d.add(stepping(waiting(load(kData + slot * 1024, 512 * slot, 512, kFull), kFree), 1, step));
    d.add(signalling(waiting(preload(512 * slot, 8, 8), kFull), kFree));
    if (inner > 1) d.add(compute(16384, 8, 4, 8, 8)).add(c::Repeat{.count = inner - 1, .body = 2, .level = 0});
    if (inner > 1) d.add(stepping(preload(0, 8, 8), 0, 64));
    d.add(signalling(stepping(compute(16384, 8, 32, 8, 8, 64 * slot), 0, 0), kSums));
    c::Vector v{.dst_addr = 20480 + 512 * slot, .channels = 8, .n0 = 8, .n1 = 1};
    v.a_space = c::Space::kAccumulator, v.a_dtype = c::Dtype::kI32, v.d_dtype = c::Dtype::kI8;
    v.a_stride0 = 32, v.d_stride0 = 8, v.src_addr = 64 * slot * 32;
    d.add(signalling(waiting(v, kSums, inner == 1 ? 1 : inner - 1), kOut));
    d.add(stepping(store(20480 + 512 * slot, kData + 0x400000 + 64 * slot, 64, kOut), 1, store_step));
  }
  d.add(recorded(1));
}

TEST(FastForward, SkipsWhereStreamsComeBackToTheirBanks) {
  spec::NpuSpec spec = small_spec();
  const auto period = static_cast<int32_t>(spec.dram.channels * spec.dram.banks * spec.dram.row_bytes);
  EXPECT_GT(same(spec, [&](Device& d) { multiply(d, 60, period); }), 75u);
  EXPECT_GT(same(spec, [&](Device& d) { multiply(d, 60, period, 3); }), 75u);
  EXPECT_GT(same(spec, [&](Device& d) { multiply(d, 200, period / 4); }), 0u) << "every fourth iteration";
  EXPECT_EQ(same(spec, [&](Device& d) { multiply(d, 60, 64); }), 0u) << "never in the same banks";
  EXPECT_EQ(same(spec, [&](Device& d) { multiply(d, 60, period, 1, 64); }), 0u) << "results never in the same banks";
}

// The end of a run is the host's, wherever it falls.
TEST(FastForward, StopsWhereTheHostLooks) {
  spec::NpuSpec spec = small_spec();
  const auto period = static_cast<int32_t>(spec.dram.channels * spec.dram.banks * spec.dram.row_bytes);
  const Program program = [&](Device& d) { multiply(d, 60, period); };
  for (const uint64_t slice : {97u, 1000u, 1511u}) same(spec, program, slice);
  for (const uint64_t most : {500u, 1234u, 3001u}) {
    Device plain(spec, timing_only(false)), fast(spec, timing_only(true));
    for (Device* d : {&plain, &fast}) {
      program(*d);
      EXPECT_EQ(d->run(true, most), most);
    }
    EXPECT_EQ(seen(plain), seen(fast)) << most;
    for (Device* d : {&plain, &fast}) {  // and a reset in the middle leaves nothing behind
      d->set(c::reg::kCtrl, c::reg::ctrl::kResetMask);
      d->configure();
      program(*d);
      d->run();
    }
    EXPECT_EQ(seen(plain), seen(fast)) << most;
  }
}

// An iteration that faults is not among those skipped.
TEST(FastForward, FaultsAreFound) {
  spec::NpuSpec spec = small_spec();
  const auto period = static_cast<int32_t>(spec.dram.channels * spec.dram.banks * spec.dram.row_bytes);
  const auto too_far = static_cast<uint32_t>((spec.dram.bytes - static_cast<int64_t>(kData)) / period) + 4;
  const Program program = [&](Device& d) { multiply(d, too_far, period); };
  EXPECT_EQ(same(spec, program), 0u);
  Device d(spec, timing_only(true));
  program(d);
  d.run(true, 100'000'000);
  EXPECT_EQ(d.error(), c::ErrorCode::kDmaFault);
}

TEST(FastForward, NotWhereItCannotBeTold) {
  spec::NpuSpec spec = small_spec();
  const auto period = static_cast<int32_t>(spec.dram.channels * spec.dram.banks * spec.dram.row_bytes);
  const Program program = [&](Device& d) { multiply(d, 60, period); };
  const auto skipped = [&](const spec::NpuSpec& s, const NpuOptions& options) {
    Device d(s, options);
    program(d);
    d.run(true, 100'000'000);
    return d.npu->skipped();
  };
  EXPECT_GT(skipped(spec, timing_only(true)), 0u);
  NpuOptions values = timing_only(true), races = values, spans = values;
  values.functional = races.race_check = spans.trace = true;
  for (const NpuOptions& options : {values, races, spans}) EXPECT_EQ(skipped(spec, options), 0u);
  spec::NpuSpec hashed = spec, fixed = spec, network = spec, cached = spec;
  hashed.dram.channels = 4, hashed.dram.channel_hash = "fold";
  fixed.dram.timing = "fixed";
  network.noc.topology = "crossbar";
  cached.l2.bytes = 4096, cached.l2.ways = 2, cached.l2.banks = 1;
  for (const spec::NpuSpec& each : {hashed, fixed, network, cached}) EXPECT_EQ(skipped(each, timing_only(true)), 0u);
}

TEST(FastForward, RandomLoopsAreTheSame) {
  std::mt19937 rng(20);
  const auto one_of = [&](std::initializer_list<int> values) {
    return *(values.begin() + static_cast<long>(rng() % values.size()));
  };
  int of_them = 0;
  for (int i = 0; i < 150; ++i) {
    spec::NpuSpec spec = small_spec();
    spec.dram.channels = one_of({1, 2, 3, 4});
    spec.dram.banks = one_of({1, 2, 4});
    spec.dram.row_bytes = one_of({256, 512});
    spec.dram.interleave_bytes = one_of({64, 256, 512});
    spec.dma.burst_bytes = 64;
    spec.dma.outstanding = one_of({2, 8, 64});
    spec.dram.bytes_per_second = one_of({8, 16, 32, 48}) * 1e9;
    spec.dram.row_miss_cycles = one_of({0, 7, 20});
    spec.dram.turnaround_cycles = one_of({0, 3});
    spec.dram.batch_bursts = one_of({1, 4});
    spec.accumulator.rmw_interval = one_of({1, 11});
    spec.array.weight_rows_per_cycle = one_of({1, 4});
    spec.vector.lanes = one_of({1, 8});
    const auto period = static_cast<int32_t>(spec.dram.channels * spec.dram.banks * spec.dram.row_bytes);
    const auto tiles = static_cast<uint32_t>(one_of({9, 40, 70}));
    const int32_t step = one_of({0, 1, 2, 4}) * period / one_of({1, 2}), store_step = one_of({0, 0, period, 64});
    const auto inner = static_cast<uint32_t>(one_of({1, 2, 4}));
    of_them += same(spec, [&](Device& d) { multiply(d, tiles, step, inner, store_step); }) > 0;
    if (HasFailure()) FAIL() << "program " << i;
  }
  EXPECT_GT(of_them, 50);
}

}  // namespace
}  // namespace systole::sim

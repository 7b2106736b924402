// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where every cycle went: docs/timing.md, section 9, walked cycle by cycle over the trace of random programs.
#include <map>

#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

using Cycles = std::map<std::pair<uint16_t, int>, uint64_t>;  // by tag and cause

struct Program {
  std::vector<c::Descriptor> commands;
  std::vector<bool> copies;  // whose far side is the scratchpad
};

// Every command has a tag of its own, its place; some wait for an earlier one.
Program draw(std::mt19937& random) {
  Program program;
  const auto add = [&](auto command, bool copy = false) {
    command.header.tag = static_cast<uint16_t>(program.commands.size());
    program.commands.push_back(c::encode(command));
    program.copies.push_back(copy);
  };
  uint32_t semaphore = 0;
  bool given = false;
  const auto linked = [&](auto command) {
    command.header.wait0_count = command.header.signal0_count = 0;
    const bool now = semaphore < 8 && random() % 3 == 0;
    if (now && !given)
      command.header.signal0_id = semaphore, command.header.signal0_count = 1, given = true;
    else if (now)
      command.header.wait0_id = semaphore++, command.header.wait0_count = 1, given = false;
    return command;
  };
  for (int n = 0; n < 40; ++n) {
    const uint32_t bytes = 16 * (1 + random() % 60);
    switch (random() % 7) {
      case 0:
        add(linked(load(kData + random() % 4096 * 64, 0, bytes)));
        break;
      case 1:
        add(linked(store(0, kData + random() % 4096 * 64, bytes, 0)));
        break;
      case 2: {
        auto copy = load(16384, 32768, bytes);
        copy.far = c::Far::kScratchpad;
        add(linked(copy), true);
        break;
      }
      case 3:
      case 4:
        add(linked(preload(0, 1 + random() % 8, 8)));
        add(linked(compute(1024 + random() % 4 * 16384, 8, 1 + random() % 60, 8, 8)));
        break;
      case 5: {
        c::Vector v;
        v.channels = 8, v.n0 = 1 + random() % 80, v.n1 = 1, v.dst_addr = 49152;
        v.a_dtype = v.d_dtype = c::Dtype::kI8;
        add(linked(v));
        break;
      }
      default:
        add(c::Fence{.sequence = 1, .record_addr = random() % 2 ? kRecord : 0});
    }
  }
  add(c::Fence{.sequence = 2, .irq = 1});
  return program;
}

// The first cause that holds in the cycle, and whose it is: of several, the oldest's.
std::pair<uint16_t, int> cause_of(uint64_t t, const std::vector<Span>& spans, const std::vector<bool>& copies) {
  const auto first = [&](auto holds) {
    const Span* oldest = nullptr;
    for (const Span& s : spans)
      if (holds(s) && (!oldest || s.index < oldest->index)) oldest = &s;
    return oldest;
  };
  const auto streams = [&](Engine e) {
    return first([&](const Span& s) { return s.engine == e && s.issue <= t && t < s.port_free; });
  };
  const auto moves = [&](bool copy) {
    return first([&](const Span& s) {
      return (s.engine == Engine::kLoad || s.engine == Engine::kStore) && copies[s.tag] == copy && s.issue <= t &&
             t < s.complete;
    });
  };
  const auto drains = [&](const Span& s) { return s.port_free <= t && t < s.complete; };
  const auto is = [](const Span& s, Engine e) { return s.engine == e; };
  const Span* of[kCauses] = {
      streams(Engine::kCompute),
      streams(Engine::kVector),
      moves(false),
      moves(true),
      streams(Engine::kPreload),
      first([&](const Span& s) { return (is(s, Engine::kPreload) || is(s, Engine::kCompute)) && drains(s); }),
      first([&](const Span& s) { return is(s, Engine::kVector) && drains(s); }),
      first([&](const Span& s) { return is(s, Engine::kControl) && s.dispatch <= t && t < s.complete; }),
      first([&](const Span& s) { return !is(s, Engine::kControl) && s.dispatch <= t && t < s.issue; })};
  for (int cause = 0; cause < kCauses; ++cause)
    if (of[cause]) return {of[cause]->tag, cause};
  const Span* next = first([&](const Span& s) { return s.dispatch > t; });
  return {next ? next->tag : 0, static_cast<int>(Cause::kDispatch)};
}

TEST(Accounting, EveryCycleIsOfTheFirstCauseThatHolds) {
  std::mt19937 random(3);
  Cycles sum;
  for (int round = 0; round < 12; ++round) {
    spec::NpuSpec s = small_spec();
    s.dram.bytes_per_second = round % 3 ? 64e9 : 4e9;
    s.core.compute_queue = s.core.load_queue = 1 + round % 4;
    Device device(s, {.functional = false, .trace = true});
    const Program program = draw(random);
    device.program = program.commands;
    const uint64_t start = device.npu->now();  // the doorbell, seen in the cycle after
    device.run(false);
    device.expect_clean();
    const Stats& stats = device.npu->stats();
    uint64_t end = 0;
    for (const Span& span : device.spans) end = std::max(end, span.complete);
    Cycles expected, got;
    for (uint64_t t = start + 1; t < end; ++t) ++expected[cause_of(t, device.spans, program.copies)];
    for (const auto& [tag, counters] : stats.tags)
      for (int cause = 0; cause < kCauses; ++cause)
        if (counters.cycles[cause]) got[{tag, cause}] = counters.cycles[cause];
    EXPECT_EQ(got, expected) << round;
    EXPECT_EQ(stats.total.total_cycles() + stats.idle_cycles, device.npu->now());
    for (const auto& [key, cycles] : got) sum[{0, key.second}] += cycles;
  }
  for (int cause = 0; cause < kCauses; ++cause) EXPECT_GT((sum[{0, cause}]), 20u) << cause_name(Cause(cause));
}

}  // namespace
}  // namespace systole::sim

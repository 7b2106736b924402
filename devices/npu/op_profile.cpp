// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/op_profile.h"

#include <array>
#include <cstring>

namespace systole::npu {
namespace {

// A fence record, by the contract's text: sequence, then the counters, as u64.
PerfCounters read_record(const std::byte* at) {
  std::array<uint64_t, kRecordBytes / sizeof(uint64_t)> words;
  std::memcpy(words.data(), at, kRecordBytes);
  return {words[1], words[2], words[3], words[4], words[5], words[6]};
}

std::vector<Counter> difference(const PerfCounters& now, const PerfCounters& then) {
  const auto counter = [](const char* name, uint64_t a, uint64_t b) {
    return Counter{name, static_cast<int64_t>(a - b)};
  };
  return {counter("cycles", now.cycles, then.cycles),
          counter("macs", now.macs, then.macs),
          counter("dram_read_bytes", now.dram_read_bytes, then.dram_read_bytes),
          counter("dram_write_bytes", now.dram_write_bytes, then.dram_write_bytes),
          counter("commands", now.commands, then.commands),
          counter("overflow", now.overflow, then.overflow)};
}

int64_t value_of(const std::vector<Counter>& counters, const std::string& name) {
  for (const Counter& counter : counters) {
    if (counter.name == name) return counter.value;
  }
  return 0;
}

// Of the causes that sum to an op's cycles (docs/timing.md, section 9).
bool is_cause(const std::string& name) {
  return name == "array_busy_cycles" || name == "vector_only_cycles" || name.starts_with("stall_");
}

// What the transport adds: counters that the fence record does not have.
void add_observed(ProfileRecord& record, const std::vector<Counter>& now, const std::vector<Counter>& before) {
  const size_t architectural = record.counters.size();
  for (const Counter& counter : now) {
    bool known = false;
    for (size_t i = 0; i < architectural; ++i) known = known || record.counters[i].name == counter.name;
    const bool sum = !counter.name.ends_with("_most");
    if (!known) record.counters.push_back({counter.name, counter.value - (sum ? value_of(before, counter.name) : 0)});
  }
}

// Behind an L2 the DRAM moves its fills and write-backs; a fence record has what the ports moved.
void count_behind_l2(ProfileRecord& record, int64_t burst_bytes) {
  for (Counter& counter : record.counters) {
    if (counter.name == "dram_read_bytes") counter.value = record.counter("l2_fills") * burst_bytes;
    if (counter.name == "dram_write_bytes") counter.value = record.counter("l2_write_backs") * burst_bytes;
  }
}

// An op is from record to record: the writing of a record, which the simulator charges to the fence's own op, is the
// next one's. Before the first op there is none, but there may be time in which the host had not begun: what no other
// cause explains is dispatch. So it is with several cores, which wait for each other before dispatches; a record of
// another core than the first is written within its op.
void close_account(ProfileRecord& record, bool first, int64_t cores) {
  int64_t explained = 0;
  Counter* rest = nullptr;
  for (Counter& counter : record.counters) {
    if (first && counter.name == "stall_fence_cycles") counter.value = 0;
    if (counter.name == (first || cores > 1 ? "stall_dispatch_cycles" : "stall_fence_cycles"))
      rest = &counter;
    else if (is_cause(counter.name))
      explained += counter.value;
  }
  if (rest != nullptr) rest->value = cores * record.counter("cycles") - explained;
}

std::string hal_kind(const std::string& kind) {
  if (kind == "copy_bytes") return "copy";
  if (kind == "fill_bytes") return "fill";
  return kind;
}

}  // namespace

void append_records(Profile& profile, std::span<const OpRange> ops, std::span<const Actions> actions,
                    std::span<const std::byte* const> records, const PerfCounters& start, Hardware& hardware,
                    const CountersByTag& before) {
  const CountersByTag now = hardware.driver.transport().counters_by_tag();
  const double ns_per_cycle = 1e9 / static_cast<double>(hardware.driver.transport().frequency_hz());
  const std::vector<Counter> none;
  const auto find = [&](const CountersByTag& all, uint16_t tag) -> const std::vector<Counter>& {
    const auto found = all.find(tag);
    return found == all.end() ? none : found->second;
  };
  PerfCounters previous = start;
  for (size_t i = 0; i < ops.size(); ++i) {
    PerfCounters record = read_record(records[0] + i * kRecordBytes);
    for (const std::byte* other : records.subspan(1)) record.add_but_cycles(read_record(other + i * kRecordBytes));
    ProfileRecord result;
    result.name = ops[i].name;
    result.op = hal_kind(ops[i].kind);
    result.kind = NumberKind::kSimulated;
    result.queued_ns = static_cast<double>(start.cycles) * ns_per_cycle;
    result.start_ns = static_cast<double>(previous.cycles) * ns_per_cycle;
    result.end_ns = static_cast<double>(record.cycles) * ns_per_cycle;
    result.counters = difference(record, previous);
    add_observed(result, find(now, ops[i].tag), find(before, ops[i].tag));
    if (hardware.spec.l2.bytes > 0) count_behind_l2(result, hardware.spec.dma.burst_bytes);
    close_account(result, i == 0, static_cast<int64_t>(records.size()));
    result.counters.push_back({"on_chip_bytes", ops[i].on_chip_bytes});
    result.counters.push_back({"scratchpad_bytes", ops[i].scratchpad_bytes});
    result.counters.push_back({"resident_bytes", ops[i].resident_bytes});
    result.counters.push_back({"accumulator_bytes", ops[i].accumulator_rows * hardware.spec.array.cols * 4});
    if (i < actions.size()) {
      const auto energy = energy_counters(actions[i], result, hardware.spec);
      result.counters.insert(result.counters.end(), energy.begin(), energy.end());
    }
    profile.records.push_back(std::move(result));
    previous = record;
  }
}

void append_spans(Profile& profile, Hardware& hardware) {
  Transport& transport = hardware.driver.transport();
  const double ns_per_cycle = 1e9 / static_cast<double>(transport.frequency_hz());
  const uint64_t epoch = hardware.driver.epoch_cycles();
  for (const Activity& each : transport.take_trace()) {
    profile.spans.push_back({each.track, each.name, static_cast<double>(each.start_cycle - epoch) * ns_per_cycle,
                             static_cast<double>(each.end_cycle - epoch) * ns_per_cycle});
  }
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/channel_memory.h"

#include <cmath>
#include <numeric>

namespace systole::memory {
namespace {

ChannelSpec channel_spec(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes) {
  __extension__ using Wide = unsigned __int128;
  Wide top = static_cast<Wide>(burst_bytes) * static_cast<uint64_t>(dram.channels) * static_cast<uint64_t>(clock.hz);
  uint64_t rate = static_cast<uint64_t>(std::llround(dram.bytes_per_second));
  uint64_t common = std::gcd(static_cast<uint64_t>(top % rate), rate);
  ChannelSpec spec;
  spec.slot_numerator = static_cast<uint64_t>(top / common);
  spec.slot_denominator = rate / common;
  spec.banks = dram.banks;
  spec.row_bytes = static_cast<uint64_t>(dram.row_bytes);
  spec.latency = static_cast<uint64_t>(dram.latency_cycles);
  spec.row_miss = static_cast<uint64_t>(dram.row_miss_cycles);
  spec.turnaround = static_cast<uint64_t>(dram.turnaround_cycles);
  return spec;
}

}  // namespace

ChannelMemory::ChannelMemory(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes,
                             size_t requesters)
    : burst_bytes_(burst_bytes),
      batch_(static_cast<uint64_t>(dram.batch_bursts)),
      latency_(static_cast<uint64_t>(dram.latency_cycles)),
      row_bytes_(static_cast<uint64_t>(dram.row_bytes)),
      banks_(static_cast<uint64_t>(dram.banks)),
      interleave_(static_cast<uint64_t>(dram.interleave_bytes)),
      hash_(static_cast<uint64_t>(dram.channels), dram.channel_hash == "fold"),
      requesters_(requesters),
      channels_(hash_.channels(), Channel(channel_spec(dram, clock, burst_bytes))),
      doors_(hash_.channels()) {
  for (Door& door : doors_) door.waiting.resize(requesters_);
  reset();
}

// Takes no memory: a device is reset when it is destroyed, too.
void ChannelMemory::reset() {
  for (Channel& channel : channels_) channel.reset();
  for (Door& door : doors_) {
    for (auto& waiting : door.waiting) waiting.clear();
    door.count = door.run = door.next = 0;
    door.event = kNever;
    door.last = requesters_ - 1;
  }
  busy_.clear();
  next_ = kNever;
}

// Round-robin from the requester after the last one served, among those in the bus's direction as long as it may keep
// it.
size_t ChannelMemory::choose(const Door& door, uint64_t now, bool writing) const {
  size_t same = requesters_, other = requesters_;
  size_t requester = door.last;
  for (size_t step = 0; step < requesters_; ++step) {
    if (++requester >= requesters_) requester = 0;
    if (door.waiting[requester].empty() || door.waiting[requester].front().from > now) continue;
    size_t& first = door.waiting[requester].front().write == writing ? same : other;
    if (first == requesters_) first = requester;
  }
  if (same == requesters_) return other;
  return other != requesters_ && door.run >= batch_ ? other : same;
}

uint64_t ChannelMemory::first_waiting(const Door& door) const {
  uint64_t from = kNever;
  for (const Ring<Waiting>& waiting : door.waiting)
    if (!waiting.empty()) from = std::min(from, waiting.front().from);
  return from;
}

uint64_t ChannelMemory::address_period() const {
  return hash_.folded() ? 0 : hash_.channels() * std::lcm(interleave_.value(), row_bytes_ * banks_);
}

uint64_t ChannelMemory::row_block() const { return hash_.channels() * std::lcm(interleave_.value(), row_bytes_); }

void ChannelMemory::move(const Streams& streams, int64_t iterations) {
  for (size_t number = 0; number < channels_.size(); ++number) {
    const auto moved = [&](uint64_t at) { return within(streams.moved(address_of(number, at), iterations)); };
    for (Ring<Waiting>& waiting : doors_[number].waiting)
      for (size_t i = 0; i < waiting.size(); ++i) waiting[i].address = moved(waiting[i].address);
    channels_[number].move(moved);
  }
}

std::vector<ChannelMemory::Counts> ChannelMemory::counts() const {
  std::vector<Counts> counts;
  for (const Channel& channel : channels_) counts.push_back({channel.hits(), channel.misses()});
  return counts;
}

void ChannelMemory::repeat(const std::vector<Counts>& since, uint64_t times) {
  for (size_t i = 0; i < channels_.size(); ++i) channels_[i].repeat(since[i].hits, since[i].misses, times);
}

void ChannelMemory::add_to(Stats& stats) const {
  for (const Channel& channel : channels_) {
    stats.row_hits += channel.hits();
    stats.row_misses += channel.misses();
    stats.channel_busy.push_back(channel.busy_cycles());
  }
}

}  // namespace systole::memory

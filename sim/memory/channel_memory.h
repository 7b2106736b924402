// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// DRAM channels of banks with an open row, and the bursts that wait at their doors: docs/timing.md, section 7. Core
// cycles; no clock of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/channel.h"
#include "sim/memory/channel_hash.h"
#include "sim/memory/divisor.h"
#include "sim/memory/imprint.h"
#include "sim/memory/request.h"
#include "sim/memory/ring.h"
#include "sim/memory/stats.h"
#include "sim/memory/timeline.h"
#include "sim/memory/travelling.h"

namespace systole::memory {

class ChannelMemory {
 public:
  ChannelMemory(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes, size_t requesters);
  void reset();

  size_t channels() const { return channels_.size(); }
  size_t channel_of(uint64_t address) const { return hash_.channel_of(interleave_.divide(address)); }
  // Of a burst served at t the answer comes no earlier than t plus these cycles, at least one.
  uint64_t least_answer() const { return channels_.front().least_answer(); }

  // A burst waits from cycle `now` on, behind those of its requester; its sequence comes back with its answer. Those of
  // a requester at one channel come in order of their cycles.
  void wait(uint64_t now, size_t requester, uint64_t address, uint64_t sequence, bool write) {
    const size_t channel = channel_of(address);
    Door& door = doors_[channel];
    door.waiting[requester].emplace_back(within(address), sequence, now, write);
    if (door.count++ == 0) busy_.push_back(channel);
    if (door.waiting[requester].size() > 1) return;  // those before it are as early
    door.event = std::min(door.event, std::max({now, door.next, channels_[channel].takes_from()}));
    next_ = std::min(next_, door.event);
  }
  uint64_t next_event() const { return next_; }  // first cycle in which a burst can be served; kNever: none waits
  // Every channel serves what it can up to and with cycle `until`, each by itself. For bursts of one requester in a row
  // sink.begin(requester), then sink.answer(DramAnswer) for each, and sink.end(bursts, row hits). Whether it served
  // any.
  template <typename Sink>
  bool advance(uint64_t until, Timeline& timeline, Sink& sink) {
    if (next_ > until) return false;
    next_ = kNever;
    for (size_t i = 0; i < busy_.size();) {
      Door& door = doors_[busy_[i]];
      while (door.event <= until) serve(busy_[i], door, until, timeline, sink);
      next_ = std::min(next_, door.event);
      if (door.count == 0) {
        busy_[i] = busy_.back();
        busy_.pop_back();
      } else {
        ++i;
      }
    }
    return true;
  }
  void add_to(Stats& stats) const;

  // Addresses so many bytes apart lie on one channel and in one bank; 0: hashed, no distance keeps them there.
  uint64_t address_period() const;
  uint64_t row_block() const;  // addresses in different blocks of so many bytes, aligned, lie in different rows
  // The state in cycle `now`, up to which advance() has come; given(requester, write) numbers a requester's next
  // answer.
  template <typename Given>
  void imprint(Imprint& print, uint64_t now, Given&& given) const {
    for (size_t number = 0; number < channels_.size(); ++number) {
      const Door& door = doors_[number];
      for (size_t requester = 0; requester < requesters_; ++requester) {
        const Ring<Waiting>& waiting = door.waiting[requester];
        print.word(waiting.size());
        for (size_t i = 0; i < waiting.size(); ++i) {
          print.address(address_of(number, waiting[i].address));
          print.word(waiting[i].sequence - given(requester, waiting[i].write));
          print.moment(waiting[i].from, now);
          print.word(waiting[i].write);
        }
      }
      print.word(door.last);
      print.word(std::min(door.run, batch_));
      print.moment(door.next, now);
      print.moment(door.event, now);
      channels_[number].imprint(print, now, [&](uint64_t within) { return address_of(number, within); });
    }
  }
  // What waits and the rows that are open are those of so many iterations later.
  void move(const Streams& streams, int64_t iterations);
  struct Counts {
    uint64_t hits = 0, misses = 0;
  };
  std::vector<Counts> counts() const;  // by channel
  void repeat(const std::vector<Counts>& since, uint64_t times);

 private:
  struct Waiting {
    uint64_t address;  // within the channel
    uint64_t sequence;
    uint64_t from;  // the cycle from which it waits
    bool write;
  };
  struct Door {
    std::vector<Ring<Waiting>> waiting;  // by requester
    size_t count = 0;
    size_t last = 0;          // requester served last
    uint64_t run = 0;         // bursts served in the present direction
    uint64_t next = 0;        // first cycle in which another can be served
    uint64_t event = kNever;  // first cycle in which one of those that wait can be
  };
  uint64_t address_of(size_t channel, uint64_t within) const {
    return hash_.block_of(channel, interleave_.divide(within)) * interleave_.value() + interleave_.rest(within);
  }
  uint64_t within(uint64_t address) const {
    return hash_.within_channel(interleave_.divide(address)) * interleave_.value() + interleave_.rest(address);
  }
  size_t choose(const Door& door, uint64_t now, bool writing) const;
  uint64_t first_waiting(const Door& door) const;
  template <typename Sink>
  void serve(size_t channel, Door& door, uint64_t until, Timeline& timeline, Sink& sink);

  uint64_t burst_bytes_, batch_, latency_, row_bytes_, banks_;
  Divisor interleave_;
  ChannelHash hash_;
  size_t requesters_;
  std::vector<Channel> channels_;
  std::vector<Door> doors_;
  std::vector<size_t> busy_;  // channels at whose doors bursts wait
  uint64_t next_ = kNever;
};

// The burst whose turn it is at door.event, and those after it as long as no other requester's wait. What changes with
// every burst is kept beside the door and the channel meanwhile.
template <typename Sink>
inline void ChannelMemory::serve(size_t number, Door& door, uint64_t until, Timeline& timeline, Sink& sink) {
  Channel& channel = channels_[number];
  Channel::Bus bus = channel.bus();
  size_t requester = door.last;
  if (door.waiting[requester].size() != door.count) requester = choose(door, door.event, bus.write);
  Ring<Waiting>& waiting = door.waiting[requester];
  sink.begin(requester);
  const bool alone = waiting.size() == door.count;
  const size_t first = waiting.popped(), end = alone ? waiting.pushed() : first + 1;
  size_t n = first;
  uint64_t event = door.event, run = door.run, hits = 0;
  while (true) {
    door.next = event + 1;
    const Waiting& burst = waiting.numbered(n++);
    run = burst.write == bus.write ? run + 1 : 1;
    const Channel::Served served = channel.serve(bus, event, burst.address, burst.write);
    hits += served.hit;
    timeline.add(number, burst.write, served.at - latency_ - 1, burst_bytes_);  // the last cycle of its slot
    sink.answer(DramAnswer{number, requester, burst.sequence, served.at, served.hit, !served.hit, burst.write});
    if (n == end) break;
    event = std::max({event + 1, waiting.numbered(n).from, channel.takes_from(bus)});
    if (event > until) break;
  }
  channel.set_bus(bus, n - first, hits);
  sink.end(n - first, hits);
  waiting.pop_front(n - first);
  door.count -= n - first;
  door.last = requester;
  door.run = run;
  uint64_t from = kNever;
  if (door.count > 0) from = waiting.size() == door.count ? waiting.front().from : first_waiting(door);
  door.event = std::max({from, door.next, channel.takes_from()});
}

}  // namespace systole::memory

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// System: its state as an imprint, and what it does again.
#include <algorithm>

#include "sim/memory/system.h"

namespace systole::memory {

// Answers that are over are forgotten by a port only once it is full (forget_answers): as if they had been at once.
void System::imprint(Imprint& print) const {
  print.count_from(latest_);
  print.distance(uncovered_);
  print.moment(next_, uncovered_);
  for (const Port& port : ports_) {
    print.word(port.queue.size());
    for (size_t i = 0; i < port.queue.size(); ++i) {
      const Queued& queued = port.queue[i];
      print.number(queued.request.id);
      print.moment(queued.from, uncovered_);
      print.word(uint64_t{queued.request.write} << 1 | uint64_t{queued.request.patient});
      BurstCursor(queued.request, burst_bytes_).imprint(print);
    }
    print.word(port.cursor.has_value());
    if (port.cursor) {
      print.number(port.id);
      print.word(port.bursts);
      print.word(uint64_t{port.write} << 1 | uint64_t{port.patient});
      port.cursor->imprint(print);
    }
    print.moment(port.next_request, uncovered_);
    for (const Lane& lane : port.lanes) {
      print.word(lane.requests.size());
      for (size_t i = 0; i < lane.requests.size(); ++i) {
        print.number(lane.requests[i].id);
        print.word(lane.requests[i].bursts);
      }
      for (size_t n = lane.flying.popped(); n < lane.flying.pushed(); ++n) {
        const Flight& flight = lane.flying[n - lane.flying.popped()];
        if (n < lane.given && flight.at < uncovered_) continue;
        print.distance(flight.at);
        if (n < lane.given) continue;
        print.distance(flight.from);
        print.word(flight.last);
      }
      print.word(lane.flying.pushed() - lane.given);
      print.word(std::max(lane.ended, lane.given) - lane.given);
      print.word(std::max(lane.wanted, lane.given) - lane.given);
      print.moment(lane.free, uncovered_);
    }
  }
  channels_.imprint(print, uncovered_, [&](size_t port, bool write) { return ports_[port].lanes[write].given; });
}

System::Sums System::sums_to_repeat() {
  timeline_.note(true);
  return {bursts_read_, bursts_written_, served_, channels_.counts()};
}

void System::repeat(const Sums& since, uint64_t period, uint64_t times, const Streams& streams, int64_t iterations) {
  repeat_growth(bursts_read_, since.bursts_read, times);
  repeat_growth(bursts_written_, since.bursts_written, times);
  for (size_t i = 0; i < served_.size(); ++i) served_[i].repeat(since.served[i], times);
  channels_.repeat(since.channels, times);
  timeline_.repeat(period, times);
  for (Port& port : ports_) {
    for (size_t i = 0; i < port.queue.size(); ++i) {
      uint64_t& address = port.queue[i].request.address;
      address = streams.moved(address, iterations);
    }
    if (port.cursor) port.cursor->move(streams, iterations);
  }
  channels_.move(streams, iterations);
}

}  // namespace systole::memory

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/system.h"

#include <algorithm>
#include <cassert>

namespace systole::memory {

void System::push(uint64_t now, const Request& request) {
  assert(request.bytes > 0 && request.counts[0] > 0 && request.counts[1] > 0 && request.counts[2] > 0);
  Port& port = ports_[static_cast<size_t>(request.port)];
  port.queue.push_back({request, now});
  latest_ = request.id;
  next_ = std::min(next_, std::max(now, port_event(port)));
}

std::optional<Reply> System::ask(uint64_t now, const Request& request) {
  Port& port = ports_[static_cast<size_t>(request.port)];
  const bool free = direct_ && !port.cursor && port.queue.empty() && port.in_flight < port.spec.outstanding;
  if (!free || request.address % burst_bytes_ + request.bytes > burst_bytes_ ||
      uint64_t{request.counts[0]} * request.counts[1] * request.counts[2] != 1) {
    push(now, request);
    return std::nullopt;
  }
  port.queue.push_back({request, now});
  latest_ = request.id;
  begin_request(port);
  asked_.clear();
  request_burst(static_cast<size_t>(request.port), std::max(now, port.next_request), asked_);
  next_ = std::min(next_, channels_.next_event());
  return asked_.front();
}

uint64_t System::next_event() const { return next_; }

// First cycle in which the port could request a burst, as far as known: a full port whose bursts all wait at doors says
// never.
uint64_t System::port_event(const Port& port) const {
  uint64_t at = port.next_request;
  if (!port.cursor) {
    if (port.queue.empty()) return kNever;
    at = std::max(at, port.queue.front().from);
  }
  if (!room(static_cast<size_t>(&port - ports_.data()))) return kNever;  // until a packet leaves
  if (port.in_flight < port.spec.outstanding) return at;
  const uint64_t answer = port.next_answer();
  return answer == kNever ? kNever : std::max(at, answer);
}

uint64_t System::Port::next_answer() const {
  uint64_t at = kNever;
  for (const Lane& lane : lanes)
    if (lane.flying.popped() < lane.given) at = std::min(at, lane.flying.front().at);
  return at;
}

void System::Port::forget_answers(uint64_t until) {
  for (Lane& lane : lanes)
    for (; lane.flying.popped() < lane.given && lane.flying.front().at <= until; lane.flying.pop_front()) --in_flight;
}

// No earlier than the last burst of the port's request can be asked for, plus one: a burst a cycle, and no more on
// their way than may be.
uint64_t System::least_accepted(const Port& port) const {
  uint64_t first = std::max(port.next_request, uncovered_);
  uint64_t left;
  if (port.cursor) {
    left = port.cursor->least_left();
  } else {
    first = std::max(first, port.queue.front().from);
    left = BurstCursor(port.queue.front().request, burst_bytes_).least_left();
  }
  if (port.in_flight >= port.spec.outstanding) {
    const uint64_t answer = port.next_answer();
    first = std::max(first, answer == kNever ? std::max(uncovered_, next_) + lookahead_ : answer);
  }
  return first + left;
}

uint64_t System::next_reply() const {
  if (next_ == kNever) return kNever;
  uint64_t at = kNever;
  for (const Port& port : ports_) {
    if (port.cursor || !port.queue.empty()) at = std::min(at, least_accepted(port));
    for (const Lane& lane : port.lanes)
      if (lane.given < lane.wanted) at = std::min(at, std::max(uncovered_, next_) + lookahead_);
  }
  return std::max(at, next_ + 1);  // a port that the network holds back waits for an event too
}

void System::want(size_t number) {
  Port& port = ports_[number];
  port.patient = false;
  for (size_t i = 0; i < port.queue.size(); ++i) port.queue[i].request.patient = false;
  for (Lane& lane : port.lanes) lane.wanted = lane.ended;
}

void System::begin_request(Port& port) const {
  const Request& request = port.queue.front().request;
  port.cursor.emplace(request, burst_bytes_);
  port.write = request.write;
  port.patient = request.patient;
  port.id = request.id;
  port.bursts = 0;
  port.queue.pop_front();
}

// All that a port asks for up to a cycle.
[[gnu::flatten]] void System::request_bursts(size_t number, uint64_t until, std::vector<Reply>& replies) {
  Port& port = ports_[number];
  for (uint64_t at; (at = port_event(port)) <= until;) {
    at = std::max(at, next_);
    if (port.in_flight >= port.spec.outstanding) port.forget_answers(at);
    if (!port.cursor) begin_request(port);
    direct_ ? request_run(number, at, until, replies) : request_burst(number, at, replies);
  }
}

// Its last burst has been asked for.
inline void System::end_request(size_t number, std::vector<Reply>& replies) {
  Port& port = ports_[number];
  Lane& lane = port.lanes[port.write];
  port.cursor.reset();
  lane.requests.push_back({port.id, port.bursts});
  lane.ended = lane.flying.pushed();
  if (!port.patient) lane.wanted = lane.ended;
  replies.push_back({Reply::Kind::kAccepted, port.id, static_cast<int>(number), port.next_request, port.bursts});
}

// The next burst of the port's request.
inline void System::request_burst(size_t number, uint64_t at, std::vector<Reply>& replies) {
  Port& port = ports_[number];
  const bool write = port.write;
  Lane& lane = port.lanes[write];
  const Burst burst = port.cursor->next();
  const bool last = port.cursor->done();
  const uint64_t sequence = lane.flying.pushed();
  lane.flying.emplace_back(kNever, at, last);
  ++port.in_flight;
  ++port.bursts;
  ++(write ? bursts_written_ : bursts_read_);
  port.next_request = at + port.spec.cycles_of(burst.bytes);
  if (last) end_request(number, replies);
  const Travelling travelling{number, burst.address, sequence, write, burst.bytes == burst_bytes_};
  if (noc_)
    noc_->request(at, travelling, l2_ ? l2_->bank_of(burst.address) : channel_of(burst.address));
  else if (l2_)
    l2_->wait(travelling);
  else
    ask_dram(at, 0, travelling, replies);
}

// The bursts of the port's request for which there is room, the first at cycle `first`, as above one by one.
inline void System::request_run(size_t number, uint64_t first, uint64_t until, std::vector<Reply>& replies) {
  Port& port = ports_[number];
  BurstCursor& cursor = *port.cursor;
  Lane& lane = port.lanes[port.write];
  const uint64_t most = port.spec.outstanding, before = lane.flying.pushed();
  bool last = false;
  for (uint64_t at = first;;) {
    const Burst burst = cursor.next();
    last = cursor.done();
    channels_.wait(at, number, burst.address, lane.flying.pushed(), port.write);
    lane.flying.emplace_back(kNever, at, last);
    at += port.spec.cycles_of(burst.bytes);
    port.next_request = at;
    if (++port.in_flight >= most) at = std::max(at, port.next_answer());
    if (last || at > until) break;
    if (port.in_flight >= most) port.forget_answers(at);
  }
  const uint64_t made = lane.flying.pushed() - before;
  port.bursts += made;
  (port.write ? bursts_written_ : bursts_read_) += made;
  if (last) end_request(number, replies);
}

// A burst is at the DRAM's door, or at that of one of its channels.
inline void System::ask_dram(uint64_t now, size_t channel, const Travelling& burst, std::vector<Reply>& replies) {
  if (fixed_latency_ != 0) {
    timeline_.add(0, burst.write, now, burst_bytes_);
    if (noc_ && !l2_) noc_->took(channel);
    answer_from(channel, burst, now + fixed_latency_, replies);
  } else if (banks_) {  // the banks of a device have their doors in common, but behind a network or an L2
    banks_->wait(channel * requesters_ + burst.port, burst.address, burst.sequence, burst.write);
  } else {
    channels_.wait(now, burst.port, burst.address, burst.sequence, burst.write);
  }
}

// The memory's moment for a burst is known.
inline void System::answer(size_t number, bool write, uint64_t sequence, uint64_t at, std::vector<Reply>& replies) {
  ports_[number].lanes[write].flying.numbered(sequence).at = at;
  give(number, write, replies);
}

// All answers that wait for no earlier one.
inline void System::give(size_t number, bool write, std::vector<Reply>& replies) {
  Port& port = ports_[number];
  Lane& lane = port.lanes[write];
  uint64_t n = lane.given, free = lane.free, cycles = 0;
  for (const uint64_t end = lane.flying.pushed(); n < end; ++n) {
    Flight& flight = lane.flying.numbered(n);
    if (flight.at == kNever) break;
    flight.at = std::max(flight.at, free);
    free = flight.at + 1;
    cycles += flight.at - flight.from;
    if (!flight.last) continue;
    const Active& request = lane.requests.front();
    replies.push_back({Reply::Kind::kDone, request.id, static_cast<int>(number), flight.at, request.bursts});
    lane.requests.pop_front();
  }
  lane.given = n;
  lane.free = free;
  if (port.served) port.served->flight_cycles[write] += cycles;
}

inline void System::answer_from(size_t channel, const Travelling& burst, uint64_t at, std::vector<Reply>& replies) {
  if (!l2_) return pass_on(channel, burst, at, replies);
  for (const L2::Answer& each : l2_->answered(burst.sequence, at)) pass_on(each.bank, each.burst, each.at, replies);
}

inline void System::pass_on(size_t exit, const Travelling& burst, uint64_t at, std::vector<Reply>& replies) {
  if (noc_)
    noc_->answer(at, burst, exit);
  else
    answer(burst.port, burst.write, burst.sequence, at, replies);
}

// What its banks take, and what it asks of the DRAM.
void System::advance_l2(uint64_t now, std::vector<Reply>& replies) {
  const L2::Step& step = l2_->advance(now);
  for (const L2::Taken& taken : step.taken) {
    if (noc_) noc_->took(l2_->bank_of(taken.burst.address));
    l2_counts_ += taken.counts;
    if (Served* served = ports_[taken.burst.port].served) served->l2 += taken.counts;
  }
  for (const L2::Answer& each : step.answers) pass_on(each.bank, each.burst, each.at, replies);
  for (const Travelling& burst : step.of_dram) ask_dram(now, channel_of(burst.address), burst, replies);
}

inline void System::dram_answered(const DramAnswer& done, std::vector<Reply>& replies) {
  const Travelling burst{done.requester, 0, done.sequence, done.write};
  if (Served* served = ports_[cause_of(burst)].served) {
    served->row_hits += done.row_hits;
    served->row_misses += done.row_misses;
  }
  answer_from(done.channel, burst, done.at, replies);
}

// What channels_ answers goes straight to the ports.
struct System::ToPorts {
  System& system;
  Port* port = nullptr;
  void begin(size_t requester) { port = &system.ports_[requester]; }
  void answer(const DramAnswer& done) { port->lanes[done.write].flying.numbered(done.sequence).at = done.at; }
  void end(uint64_t bursts, uint64_t hits) {
    if (!port->served) return;
    port->served->row_hits += hits;
    port->served->row_misses += bursts - hits;
  }
};

// Or it goes the way that it came.
struct System::ToNetwork {
  System& system;
  std::vector<Reply>& replies;
  bool of_noc;
  void begin(size_t) {}
  void answer(const DramAnswer& done) {
    if (of_noc) system.noc_->took(done.channel);
    system.dram_answered(done, replies);
  }
  void end(uint64_t, uint64_t) {}
};

[[gnu::flatten]] void System::advance_dram(uint64_t now, std::vector<Reply>& replies) {
  if (direct_) {
    ToPorts sink{*this};
    if (!channels_.advance(now, timeline_, sink)) return;
    for (size_t port = 0; port < ports_.size(); ++port)
      for (const bool write : {false, true}) give(port, write, replies);
    return;
  }
  const bool of_noc = noc_ && !l2_;  // waits at the doors
  if (!banks_) {
    ToNetwork sink{*this, replies, of_noc};
    channels_.advance(now, timeline_, sink);
    return;
  }
  answers_.clear();
  banks_->advance(now, answers_, timeline_);
  for (DramAnswer& done : answers_) {
    done.channel = done.requester / requesters_;
    done.requester %= requesters_;
    dram_answered(done, replies);
  }
  if (!of_noc) return;
  for (size_t door : banks_->entered()) noc_->took(door / requesters_);
}

void System::advance_noc_requests(uint64_t now, std::vector<Reply>& replies) {
  arrived_.clear();
  noc_->advance_requests(now, arrived_);
  for (const Noc::Arrived& arrived : arrived_) {
    if (l2_)
      l2_->wait(arrived.burst);
    else
      ask_dram(now, arrived.channel, arrived.burst, replies);
  }
}

void System::advance_noc_answers(uint64_t now, std::vector<Reply>& replies) {
  arrived_.clear();
  noc_->advance_answers(now, arrived_);
  for (const Noc::Arrived& arrived : arrived_)
    answer(arrived.burst.port, arrived.burst.write, arrived.burst.sequence, arrived.at, replies);
}

void System::update_next() {
  next_ = banks_ ? banks_->next_event() : channels_.next_event();
  if (noc_) next_ = std::min(next_, noc_->next_event());
  if (l2_) next_ = std::min(next_, l2_->next_event());
  for (const Port& port : ports_) next_ = std::min(next_, port_event(port));
  if (next_ < uncovered_) next_ = uncovered_;
}

// What is requested in the next lookahead_ cycles hangs on nothing that is served in them: so first all their requests
// are made, then each channel serves by itself what it has.
void System::advance(uint64_t now, std::vector<Reply>& replies) {
  while (next_ <= now) {
    const uint64_t until = std::min(now, next_ + lookahead_ - 1);
    for (size_t port = 0; port < ports_.size(); ++port) request_bursts(port, until, replies);
    if (noc_) advance_noc_requests(until, replies);
    if (l2_) advance_l2(until, replies);
    advance_dram(until, replies);
    if (noc_) advance_noc_answers(until, replies);
    covered_ = until;
    uncovered_ = until + 1;
    update_next();
  }
}

Stats System::stats() const {
  Stats stats;
  stats.bursts_read = bursts_read_;
  stats.bursts_written = bursts_written_;
  stats.l2 = l2_counts_;
  if (l2_) stats.l2_dirty_lines = l2_->dirty_lines();
  if (banks_) {
    const dram::Stats of_device = banks_->stats(covered_);
    stats.row_hits = of_device.total.row_hits;
    stats.row_misses = of_device.reads + of_device.writes - of_device.total.row_hits;
    stats.channel_busy = banks_->channel_busy();
    return stats;
  }
  channels_.add_to(stats);
  return stats;
}

}  // namespace systole::memory

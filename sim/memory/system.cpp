// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/system.h"

#include <algorithm>
#include <cassert>

#include "sim/memory/channel_hash.h"

namespace systole::memory {

void System::push(uint64_t now, const Request& request) {
  assert(request.bytes > 0 && request.counts[0] > 0 && request.counts[1] > 0 && request.counts[2] > 0);
  Port& port = ports_[static_cast<size_t>(request.port)];
  port.queue.push_back({request, now});
  next_ = std::min(next_, std::max(now, port_event(port)));
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
    if (!lane.answers.empty()) at = std::min(at, lane.answers.front());
  return at;
}

void System::Port::forget_answers(uint64_t until) {
  for (Lane& lane : lanes)
    for (; !lane.answers.empty() && lane.answers.front() <= until; lane.answers.pop_front()) --in_flight;
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
  uint64_t at = unserved_ == 0 ? kNever : std::max(uncovered_, next_) + lookahead_;
  for (const Port& port : ports_)
    if (port.cursor || !port.queue.empty()) at = std::min(at, least_accepted(port));
  return std::max(at, next_ + 1);  // a port that the network holds back waits for an event too
}

// Where nobody else asks for anything before `alone_before`, a channel at whose door nothing waits serves at once.
void System::request_burst(uint64_t now, size_t number, uint64_t alone_before, std::vector<Reply>& replies) {
  Port& port = ports_[number];
  if (port.in_flight >= port.spec.outstanding) port.forget_answers(now);
  if (!port.cursor) {
    const Request& request = port.queue.front().request;
    port.cursor.emplace(request, burst_bytes_);
    port.write = request.write;
    port.lanes[port.write].requests.push_back({request.id, 0});
    port.queue.pop_front();
  }
  const bool write = port.write;
  const Burst burst = port.cursor->next();
  Lane& lane = port.lanes[write];
  ++port.in_flight;
  ++(write ? bursts_written_ : bursts_read_);
  const uint64_t bursts = ++lane.requests.back().bursts;
  const uint64_t rate = port.spec.bytes_per_cycle;
  port.next_request = now + (burst.bytes <= rate || rate == 0 ? 1 : (burst.bytes + rate - 1) / rate);
  const bool fixed = fixed_latency_ != 0 && !noc_ && !l2_;
  Flight flight{fixed ? now + fixed_latency_ : kNever, now, port.cursor->done()};
  if (fixed) timeline_.add(0, write, now, burst_bytes_);
  if (flight.last) {
    port.cursor.reset();
    replies.push_back(
        {Reply::Kind::kAccepted, lane.requests.back().id, static_cast<int>(number), port.next_request, bursts});
  }
  const uint64_t sequence = lane.first + lane.flying.size();
  Travelling travelling{number, burst.address, sequence, write, burst.bytes == burst_bytes_};
  if (noc_) {
    noc_->request(now, travelling, l2_ ? l2_->bank_of(burst.address) : channel_of(burst.address));
  } else if (l2_) {
    l2_->wait(travelling);
  } else if (banks_) {
    wait_at_door(now, 0, travelling);
  } else if (fixed_latency_ == 0) {
    const size_t channel = channel_of(burst.address);
    const Door& door = doors_[channel];
    const uint64_t at = std::max({now, door.next, channels_[channel].takes_from()});
    if (door.count == 0 && at < alone_before) {
      travelling.address = within_channel(burst.address);
      flight.at = serve(at, channel, travelling);
    } else {
      wait_at_door(now, channel, travelling);
    }
  }
  if (flight.at == kNever) ++unserved_;
  if (flight.at != kNever && lane.flying.empty()) {
    ++lane.first;
    return give(number, lane, flight, replies);
  }
  lane.flying.push_back(flight);
}

inline size_t System::channel_of(uint64_t address) const {
  if (banks_) return banks_->channel_of(address);
  const uint64_t block = interleave_.divide(address);
  return folded_ ? memory::channel_of(block, channels_count_.value(), true) : channels_count_.rest(block);
}

inline uint64_t System::within_channel(uint64_t address) const {
  return channels_count_.divide(interleave_.divide(address)) * interleave_.value() + interleave_.rest(address);
}

// The banks of a device have their doors in common, but behind a network or an L2.
inline void System::wait_at_door(uint64_t now, size_t channel, const Travelling& burst) {
  if (banks_) return banks_->wait(channel * requesters_ + burst.port, burst.address, burst.sequence, burst.write);
  Door& door = doors_[channel];
  door.waiting[burst.port].push_back({within_channel(burst.address), burst.sequence, now, burst.write});
  if (door.count++ == 0) busy_doors_.push_back(channel);
}

// All that ports ask for up to a cycle, and each of them for itself.
void System::request_bursts(uint64_t until, std::vector<Reply>& replies) {
  size_t active = 0;
  for (const Port& port : ports_) active += port_event(port) <= until;
  const uint64_t alone_before = active == 1 && !banks_ ? until + 1 : 0;
  for (size_t p = 0; p < ports_.size(); ++p)
    for (uint64_t at; (at = port_event(ports_[p])) <= until;)
      request_burst(std::max(at, next_), p, alone_before, replies);
}

// The memory's moment for a burst is known: gives all answers that wait for no earlier one.
void System::answer(size_t port, bool write, uint64_t sequence, uint64_t at, std::vector<Reply>& replies) {
  Lane& lane = ports_[port].lanes[write];
  lane.flying[sequence - lane.first].at = at;
  --unserved_;
  for (; !lane.flying.empty() && lane.flying.front().at != kNever; lane.flying.pop_front(), ++lane.first)
    give(port, lane, lane.flying.front(), replies);
}

inline void System::give(size_t port, Lane& lane, const Flight& flight, std::vector<Reply>& replies) {
  const uint64_t given = std::max(flight.at, lane.free);
  lane.free = given + 1;
  lane.answers.push_back(given);
  if (!ports_[port].spec.host_paced)
    served_of(port).flight_cycles[&lane != &ports_[port].lanes[0]] += given - flight.from;
  if (!flight.last) return;
  const Active& request = lane.requests.front();
  replies.push_back({Reply::Kind::kDone, request.id, static_cast<int>(port), given, request.bursts});
  lane.requests.pop_front();
}

// Round-robin from the requester after the last one served, among those in the bus's direction as long as it may keep
// it.
size_t System::choose(const Door& door, uint64_t now, bool writing) const {
  size_t same = requesters_, other = requesters_;
  size_t port = door.last;
  for (size_t step = 0; step < requesters_; ++step) {
    if (++port >= requesters_) port = 0;
    if (door.waiting[port].empty() || door.waiting[port].front().from > now) continue;
    size_t& first = door.waiting[port].front().write == writing ? same : other;
    if (first == requesters_) first = port;
  }
  if (same == requesters_) return other;
  return other != requesters_ && door.run >= batch_ ? other : same;
}

// First cycle in which the channel can serve a burst; one waits.
uint64_t System::door_event(size_t channel) const {
  const Door& door = doors_[channel];
  uint64_t from = kNever;
  for (const Ring<Waiting>& waiting : door.waiting)
    if (!waiting.empty()) from = std::min(from, waiting.front().from);
  return std::max({from, door.next, channels_[channel].takes_from()});
}

inline uint64_t System::serve(uint64_t now, size_t channel, const Travelling& burst) {
  Door& door = doors_[channel];
  door.last = burst.port;
  door.next = now + 1;
  door.run = burst.write == channels_[channel].writing() ? door.run + 1 : 1;
  Channel& serving = channels_[channel];
  const uint64_t hits = serving.hits(), at = serving.serve(now, burst.address, burst.write);
  const size_t port = cause_of(burst);
  if (!ports_[port].spec.host_paced) {
    Served& served = served_of(port);
    ++(serving.hits() != hits ? served.row_hits : served.row_misses);
  }
  timeline_.add(channel, burst.write, at - latency_ - 1, burst_bytes_);  // the last cycle of its slot
  return at;
}

// Nobody but the requester served last waits at the door.
void System::serve_alone(size_t channel, uint64_t until, std::vector<Reply>& replies) {
  Door& door = doors_[channel];
  const size_t port = door.last;
  for (Ring<Waiting>& waiting = door.waiting[port]; !waiting.empty(); --door.count) {
    const Waiting burst = waiting.front();
    const Travelling taken{port, burst.address, burst.sequence, burst.write};
    const uint64_t now = std::max({burst.from, door.next, channels_[channel].takes_from()});
    if (now > until) return;
    waiting.pop_front();
    if (noc_ && !l2_) noc_->took(channel);
    answer_from(channel, taken, serve(now, channel, taken), replies);
  }
}

void System::arbitrate(size_t channel, uint64_t until, std::vector<Reply>& replies) {
  Door& door = doors_[channel];
  if (door.waiting[door.last].size() == door.count) return serve_alone(channel, until, replies);
  for (uint64_t now; door.count > 0 && (now = door_event(channel)) <= until;) {
    const size_t chosen = choose(door, now, channels_[channel].writing());
    const Waiting burst = door.waiting[chosen].front();
    door.waiting[chosen].pop_front();
    --door.count;
    if (noc_ && !l2_) noc_->took(channel);
    const Travelling taken{chosen, burst.address, burst.sequence, burst.write};
    answer_from(channel, taken, serve(now, channel, taken), replies);
  }
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
    if (!ports_[taken.burst.port].spec.host_paced) served_of(taken.burst.port).l2 += taken.counts;
  }
  for (const L2::Answer& each : step.answers) pass_on(each.bank, each.burst, each.at, replies);
  for (const Travelling& burst : step.of_dram) {
    if (fixed_latency_ == 0) {
      wait_at_door(now, channel_of(burst.address), burst);
      continue;
    }
    timeline_.add(0, burst.write, now, burst_bytes_);
    answer_from(0, burst, now + fixed_latency_, replies);
  }
}

void System::advance_banks(uint64_t now, std::vector<Reply>& replies) {
  answers_.clear();
  banks_->advance(now, answers_, timeline_);
  for (const BankMemory::Answer& done : answers_) {
    const auto door = static_cast<size_t>(done.port);
    const Travelling burst{door % requesters_, 0, done.sequence, done.write};
    const size_t port = cause_of(burst);
    if (!ports_[port].spec.host_paced) {
      served_of(port).row_hits += done.row_hits;
      served_of(port).row_misses += done.row_misses;
    }
    answer_from(door / requesters_, burst, done.at, replies);
  }
  if (!noc_ || l2_) return;
  for (size_t door : banks_->entered()) noc_->took(door / requesters_);
}

void System::advance_noc_requests(uint64_t now, std::vector<Reply>& replies) {
  arrived_.clear();
  noc_->advance_requests(now, arrived_);
  for (const Noc::Arrived& arrived : arrived_) {
    if (l2_) {
      l2_->wait(arrived.burst);
      continue;
    }
    if (fixed_latency_ == 0) {
      wait_at_door(now, arrived.channel, arrived.burst);
      continue;
    }
    noc_->took(arrived.channel);
    timeline_.add(0, arrived.burst.write, now, burst_bytes_);
    answer_from(arrived.channel, arrived.burst, now + fixed_latency_, replies);
  }
}

void System::advance_noc_answers(uint64_t now, std::vector<Reply>& replies) {
  arrived_.clear();
  noc_->advance_answers(now, arrived_);
  for (const Noc::Arrived& arrived : arrived_)
    answer(arrived.burst.port, arrived.burst.write, arrived.burst.sequence, arrived.at, replies);
}

void System::update_next() {
  next_ = kNever;
  if (banks_) next_ = banks_->next_event();
  if (noc_) next_ = std::min(next_, noc_->next_event());
  if (l2_) next_ = std::min(next_, l2_->next_event());
  for (size_t channel : busy_doors_) next_ = std::min(next_, door_event(channel));
  for (const Port& port : ports_) next_ = std::min(next_, port_event(port));
  if (next_ < uncovered_) next_ = uncovered_;
}

// What is requested in the next lookahead_ cycles hangs on nothing that is served in them: so first all their requests
// are made, then each channel serves by itself what it has.
void System::advance(uint64_t now, std::vector<Reply>& replies) {
  while (next_ <= now) {
    const uint64_t until = std::min(now, next_ + lookahead_ - 1);
    request_bursts(until, replies);
    if (noc_) advance_noc_requests(until, replies);
    if (l2_) advance_l2(until, replies);
    if (banks_) advance_banks(until, replies);
    for (size_t i = 0; i < busy_doors_.size();) {
      const size_t channel = busy_doors_[i];
      arbitrate(channel, until, replies);
      if (doors_[channel].count == 0) {
        busy_doors_[i] = busy_doors_.back();
        busy_doors_.pop_back();
      } else {
        ++i;
      }
    }
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
  for (const Channel& channel : channels_) {
    stats.row_hits += channel.hits();
    stats.row_misses += channel.misses();
    stats.channel_busy.push_back(channel.busy_cycles());
  }
  return stats;
}

}  // namespace systole::memory

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/system.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "sim/memory/channel_hash.h"

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

size_t timeline_channels(const spec::DramSpec& dram) {
  if (dram.timing == "fixed") return 1;
  return static_cast<size_t>(dram.config.empty() ? dram.channels : dram.device.organization.channels);
}

}  // namespace

std::string System::check(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes) {
  if (clock.hz <= 0) return "clock: expected a positive frequency";
  if (dram.channels < 1 || dram.banks < 1) return "dram: expected at least one channel and one bank";
  if (!(dram.bytes_per_second >= 1)) return "dram.bytes_per_second: expected at least 1";
  if (dram.latency_cycles < 0 || dram.row_miss_cycles < 0 || dram.turnaround_cycles < 0)
    return "dram: expected latencies of at least 0 cycles";
  if (dram.timing == "fixed" && dram.latency_cycles < 1) return "dram.latency_cycles: expected at least 1";
  if (dram.batch_bursts < 1) return "dram.batch_bursts: expected at least 1";
  if (burst_bytes == 0 || 4096 % burst_bytes != 0) return "dma.burst_bytes: expected a divisor of 4096";
  if (dram.interleave_bytes <= 0 || static_cast<uint64_t>(dram.interleave_bytes) % burst_bytes != 0)
    return "dram.interleave_bytes: expected a multiple of dma.burst_bytes";
  if (!dram.config.empty() && dram.bytes > dram.device.channel_bytes() * dram.device.organization.channels)
    return "dram.bytes: expected at most the " +
           std::to_string(dram.device.channel_bytes() * dram.device.organization.channels) + " that dram.config has";
  if (dram.row_bytes <= 0 || static_cast<uint64_t>(dram.row_bytes) % burst_bytes != 0)
    return "dram.row_bytes: expected a multiple of dma.burst_bytes";
  return "";
}

System::System(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes, std::vector<PortSpec> ports)
    : burst_bytes_(burst_bytes),
      batch_(static_cast<uint64_t>(dram.batch_bursts)),
      interleave_(static_cast<uint64_t>(dram.interleave_bytes)),
      channels_count_(static_cast<uint64_t>(dram.channels)),
      folded_(dram.channel_hash == "fold"),
      latency_(static_cast<uint64_t>(dram.latency_cycles)),
      fixed_latency_(dram.timing == "fixed" ? latency_ : 0),
      channels_(channels_count_.value(), Channel(channel_spec(dram, clock, burst_bytes))),
      doors_(channels_count_.value()),
      ports_(ports.size()),
      timeline_(timeline_channels(dram)) {
  for (size_t i = 0; i < ports.size(); ++i) ports_[i].spec = ports[i];
  std::vector<bool> paced;
  for (const PortSpec& port : ports) paced.push_back(port.host_paced);
  if (!dram.config.empty() && fixed_latency_ == 0)
    banks_ = std::make_unique<BankMemory>(dram.device, clock, burst_bytes, paced);
  else
    lookahead_ = channels_.front().least_answer();
  for (Door& door : doors_) door.waiting.resize(ports_.size());
  reset();
}

// Takes no memory: a device is reset when it is destroyed, too.
void System::reset(uint64_t origin) {
  if (banks_) banks_->reset();
  covered_ = uncovered_ = unserved_ = 0;
  for (Channel& channel : channels_) channel.reset();
  for (Door& door : doors_) {
    for (auto& waiting : door.waiting) waiting.clear();
    door.count = door.run = door.next = 0;
    door.last = ports_.size() - 1;
  }
  for (Port& port : ports_) {
    port.queue.clear();
    port.cursor.reset();
    port.next_request = port.in_flight = 0;
    for (Lane& lane : port.lanes) {
      lane.requests.clear();
      lane.flying.clear();
      lane.answers.clear();
      lane.first = lane.free = 0;
    }
  }
  busy_doors_.clear();
  next_ = kNever;
  bursts_read_ = bursts_written_ = 0;
  served_ = {};
  timeline_.reset(origin);
}

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
  return at;
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
  Flight flight{fixed_latency_ == 0 ? kNever : now + fixed_latency_, now, port.cursor->done()};
  if (fixed_latency_ != 0) timeline_.add(0, write, now, burst_bytes_);
  if (flight.last) {
    port.cursor.reset();
    replies.push_back(
        {Reply::Kind::kAccepted, lane.requests.back().id, static_cast<int>(number), port.next_request, bursts});
  }
  const uint64_t sequence = lane.first + lane.flying.size();
  if (banks_) {
    banks_->wait(number, burst.address, sequence, write);
  } else if (fixed_latency_ == 0) {
    const uint64_t block = interleave_.divide(burst.address);
    const size_t channel = folded_ ? channel_of(block, channels_count_.value(), true) : channels_count_.rest(block);
    const uint64_t within = channels_count_.divide(block) * interleave_.value() + interleave_.rest(burst.address);
    Door& door = doors_[channel];
    const uint64_t at = std::max({now, door.next, channels_[channel].takes_from()});
    if (door.count == 0 && at < alone_before) {
      flight.at = serve(at, channel, number, within, write);
    } else {
      door.waiting[number].push_back({within, sequence, now, write});
      if (door.count++ == 0) busy_doors_.push_back(channel);
    }
  }
  if (flight.at == kNever) ++unserved_;
  if (flight.at != kNever && lane.flying.empty()) {
    ++lane.first;
    return give(number, lane, flight, replies);
  }
  lane.flying.push_back(flight);
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
  if (!ports_[port].spec.host_paced) served_.flight_cycles[&lane != &ports_[port].lanes[0]] += given - flight.from;
  if (!flight.last) return;
  const Active& request = lane.requests.front();
  replies.push_back({Reply::Kind::kDone, request.id, static_cast<int>(port), given, request.bursts});
  lane.requests.pop_front();
}

// Round-robin from the port after the last one served, among those in the bus's direction as long as it may keep it.
size_t System::choose(const Door& door, uint64_t now, bool writing) const {
  size_t same = ports_.size(), other = ports_.size();
  size_t port = door.last;
  for (size_t step = 0; step < ports_.size(); ++step) {
    if (++port >= ports_.size()) port = 0;
    if (door.waiting[port].empty() || door.waiting[port].front().from > now) continue;
    size_t& first = door.waiting[port].front().write == writing ? same : other;
    if (first == ports_.size()) first = port;
  }
  if (same == ports_.size()) return other;
  return other != ports_.size() && door.run >= batch_ ? other : same;
}

// First cycle in which the channel can serve a burst; one waits.
uint64_t System::door_event(size_t channel) const {
  const Door& door = doors_[channel];
  uint64_t from = kNever;
  for (const Ring<Waiting>& waiting : door.waiting)
    if (!waiting.empty()) from = std::min(from, waiting.front().from);
  return std::max({from, door.next, channels_[channel].takes_from()});
}

inline uint64_t System::serve(uint64_t now, size_t channel, size_t port, uint64_t address, bool write) {
  Door& door = doors_[channel];
  door.last = port;
  door.next = now + 1;
  door.run = write == channels_[channel].writing() ? door.run + 1 : 1;
  Channel& serving = channels_[channel];
  const uint64_t hits = serving.hits(), at = serving.serve(now, address, write);
  if (!ports_[port].spec.host_paced) ++(serving.hits() != hits ? served_.row_hits : served_.row_misses);
  timeline_.add(channel, write, at - latency_ - 1, burst_bytes_);  // the last cycle of its slot
  return at;
}

// Nobody but the port served last waits at the door.
void System::serve_alone(size_t channel, uint64_t until, std::vector<Reply>& replies) {
  Door& door = doors_[channel];
  const size_t port = door.last;
  for (Ring<Waiting>& waiting = door.waiting[port]; !waiting.empty(); --door.count) {
    const Waiting burst = waiting.front();
    const uint64_t now = std::max({burst.from, door.next, channels_[channel].takes_from()});
    if (now > until) return;
    waiting.pop_front();
    answer(port, burst.write, burst.sequence, serve(now, channel, port, burst.address, burst.write), replies);
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
    answer(chosen, burst.write, burst.sequence, serve(now, channel, chosen, burst.address, burst.write), replies);
  }
}

void System::advance_banks(uint64_t now, std::vector<Reply>& replies) {
  answers_.clear();
  banks_->advance(now, answers_, served_, timeline_);
  for (const BankMemory::Answer& done : answers_)
    answer(static_cast<size_t>(done.port), done.write, done.sequence, done.at, replies);
}

void System::update_next() {
  next_ = kNever;
  if (banks_) next_ = banks_->next_event();
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
    covered_ = until;
    uncovered_ = until + 1;
    update_next();
  }
}

Stats System::stats() const {
  Stats stats;
  stats.bursts_read = bursts_read_;
  stats.bursts_written = bursts_written_;
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

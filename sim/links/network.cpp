// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/links/network.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace systole::links {

Network::Network(const Shape& shape)
    : fabric_(fabric_of(shape)),
      memory_rate_(std::llround(shape.memory_bytes_per_second)),
      memory_free_(static_cast<size_t>(fabric_.devices)),
      lines_(fabric_.channels.size()) {
  for (size_t i = 0; i < lines_.size(); ++i) {
    lines_[i].places = fabric_.channels[i].places;
    for (size_t j = 0; j < lines_.size(); ++j)  // not back to where it comes from
      if (fabric_.channels[j].to == fabric_.channels[i].from && fabric_.channels[j].from != fabric_.channels[i].to)
        lines_[i].inbound.push_back(static_cast<int>(j));
  }
}

int Network::add_flow(int from, int to) {
  const int channel = fabric_.next_of(from, to);
  if (channel < 0) std::abort();
  const int index = static_cast<int>(flows_.size());
  flows_.push_back({from, to, channel});
  lines_[static_cast<size_t>(channel)].flows.push_back(index);
  return index;
}

void Network::send(int flow_index, int64_t bytes, bool reduce, std::function<void()> arrived) {
  if (bytes <= 0) return at(now_, std::move(arrived));
  Flow& flow = flows_[static_cast<size_t>(flow_index)];
  if (flow.waiting.empty()) flow.left = bytes;
  flow.waiting.push_back({bytes, reduce});
  flow.arrived.push_back(std::move(arrived));
  sent_ += bytes;
  attend(flow.channel);
}

void Network::at(Femtoseconds time, std::function<void()> call) {
  calls_.push_back(std::move(call));
  push(time, Event::kCall, static_cast<int>(calls_.size()) - 1);
}

void Network::run() {
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.time;
    handle(event);
  }
}

void Network::push(Femtoseconds time, Event::Kind kind, int index, Packet packet) {
  events_.push({time, sequence_++, kind, index, packet});
}

void Network::handle(const Event& event) {
  switch (event.kind) {
    case Event::kWake: {
      Line& line = lines_[static_cast<size_t>(event.index)];
      if (line.wake == event.time) line.wake = -1;
      return attend(event.index);
    }
    case Event::kArrival:
      return land(event.index, event.packet);
    case Event::kDone:
      return finish(event.index);
    case Event::kCall: {
      const std::function<void()> call = std::move(calls_[static_cast<size_t>(event.index)]);
      return call();
    }
  }
}

bool Network::has_packet(const Line& line, int channel, size_t entry) const {
  if (entry < line.flows.size()) return !flows_[static_cast<size_t>(line.flows[entry])].waiting.empty();
  const Line& before = lines_[static_cast<size_t>(line.inbound[entry - line.flows.size()])];
  return !before.fifo.empty() && fabric_.next_of(fabric_.channels[static_cast<size_t>(channel)].from,
                                                 flows_[static_cast<size_t>(before.fifo.front().flow)].to) == channel;
}

void Network::attend(int channel) {
  Line& line = lines_[static_cast<size_t>(channel)];
  const size_t entries = line.flows.size() + line.inbound.size();
  const auto wake_at = [&](Femtoseconds time) {
    if (line.wake >= now_ && line.wake <= time) return;
    line.wake = time;
    push(time, Event::kWake, channel);
  };
  for (; !line.freed.empty() && line.freed.front() <= now_; line.freed.pop_front()) ++line.places;
  if (line.busy_until > now_) {
    for (size_t entry = 0; entry < entries; ++entry)
      if (has_packet(line, channel, entry)) return wake_at(line.busy_until);
    return;
  }
  bool waiting = false;
  for (size_t k = 0; k < entries; ++k) {
    const size_t entry = (line.turn + k) % entries;
    if (!has_packet(line, channel, entry)) continue;
    waiting = true;
    if (line.places >= (fabric_.ring && entry < line.flows.size() ? 2 : 1)) {
      line.turn = (entry + 1) % entries;
      start(channel, entry);
      return attend(channel);
    }
  }
  if (!waiting) return;
  if (line.blocked_since < 0) line.blocked_since = now_;
  if (!line.freed.empty()) wake_at(line.freed.front());  // else a FIFO must move on first
}

void Network::start(int channel, size_t entry) {
  Line& line = lines_[static_cast<size_t>(channel)];
  const Channel& figures = fabric_.channels[static_cast<size_t>(channel)];
  const bool from_flow = entry < line.flows.size();
  const int before = from_flow ? -1 : line.inbound[entry - line.flows.size()];
  Packet packet;
  if (from_flow) {
    packet = take_from(line.flows[entry], figures.payload_bytes);
  } else {
    packet = lines_[static_cast<size_t>(before)].fifo.front();
    lines_[static_cast<size_t>(before)].fifo.pop_front();
  }
  const int64_t wire = int64_t{packet.payload} + figures.header_bytes;
  Femtoseconds end = now_ + time_of(wire, figures.bytes_per_second);
  if (from_flow) end = std::max(end, use_memory(figures.from, now_, packet.payload));
  line.stats.busy += end - now_;
  if (line.blocked_since >= 0) line.stats.blocked += now_ - line.blocked_since;
  line.blocked_since = -1;
  ++line.stats.packets;
  line.stats.payload_bytes += packet.payload;
  line.stats.wire_bytes += wire;
  --line.places;
  line.busy_until = end;
  const Femtoseconds there = end + figures.latency;
  if (flows_[static_cast<size_t>(packet.flow)].to != figures.to) {
    push(there + figures.forward, Event::kArrival, channel, packet);
  } else if (limited(figures.to)) {
    push(there, Event::kArrival, channel, packet);
  } else {  // the arrival does nothing but free the place
    received_ += packet.payload;
    release(channel, there + figures.latency);
    if (packet.last) push(there, Event::kDone, packet.flow);
  }
  if (from_flow) return;
  release(before, end + fabric_.channels[static_cast<size_t>(before)].latency);
  const std::deque<Packet>& fifo = lines_[static_cast<size_t>(before)].fifo;
  if (!fifo.empty()) attend(fabric_.next_of(figures.from, flows_[static_cast<size_t>(fifo.front().flow)].to));
}

Network::Packet Network::take_from(int flow_index, int most) {
  Flow& flow = flows_[static_cast<size_t>(flow_index)];
  const int payload = static_cast<int>(std::min<int64_t>(most, flow.left));
  flow.left -= payload;
  const Packet packet{flow_index, payload, flow.waiting.front().reduce, flow.left == 0};
  if (packet.last) {
    flow.waiting.pop_front();
    if (!flow.waiting.empty()) flow.left = flow.waiting.front().bytes;
  }
  return packet;
}

void Network::land(int channel, const Packet& packet) {
  const Channel& figures = fabric_.channels[static_cast<size_t>(channel)];
  Line& line = lines_[static_cast<size_t>(channel)];
  const Flow& flow = flows_[static_cast<size_t>(packet.flow)];
  if (flow.to != figures.to) {
    line.fifo.push_back(packet);
    if (line.fifo.size() == 1) attend(fabric_.next_of(figures.to, flow.to));
    return;
  }
  const Femtoseconds done = use_memory(figures.to, now_, int64_t{packet.payload} * (packet.reduce ? 2 : 1));
  received_ += packet.payload;
  release(channel, done + figures.latency);
  if (packet.last) push(done, Event::kDone, packet.flow);
}

void Network::finish(int flow_index) {
  Flow& flow = flows_[static_cast<size_t>(flow_index)];
  const std::function<void()> arrived = std::move(flow.arrived.front());
  flow.arrived.pop_front();
  arrived();
}

void Network::release(int channel, Femtoseconds time) {
  Line& line = lines_[static_cast<size_t>(channel)];
  line.freed.insert(std::upper_bound(line.freed.begin(), line.freed.end(), time), time);
  if (line.blocked_since >= 0) attend(channel);
}

Femtoseconds Network::use_memory(int node, Femtoseconds from, int64_t bytes) {
  if (!limited(node)) return from;
  Femtoseconds& free = memory_free_[static_cast<size_t>(node)];
  free = std::max(free, from) + time_of(bytes, memory_rate_);
  return free;
}

}  // namespace systole::links

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/network.h"

#include <algorithm>

#include "sim/memory/request.h"

namespace systole::memory {

Network::Network(uint64_t hop_cycles, uint64_t room, std::vector<uint64_t> places)
    : hop_cycles_(hop_cycles), room_(room), places_(std::move(places)), taken_(places_.size()) {}

size_t Network::add_router() {
  routes_.emplace_back(places_.size());
  return routes_.size() - 1;
}

size_t Network::add_buffer(size_t router, uint64_t room) {
  buffers_.push_back({router, room});
  return buffers_.size() - 1;
}

size_t Network::add_link(size_t from, size_t to) {
  Link link;
  link.to = add_buffer(to, room_);
  links_.push_back(link);
  for (size_t& route : routes_[from]) route = links_.size() - 1;  // until told otherwise
  return links_.size() - 1;
}

size_t Network::add_exit() {
  Link link;
  link.exit = true;
  links_.push_back(link);
  return links_.size() - 1;
}

void Network::set_route(size_t router, size_t destination, size_t link) { routes_[router][destination] = link; }

void Network::reset() {
  for (Buffer& buffer : buffers_) {
    buffer.packets.clear();
    buffer.taken = 0;
  }
  for (Link& link : links_) {
    link.free = 0;
    link.last = buffers_.size() - 1;
    link.chosen = kNone;
  }
  std::fill(taken_.begin(), taken_.end(), 0);
  busy_.clear();
}

void Network::inject(size_t number, const Packet& packet) {
  Buffer& buffer = buffers_[number];
  if (buffer.packets.empty()) busy_.push_back(number);
  auto at = buffer.packets.end();
  while (at != buffer.packets.begin() && std::prev(at)->ready > packet.ready) --at;
  buffer.packets.insert(at, packet);
  ++buffer.taken;
}

bool Network::blocked(const Link& link, const Packet& packet) const {
  return link.exit ? taken_[packet.destination] >= places_[packet.destination] : !has_room(link.to);
}

// What is blocked waits for another departure, or for a place at its destination.
uint64_t Network::next_event() const {
  uint64_t next = kNever;
  for (size_t number : busy_) {
    const Packet& packet = buffers_[number].packets.front();
    const Link& link = links_[link_of(buffers_[number])];
    if (!blocked(link, packet)) next = std::min(next, std::max(packet.ready, link.free));
  }
  return next;
}

void Network::advance(uint64_t now, std::vector<Arrival>& arrivals) {
  const size_t count = buffers_.size();
  const auto turn = [&](const Link& link, size_t buffer) { return (buffer + count - link.last - 1) % count; };
  chosen_.clear();
  for (size_t number : busy_) {
    const Packet& packet = buffers_[number].packets.front();
    const size_t wanted = link_of(buffers_[number]);
    Link& link = links_[wanted];
    if (packet.ready > now || link.free > now || blocked(link, packet)) continue;
    if (link.chosen == kNone) chosen_.push_back(wanted);
    if (link.chosen == kNone || turn(link, number) < turn(link, link.chosen)) link.chosen = number;
  }
  for (size_t each : chosen_) {
    Link& link = links_[each];
    Buffer& from = buffers_[link.chosen];
    Packet packet = from.packets.front();
    from.packets.pop_front();
    --from.taken;
    if (from.packets.empty()) busy_.erase(std::find(busy_.begin(), busy_.end(), link.chosen));
    link.last = link.chosen;
    link.chosen = kNone;
    link.free = now + packet.length;
    packet.ready = now + hop_cycles_;
    if (link.exit) {
      ++taken_[packet.destination];
      arrivals.push_back({packet.destination, packet.content, packet.ready + packet.length - 1});
    } else {
      inject(link.to, packet);
    }
  }
}

}  // namespace systole::memory

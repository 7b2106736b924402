// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/noc.h"

#include <algorithm>

#include "sim/memory/request.h"

namespace systole::memory {
namespace {

constexpr uint64_t kUnlimited = ~uint64_t{0};

size_t cores_of(const std::vector<size_t>& core_of) { return *std::max_element(core_of.begin(), core_of.end()) + 1; }

size_t columns_of(const spec::NocSpec& spec, size_t cores) {
  if (spec.topology != "mesh") return 1;
  if (spec.columns > 0) return static_cast<size_t>(spec.columns);
  size_t columns = 1;
  while (columns * columns < cores) ++columns;
  return columns;
}

}  // namespace

std::string Noc::check(const spec::NocSpec& spec) {
  if (spec.topology != "ideal" && spec.topology != "crossbar" && spec.topology != "mesh")
    return "noc.topology: expected ideal, crossbar or mesh, got '" + spec.topology + "'";
  for (const auto& [key, value] : {std::pair{"link_bytes_per_cycle", spec.link_bytes_per_cycle},
                                   {"hop_cycles", spec.hop_cycles},
                                   {"buffer_bursts", spec.buffer_bursts}})
    if (value < 1) return std::string("noc.") + key + ": expected at least 1, got " + std::to_string(value);
  return spec.columns >= 0 ? "" : "noc.columns: expected at least 0, got " + std::to_string(spec.columns);
}

Noc::Noc(const spec::NocSpec& spec, uint64_t burst_bytes, const std::vector<size_t>& core_of, size_t channels)
    : columns_(columns_of(spec, cores_of(core_of))),
      data_cycles_((burst_bytes + static_cast<uint64_t>(spec.link_bytes_per_cycle) - 1) /
                   static_cast<uint64_t>(spec.link_bytes_per_cycle)),
      requests_(static_cast<uint64_t>(spec.hop_cycles), static_cast<uint64_t>(spec.buffer_bursts),
                std::vector<uint64_t>(channels, static_cast<uint64_t>(spec.buffer_bursts))),
      answers_(static_cast<uint64_t>(spec.hop_cycles), static_cast<uint64_t>(spec.buffer_bursts),
               std::vector<uint64_t>(core_of.size(), kUnlimited)),
      arriving_(channels) {
  const size_t cores = cores_of(core_of);
  if (spec.topology == "mesh") rows_ = (cores + columns_ - 1) / columns_;
  std::vector<Place> of_cores, of_channels;
  std::vector<size_t> each_channel;
  for (size_t core = 0; core < cores; ++core) of_cores.push_back(core_place(core));
  for (size_t channel = 0; channel < channels; ++channel) {
    of_channels.push_back(channel_place(channel));
    each_channel.push_back(channel);
  }
  const auto room = static_cast<uint64_t>(spec.buffer_bursts);
  connect(requests_, of_cores, core_of, of_channels, each_channel, room, port_buffers_);
  connect(answers_, of_channels, each_channel, of_cores, core_of, kUnlimited, channel_buffers_);
  reset();
}

// In turn at the upper and the lower edge, from the first column on.
Noc::Place Noc::channel_place(size_t channel) const {
  return {channel / 2 % columns_, channel % 2 == 0 ? 0 : rows_ - 1};
}

// sources: where each is; inputs: which of them each buffer belongs to; exits: where each is; exit_of: by destination.
void Noc::connect(Network& network, const std::vector<Place>& sources, const std::vector<size_t>& inputs,
                  const std::vector<Place>& exits, const std::vector<size_t>& exit_of, uint64_t room,
                  std::vector<size_t>& buffers) {
  for (size_t router = 0; router < columns_ * rows_; ++router) network.add_router();
  const auto router_at = [&](size_t x, size_t y) { return y * columns_ + x; };
  std::vector<size_t> entries;
  for (const Place& place : sources) {
    entries.push_back(network.add_router());
    network.add_link(entries.back(), router_at(place.x, place.y));
  }
  for (size_t source : inputs) buffers.push_back(network.add_buffer(entries[source], room));
  std::vector<size_t> exit_links;
  for (size_t i = 0; i < exits.size(); ++i) exit_links.push_back(network.add_exit());
  for (size_t y = 0; y < rows_; ++y)
    for (size_t x = 0; x < columns_; ++x) {
      const size_t here = router_at(x, y);
      size_t left = 0, right = 0, up = 0, down = 0;
      if (x > 0) left = network.add_link(here, router_at(x - 1, y));
      if (x + 1 < columns_) right = network.add_link(here, router_at(x + 1, y));
      if (y > 0) up = network.add_link(here, router_at(x, y - 1));
      if (y + 1 < rows_) down = network.add_link(here, router_at(x, y + 1));
      for (size_t d = 0; d < exit_of.size(); ++d) {
        const Place& to = exits[exit_of[d]];
        network.set_route(here, d,
                          to.x < x   ? left
                          : to.x > x ? right
                          : to.y < y ? up
                          : to.y > y ? down
                                     : exit_links[exit_of[d]]);
      }
    }
}

void Noc::reset() {
  requests_.reset();
  answers_.reset();
  bursts_.clear();
  free_.clear();
  for (auto& arriving : arriving_) arriving.clear();
}

uint32_t Noc::keep(const Travelling& burst) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(bursts_.size()));
    bursts_.emplace_back();
  }
  const uint32_t number = free_.back();
  free_.pop_back();
  bursts_[number] = burst;
  return number;
}

void Noc::request(uint64_t now, const Travelling& burst, size_t channel) {
  requests_.inject(port_buffers_[burst.port], {now, channel, burst.write ? data_cycles_ : 1, keep(burst)});
}

void Noc::answer(uint64_t at, const Travelling& burst, size_t channel) {
  answers_.inject(channel_buffers_[channel], {at, burst.port, burst.write ? 1 : data_cycles_, keep(burst)});
}

void Noc::advance_requests(uint64_t now, std::vector<Arrived>& arrived) {
  arrivals_.clear();
  requests_.advance(now, arrivals_);
  for (const Network::Arrival& arrival : arrivals_) arriving_[arrival.destination].push_back(arrival);
  for (auto& arriving : arriving_)
    for (; !arriving.empty() && arriving.front().at <= now; arriving.pop_front()) {
      const Network::Arrival& arrival = arriving.front();
      arrived.push_back({bursts_[arrival.content], arrival.destination, arrival.at});
      free_.push_back(arrival.content);
    }
}

void Noc::advance_answers(uint64_t now, std::vector<Arrived>& arrived) {
  arrivals_.clear();
  answers_.advance(now, arrivals_);
  for (const Network::Arrival& arrival : arrivals_) {
    arrived.push_back({bursts_[arrival.content], 0, arrival.at});
    free_.push_back(arrival.content);
  }
}

uint64_t Noc::next_event() const {
  uint64_t next = std::min(requests_.next_event(), answers_.next_event());
  for (const auto& arriving : arriving_)
    if (!arriving.empty()) next = std::min(next, arriving.front().at);
  return next;
}

}  // namespace systole::memory

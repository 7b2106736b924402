// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The network between the ports of all cores and the channels of the DRAM: requests one way, answers the other.
// Topologies, places and rules: docs/timing.md, section 7.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/network.h"
#include "sim/memory/travelling.h"

namespace systole::memory {

class Noc {
 public:
  // "" or why the figures can't be simulated.
  static std::string check(const spec::NocSpec& spec);

  // core_of: by port.
  Noc(const spec::NocSpec& spec, uint64_t burst_bytes, const std::vector<size_t>& core_of, size_t channels);
  void reset();

  // Whether a burst of the port may be requested in the cycle that advance covers next.
  bool room(size_t port) const { return requests_.has_room(port_buffers_[port]); }
  void request(uint64_t now, const Travelling& burst, size_t channel);
  // The channel has its answer in cycle `at`.
  void answer(uint64_t at, const Travelling& burst, size_t channel);
  void took(size_t channel) { requests_.free_place(channel); }  // a burst that had arrived there

  struct Arrived {
    Travelling burst;
    size_t channel;  // of requests
    uint64_t at;     // of answers: may lie ahead, and is final
  };
  // Every cycle with an event is advanced, first for requests: those that have reached their channels in cycle `now`.
  void advance_requests(uint64_t now, std::vector<Arrived>& arrived);
  void advance_answers(uint64_t now, std::vector<Arrived>& arrived);
  uint64_t next_event() const;

 private:
  struct Place {  // of a core's or a channel's router: column and row
    size_t x = 0, y = 0;
  };
  Place core_place(size_t core) const {
    return {core % columns_, core / columns_ % rows_};
  }  // a crossbar: the only one
  Place channel_place(size_t channel) const;
  void connect(Network& network, const std::vector<Place>& sources, const std::vector<size_t>& inputs,
               const std::vector<Place>& exits, const std::vector<size_t>& exit_of, uint64_t room,
               std::vector<size_t>& buffers);
  uint32_t keep(const Travelling& burst);

  size_t columns_ = 1, rows_ = 1;
  uint64_t data_cycles_;  // of a link, for a burst
  Network requests_, answers_;
  std::vector<size_t> port_buffers_, channel_buffers_;
  std::vector<Travelling> bursts_;
  std::vector<uint32_t> free_;
  std::vector<std::deque<Network::Arrival>> arriving_;  // requests, by channel
  std::vector<Network::Arrival> arrivals_;
};

}  // namespace systole::memory

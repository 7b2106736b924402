// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Devices and what joins them: a shape as people say it, and the one-way channels and routes that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configs/spec/link_spec.h"

namespace systole::links {

// Time is whole femtoseconds: 2.5 hours fit. A packet's time on the wire is rounded up to one.
using Femtoseconds = int64_t;

enum class Topology : uint8_t {
  kRing,            // each device beside two others (or one, of two devices)
  kFullyConnected,  // a way between each two
  kSwitch,          // a way from each device to one switch and back
};

enum class Host : uint8_t {
  kNone,
  kOwnLinks,    // a way between the host and each device
  kSwitchPort,  // one more port of the switch
};

struct Shape {
  Topology topology = Topology::kRing;
  int devices = 2;
  spec::LinkSpec link;
  Host host = Host::kNone;
  spec::LinkSpec host_link;            // of its own links or of its port
  double memory_bytes_per_second = 0;  // what each device's memory gives to transfers; 0: it is no limit
};

// One direction of a way between two nodes: all its links, side by side.
struct Channel {
  int from = 0, to = 0;
  int64_t bytes_per_second = 0;
  Femtoseconds latency = 0;  // last bit sent to last bit there
  Femtoseconds forward = 0;  // more of it before a switch at `to` sends it on
  int payload_bytes = 0, header_bytes = 0;
  int64_t places = 0;  // packets that the receiver's FIFO holds
};

Femtoseconds time_of(int64_t bytes, int64_t bytes_per_second);  // rounded up
Femtoseconds femtoseconds(double seconds);

// Nodes are the devices 0 .. devices - 1, then the host, then the switch, where there are such.
struct Fabric {
  int devices = 0, nodes = 0, host = -1;
  bool ring = false;
  std::vector<Channel> channels;
  std::vector<int> next;  // [from * nodes + to]: the channel to take; -1: no way

  int next_of(int from, int to) const { return next[static_cast<size_t>(from) * nodes + to]; }
};

// What can't be built, as "KEY: expected ..., got ..."; "" where nothing is wrong.
std::string wrong_with(const Shape& shape);
// wrong_with(shape) must be "". A device's links are shared out evenly to its ways, those left over lie idle.
Fabric fabric_of(const Shape& shape);

}  // namespace systole::links

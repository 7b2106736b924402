// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/links/topology.h"

#include <algorithm>
#include <cmath>

namespace systole::links {
namespace {

constexpr int kMostDevices = 64;
constexpr __int128 kSecond = 1000000000000000;

int ways_of(const Shape& shape) {
  switch (shape.topology) {
    case Topology::kRing:
      return std::min(2, shape.devices - 1);
    case Topology::kFullyConnected:
      return shape.devices - 1;
    case Topology::kSwitch:
      return 1;
  }
  return 1;
}

Channel channel_of(const spec::LinkSpec& spec, int ways, Femtoseconds forward) {
  const spec::LinkFigures& link = spec.link;
  Channel c;
  c.bytes_per_second = std::llround(link.bytes_per_second * (link.per_device / ways));
  c.latency = femtoseconds(link.latency);
  c.payload_bytes = link.payload_bytes, c.header_bytes = link.header_bytes;
  // A place is taken from when its packet starts until the word that it is free is back: a packet's time and two
  // latencies, in a switch its latency and a packet's time more. Three for rounding and the ring's second free place.
  const Femtoseconds packet = time_of(c.payload_bytes + c.header_bytes, c.bytes_per_second);
  c.places = int64_t{link.buffer_packets} * (link.per_device / ways);
  if (c.places == 0) c.places = (2 * c.latency + forward + packet - 1) / packet + 5;
  return c;
}

void join(Fabric& fabric, const Channel& figures, int a, int b, Femtoseconds forward_a, Femtoseconds forward_b) {
  Channel c = figures;
  c.from = a, c.to = b, c.forward = forward_b;
  fabric.channels.push_back(c);
  c.from = b, c.to = a, c.forward = forward_a;
  fabric.channels.push_back(c);
}

int channel_between(const Fabric& fabric, int from, int to) {
  for (size_t i = 0; i < fabric.channels.size(); ++i)
    if (fabric.channels[i].from == from && fabric.channels[i].to == to) return static_cast<int>(i);
  return -1;
}

// The neighbour to go to: itself where there is a way, the shorter way round a ring (upwards where both are as long),
// else the switch.
int toward(const Fabric& fabric, int from, int to, int center) {
  if (channel_between(fabric, from, to) >= 0) return to;
  if (fabric.ring && from < fabric.devices && to < fabric.devices) {
    const int n = fabric.devices, up = (to - from + n) % n;
    return 2 * up <= n ? (from + 1) % n : (from + n - 1) % n;
  }
  return center;
}

}  // namespace

Femtoseconds time_of(int64_t bytes, int64_t bytes_per_second) {
  return static_cast<Femtoseconds>((bytes * kSecond + bytes_per_second - 1) / bytes_per_second);
}

Femtoseconds femtoseconds(double seconds) { return std::llround(seconds * static_cast<double>(kSecond)); }

std::string wrong_with(const Shape& shape) {
  if (shape.devices < 2 || shape.devices > kMostDevices)
    return "devices: expected 2 to " + std::to_string(kMostDevices) + ", got " + std::to_string(shape.devices);
  if (shape.link.link.per_device < ways_of(shape))
    return "topology: expected one that needs at most the " + std::to_string(shape.link.link.per_device) +
           " links that a device of '" + shape.link.name + "' has, got one that needs " +
           std::to_string(ways_of(shape));
  if (shape.host == Host::kSwitchPort && shape.topology != Topology::kSwitch)
    return "host: expected links of its own without a switch, got a port";
  if (shape.memory_bytes_per_second < 0 || (shape.memory_bytes_per_second > 0 && shape.memory_bytes_per_second < 1e6))
    return "memory: expected at least 1 MB/s, got " + std::to_string(shape.memory_bytes_per_second) + " B/s";
  return "";
}

Fabric fabric_of(const Shape& shape) {
  Fabric fabric;
  const int n = shape.devices;
  fabric.devices = fabric.nodes = n;
  fabric.ring = shape.topology == Topology::kRing;
  if (shape.host != Host::kNone) fabric.host = fabric.nodes++;
  const int center = shape.topology == Topology::kSwitch ? fabric.nodes++ : -1;
  const Femtoseconds forward = center < 0 ? 0 : femtoseconds(shape.link.switch_.latency);
  const Channel figures = channel_of(shape.link, ways_of(shape), forward);
  for (int a = 0; a < n; ++a) {
    if (center >= 0) join(fabric, figures, a, center, 0, forward);
    if (fabric.ring && (a + 1 < n || n > 2)) join(fabric, figures, a, (a + 1) % n, 0, 0);
    for (int b = a + 1; shape.topology == Topology::kFullyConnected && b < n; ++b) join(fabric, figures, a, b, 0, 0);
    if (shape.host == Host::kOwnLinks) join(fabric, channel_of(shape.host_link, 1, 0), fabric.host, a, 0, 0);
  }
  if (shape.host == Host::kSwitchPort)
    join(fabric, channel_of(shape.host_link, 1, forward), fabric.host, center, 0, forward);
  for (int from = 0; from < fabric.nodes; ++from)
    for (int to = 0; to < fabric.nodes; ++to)
      fabric.next.push_back(from == to ? -1 : channel_between(fabric, from, toward(fabric, from, to, center)));
  return fabric;
}

}  // namespace systole::links

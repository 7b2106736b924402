// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/links/collective.h"

#include <algorithm>

namespace systole::links {
namespace {

constexpr int64_t kMostPackets = 1000000000;
constexpr double kMostSeconds = 3600;  // whole femtoseconds hold more
constexpr int64_t kMostHostBytes = int64_t{1} << 36;

int64_t share(int64_t bytes, int64_t index, int64_t count) {
  return bytes * (index + 1) / count - bytes * index / count;
}

// Of all packets one after the other over one link, each with its header, its part of a round trip where the FIFO is
// given, and both memories' part.
// Channels that a packet of the collective takes at most.
double most_hops(const Shape& shape, const Collective& collective) {
  if (shape.topology == Topology::kSwitch) return 2;
  return shape.topology == Topology::kRing && collective.algorithm != Algorithm::kRing ? shape.devices / 2 : 1;
}

double packets_of(const Shape& shape, const Collective& collective) {
  const double sent = static_cast<double>(sent_by_device(collective, shape.devices));
  return shape.devices * (sent / shape.link.link.payload_bytes + 2.0 * shape.devices * collective.chunks);
}

// One after the other, on `link`.
double most_seconds(const Shape& shape, const spec::LinkFigures& link, double packets) {
  double each = (link.payload_bytes + link.header_bytes) / link.bytes_per_second;
  if (link.buffer_packets > 0) each += (2 * link.latency + shape.link.switch_.latency) / link.buffer_packets;
  if (shape.memory_bytes_per_second > 0) each += 3 * link.payload_bytes / shape.memory_bytes_per_second;
  return packets * each;
}

// One under way; kept alive by the calls that it waits for.
class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(Network& network, const Collective& collective, std::function<void()> done)
      : network_(network), what_(collective), done_(std::move(done)), n_(network.fabric().devices) {
    const int distances = what_.algorithm == Algorithm::kRing ? 1 : n_ - 1;
    for (int device = 0; device < n_; ++device)
      for (int distance = 1; distance <= distances; ++distance)
        flows_.push_back(network.add_flow(device, (device + distance) % n_));
    pieces_.assign(static_cast<size_t>(n_) * what_.chunks, 0);
  }

  void begin() {
    const std::shared_ptr<Running> keep = shared_from_this();
    ++open_;
    for (int device = 0; device < n_; ++device) {
      if (what_.algorithm == Algorithm::kRing)
        for (int chunk = 0; chunk < what_.chunks; ++chunk) pass_on(device, 0, chunk);
      else if (what_.algorithm == Algorithm::kOneShot)
        for (int distance = 1; distance < n_; ++distance) send(device, distance, what_.bytes, true, [](Running&) {});
      else if (what_.operation == Operation::kAllGather)
        for (int chunk = 0; chunk < what_.chunks; ++chunk) gather(device, chunk);
      else
        scatter(device);
    }
    close();
  }

 private:
  int64_t piece(int part, int chunk) const {
    return share(share(what_.bytes, (part % n_ + n_) % n_, n_), chunk, what_.chunks);
  }
  void close() {
    if (--open_ == 0) done_();
  }
  template <class Then>
  void send(int device, int distance, int64_t bytes, bool reduce, Then then) {
    ++open_;
    const size_t flow = what_.algorithm == Algorithm::kRing ? static_cast<size_t>(device)
                                                            : static_cast<size_t>(device) * (n_ - 1) + distance - 1;
    network_.send(flows_[flow], bytes, reduce, [self = shared_from_this(), then] {
      then(*self);
      self->close();
    });
  }

  // Ring: in step k device d sends part d - k, of a gather alone the part it has: the same up to the numbering.
  void pass_on(int device, int step, int chunk) {
    const int reductions = what_.operation == Operation::kAllGather ? 0 : n_ - 1;
    const int steps = reductions + (what_.operation == Operation::kReduceScatter ? 0 : n_ - 1);
    send(device, 1, piece(device - step, chunk), step < reductions, [=](Running& self) {
      if (step + 1 < steps) self.pass_on((device + 1) % self.n_, step + 1, chunk);
    });
  }

  void gather(int device, int chunk) {
    for (int distance = 1; distance < n_; ++distance)
      send(device, distance, piece(device, chunk), false, [](Running&) {});
  }

  void scatter(int device) {
    for (int chunk = 0; chunk < what_.chunks; ++chunk) {
      for (int distance = 1; distance < n_; ++distance) {
        const int to = (device + distance) % n_;
        send(device, distance, piece(to, chunk), true, [=](Running& self) {
          int& got = self.pieces_[static_cast<size_t>(to) * self.what_.chunks + chunk];
          if (++got == self.n_ - 1 && self.what_.operation == Operation::kAllReduce) self.gather(to, chunk);
        });
      }
    }
  }

  Network& network_;
  const Collective what_;
  std::function<void()> done_;
  const int n_;
  std::vector<int> flows_;   // ring: a device; else a device and distance
  std::vector<int> pieces_;  // direct: how many a device has of each chunk of its part
  int64_t open_ = 0;         // messages that have not arrived
};

}  // namespace

std::string wrong_with(const Shape& shape, const Collective& collective, const Load& load) {
  if (collective.bytes < 1) return "bytes: expected at least 1, got " + std::to_string(collective.bytes);
  if (collective.bytes > int64_t{1} << 40)
    return "bytes: expected at most 1 TiB, got " + std::to_string(collective.bytes);
  if (collective.chunks < 1 || collective.chunks > 1024)
    return "chunks: expected 1 to 1024, got " + std::to_string(collective.chunks);
  if (collective.algorithm == Algorithm::kOneShot && collective.operation != Operation::kAllReduce)
    return "algorithm: expected one_shot with all_reduce only, got it with another collective";
  if (collective.algorithm == Algorithm::kOneShot && collective.chunks != 1)
    return "chunks: expected 1 with one_shot, whose packets are on their way at once, got " +
           std::to_string(collective.chunks);
  if (load.concurrent < 1 || load.concurrent > 64)
    return "concurrent: expected 1 to 64, got " + std::to_string(load.concurrent);
  if (load.host_bytes < 0 || load.host_bytes > kMostHostBytes)
    return "host-bytes: expected at most 64 GiB, got " + std::to_string(load.host_bytes);
  const double packets = packets_of(shape, collective) * load.concurrent;
  double hops = packets * most_hops(shape, collective), seconds = most_seconds(shape, shape.link.link, packets);
  if (load.host_bytes > 0) {
    const spec::LinkFigures& link = shape.host_link.link;
    const double more = shape.devices * (static_cast<double>(load.host_bytes) / link.payload_bytes + 1);
    hops += more * (shape.host == Host::kSwitchPort ? 2 : 1), seconds += most_seconds(shape, link, more);
  }
  if (hops > kMostPackets)
    return "bytes: expected at most " + std::to_string(kMostPackets) + " packets on channels, got about " +
           std::to_string(static_cast<int64_t>(std::min(hops, 1e18)));
  if (seconds > kMostSeconds) return "bytes: expected what takes less than an hour, got more";
  return "";
}

void begin(Network& network, const Collective& collective, std::function<void()> done) {
  std::make_shared<Running>(network, collective, std::move(done))->begin();
}

Femtoseconds time_alone(const Shape& shape, const Collective& collective) {
  Network network(shape);
  Femtoseconds end = 0;
  begin(network, collective, [&] { end = network.now(); });
  network.run();
  return end;
}

int64_t sent_by_device(const Collective& collective, int devices) {
  const int64_t others = devices - 1;
  if (collective.algorithm == Algorithm::kOneShot) return others * collective.bytes;
  return (collective.operation == Operation::kAllReduce ? 2 : 1) * others * collective.bytes / devices;
}

std::optional<double> closed_form_seconds(const Shape& shape, const Collective& collective) {
  if (shape.memory_bytes_per_second > 0) return std::nullopt;
  const Fabric fabric = fabric_of(shape);
  const bool through_switch = shape.topology == Topology::kSwitch;
  const bool ring = collective.algorithm == Algorithm::kRing;
  if (!ring && through_switch) return std::nullopt;
  if (!ring && fabric.ring && fabric.devices > 3) return std::nullopt;
  const Channel& way = fabric.channels[static_cast<size_t>(fabric.next_of(0, 1))];
  const auto wire = [&](int64_t bytes) {
    const int64_t packets = (bytes + way.payload_bytes - 1) / way.payload_bytes;
    return static_cast<double>(bytes + packets * way.header_bytes) / static_cast<double>(way.bytes_per_second);
  };
  const int64_t parts = collective.algorithm == Algorithm::kOneShot ? 1 : int64_t{fabric.devices} * collective.chunks;
  const int64_t largest = (collective.bytes + parts - 1) / parts;
  const double chunk = wire(largest), c = collective.chunks;
  double latency = static_cast<double>(way.latency) * 1e-15;
  if (through_switch)
    latency = 2 * latency + shape.link.switch_.latency + wire(std::min<int64_t>(largest, way.payload_bytes));
  const int phases = collective.operation == Operation::kAllReduce ? 2 : 1;
  if (ring) {
    const double steps = phases * (fabric.devices - 1.0);
    return (steps - 1) * std::max(c * chunk, chunk + latency) + c * chunk + latency;
  }
  if (collective.algorithm == Algorithm::kOneShot) return chunk + latency;
  if (phases == 2 && collective.chunks > 1) return std::nullopt;
  return phases * (c * chunk + latency);
}

}  // namespace systole::links

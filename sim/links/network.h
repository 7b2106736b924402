// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Packets of messages between devices, on one timebase. Every channel sends a packet at a time, its last bit is there
// `latency` later; a packet that goes on waits in the receiver's FIFO, and only starts where the next FIFO has a place
// (credits, which take the latency to come back). Flows and FIFOs that want one channel take turns, packet by packet.
// A packet that enters a ring needs two free places, so that a ring never fills up with packets that wait for each
// other (bubble flow control: Carrion et al., HiPC 1997). One owner, one thread; the same calls give the same times.
#pragma once

#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "sim/links/topology.h"

namespace systole::links {

struct ChannelStats {
  int64_t packets = 0, payload_bytes = 0, wire_bytes = 0;
  Femtoseconds busy = 0;     // waiting for its packet to be read from memory included
  Femtoseconds blocked = 0;  // the channel free, a packet there for it, but no place at the other end
};

class Network {
 public:
  explicit Network(const Shape& shape);

  // A stream of messages in order, from one node to another.
  int add_flow(int from, int to);
  // `arrived` is called when the last byte is in the memory of the flow's end. Where memory is a limit, each packet
  // is read there at `from`, overlapping its time on the wire, and written at `to`; a reduction reads as much again.
  // Both are served in the order in which they are asked for. The host's memory is no limit.
  void send(int flow, int64_t bytes, bool reduce, std::function<void()> arrived);
  void at(Femtoseconds time, std::function<void()> call);
  // Until nothing is left to do.
  void run();

  Femtoseconds now() const { return now_; }
  const Fabric& fabric() const { return fabric_; }
  const ChannelStats& stats(int channel) const { return lines_[static_cast<size_t>(channel)].stats; }
  int64_t sent_bytes() const { return sent_; }          // by flows, entered by send()
  int64_t received_bytes() const { return received_; }  // payload that reached its end
  uint64_t events() const { return sequence_; }

 private:
  struct Message {
    int64_t bytes;
    bool reduce;
  };
  struct Flow {
    int from, to, channel;
    int64_t left = 0;                                // of the first that waits
    std::deque<Message> waiting = {};                // not yet sent whole
    std::deque<std::function<void()>> arrived = {};  // of those that have not arrived whole, oldest first
  };
  struct Packet {
    int flow, payload;
    bool reduce, last;
  };
  struct Line {                // a channel at work
    std::vector<int> flows;    // that start with it
    std::vector<int> inbound;  // channels whose FIFOs may hold packets for it
    size_t turn = 0;           // over flows, then inbound
    int64_t places = 0;
    std::deque<Femtoseconds> freed;  // when places come back, ascending
    std::deque<Packet> fifo;         // at its end, for packets that go on
    Femtoseconds busy_until = 0, blocked_since = -1, wake = -1;
    ChannelStats stats;
  };
  struct Event {
    Femtoseconds time;
    uint64_t sequence;
    enum Kind : uint8_t { kWake, kArrival, kDone, kCall } kind;
    int index;  // channel; kDone: flow; kCall: in calls_
    Packet packet;
    bool operator<(const Event& other) const {  // the earliest on top
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };

  void push(Femtoseconds time, Event::Kind kind, int index, Packet packet = {});
  void handle(const Event& event);
  void attend(int channel);  // sends what can be sent now, or sees to it that it is called again
  bool has_packet(const Line& line, int channel, size_t entry) const;
  void start(int channel, size_t entry);  // the packet of one who has the turn
  Packet take_from(int flow, int most);
  void land(int channel, const Packet& packet);
  void finish(int flow);
  void release(int channel, Femtoseconds time);  // a place comes back
  Femtoseconds use_memory(int node, Femtoseconds from, int64_t bytes);
  bool limited(int node) const { return memory_rate_ > 0 && node < fabric_.devices; }

  Fabric fabric_;
  int64_t memory_rate_;
  std::vector<Femtoseconds> memory_free_;
  std::vector<Line> lines_;
  std::vector<Flow> flows_;
  std::vector<std::function<void()>> calls_;
  std::priority_queue<Event> events_;
  uint64_t sequence_ = 0;
  Femtoseconds now_ = 0;
  int64_t sent_ = 0, received_ = 0;
};

}  // namespace systole::links

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One direction of an on-chip network: routers with a buffer an input, links of one width, cut-through, round-robin at
// every output. Rules: docs/timing.md, section 7. Integer cycles, advanced from event to event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace systole::memory {

class Network {
 public:
  struct Packet {
    uint64_t ready = 0;  // cycle from which its head may leave the buffer that it lies in
    size_t destination = 0;
    uint64_t length = 1;   // cycles it occupies a link
    uint32_t content = 0;  // the caller's
  };
  struct Arrival {
    size_t destination;
    uint32_t content;
    uint64_t at;  // its tail has arrived; may lie ahead, and is final
  };

  // `room`: of every buffer that a link leads to. `places`: of each destination; a packet on its way there holds one.
  Network(uint64_t hop_cycles, uint64_t room, std::vector<uint64_t> places);

  size_t add_router();
  size_t add_buffer(size_t router, uint64_t room);  // where packets are injected
  size_t add_link(size_t from, size_t to);          // between routers: with the buffer of its far end
  size_t add_exit();                                // to the destinations that routes lead to by it
  void set_route(size_t router, size_t destination, size_t link);

  void reset();
  // In order of readiness, behind those that are as ready.
  void inject(size_t buffer, const Packet& packet);
  bool has_room(size_t buffer) const { return buffers_[buffer].taken < buffers_[buffer].room; }
  void free_place(size_t destination) { --taken_[destination]; }

  uint64_t next_event() const;  // first cycle in which a packet can leave a buffer, kNever: none that is known
  // Every link takes the packet that is due in cycle `now`. What a departure frees can be used in the next cycle.
  void advance(uint64_t now, std::vector<Arrival>& arrivals);

 private:
  struct Buffer {
    size_t router = 0;
    uint64_t room = 0, taken = 0;  // taken: by what lies in it or is on its way
    std::deque<Packet> packets;
  };
  struct Link {
    bool exit = false;
    size_t to = 0;          // buffer at its far end
    uint64_t free = 0;      // first cycle in which the next packet may start
    size_t last = 0;        // buffer served last
    size_t chosen = kNone;  // in the cycle under way
  };
  static constexpr size_t kNone = ~size_t{0};

  // Of its oldest packet.
  size_t link_of(const Buffer& buffer) const { return routes_[buffer.router][buffer.packets.front().destination]; }
  bool blocked(const Link& link, const Packet& packet) const;

  uint64_t hop_cycles_, room_;
  std::vector<uint64_t> places_, taken_;  // by destination
  std::vector<Buffer> buffers_;
  std::vector<Link> links_;
  std::vector<std::vector<size_t>> routes_;  // [router][destination]: link
  std::vector<size_t> busy_;                 // buffers with packets
  std::vector<size_t> chosen_;               // links
};

}  // namespace systole::memory

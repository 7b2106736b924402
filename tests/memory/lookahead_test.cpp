// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random requests of three ports against the rules of docs/timing.md, section 7, walked cycle by cycle; and what the
// memory says of its next reply before it gives it.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>

#include "sim/memory/system.h"

namespace systole::memory {
namespace {

using Moments = std::map<std::pair<uint64_t, int>, uint64_t>;  // by id and kind of reply

struct Timed {
  uint64_t at;
  Request request;
};

// Everything in every cycle, in the page's words; Channel is that of the product (its slots have tests of their own).
class ByCycle {
 public:
  ByCycle(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst, std::vector<PortSpec> ports)
      : dram_(dram),
        burst_(burst),
        specs_(std::move(ports)),
        ports_(specs_.size()),
        doors_(static_cast<size_t>(dram.channels)) {
    ChannelSpec spec;
    spec.slot_numerator = burst * static_cast<uint64_t>(dram.channels * clock.hz);
    spec.slot_denominator = static_cast<uint64_t>(dram.bytes_per_second);
    spec.banks = dram.banks;
    spec.row_bytes = static_cast<uint64_t>(dram.row_bytes);
    spec.latency = static_cast<uint64_t>(dram.latency_cycles);
    spec.row_miss = static_cast<uint64_t>(dram.row_miss_cycles);
    spec.turnaround = static_cast<uint64_t>(dram.turnaround_cycles);
    for (auto& door : doors_) {
      door.channel = std::make_unique<Channel>(spec);
      door.waiting.resize(ports_.size());
      door.last = ports_.size() - 1;
    }
  }

  Moments run(const std::vector<Timed>& requests) {
    size_t pushed = 0;
    for (uint64_t t = 0; pushed < requests.size() || busy(); ++t) {
      for (; pushed < requests.size() && requests[pushed].at == t; ++pushed) {
        const Request& r = requests[pushed].request;
        ports_[static_cast<size_t>(r.port)].queue.push_back(r);
      }
      for (size_t p = 0; p < ports_.size(); ++p) request(t, p);
      for (Door& door : doors_) serve(t, door);
    }
    return replies_;
  }

 private:
  struct Flight {
    uint64_t id, at = kNever;
    bool last;
  };
  struct Waiting {
    uint64_t address;
    std::shared_ptr<Flight> flight;
    bool write;
  };
  struct Port {
    std::deque<Request> queue;
    std::unique_ptr<BurstCursor> cursor;
    uint64_t next = 0, free[2] = {0, 0};
    std::deque<std::shared_ptr<Flight>> unanswered[2];
    std::vector<uint64_t> answers;  // of bursts on their way
  };
  struct Door {
    std::unique_ptr<Channel> channel;
    std::vector<std::deque<Waiting>> waiting;
    size_t last;
    uint64_t run = 0;
  };

  bool busy() const {
    return std::any_of(ports_.begin(), ports_.end(), [](const Port& p) {
      return !p.queue.empty() || !p.unanswered[0].empty() || !p.unanswered[1].empty();
    });
  }

  void request(uint64_t t, size_t number) {
    Port& port = ports_[number];
    std::erase_if(port.answers, [&](uint64_t at) { return at <= t; });
    const size_t under_way = port.answers.size() + port.unanswered[0].size() + port.unanswered[1].size();
    if (port.queue.empty() || t < port.next || under_way >= specs_[number].outstanding) return;
    const Request& r = port.queue.front();
    if (!port.cursor) port.cursor = std::make_unique<BurstCursor>(r, burst_);
    const Burst burst = port.cursor->next();
    const uint64_t rate = specs_[number].bytes_per_cycle;
    port.next = t + (rate == 0 ? 1 : std::max<uint64_t>(1, (burst.bytes + rate - 1) / rate));
    auto flight = std::make_shared<Flight>(Flight{r.id, kNever, port.cursor->done()});
    port.unanswered[r.write].push_back(flight);
    const auto interleave = static_cast<uint64_t>(dram_.interleave_bytes);
    const uint64_t block = burst.address / interleave;
    doors_[block % doors_.size()].waiting[number].push_back(
        {block / doors_.size() * interleave + burst.address % interleave, flight, r.write});
    if (!port.cursor->done()) return;
    replies_[{r.id, 0}] = port.next;
    port.cursor.reset();
    port.queue.pop_front();
  }

  void serve(uint64_t t, Door& door) {
    if (door.channel->takes_from() > t) return;
    const bool writing = door.channel->writing();
    const auto find = [&](bool write) {
      for (size_t step = 1; step <= ports_.size(); ++step) {
        const size_t p = (door.last + step) % ports_.size();
        if (!door.waiting[p].empty() && door.waiting[p].front().write == write) return p;
      }
      return ports_.size();
    };
    const size_t same = find(writing), other = find(!writing);
    const size_t chosen =
        same == ports_.size() || (other != ports_.size() && door.run >= static_cast<uint64_t>(dram_.batch_bursts))
            ? other
            : same;
    if (chosen == ports_.size()) return;
    const Waiting burst = door.waiting[chosen].front();
    door.waiting[chosen].pop_front();
    door.last = chosen;
    door.run = burst.write == writing ? door.run + 1 : 1;
    Channel::Bus bus = door.channel->bus();
    const Channel::Served served = door.channel->serve(bus, t, burst.address, burst.write);
    door.channel->set_bus(bus, 1, served.hit);
    burst.flight->at = served.at;
    Port& port = ports_[chosen];
    auto& unanswered = port.unanswered[burst.write];
    for (; !unanswered.empty() && unanswered.front()->at != kNever; unanswered.pop_front()) {
      const uint64_t given = std::max(unanswered.front()->at, port.free[burst.write]);
      port.free[burst.write] = given + 1;
      port.answers.push_back(given);
      if (unanswered.front()->last) replies_[{unanswered.front()->id, 1}] = given;
    }
  }

  spec::DramSpec dram_;
  uint64_t burst_;
  std::vector<PortSpec> specs_;
  std::vector<Port> ports_;
  std::vector<Door> doors_;
  Moments replies_;
};

std::vector<Timed> draw(std::mt19937& rng, int count) {
  std::vector<Timed> requests;
  uint64_t now = 0;
  for (int id = 0; id < count; ++id) {
    Request r;
    r.id = static_cast<uint64_t>(id);
    r.port = static_cast<int>(rng() % 3);
    r.address = 100000 + rng() % 200000;
    r.bytes = rng() % 900 + 1;
    r.write = r.port == 1 || (r.port == 2 && rng() % 3 == 0);
    r.counts = {static_cast<uint32_t>(rng() % 4 + 1), static_cast<uint32_t>(rng() % 3 + 1), 1};
    r.strides = {rng() % 2 ? static_cast<int64_t>(r.bytes) : 2048, static_cast<int64_t>(rng() % 9000) - 4500, 0};
    if (rng() % 3 == 0) r.bytes = rng() % 40 + 1, r.counts = {1, 1, 1};  // mostly one burst, accepted at once
    requests.push_back({now, r});
    if (rng() % 2) now += rng() % (rng() % 4 ? 40 : 700);
  }
  return requests;
}

// Asks for each request in its cycle and lets the memory lag behind as far as next_reply() allows; some requests are
// patient, so that their answers may come late until their port is wanted.
Moments lagging(System& system, std::vector<Timed> requests, std::mt19937& rng) {
  Moments moments;
  std::vector<bool> patient;
  for (Timed& each : requests) patient.push_back(each.request.patient = rng() % 3 == 0);
  const auto note = [&](const Reply& r) {
    EXPECT_TRUE(moments.emplace(std::pair(r.id, static_cast<int>(r.kind)), r.at).second);
  };
  std::vector<Reply> replies;
  size_t pushed = 0;
  while (true) {
    const uint64_t push = pushed < requests.size() ? requests[pushed].at : kNever;
    const uint64_t reply = system.next_reply();
    if (push == kNever && reply == kNever && system.idle()) return moments;
    if (reply == kNever || rng() % 5 == 0)
      for (size_t port = 0; port < 3; ++port)
        if (push == kNever || rng() % 3 == 0) system.want(port);
    if (push == kNever && reply == kNever) continue;
    if (push < reply) {
      if (const auto accepted = system.ask(push, requests[pushed++].request)) note(*accepted);
      continue;
    }
    replies.clear();
    system.advance(reply - 1, replies);
    for (const Reply& r : replies) {
      if (!patient[r.id]) {
        EXPECT_GE(r.at, reply);
      }
      note(r);
    }
  }
}

TEST(MemoryLookahead, IsTheWalkByCycles) {
  std::mt19937 rng(11);
  for (int trial = 0; trial < 60; ++trial) {
    spec::DramSpec d;
    d.bytes = 1 << 30;
    d.channels = 1 << rng() % 4;
    if (rng() % 4 == 0) d.channels = 3;
    d.banks = rng() % 2 ? 4 : 3;
    d.row_bytes = 1024;
    d.interleave_bytes = 256;
    d.bytes_per_second = static_cast<double>(3'000'000'000ull + rng() % 90'000'000'000ull);
    d.latency_cycles = static_cast<int>(rng() % 3 ? rng() % 100 : 0);
    d.row_miss_cycles = static_cast<int>(rng() % 40);
    d.turnaround_cycles = static_cast<int>(rng() % 10);
    d.batch_bursts = static_cast<int>(rng() % 8 + 1);
    const spec::Clock clock{static_cast<int64_t>(700'000'000 + rng() % 900'000'000)};
    const auto port = [&] { return PortSpec{rng() % 20 + 1, rng() % 2 ? 32u + rng() % 64 : 0}; };
    const std::vector<PortSpec> ports{port(), port(), port()};
    ASSERT_EQ(System::check(d, clock, 64), "");
    const std::vector<Timed> requests = draw(rng, 60);
    System system(d, clock, 64, ports);
    EXPECT_EQ(lagging(system, requests, rng), ByCycle(d, clock, 64, ports).run(requests)) << trial;
  }
}

}  // namespace
}  // namespace systole::memory

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The timed memory system: ports with pacing and outstanding limits, a crossbar, DRAM channels. Plain C++, integer
// cycles, no clock of its own: the caller pushes requests at cycles and advances it. Values do not pass through here.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/bank_memory.h"
#include "sim/memory/burst_cursor.h"
#include "sim/memory/channel_memory.h"
#include "sim/memory/imprint.h"
#include "sim/memory/l2.h"
#include "sim/memory/noc.h"
#include "sim/memory/request.h"
#include "sim/memory/ring.h"
#include "sim/memory/stats.h"
#include "sim/memory/timeline.h"

namespace systole::memory {

struct PortSpec {
  uint64_t outstanding = 16;     // bursts in flight, from request to answer
  uint64_t bytes_per_cycle = 0;  // row bytes; 0: a burst a cycle whatever it carries
  bool host_paced = false;       // work begins with its bursts, when the host says so
  size_t core = 0;               // ports of one core share its links of the network

  // From a burst of so many row bytes to the next one's request.
  uint64_t cycles_of(uint64_t burst) const {
    return bytes_per_cycle == 0 || burst <= bytes_per_cycle ? 1 : (burst + bytes_per_cycle - 1) / bytes_per_cycle;
  }
};

class System {
 public:
  System(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes, std::vector<PortSpec> ports,
         const spec::NocSpec& noc = {}, const spec::L2Spec& l2 = {});
  // "" or why the figures can't be simulated (a burst that would cross a channel or a row, a rate of zero).
  static std::string check(const spec::DramSpec& dram, const spec::Clock& clock, uint64_t burst_bytes,
                           const spec::NocSpec& noc = {}, const spec::L2Spec& l2 = {});

  // The first burst is requested at `now` at the earliest; a port serves its requests in order. `now` must lie beyond
  // every cycle that advance() has covered.
  void push(uint64_t now, const Request& request);
  // The same; of a request of one burst that nothing holds up the kAccepted reply, which advance() does not give then.
  std::optional<Reply> ask(uint64_t now, const Request& request);
  uint64_t next_event() const;  // first cycle in which something can change; kNever when nothing is pending
  void advance(uint64_t now, std::vector<Reply>& replies);  // covers every cycle up to and with `now`
  // No reply that advance() has not given yet, and that somebody waits for, is `at` an earlier cycle: until then nobody
  // needs to advance. kNever when nobody waits.
  uint64_t next_reply() const;
  void want(size_t port);  // somebody waits for every request that the port has asked for
  bool idle() const { return next_event() == kNever; }
  void reset(uint64_t origin = 0);  // as constructed, time too; the timeline begins at `origin`
  // Whether the network takes a burst of the port in the cycle that advance() covers next.
  bool room(size_t port) const { return !noc_ || noc_->room(port); }
  Stats stats() const;

  // For whoever skips what would happen again (sim/fast_forward.h). 0: the state of this memory is not told, only that
  // of channels without hash, network and L2; else addresses so many bytes apart are alike in it.
  uint64_t address_period() const { return direct_ ? channels_.address_period() : 0; }
  uint64_t row_block() const { return channels_.row_block(); }  // see ChannelMemory
  void imprint(Imprint& print) const;
  // All that grows with what it does.
  struct Sums {
    uint64_t bursts_read = 0, bursts_written = 0;
    std::vector<Served> served;
    std::vector<ChannelMemory::Counts> channels;
  };
  Sums sums_to_repeat();  // from here on what it does is noted
  void stop_noting() { timeline_.note(false); }
  // What it has done since is done so many times again, of `period` cycles each; what is under way belongs to
  // `iterations` later ones of a loop with these streams. Its own cycles are those of before.
  void repeat(const Sums& since, uint64_t period, uint64_t times, const Streams& streams, int64_t iterations);

  const Served& served(size_t core = 0) const { return served_[core]; }  // to that core's ports
  const Timeline& timeline() const { return timeline_; }
  uint64_t burst_bytes() const { return burst_bytes_; }

 private:
  struct Active {  // a request whose bursts have been made and not all answered
    uint64_t id = 0, bursts = 0;
  };
  struct Queued {
    Request request;
    uint64_t from;
  };
  struct Flight {          // a burst on its way
    uint64_t at = kNever;  // when the memory has its answer; given: when the port has
    uint64_t from = 0;     // the cycle of its request
    bool last = false;     // of its request
  };
  struct Lane {  // a port's answers of one direction: in the order of its requests, at most one a cycle
    Ring<Active> requests;
    Ring<Flight> flying;  // those whose answer has been given are among them until the port is full
    uint64_t given = 0;   // of those: a flight's number is its sequence
    uint64_t ended = 0;   // flights up to the last one of the latest request whose bursts have all been made
    uint64_t wanted = 0;  // of those, the ones that somebody waits for
    uint64_t free = 0;    // cycle from which the next answer can be given
  };
  struct Port {
    PortSpec spec;
    Served* served = nullptr;  // its core's sums; null: the host paces it
    Ring<Queued> queue;
    std::optional<BurstCursor> cursor;  // of the request being made
    bool write = false, patient = false;
    uint64_t id = 0, bursts = 0;  // of the request being made; so many so far
    uint64_t next_request = 0;
    std::array<Lane, 2> lanes;  // reads, writes
    uint64_t in_flight = 0;     // flying in both
    uint64_t next_answer() const;
    void forget_answers(uint64_t until);
  };

  uint64_t port_event(const Port& port) const;
  uint64_t least_accepted(const Port& port) const;
  void answer(size_t port, bool write, uint64_t sequence, uint64_t at, std::vector<Reply>& replies);
  void give(size_t port, bool write, std::vector<Reply>& replies);
  void begin_request(Port& port) const;
  void request_bursts(size_t port, uint64_t until, std::vector<Reply>& replies);
  void request_burst(size_t port, uint64_t at, std::vector<Reply>& replies);
  void request_run(size_t port, uint64_t first, uint64_t until, std::vector<Reply>& replies);
  void end_request(size_t port, std::vector<Reply>& replies);
  size_t channel_of(uint64_t address) const {
    return banks_ ? banks_->channel_of(address) : channels_.channel_of(address);
  }
  void ask_dram(uint64_t now, size_t channel, const Travelling& burst, std::vector<Reply>& replies);
  void dram_answered(const DramAnswer& done, std::vector<Reply>& replies);
  void advance_noc_requests(uint64_t now, std::vector<Reply>& replies);
  void advance_noc_answers(uint64_t now, std::vector<Reply>& replies);
  void advance_l2(uint64_t now, std::vector<Reply>& replies);
  // The channel has its answer in cycle `at`: the port's, but for L2 and network.
  void answer_from(size_t channel, const Travelling& burst, uint64_t at, std::vector<Reply>& replies);
  void pass_on(size_t exit, const Travelling& burst, uint64_t at, std::vector<Reply>& replies);
  // Whose request asked the DRAM for a burst of a requester.
  size_t cause_of(const Travelling& burst) const { return l2_ ? l2_->cause_of(burst.sequence).port : burst.port; }
  struct ToPorts;
  struct ToNetwork;
  void advance_dram(uint64_t now, std::vector<Reply>& replies);
  void update_next();

  uint64_t burst_bytes_;
  uint64_t fixed_latency_;  // 0: banked
  std::unique_ptr<L2> l2_;  // null: ports ask the DRAM
  L2Counts l2_counts_;
  size_t requesters_;  // of each channel: ports, or 2 x bank + write of an L2
  ChannelMemory channels_;
  std::unique_ptr<BankMemory> banks_;  // in place of channels_, where a device is named
  bool direct_ = false;                // nothing lies between ports and channels_
  uint64_t lookahead_ = 1;             // no request hangs on what channels do less than so many cycles before
  std::unique_ptr<Noc> noc_;           // to the banks of the L2, or the channels; null: bursts are there at once
  std::vector<Noc::Arrived> arrived_;
  std::vector<DramAnswer> answers_;
  std::vector<Reply> asked_;
  uint64_t covered_ = 0, uncovered_ = 0;  // last cycle looked at, first one that is not done
  std::vector<Port> ports_;
  uint64_t next_ = kNever;
  uint64_t bursts_read_ = 0, bursts_written_ = 0;
  uint64_t latest_ = 0;         // id of the latest request
  std::vector<Served> served_;  // by core
  Timeline timeline_;
};

}  // namespace systole::memory

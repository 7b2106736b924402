// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One channel: its controller, its command buses, its banks. It chooses the oldest burst whose next command may start
// (first ready, first come), reads or writes by a watermark, and jumps from one command to the next.
#pragma once

#include <deque>
#include <vector>

#include "sim/memory/dram/banks.h"
#include "sim/memory/dram/queue.h"

namespace systole::memory::dram {

struct Completion {
  Cycle at = 0;  // end of its data
  uint64_t id = 0;
  bool write = false;
  bool hit = true;  // it found its row open, or needed none
  int channel = 0;
};

struct ChannelStats {
  uint64_t commands[11] = {};  // by Command
  uint64_t row_hits = 0;       // bursts that found their row open
  uint64_t forwarded = 0;      // reads of a burst that waits to be written
  uint64_t merged = 0;         // writes of such a burst
};

class BankChannel {
 public:
  BankChannel(const spec::DramDevice& device, int number);
  void reset();
  void set_log(CommandLog* log) { log_ = log; }

  // A burst enters the queue at the end of cycle `now` and is looked at from the next one on. Only after
  // advance(now).
  bool accepts(const Place& place, bool write) const;
  void push(Cycle now, const Place& place, bool write, uint64_t id);

  // First cycle with a command or a completion; kNever: no burst waits and none is under way.
  Cycle next_event();
  // The countdown to the next refresh stands still for so long: for ticks that advance() has not covered.
  void postpone_refresh(Cycle ticks);
  // Does all up to and with `until`.
  void advance(Cycle until);
  // Completions up to `until`, by time.
  bool completed(Cycle until, Completion& completion);
  Cycle next_completion() const { return std::min(front(reads_), front(writes_)); }

  const ChannelStats& stats() const { return stats_; }
  const Banks& banks() const { return banks_; }

 private:
  enum class Action : uint8_t { kNone, kColumn, kActivate, kSecond, kPrecharge, kMaintain, kRefreshDue };
  struct Choice {
    Cycle at = kNever;
    uint64_t age = 0;
    int bank = 0;
    Slot slot = kNoSlot;
    Action action = Action::kNone;
    bool active = false;
    bool before(const Choice& other) const { return at < other.at || (at == other.at && age < other.age); }
  };
  struct Pending {  // completions of one direction, in order of time
    std::vector<Completion> ring;
    size_t first = 0, count = 0;
    void push(const Completion& completion);
  };

  // choose.cpp
  void plan();
  void plan_single(Cycle from);
  void plan_split(Cycle from);
  void plan_second_activate(Cycle from);
  void choose_direction();
  void choose_active(Cycle from);
  void choose_waiting(Cycle from);
  Choice choose_maintenance(Cycle from) const;
  bool blocked(int rank) const;
  Cycle aligned(Cycle at) const { return clock_ticks_ == 2 ? at | 1 : at; }
  void offer_column(int bank, Cycle from);
  void offer_activate(int bank, Cycle from);
  void offer_precharge(int bank, Cycle from);
  void offer(int bank, Cycle from);
  // issue.cpp
  void perform();
  void issue(const Choice& choice);
  void issue_column(const Choice& choice);
  void issue_activate(const Choice& choice);
  void issue_precharge(const Choice& choice);
  void issue_maintenance(const Choice& choice);
  void second_activate();
  void opened(Slot slot);
  void forget_choices();
  void count(Command command, Cycle at, int bank, uint32_t row = 0);
  void refresh_due();
  static Cycle front(const Pending& pending) { return pending.count == 0 ? kNever : pending.ring[pending.first].at; }

  const int number_, clock_ticks_, bank_count_, words_;
  const bool split_, closed_page_, per_bank_;
  const int high_, low_;  // writes
  const Cycle refresh_every_, second_within_;
  const bool wakes_;
  const Gaps gaps_;
  Banks banks_;
  Queue queue_;
  CommandLog* log_ = nullptr;

  Cycle last_ = 0;                        // commands up to here are sent
  Cycle row_free_ = 0, column_free_ = 0;  // buses; one bus: the same
  uint64_t age_ = 0;
  bool writing_ = false;
  std::vector<Slot> active_;  // rows were opened for them: they go before all others
  BankSet has_active_, open_;
  Cycle next_refresh_ = kNever;
  int refresh_bank_ = 0;
  std::deque<int> maintenance_;  // ranks or banks to be refreshed, which go before waiting bursts
  Slot second_ = kNoSlot;        // its activation wants a second command
  Cycle second_until_ = 0;
  Choice woken_;  // the column that a data clock was woken for
  Cycle awake_until_ = 0;

  bool planned_ = false;
  Choice next_;  // what comes next; of two in a cycle, the column
  // Best of those that may go before, and of the waiting ones by what they need. A command only moves times of its own
  // kind and of its bank on, so that the others hold; a kind is looked through again once it is stale.
  Choice of_active_, column_, activate_, precharge_;
  bool active_stale_ = false, column_stale_ = false, activate_stale_ = false, precharge_stale_ = false;

  Pending reads_, writes_;
  ChannelStats stats_;
};

}  // namespace systole::memory::dram

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which command a channel sends next, and when.
#include <algorithm>

#include "sim/memory/dram/channel.h"

namespace systole::memory::dram {

// Writes go first once more than the high watermark wait, or no read does, until less than the low one do.
void BankChannel::choose_direction() {
  const int reads = queue_.size(false), writes = queue_.size(true);
  const bool before = writing_;
  if (!writing_)
    writing_ = writes * 100 > high_ || reads == 0;
  else
    writing_ = !(writes * 100 < low_ && reads != 0);
  if (writing_ != before) column_stale_ = activate_stale_ = precharge_stale_ = true;
}

// Of those that entered in one cycle, the one whose row was opened first.
void BankChannel::choose_active(Cycle from) {
  if (!active_stale_ && of_active_.at >= std::max(from, column_free_)) return;
  active_stale_ = false;
  of_active_ = {};
  for (const Slot slot : active_) {
    const Waiting& burst = queue_.at(slot);
    const Cycle at = aligned(std::max({banks_.column_from(burst.bank, burst.write), column_free_, from}));
    const Choice choice{at, burst.entered, burst.bank, slot, Action::kColumn, true};
    if (choice.before(of_active_)) of_active_ = choice;
  }
}

inline void BankChannel::offer_column(int bank, Cycle from) {
  const Slot slot = queue_.hit(bank, writing_);
  const Cycle at = aligned(std::max({banks_.column_from(bank, writing_), column_free_, from}));
  if (at > column_.at) return;
  const Choice choice{at, queue_.at(slot).age, bank, slot, Action::kColumn};
  if (choice.before(column_)) column_ = choice;
}

inline void BankChannel::offer_activate(int bank, Cycle from) {
  const Slot slot = queue_.other(bank, writing_);
  const Cycle at = aligned(std::max({banks_.activate_from(bank), row_free_, from}));
  if (at > activate_.at) return;
  const Choice choice{at, queue_.at(slot).age, bank, slot, Action::kActivate};
  if (choice.before(activate_)) activate_ = choice;
}

inline void BankChannel::offer_precharge(int bank, Cycle from) {
  const Slot slot = queue_.other(bank, writing_);
  const Cycle at = std::max({banks_.precharge_from(bank), row_free_, from});
  if (at > precharge_.at) return;
  const Choice choice{at, queue_.at(slot).age, bank, slot, Action::kPrecharge};
  if (choice.before(precharge_)) precharge_ = choice;
}

// Puts one bank's bursts beside the best so far.
void BankChannel::offer(int bank, Cycle from) {
  if (!column_stale_ && queue_.with_hit(writing_).has(bank)) offer_column(bank, from);
  if (!queue_.with_other(writing_).has(bank)) return;
  if (!open_.has(bank)) {
    if (!activate_stale_) offer_activate(bank, from);
  } else if (!precharge_stale_ && !has_active_.has(bank)) {
    offer_precharge(bank, from);
  }
}

// What was chosen holds unless it is stale or its cycle went to another command.
void BankChannel::choose_waiting(Cycle from) {
  const BankSet& hits = queue_.with_hit(writing_);
  const BankSet& others = queue_.with_other(writing_);
  if (column_stale_ || column_.at < std::max(from, column_free_)) {
    column_ = {};
    for (int w = 0; w < words_; ++w) for_each_bank(w, hits.word(w), [&](int bank) { offer_column(bank, from); });
    column_stale_ = false;
  }
  const Cycle row_from = std::max(from, row_free_);
  if (activate_stale_ || activate_.at < row_from) {
    activate_ = {};
    for (int w = 0; w < words_; ++w)
      for_each_bank(w, others.word(w) & ~open_.word(w), [&](int bank) { offer_activate(bank, from); });
    activate_stale_ = false;
  }
  if (precharge_stale_ || precharge_.at < row_from) {
    precharge_ = {};
    for (int w = 0; w < words_; ++w)
      for_each_bank(w, others.word(w) & open_.word(w) & ~has_active_.word(w),
                    [&](int bank) { offer_precharge(bank, from); });
    precharge_stale_ = false;
  }
}

bool BankChannel::blocked(int rank) const {
  if (second_ != kNoSlot && banks_.rank_of(queue_.at(second_).bank) == rank) return true;
  return std::any_of(active_.begin(), active_.end(),
                     [&](Slot slot) { return banks_.rank_of(queue_.at(slot).bank) == rank; });
}

// The oldest refresh that is due: its rank or bank is closed first.
BankChannel::Choice BankChannel::choose_maintenance(Cycle from) const {
  Choice choice;
  const int target = maintenance_.front();
  from = std::max(from, row_free_);
  if (per_bank_) {
    choice.bank = target;
    if (has_active_.has(target)) return choice;
    choice.action = banks_.open(target) ? Action::kPrecharge : Action::kMaintain;
    choice.at = banks_.open(target) ? std::max(from, banks_.precharge_from(target))
                                    : aligned(std::max(from, banks_.refresh_bank_from(target)));
    return choice;
  }
  choice.bank = banks_.first_of(target);
  choice.action = Action::kMaintain;
  if (!banks_.any_open(target))
    choice.at = aligned(std::max(from, banks_.refresh_from(target)));
  else if (!blocked(target))
    choice.at = std::max(from, banks_.precharge_all_from(target));
  return choice;
}

void BankChannel::plan_single(Cycle from) {
  if (woken_.action != Action::kNone) {
    next_ = woken_;
    next_.at = std::max({from, banks_.column_from(woken_.bank, queue_.at(woken_.slot).write), column_free_});
    return;
  }
  if (second_ != kNoSlot && second_until_ <= from) {
    next_ = {from, 0, queue_.at(second_).bank, second_, Action::kSecond};
    return;
  }
  choose_active(from);
  next_ = of_active_;
  if (!maintenance_.empty()) {
    const Choice upkeep = choose_maintenance(from);
    if (upkeep.at < next_.at) next_ = upkeep;
  } else if (next_.at > from) {
    choose_direction();
    choose_waiting(from);
    const Choice& row = second_ == kNoSlot && activate_.before(precharge_) ? activate_ : precharge_;
    const Choice& best = row.before(column_) ? row : column_;
    if (best.at < next_.at) next_ = best;
  }
  if (second_ != kNoSlot) plan_second_activate(from);
}

// The second half of an activation takes the first cycle that nothing else wants.
void BankChannel::plan_second_activate(Cycle from) {
  const bool wakes = next_.action == Action::kColumn && wakes_ && next_.at >= awake_until_;
  if (next_.at > from || (wakes && second_until_ <= from + 1))
    next_ = {from, 0, queue_.at(second_).bank, second_, Action::kSecond};
}

void BankChannel::plan_split(Cycle from) {
  choose_active(from);
  next_ = of_active_;
  if (!maintenance_.empty()) {
    const Choice upkeep = choose_maintenance(from);
    if (upkeep.at < next_.at) next_ = upkeep;
    return;
  }
  choose_direction();
  choose_waiting(from);
  if (column_.at < next_.at) next_ = column_;
  const Choice& row = activate_.before(precharge_) ? activate_ : precharge_;
  if (row.at < next_.at) next_ = row;
}

void BankChannel::plan() {
  const Cycle from = last_ + 1;
  while (next_refresh_ <= from) refresh_due();
  if (split_)
    plan_split(from);
  else
    plan_single(from);
  if (next_refresh_ <= next_.at) next_ = {next_refresh_, 0, 0, kNoSlot, Action::kRefreshDue};
  planned_ = true;
}

}  // namespace systole::memory::dram

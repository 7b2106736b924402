// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a command that was chosen changes.
#include <algorithm>

#include "sim/memory/dram/channel.h"

namespace systole::memory::dram {

void BankChannel::count(Command command, Cycle at, int bank, uint32_t row) {
  ++stats_.commands[static_cast<int>(command)];
  if (log_) log_->record({at, command, number_, bank, row});
}

void BankChannel::refresh_due() {
  next_refresh_ += refresh_every_;
  if (per_bank_) {
    maintenance_.push_back(refresh_bank_);
    refresh_bank_ = (refresh_bank_ + 1) % bank_count_;
  } else {
    for (int rank = 0; rank < bank_count_ / banks_.banks_in_rank(); ++rank) maintenance_.push_back(rank);
  }
}

// One bus: one command. Two: a column and then a row command may start in the same cycle.
void BankChannel::perform() {
  planned_ = false;
  const Cycle now = next_.at;
  if (next_.action == Action::kRefreshDue) {
    last_ = now - 1;
    return;
  }
  const bool column = next_.action == Action::kColumn;
  issue(next_);
  if (split_ && column && row_free_ <= now) {
    Choice row;
    if (!maintenance_.empty()) {
      row = choose_maintenance(now);
    } else {
      choose_direction();
      choose_waiting(now);
      row = precharge_.before(activate_) ? precharge_ : activate_;
    }
    if (row.at == now) issue(row);
  }
  last_ = now;
}

void BankChannel::issue(const Choice& choice) {
  const auto occupy = [&](Cycle& bus, Cycle ticks) {
    bus = choice.at + ticks;
    if (!split_) row_free_ = column_free_ = bus;
  };
  switch (choice.action) {
    case Action::kColumn:
      occupy(column_free_, gaps_.bus[1]);
      issue_column(choice);
      break;
    case Action::kActivate:
      occupy(row_free_, gaps_.bus[0]);
      issue_activate(choice);
      break;
    case Action::kSecond:
      occupy(row_free_, gaps_.bus[0]);
      second_activate();
      break;
    case Action::kPrecharge:
      occupy(row_free_, gaps_.bus[2]);
      issue_precharge(choice);
      break;
    case Action::kMaintain:
      occupy(row_free_, gaps_.bus[2]);
      issue_maintenance(choice);
      break;
    case Action::kNone:
    case Action::kRefreshDue:
      break;
  }
}

void BankChannel::issue_column(const Choice& choice) {
  const Waiting burst = queue_.at(choice.slot);
  const Cycle now = choice.at;
  if (wakes_ && woken_.action == Action::kNone && now >= awake_until_) {
    count(Command::kWakeDataClock, now, choice.bank);
    woken_ = choice;
    return;
  }
  woken_ = {};
  awake_until_ = std::max(awake_until_, now + gaps_.wake_keeps[burst.write]);
  const bool hit = !choice.active && !burst.touched;
  if (choice.active) {
    active_.erase(std::find(active_.begin(), active_.end(), choice.slot));
    has_active_.clear(choice.bank);
  } else {
    queue_.take_hit(choice.bank, burst.write);
  }
  stats_.row_hits += hit;
  const bool close = closed_page_ && !has_active_.has(choice.bank) && queue_.hit(choice.bank, false) == kNoSlot &&
                     queue_.hit(choice.bank, true) == kNoSlot;
  const Command command = burst.write ? (close ? Command::kWritePrecharge : Command::kWrite)
                                      : (close ? Command::kReadPrecharge : Command::kRead);
  banks_.column(now, choice.bank, burst.write, close);
  count(command, now, choice.bank, burst.row);
  (burst.write ? writes_ : reads_).push({now + gaps_.data[burst.write], burst.id, burst.write, hit, number_});
  queue_.release(choice.slot);
  active_stale_ = column_stale_ = true;
  if (close) open_.clear(choice.bank);
  if (precharge_.bank == choice.bank) precharge_stale_ = true;
  offer(choice.bank, now + 1);
}

void BankChannel::forget_choices() { active_stale_ = column_stale_ = activate_stale_ = precharge_stale_ = true; }

// The burst that a row is opened for leaves the queue: no other one closes the row before it was served.
void BankChannel::opened(Slot slot) {
  active_.push_back(slot);
  active_stale_ = true;
}

void BankChannel::issue_activate(const Choice& choice) {
  const Waiting& burst = queue_.at(choice.slot);
  queue_.take_other(choice.bank, burst.write);
  queue_.opened(choice.bank, burst.row);
  open_.set(choice.bank);
  has_active_.set(choice.bank);
  activate_stale_ = true;
  banks_.activate(choice.at, choice.bank, burst.row);
  count(Command::kActivate, choice.at, choice.bank, burst.row);
  if (second_within_ == 0) {
    opened(choice.slot);
  } else {
    second_ = choice.slot;
    second_until_ = choice.at + second_within_;
  }
  offer(choice.bank, choice.at + 1);
}

void BankChannel::second_activate() {
  count(Command::kActivateSecond, next_.at, next_.bank);
  opened(second_);
  second_ = kNoSlot;
}

void BankChannel::issue_precharge(const Choice& choice) {
  if (choice.slot != kNoSlot) queue_.touch(choice.slot);
  banks_.precharge(choice.at, choice.bank);
  queue_.closed(choice.bank);
  open_.clear(choice.bank);
  precharge_stale_ = true;
  if (column_.bank == choice.bank) column_stale_ = true;
  offer(choice.bank, choice.at + 1);
  count(Command::kPrecharge, choice.at, choice.bank);
}

void BankChannel::issue_maintenance(const Choice& choice) {
  forget_choices();
  const int rank = banks_.rank_of(choice.bank);
  if (!per_bank_ && banks_.any_open(rank)) {
    banks_.precharge_all(choice.at, rank);
    for (int bank = banks_.first_of(rank); bank < banks_.first_of(rank) + banks_.banks_in_rank(); ++bank) {
      queue_.closed(bank);
      open_.clear(bank);
    }
    count(Command::kPrechargeAll, choice.at, choice.bank);
    return;
  }
  if (per_bank_)
    banks_.refresh_bank(choice.at, choice.bank);
  else
    banks_.refresh(choice.at, rank);
  count(per_bank_ ? Command::kRefreshBank : Command::kRefresh, choice.at, choice.bank);
  maintenance_.pop_front();
}

}  // namespace systole::memory::dram

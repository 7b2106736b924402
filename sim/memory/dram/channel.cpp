// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/channel.h"

#include <cassert>

namespace systole::memory::dram {
namespace {

Cycle refresh_interval(const spec::DramDevice& device) {
  const std::string& kind = device.controller.refresh;
  const int every = kind == "all_bank" ? device.timing.refi : kind == "per_bank" ? device.timing.refi_bank : 0;
  return every == 0 ? kNever : static_cast<Cycle>(every);
}

}  // namespace

BankChannel::BankChannel(const spec::DramDevice& device, int number)
    : number_(number),
      clock_ticks_(device.timing.ticks_per_clock),
      bank_count_(device.banks_of_channel()),
      words_((bank_count_ + 63) / 64),
      split_(device.commands.bus == "split"),
      closed_page_(device.controller.page == "closed"),
      per_bank_(device.controller.refresh == "per_bank"),
      high_(device.controller.drain_above_percent * device.controller.write_queue),
      low_(device.controller.drain_below_percent * device.controller.write_queue),
      refresh_every_(refresh_interval(device)),
      second_within_(static_cast<Cycle>(device.commands.second_activate_within)),
      wakes_(device.commands.data_clock_keeps > 0),
      gaps_(device),
      banks_(device),
      queue_(device.banks_of_channel(), device.controller.read_queue, device.controller.write_queue,
             device.banks_of_channel()) {
  active_.reserve(bank_count_);
  reset();
}

void BankChannel::reset() {
  banks_.reset();
  queue_.reset();
  last_ = row_free_ = column_free_ = 0;
  age_ = 0;
  writing_ = false;
  active_.clear();
  has_active_ = open_ = {};
  next_refresh_ = refresh_every_;
  refresh_bank_ = 0;
  maintenance_.clear();
  second_ = kNoSlot;
  woken_ = {};
  awake_until_ = 0;
  planned_ = false;
  forget_choices();
  reads_.count = writes_.count = 0;
  stats_ = {};
}

void BankChannel::Pending::push(const Completion& completion) {
  if (count == ring.size()) {
    std::vector<Completion> larger(ring.empty() ? 64 : 2 * ring.size());
    for (size_t i = 0; i < count; ++i) larger[i] = ring[(first + i) % ring.size()];
    ring.swap(larger);
    first = 0;
  }
  size_t i = count++;
  const size_t mask = ring.size() - 1;
  for (; i > 0 && ring[(first + i - 1) & mask].at > completion.at; --i)
    ring[(first + i) & mask] = ring[(first + i - 1) & mask];
  ring[(first + i) & mask] = completion;
}

bool BankChannel::accepts(const Place& place, bool write) const {
  return !queue_.full(write) || queue_.holds_write(place.burst, static_cast<int>(place.bank));
}

void BankChannel::push(Cycle now, const Place& place, bool write, uint64_t id) {
  assert(accepts(place, write) && (!planned_ || next_.at > now));
  const int bank = static_cast<int>(place.bank);
  last_ = std::max(last_, now);
  if (queue_.holds_write(place.burst, bank)) {  // nothing to do for the DRAM
    ++(write ? stats_.merged : stats_.forwarded);
    (write ? writes_ : reads_).push({now + 1, id, write, true, number_});
    return;
  }
  const bool open = banks_.open(bank), hit = open && banks_.row(bank) == place.row;
  const Waiting burst{id, place.burst, now, age_++, place.row, static_cast<uint16_t>(bank), write, false, kNoSlot};
  queue_.push(burst, hit);
  planned_ = false;
  if (write == writing_) offer(bank, last_ + 1);
}

Cycle BankChannel::next_event() {
  if (queue_.size(false) == 0 && queue_.size(true) == 0 && active_.empty() && second_ == kNoSlot)
    return next_completion();
  if (!planned_) plan();
  return std::min(next_.at, next_completion());
}

void BankChannel::postpone_refresh(Cycle ticks) {
  if (next_refresh_ == kNever) return;
  next_refresh_ += ticks;
  planned_ = false;
}

void BankChannel::advance(Cycle until) {
  while (true) {
    if (!planned_) {
      if (last_ >= until) return;
      plan();
    }
    if (next_.at > until) return;
    perform();
  }
}

bool BankChannel::completed(Cycle until, Completion& completion) {
  Pending& first = front(reads_) <= front(writes_) ? reads_ : writes_;
  if (front(first) > until) return false;
  completion = first.ring[first.first];
  first.first = (first.first + 1) % first.ring.size();
  --first.count;
  return true;
}

}  // namespace systole::memory::dram

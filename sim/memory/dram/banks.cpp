// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/banks.h"

namespace systole::memory::dram {
namespace {

void least(Cycle& from, Cycle at) {
  if (at > from) from = at;
}

}  // namespace

Banks::Banks(const spec::DramDevice& device)
    : gaps_(device), banks_in_rank_(device.banks_of_channel() / device.ranks_of_channel()) {
  const auto& o = device.organization;
  banks_.resize(device.banks_of_channel());
  groups_.resize(banks_.size() / o.banks);
  stacks_.resize(groups_.size() / o.bank_groups);
  ranks_.resize(device.ranks_of_channel());
  reset();
  for (size_t b = 0; b < banks_.size(); ++b) {
    banks_[b].group = static_cast<uint16_t>(b / o.banks);
    banks_[b].stack = static_cast<uint16_t>(banks_[b].group / o.bank_groups);
    banks_[b].rank = static_cast<uint16_t>(banks_[b].stack / o.stacks);
    stacks_[banks_[b].stack].rank = banks_[b].rank;
    stacks_[banks_[b].stack].pseudo = static_cast<uint16_t>(banks_[b].rank / o.ranks);
  }
}

void Banks::reset() {
  for (Bank& bank : banks_) {
    const Bank place = bank;
    bank = {};
    bank.group = place.group, bank.stack = place.stack, bank.rank = place.rank;
  }
  for (Group& group : groups_) group = {};
  for (Stack& stack : stacks_) stack.column[0] = stack.column[1] = 0;
  for (Rank& rank : ranks_) rank = {};
}

Cycle Banks::open_ticks(Cycle now) const {
  Cycle sum = 0;
  for (const Rank& rank : ranks_)
    sum += rank.open_ticks + (rank.open != 0 && now > rank.open_since ? now - rank.open_since : 0);
  return sum;
}

void Banks::column(Cycle now, int index, bool write, bool precharge) {
  Bank& bank = banks_[index];
  Group& group = groups_[bank.group];
  const ColumnGaps& gaps = gaps_.column;
  least(group.column[write], now + gaps.same_group[write]);
  least(group.column[!write], now + gaps.turn_group[write]);
  const Stack& own = stacks_[bank.stack];
  for (Stack& stack : stacks_) {
    if (stack.pseudo != own.pseudo) continue;
    const bool same_rank = stack.rank == own.rank;
    const Cycle same = &stack == &own ? gaps.same_stack[write]
                       : same_rank    ? gaps.same_rank[write]
                                      : gaps.other_rank[write];
    least(stack.column[write], now + same);
    least(stack.column[!write], now + (same_rank ? gaps.turn_rank[write] : gaps.turn_other_rank[write]));
  }
  Rank& rank = ranks_[bank.rank];
  least(bank.precharge, now + gaps_.row.column_to_precharge[write]);
  least(rank.precharge_all, now + gaps_.row.column_to_precharge[write]);
  if (!precharge) return;
  close(now + gaps_.row.column_to_precharge[write], index);
  least(bank.activate, now + gaps_.row.closing_column_to_activate[write]);
  least(bank.refresh, now + gaps_.refresh.from_closing_column[write]);
  least(rank.refresh, now + gaps_.refresh.from_closing_column[write]);
}

void Banks::activate(Cycle now, int index, uint32_t row) {
  Bank& bank = banks_[index];
  Rank& rank = ranks_[bank.rank];
  const RowGaps& gaps = gaps_.row;
  bank.open = true;
  bank.row = row;
  if (rank.open++ == 0) rank.open_since = now;
  for (int write = 0; write < 2; ++write) least(bank.column[write], now + gaps.activate_to_column[write]);
  least(bank.precharge, now + gaps.activate_to_precharge);
  least(bank.activate, now + gaps.activate_bank);
  least(bank.refresh, now + gaps_.refresh.from_activate);
  least(groups_[bank.group].activate, now + gaps.activate_group);
  rank.last_activates[rank.oldest] = now + 1;
  rank.oldest = (rank.oldest + 1) % 4;
  least(rank.activate, now + gaps.activate_rank);
  if (const Cycle fourth = rank.last_activates[rank.oldest]) least(rank.activate, fourth - 1 + gaps.four_activates);
  least(rank.precharge_all, now + gaps.activate_to_precharge);
  least(rank.refresh, now + gaps_.refresh.from_activate);
  least(rank.refresh_bank, now + gaps_.refresh.bank_from_activate_elsewhere);
}

void Banks::close(Cycle now, int index) {
  Rank& rank = ranks_[banks_[index].rank];
  banks_[index].open = false;
  if (--rank.open == 0) rank.open_ticks += now - rank.open_since;
}

void Banks::precharge(Cycle now, int index) {
  close(now, index);
  Bank& bank = banks_[index];
  Rank& rank = ranks_[bank.rank];
  least(bank.activate, now + gaps_.row.precharge_to_activate);
  least(bank.refresh, now + gaps_.refresh.from_precharge);
  least(rank.precharge, now + gaps_.row.precharge_to_precharge);
  least(rank.refresh, now + gaps_.refresh.from_precharge);
}

void Banks::precharge_all(Cycle now, int number) {
  Rank& rank = ranks_[number];
  for (int b = first_of(number); b < first_of(number) + banks_in_rank_; ++b) {
    if (banks_[b].open) close(now, b);
    least(banks_[b].refresh, now + gaps_.refresh.from_precharge);
  }
  least(rank.activate, now + gaps_.row.all_to_activate);
  least(rank.precharge, now + gaps_.row.precharge_to_precharge);
  least(rank.refresh, now + gaps_.refresh.from_precharge);
}

void Banks::refresh(Cycle now, int number) {
  Rank& rank = ranks_[number];
  least(rank.activate, now + gaps_.refresh.to_activate);
  least(rank.precharge_all, now + gaps_.refresh.to_other);
  least(rank.refresh, now + gaps_.refresh.to_other);
  least(rank.refresh_bank, now + gaps_.refresh.to_other);
}

void Banks::refresh_bank(Cycle now, int index) {
  Bank& bank = banks_[index];
  Rank& rank = ranks_[bank.rank];
  least(bank.activate, now + gaps_.refresh.bank_to_activate);
  least(bank.refresh, now + gaps_.refresh.bank_to_activate);
  least(rank.activate, now + gaps_.refresh.bank_to_activate_elsewhere);
  least(rank.refresh_bank, now + gaps_.refresh.bank_to_bank);
  least(rank.refresh, now + gaps_.refresh.bank_to_all);
}

}  // namespace systole::memory::dram

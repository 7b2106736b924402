// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The banks of one channel: open rows, and from when on each command may start. Nothing is ticked: every command that
// is sent moves those times on.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/memory/dram/gaps.h"

namespace systole::memory::dram {

class Banks {
 public:
  explicit Banks(const spec::DramDevice& device);
  void reset();

  bool open(int bank) const { return banks_[bank].open; }
  uint32_t row(int bank) const { return banks_[bank].row; }
  int rank_of(int bank) const { return banks_[bank].rank; }
  int first_of(int rank) const { return rank * banks_in_rank_; }
  int banks_in_rank() const { return banks_in_rank_; }
  bool any_open(int rank) const { return ranks_[rank].open != 0; }
  Cycle open_ticks(Cycle now) const;  // summed over ranks: while any bank was open

  // Timing alone; whether the row is right is the caller's to know.
  Cycle column_from(int bank, bool write) const {
    const Bank& b = banks_[bank];
    return std::max({b.column[write], groups_[b.group].column[write], stacks_[b.stack].column[write]});
  }
  Cycle activate_from(int bank) const {
    const Bank& b = banks_[bank];
    return std::max({b.activate, groups_[b.group].activate, ranks_[b.rank].activate});
  }
  Cycle precharge_from(int bank) const { return std::max(banks_[bank].precharge, ranks_[banks_[bank].rank].precharge); }
  Cycle precharge_all_from(int rank) const { return std::max(ranks_[rank].precharge_all, ranks_[rank].precharge); }
  Cycle refresh_from(int rank) const { return ranks_[rank].refresh; }
  Cycle refresh_bank_from(int bank) const {
    return std::max(banks_[bank].refresh, ranks_[banks_[bank].rank].refresh_bank);
  }

  // now: at least the time above.
  void column(Cycle now, int bank, bool write, bool precharge);
  void activate(Cycle now, int bank, uint32_t row);  // the first command where there are two
  void precharge(Cycle now, int bank);
  void precharge_all(Cycle now, int rank);
  void refresh(Cycle now, int rank);
  void refresh_bank(Cycle now, int bank);

 private:
  struct Bank {
    Cycle column[2] = {}, activate = 0, precharge = 0, refresh = 0;
    uint32_t row = 0;
    uint16_t group = 0, stack = 0, rank = 0;
    bool open = false;
  };
  struct Group {
    Cycle column[2] = {}, activate = 0;
  };
  struct Stack {
    Cycle column[2] = {};
    uint16_t rank = 0, pseudo = 0;
  };
  struct Rank {
    Cycle activate = 0, precharge = 0, precharge_all = 0, refresh = 0, refresh_bank = 0;
    Cycle last_activates[4] = {};  // 1 more than their cycle; 0: none
    uint8_t oldest = 0;
    int open = 0;
    Cycle open_since = 0, open_ticks = 0;
  };
  void close(Cycle now, int bank);

  Gaps gaps_;
  int banks_in_rank_;
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Stack> stacks_;
  std::vector<Rank> ranks_;
};

}  // namespace systole::memory::dram

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Least ticks from the start of one command to the start of another, by how far their banks are apart.
#pragma once

#include "configs/spec/dram_device.h"
#include "sim/memory/dram/command.h"

namespace systole::memory::dram {

// Commands of the same direction (0 reads, 1 writes), and of reads to writes (0) and writes to reads (1).
struct ColumnGaps {
  Cycle same_group[2], same_stack[2], same_rank[2], other_rank[2];
  Cycle turn_group[2], turn_rank[2], turn_other_rank[2];
};

struct RowGaps {
  Cycle activate_to_column[2], activate_to_precharge;
  Cycle activate_bank, activate_group, activate_rank, four_activates;
  Cycle precharge_to_activate, all_to_activate, precharge_to_precharge;
  Cycle column_to_precharge[2], closing_column_to_activate[2];
};

struct RefreshGaps {
  Cycle from_activate, from_precharge, from_closing_column[2];
  Cycle to_activate, to_other;  // other: precharge, refresh
  Cycle bank_from_activate_elsewhere, bank_to_activate, bank_to_activate_elsewhere, bank_to_bank, bank_to_all;
};

struct Gaps {
  explicit Gaps(const spec::DramDevice& device);
  ColumnGaps column;
  RowGaps row;
  RefreshGaps refresh;
  Cycle data[2];        // from a column command's start to the end of its data
  Cycle bus[3];         // a command's own ticks: activate, column, precharge or refresh
  Cycle wake_keeps[2];  // from a column command: so long its data clock stays awake
};

}  // namespace systole::memory::dram

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A DRAM with its controller as plain data: what one file of configs/dram says. Times are ticks unless a name says
// otherwise; a tick is the clock's period, or half of it (ticks_per_clock).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configs/spec/described.h"

namespace systole::spec {

struct DramOrganization {
  int channels = 1;
  int pseudo_channels = 1;  // a channel: own banks and data, shared command buses
  int ranks = 1;            // a pseudo-channel: own banks, shared data
  int stacks = 1;           // a rank: stack heights (SID), which only space their columns apart
  int bank_groups = 1;      // a stack
  int banks = 0;            // a group
  int rows = 0;             // a bank
  int columns = 0;          // a row, each bus_bits wide
  int bus_bits = 0;         // of a pseudo-channel
  int burst_length = 8;     // transfers a column command makes
  bool operator==(const DramOrganization&) const = default;
};

struct DramTiming {
  double tick = 0;          // seconds
  int ticks_per_clock = 1;  // 2: columns, activations and refreshes start on whole clocks, precharges on halves too
  int burst = 0;            // data of one column command
  int cl = 0, cwl = 0;
  int rcd_read = 0, rcd_write = 0;
  int rp = 0, rp_all = 0;  // after a precharge of one bank, of all
  int ras = 0, rc = 0, wr = 0, rtp = 0;
  int ccd_s = 0, ccd_l = 0, ccd_s_write = 0, ccd_l_write = 0;
  int ccd_r = 0;  // between stacks
  int rrd_s = 0, rrd_l = 0, faw = 0;
  int wtr_s = 0, wtr_l = 0;  // after the data of a write, of another group and of the same
  int write_array = 0;       // of the same group, its data counts as so long (LPDDR5: BL/n_max)
  int read_to_write = 0;     // between the commands
  int rank_switch = 0;       // data of two ranks apart
  int ppd = 1;               // between precharges
  int rfc = 0, refi = 0;
  int rfc_bank = 0, refi_bank = 0;             // one bank's refresh; apart
  int bank_to_activate = 0, bank_to_bank = 0;  // a bank's refresh to another's activation, to another's refresh
  bool operator==(const DramTiming&) const = default;
};

// Ticks that a command takes of its bus. Times between commands count from a command's last tick.
struct DramCommands {
  std::string bus = "single";  // single | split: rows and columns have a bus each
  int activate = 1, column = 1, precharge = 1;
  int second_activate_within = 0;  // above 0: an activation is two commands, the second at most so long after
  int data_clock_keeps = 0;  // above 0: a column this long after the last data needs a command that wakes its clock
  bool operator==(const DramCommands&) const = default;
};

struct DramController {
  int read_queue = 32, write_queue = 32;                   // bursts that it chooses from, a channel
  int drain_above_percent = 80, drain_below_percent = 20;  // of write_queue: writes go first from above to below
  std::string page = "open";                               // open | closed
  std::string refresh = "all_bank";                        // all_bank | per_bank | none
  bool operator==(const DramController&) const = default;
};

struct DramMapping {
  std::vector<std::string> order;  // from the lowest bit up: "column", "column:2", ...
  std::vector<std::string> hash;   // "group.0 ^ row.3": the left bit is flipped by the right one

  // Not keys: what they say, of address / burst_bytes.
  enum Field : uint8_t { kChannel, kPseudoChannel, kRank, kStack, kGroup, kBank, kRow, kColumn, kFields };
  struct Slice {  // bits of a field
    Field field;
    uint8_t from, to;  // lowest bit of the burst's number, of the field
    uint64_t mask;
    bool operator==(const Slice&) const = default;
  };
  struct Flip {
    Field field, by;
    uint8_t bit, by_bit;
    bool operator==(const Flip&) const = default;
  };
  std::vector<Slice> slices;
  std::vector<Flip> flips;
  bool operator==(const DramMapping&) const = default;
};

struct DramEnergy {     // joules and watts, of a rank
  double activate = 0;  // and the precharge
  double read = 0, write = 0;
  double refresh = 0, refresh_bank = 0;
  double open = 0, closed = 0;  // background: some bank open, none
  bool operator==(const DramEnergy&) const = default;
};

struct DramDevice : Described {
  DramOrganization organization;
  DramTiming timing;
  DramCommands commands;
  DramController controller;
  DramMapping mapping;
  DramEnergy energy;

  int64_t burst_bytes() const { return int64_t{organization.bus_bits} / 8 * organization.burst_length; }
  int64_t tick_femtoseconds() const { return static_cast<int64_t>(timing.tick * 1e15 + 0.5); }
  int ranks_of_channel() const { return organization.pseudo_channels * organization.ranks; }
  int banks_of_channel() const {
    return ranks_of_channel() * organization.stacks * organization.bank_groups * organization.banks;
  }
  int64_t channel_bytes() const {
    return int64_t{banks_of_channel()} * organization.rows * organization.columns * (organization.bus_bits / 8);
  }
  double peak_bytes_per_second() const {
    return static_cast<double>(burst_bytes()) * organization.pseudo_channels * organization.channels /
           (timing.burst * timing.tick);
  }
  bool operator==(const DramDevice&) const = default;
};

}  // namespace systole::spec

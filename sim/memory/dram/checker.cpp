// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/checker.h"

#include <algorithm>

namespace systole::memory::dram {
namespace {

constexpr int kKinds = 11;
constexpr int64_t kLongAgo = INT64_MIN / 2;
constexpr int64_t kPostponed = 8;  // refreshes that a standard lets wait
constexpr const char* kNames[kKinds] = {"ACT", "ACT2", "PRE", "PREab", "RD",   "RDA",
                                        "WR",  "WRA",  "CAS", "REFab", "REFpb"};

constexpr uint16_t bit(Command command) { return static_cast<uint16_t>(1u << static_cast<int>(command)); }
constexpr uint16_t kAct = bit(Command::kActivate), kPre = bit(Command::kPrecharge),
                   kPreAll = bit(Command::kPrechargeAll), kRd = bit(Command::kRead),
                   kRda = bit(Command::kReadPrecharge), kWr = bit(Command::kWrite),
                   kWra = bit(Command::kWritePrecharge), kRef = bit(Command::kRefresh),
                   kRefb = bit(Command::kRefreshBank);
constexpr uint16_t kReads = kRd | kRda, kWrites = kWr | kWra;

bool is_read(Command c) { return (bit(c) & kReads) != 0; }
bool is_column(Command c) { return (bit(c) & (kReads | kWrites)) != 0; }

}  // namespace

Checker::Times::Times() : last(kKinds, kLongAgo) {}

Checker::Checker(const spec::DramDevice& device) : device_(device), rules_(rules()) {
  const auto& o = device.organization;
  Channel channel;
  const int banks = device.banks_of_channel();
  channel.banks.resize(banks);
  channel.of_bank.resize(banks);
  channel.of_group.resize(banks / o.banks);
  channel.of_stack.resize(channel.of_group.size() / o.bank_groups);
  channel.of_rank.resize(device.ranks_of_channel());
  channel.activates.resize(channel.of_rank.size());
  channel.data_until.resize(o.pseudo_channels);
  channel.refreshes.resize(device.controller.refresh == "per_bank" ? banks : device.ranks_of_channel());
  channels_.assign(o.channels, channel);
}

// Least ticks between the last ticks of two commands.
std::vector<Checker::Rule> Checker::rules() const {
  const spec::DramTiming& t = device_.timing;
  const int written = t.cwl + t.burst;
  return {
      {"tCCD_L", kReads, kReads, Scope::kGroup, t.ccd_l},
      {"tCCD_L_WR", kWrites, kWrites, Scope::kGroup, t.ccd_l_write},
      {"tCCD_S", kReads, kReads, Scope::kStack, t.ccd_s},
      {"tCCD_S_WR", kWrites, kWrites, Scope::kStack, t.ccd_s_write},
      {"tCCD_R", kReads, kReads, Scope::kOtherStack, t.ccd_r},
      {"tCCD_R", kWrites, kWrites, Scope::kOtherStack, t.ccd_r},
      {"read to write", kReads, kWrites, Scope::kRank, t.read_to_write},
      {"tWTR_S", kWrites, kReads, Scope::kRank, written + t.wtr_s},
      {"tWTR_L", kWrites, kReads, Scope::kGroup, t.cwl + t.write_array + t.wtr_l},
      {"rank switch", kReads, kReads, Scope::kOtherRank, t.burst + t.rank_switch},
      {"rank switch", kReads, kWrites, Scope::kOtherRank, t.cl + t.burst + t.rank_switch - t.cwl},
      {"rank switch", kWrites, kReads, Scope::kOtherRank, written + t.rank_switch - t.cl},
      {"tRCD", kAct, kReads, Scope::kBank, t.rcd_read},
      {"tRCD_WR", kAct, kWrites, Scope::kBank, t.rcd_write},
      {"tRAS", kAct, kPre, Scope::kBank, t.ras},
      {"tRAS", kAct, kPreAll, Scope::kRank, t.ras},
      {"tRC", kAct, kAct, Scope::kBank, t.rc},
      {"tRRD_L", kAct, kAct, Scope::kGroup, t.rrd_l},
      {"tRRD_S", kAct, kAct, Scope::kRank, t.rrd_s},
      {"tRP", kPre, kAct, Scope::kBank, t.rp},
      {"tRPab", kPreAll, kAct, Scope::kRank, t.rp_all},
      {"tPPD", kPre | kPreAll, kPre | kPreAll, Scope::kRank, t.ppd},
      {"tRTP", kRd, kPre, Scope::kBank, t.rtp},
      {"tRTP", kRd, kPreAll, Scope::kRank, t.rtp},
      {"tWR", kWr, kPre, Scope::kBank, written + t.wr},
      {"tWR", kWr, kPreAll, Scope::kRank, written + t.wr},
      {"tRTP + tRP", kRda, kAct | kRefb, Scope::kBank, t.rtp + t.rp},
      {"tRTP + tRP", kRda, kRef, Scope::kRank, t.rtp + t.rp},
      {"tWR + tRP", kWra, kAct | kRefb, Scope::kBank, written + t.wr + t.rp},
      {"tWR + tRP", kWra, kRef, Scope::kRank, written + t.wr + t.rp},
      {"tRP", kPre | kPreAll, kRef, Scope::kRank, t.rp},
      {"tRP", kPre, kRefb, Scope::kBank, t.rp},
      {"tRC", kAct, kRef, Scope::kRank, t.rc},
      {"tRC", kAct, kRefb, Scope::kBank, t.rc},
      {"tRFC", kRef, kAct | kPreAll | kRef | kRefb, Scope::kRank, t.rfc},
      {"tRFCpb", kRefb, kAct | kRefb, Scope::kBank, t.rfc_bank},
      {"REFpb to ACT", kRefb, kAct, Scope::kRank, t.bank_to_activate},
      {"REFpb to REFpb", kRefb, kRefb, Scope::kRank, t.bank_to_bank},
      {"ACT to REFpb", kAct, kRefb, Scope::kRank, t.rrd_s},
  };
}

void Checker::complain(const CommandRecord& command, const std::string& what) {
  if (++violations_ > 20) return;
  messages_.push_back("channel " + std::to_string(command.channel) + " cycle " + std::to_string(command.at) + " bank " +
                      std::to_string(command.bank) + " " + kNames[static_cast<int>(command.command)] + ": " + what);
}

int64_t Checker::length(Command command) const {
  if (is_column(command)) return device_.commands.column;
  if (command == Command::kActivate || command == Command::kActivateSecond) return device_.commands.activate;
  return command == Command::kWakeDataClock ? 1 : device_.commands.precharge;
}

void Checker::record(const CommandRecord& command) {
  ++commands_;
  Channel& channel = channels_[command.channel];
  check_bus(channel, command);
  check_state(channel, command);
  check_times(channel, command);
  if (is_column(command.command)) check_data(channel, command);
  check_refresh(channel, command);
}

void Checker::check_bus(Channel& channel, const CommandRecord& command) {
  const bool split = device_.commands.bus == "split";
  int64_t& free = split && is_column(command.command) ? channel.column_bus : channel.row_bus;
  const int64_t at = static_cast<int64_t>(command.at);
  if (at < free) complain(command, "its bus is busy until " + std::to_string(free));
  free = at + length(command.command);
  const bool may_be_half = command.command == Command::kPrecharge || command.command == Command::kPrechargeAll;
  if (device_.timing.ticks_per_clock == 2 && !may_be_half && at % 2 == 0) complain(command, "not on a whole clock");
}

void Checker::check_state(Channel& channel, const CommandRecord& command) {
  const int in_rank = static_cast<int>(channel.banks.size() / channel.of_rank.size());
  const auto first = channel.banks.begin() + command.bank / in_rank * in_rank, last = first + in_rank;
  const auto is_open = [](const Bank& bank) { return bank.open || bank.half_open; };
  Bank& bank = channel.banks[command.bank];
  const int64_t at = static_cast<int64_t>(command.at);
  const bool two = device_.commands.second_activate_within > 0;
  switch (command.command) {
    case Command::kActivate:
      if (is_open(bank)) complain(command, "a row is open");
      bank = {!two, two, command.row};
      channel.half_opened = at;
      break;
    case Command::kActivateSecond:
      if (!bank.half_open) complain(command, "no first activation");
      if (at - channel.half_opened > device_.commands.second_activate_within) complain(command, "too late");
      bank.open = true;
      bank.half_open = false;
      break;
    case Command::kPrecharge:
      if (!bank.open) complain(command, "no row is open");
      bank = {};
      break;
    case Command::kPrechargeAll:
      if (std::any_of(first, last, [](const Bank& b) { return b.half_open; })) complain(command, "half an activation");
      std::fill(first, last, Bank{});
      break;
    case Command::kRead:
    case Command::kReadPrecharge:
    case Command::kWrite:
    case Command::kWritePrecharge:
      if (!bank.open || bank.row != command.row) complain(command, "its row is not open");
      if (command.command == Command::kReadPrecharge || command.command == Command::kWritePrecharge) bank = {};
      break;
    case Command::kRefresh:
      if (std::any_of(first, last, is_open)) complain(command, "a row is open");
      break;
    case Command::kRefreshBank:
      if (is_open(bank)) complain(command, "a row is open");
      break;
    case Command::kWakeDataClock:
      break;
  }
}

void Checker::check_times(Channel& channel, const CommandRecord& command) {
  const auto& o = device_.organization;
  const int group = command.bank / o.banks, stack = group / o.bank_groups, rank = stack / o.stacks;
  const int64_t end = static_cast<int64_t>(command.at) + length(command.command) - 1;
  const auto check = [&](const Rule& rule, const Times& times) {
    for (int kind = 0; kind < kKinds; ++kind) {
      if ((rule.before >> kind & 1) == 0 || end - times.last[kind] >= rule.ticks) continue;
      complain(command, std::string(rule.name) + ": " + std::to_string(end - times.last[kind]) + " ticks after " +
                            kNames[kind] + ", expected at least " + std::to_string(rule.ticks));
    }
  };
  for (const Rule& rule : rules_) {
    if ((rule.after & bit(command.command)) == 0) continue;
    if (rule.scope == Scope::kBank) check(rule, channel.of_bank[command.bank]);
    if (rule.scope == Scope::kGroup) check(rule, channel.of_group[group]);
    if (rule.scope == Scope::kStack) check(rule, channel.of_stack[stack]);
    if (rule.scope == Scope::kRank) check(rule, channel.of_rank[rank]);
    if (rule.scope == Scope::kOtherStack)
      for (int other = rank * o.stacks; other < (rank + 1) * o.stacks; ++other)
        if (other != stack) check(rule, channel.of_stack[other]);
    if (rule.scope == Scope::kOtherRank)
      for (int other = rank / o.ranks * o.ranks; other < (rank / o.ranks + 1) * o.ranks; ++other)
        if (other != rank) check(rule, channel.of_rank[other]);
  }
  if (command.command == Command::kActivate) {
    auto& acts = channel.activates[rank];
    if (acts.size() >= 4 && end - acts[acts.size() - 4] < device_.timing.faw)
      complain(command, "tFAW: " + std::to_string(end - acts[acts.size() - 4]) + " ticks after the fourth ACT before");
    acts.push_back(end);
    if (acts.size() > 8) acts.erase(acts.begin(), acts.end() - 4);
  }
  const int kind = static_cast<int>(command.command);
  for (Times* times :
       {&channel.of_bank[command.bank], &channel.of_group[group], &channel.of_stack[stack], &channel.of_rank[rank]})
    times->last[kind] = end;
}

void Checker::check_data(Channel& channel, const CommandRecord& command) {
  const spec::DramTiming& t = device_.timing;
  const int64_t at = static_cast<int64_t>(command.at);
  const int64_t from = at + (is_read(command.command) ? t.cl : t.cwl);
  int64_t& until =
      channel.data_until[command.bank * device_.organization.pseudo_channels / static_cast<int>(channel.banks.size())];
  if (from < until)
    complain(command, "its data begin at " + std::to_string(from) + ", others' end at " + std::to_string(until));
  until = std::max(until, from + t.burst);
  if (device_.commands.data_clock_keeps == 0) return;
  if (at >= channel.awake_until) complain(command, "its data clock sleeps");
  channel.awake_until = std::max(channel.awake_until, from + t.burst + device_.commands.data_clock_keeps);
}

void Checker::check_refresh(Channel& channel, const CommandRecord& command) {
  const std::string& kind = device_.controller.refresh;
  const int64_t at = static_cast<int64_t>(command.at);
  if (command.command == Command::kWakeDataClock) channel.awake_until = std::max(channel.awake_until, at + 2);
  if (kind == "none") return;
  const bool each = kind == "per_bank";
  const int in_rank = static_cast<int>(channel.banks.size() / channel.of_rank.size());
  int64_t& done = channel.refreshes[each ? command.bank : command.bank / in_rank];
  if (command.command == (each ? Command::kRefreshBank : Command::kRefresh)) ++done;
  const int64_t every =
      each ? int64_t{device_.timing.refi_bank} * static_cast<int64_t>(channel.banks.size()) : device_.timing.refi;
  if (at / every > done + kPostponed)
    complain(command, std::to_string(done) + " refreshes by now, expected " + std::to_string(at / every));
}

}  // namespace systole::memory::dram

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/dram.h"

#include <algorithm>

namespace systole::memory::dram {

Dram::Dram(const spec::DramDevice& device) : device_(device), map_(device) {
  channels_.reserve(device.organization.channels);
  for (int c = 0; c < device.organization.channels; ++c) channels_.emplace_back(device_, c);
}

void Dram::reset() {
  for (BankChannel& channel : channels_) channel.reset();
}

void Dram::set_log(CommandLog* log) {
  for (BankChannel& channel : channels_) channel.set_log(log);
}

bool Dram::push(Cycle now, const Place& place, bool write, uint64_t id) {
  BankChannel& channel = channels_[place.channel];
  if (!channel.accepts(place, write)) return false;
  channel.push(now, place, write, id);
  return true;
}

void Dram::postpone_refresh(Cycle ticks) {
  for (BankChannel& channel : channels_) channel.postpone_refresh(ticks);
}

Cycle Dram::next_event() {
  Cycle next = kNever;
  for (BankChannel& channel : channels_) next = std::min(next, channel.next_event());
  return next;
}

void Dram::advance(Cycle now, std::vector<Completion>& completions) {
  const auto first = static_cast<std::ptrdiff_t>(completions.size());
  const auto earlier = [](const Completion& a, const Completion& b) { return a.at < b.at; };
  Completion completion;
  for (BankChannel& channel : channels_) {
    channel.advance(now);
    const auto own = static_cast<std::ptrdiff_t>(completions.size());
    while (channel.next_completion() <= now && channel.completed(now, completion)) completions.push_back(completion);
    const auto begin = completions.begin();
    if (own > first && begin + own != completions.end() && earlier(begin[own], begin[own - 1]))
      std::inplace_merge(begin + first, begin + own, completions.end(), earlier);
  }
}

uint64_t Dram::bursts_of(int channel) const {
  uint64_t sum = 0;
  for (const Command command : {Command::kRead, Command::kReadPrecharge, Command::kWrite, Command::kWritePrecharge})
    sum += channels_[static_cast<size_t>(channel)].stats().commands[static_cast<int>(command)];
  return sum;
}

Stats Dram::stats(Cycle now) const {
  Stats stats;
  const auto sum = [&](const ChannelStats& of) {
    for (size_t i = 0; i < std::size(of.commands); ++i) stats.total.commands[i] += of.commands[i];
    stats.total.row_hits += of.row_hits;
    stats.total.forwarded += of.forwarded;
    stats.total.merged += of.merged;
  };
  for (const BankChannel& channel : channels_) {
    sum(channel.stats());
    stats.open_ticks += channel.banks().open_ticks(now);
  }
  const auto number = [&](Command command) { return stats.total.commands[static_cast<int>(command)]; };
  stats.reads = number(Command::kRead) + number(Command::kReadPrecharge);
  stats.writes = number(Command::kWrite) + number(Command::kWritePrecharge);
  stats.closed_ticks = now * static_cast<Cycle>(device_.ranks_of_channel()) * channels_.size() - stats.open_ticks;
  const spec::DramEnergy& e = device_.energy;
  const double tick = device_.timing.tick;
  stats.energy =
      static_cast<double>(number(Command::kActivate)) * e.activate + static_cast<double>(stats.reads) * e.read +
      static_cast<double>(stats.writes) * e.write + static_cast<double>(number(Command::kRefresh)) * e.refresh +
      static_cast<double>(number(Command::kRefreshBank)) * e.refresh_bank +
      static_cast<double>(stats.open_ticks) * tick * e.open + static_cast<double>(stats.closed_ticks) * tick * e.closed;
  return stats;
}

}  // namespace systole::memory::dram

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/bank_memory.h"

#include <algorithm>
#include <numeric>

namespace systole::memory {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr uint64_t kFemtosecondsPerSecond = 1'000'000'000'000'000;

}  // namespace

Crossing::Crossing(int64_t tick_femtoseconds, int64_t core_hz) {
  // A tick is tick_femtoseconds * core_hz / 10^15 cycles.
  const uint64_t divisor = std::gcd(static_cast<uint64_t>(tick_femtoseconds), kFemtosecondsPerSecond);
  const uint64_t rest = kFemtosecondsPerSecond / divisor;
  const uint64_t second = std::gcd(static_cast<uint64_t>(core_hz), rest);
  cycles_ = static_cast<uint64_t>(tick_femtoseconds) / divisor * (static_cast<uint64_t>(core_hz) / second);
  ticks_ = rest / second;
}

uint64_t Crossing::tick_at(uint64_t cycle) const {
  return static_cast<uint64_t>(static_cast<Wide>(cycle) * ticks_ / cycles_);
}

uint64_t Crossing::cycle_of(uint64_t tick) const {
  return static_cast<uint64_t>((static_cast<Wide>(tick) * cycles_ + ticks_ - 1) / ticks_);
}

uint64_t Crossing::cycles_in(uint64_t ticks) const {
  return static_cast<uint64_t>(static_cast<Wide>(ticks) * cycles_ / ticks_);
}

BankMemory::BankMemory(const spec::DramDevice& device, const spec::Clock& clock, uint64_t burst_bytes,
                       std::vector<bool> host_paced)
    : device_(device),
      crossing_(device.tick_femtoseconds(), clock.hz),
      pieces_(std::max<uint64_t>(1, burst_bytes / static_cast<uint64_t>(device.burst_bytes()))),
      piece_bytes_(static_cast<uint64_t>(device.burst_bytes())),
      dram_(device),
      host_paced_(std::move(host_paced)),
      ports_(host_paced_.size()) {
  reset();
}

void BankMemory::reset() {
  dram_.reset();
  for (auto& port : ports_) port.clear();
  flights_.clear();
  free_.clear();
  waiting_ = under_way_ = covered_ = 0;
  last_ = ports_.size() - 1;
  next_cycle_ = false;
  resting_ = true;
  origin_ = base_ = rested_from_ = 0;
}

void BankMemory::wait(size_t port, uint64_t address, uint64_t sequence, bool write) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(flights_.size()));
    flights_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  flights_[slot] = {port, sequence, pieces_};
  ports_[port].push_back({address, sequence, pieces_, write, slot, dram_.place(address)});
  ++waiting_;
  next_cycle_ = true;
}

uint64_t BankMemory::next_event() {
  if (next_cycle_) return covered_ + 1;
  const dram::Cycle next = dram_.next_event();
  return next == dram::kNever ? kNever : cycle_of(next);
}

// Enough for what may be under way or due when the device comes to rest.
dram::Cycle BankMemory::settled_in() const {
  const spec::DramTiming& t = device_.timing;
  const int each = t.rc + t.cwl + t.burst + t.wr + t.rp_all + std::max(t.rfc, t.rfc_bank + t.bank_to_bank);
  return static_cast<dram::Cycle>(each * device_.ranks_of_channel() + t.faw);
}

// Ticks since the device came to rest pass for its banks, not for its refreshes.
void BankMemory::wake(uint64_t now) {
  dram::Cycle rested = tick_at(now) - rested_from_;
  for (size_t port = 0; port < ports_.size(); ++port)
    if (host_paced_[port] && !ports_[port].empty()) rested = std::max(rested, settled_in());
  rested += (rested_from_ + rested) % static_cast<dram::Cycle>(device_.timing.ticks_per_clock);
  dram_.postpone_refresh(rested);
  resting_ = false;
  origin_ = now;
  base_ = rested_from_ + rested;
}

bool BankMemory::enter(size_t port, dram::Cycle tick) {
  Waiting& burst = ports_[port].front();
  while (true) {
    if (!dram_.push(tick, burst.place, burst.write, burst.slot)) return false;
    if (--burst.left == 0) break;
    burst.place = dram_.place(burst.address + (pieces_ - burst.left) * piece_bytes_);
  }
  ports_[port].pop_front();
  entered_.push_back(port);
  --waiting_;
  ++under_way_;
  return true;
}

void BankMemory::advance(uint64_t now, std::vector<DramAnswer>& answers, Timeline& timeline) {
  entered_.clear();
  if (resting_ && waiting_ > 0) wake(now);
  if (resting_) {
    covered_ = now;
    return;
  }
  const dram::Cycle tick = tick_at(now);
  completions_.clear();
  dram_.advance(tick, completions_);
  for (const dram::Completion& done : completions_) {
    Flight& flight = flights_[done.id];
    timeline.add(static_cast<size_t>(done.channel), done.write, now - 1, piece_bytes_);  // the last cycle of its data
    ++(done.hit ? flight.row_hits : flight.row_misses);
    if (--flight.left > 0) continue;
    answers.push_back(
        {0, flight.port, flight.sequence, cycle_of(done.at) + 1, flight.row_hits, flight.row_misses, done.write});
    free_.push_back(static_cast<uint32_t>(done.id));
    --under_way_;
  }
  covered_ = now;
  next_cycle_ = false;
  resting_ = idle();
  rested_from_ = tick;
  if (waiting_ == 0) return;
  const size_t first = last_ + 1;
  for (size_t step = 0; step < ports_.size(); ++step) {
    const size_t port = (first + step) % ports_.size();
    if (ports_[port].empty() || !enter(port, tick)) continue;
    last_ = port;
    next_cycle_ = next_cycle_ || !ports_[port].empty();
  }
}

std::vector<uint64_t> BankMemory::channel_busy() const {
  std::vector<uint64_t> busy;
  for (int c = 0; c < device_.organization.channels; ++c) {
    const uint64_t ticks = dram_.bursts_of(c) * static_cast<uint64_t>(device_.timing.burst) /
                           static_cast<uint64_t>(device_.organization.pseudo_channels);
    busy.push_back(crossing_.cycles_in(ticks));
  }
  return busy;
}

}  // namespace systole::memory

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/l2.h"

#include <algorithm>

#include "sim/memory/request.h"

namespace systole::memory {

std::string L2::check(const spec::L2Spec& spec, uint64_t line_bytes) {
  if (spec.bytes == 0) return "";
  for (const auto& [key, value] : {std::pair{"ways", spec.ways},
                                   {"banks", spec.banks},
                                   {"hit_cycles", spec.hit_cycles},
                                   {"bytes_per_cycle", spec.bytes_per_cycle},
                                   {"misses", spec.misses}})
    if (value < 1) return std::string("l2.") + key + ": expected at least 1, got " + std::to_string(value);
  const uint64_t least = line_bytes * static_cast<uint64_t>(spec.ways) * static_cast<uint64_t>(spec.banks);
  if (spec.bytes < 0 || static_cast<uint64_t>(spec.bytes) % least != 0)
    return "l2.bytes: expected a multiple of dma.burst_bytes x l2.ways x l2.banks (" + std::to_string(least) +
           "), got " + std::to_string(spec.bytes);
  return "";
}

L2::L2(const spec::L2Spec& spec, uint64_t line_bytes)
    : line_(line_bytes),
      bank_(static_cast<uint64_t>(spec.banks)),
      set_(static_cast<uint64_t>(spec.bytes) /
           (line_bytes * static_cast<uint64_t>(spec.ways) * static_cast<uint64_t>(spec.banks))),
      ways_count_(static_cast<uint64_t>(spec.ways)),
      hit_cycles_(static_cast<uint64_t>(spec.hit_cycles)),
      slot_cycles_((line_bytes + static_cast<uint64_t>(spec.bytes_per_cycle) - 1) /
                   static_cast<uint64_t>(spec.bytes_per_cycle)),
      most_misses_(static_cast<uint64_t>(spec.misses)),
      ways_(static_cast<uint64_t>(spec.bytes) / line_bytes),
      banks_(static_cast<size_t>(spec.banks)) {}

void L2::reset() {
  std::fill(ways_.begin(), ways_.end(), Way{});
  std::fill(banks_.begin(), banks_.end(), Bank{});
  misses_.clear();
  free_.clear();
  due_.clear();
  takes_ = 0;
}

void L2::retire(Bank& bank, uint64_t now) {
  std::erase_if(bank.misses, [&](uint64_t number) {
    const Miss& miss = misses_[number];
    if (miss.left > 0 || miss.done > now) return false;
    ways_[miss.way].miss = kNone;
    free_.push_back(number);
    return true;
  });
}

void L2::ask(uint64_t at, size_t bank, uint64_t line, uint64_t miss, bool write) {
  due_.push_back({at, {2 * bank + write, line * line_.value(), miss, write}});
  ++misses_[miss].left;
}

// False: the bank's oldest burst has to wait for a miss.
bool L2::take(uint64_t now, size_t number) {
  Bank& bank = banks_[number];
  const Travelling burst = bank.queue.front();
  const uint64_t line = line_.divide(burst.address), in_bank = bank_.divide(line);
  Way* const first = &ways_[(number * set_.value() + set_.rest(in_bank)) * ways_count_];
  Way* const last = first + ways_count_;
  Way* way = std::find_if(first, last, [&](const Way& each) { return each.line == line; });
  const bool present = way != last;
  const uint64_t answer = now + slot_cycles_ + hit_cycles_;
  L2Counts counts;
  ++(present && way->miss == kNone ? counts.hits : counts.misses);
  if (!present) {
    // A line on its way to the DRAM can't come from there.
    for (uint64_t each : bank.misses)
      if (misses_[each].evicted == line) return false;
    way = nullptr;
    for (Way* each = first; each != last; ++each)
      if (each->miss == kNone && (way == nullptr || each->used < way->used)) way = each;
    const bool fill = !burst.write || !burst.whole;
    if (way == nullptr) return false;
    if ((fill || way->dirty) && bank.misses.size() >= most_misses_) return false;
    counts.fills = fill;
    counts.write_backs = way->dirty;
    if (fill || way->dirty) {
      if (free_.empty()) {
        free_.push_back(misses_.size());
        misses_.emplace_back();
      }
      const uint64_t miss = way->miss = free_.back();
      free_.pop_back();
      bank.misses.push_back(miss);
      misses_[miss] = {static_cast<uint64_t>(way - ways_.data()), way->dirty ? way->line : kNone, 0, 0, {}};
      if (fill) ask(now + hit_cycles_, number, line, miss, false);
      if (way->dirty) ask(now + hit_cycles_, number, way->line, miss, true);
    }
    way->line = line;
    way->dirty = false;
  }
  way->used = ++takes_;
  way->dirty = way->dirty || burst.write;
  if (way->miss == kNone) {
    step_.answers.push_back({burst, number, answer});
  } else {
    Miss& miss = misses_[way->miss];
    miss.waiting.push_back(burst);
    if (miss.left == 0) step_.answers.push_back({burst, number, std::max(answer, miss.done)});
  }
  step_.taken.push_back({burst, counts});
  bank.queue.pop_front();
  bank.free = now + slot_cycles_;
  return true;
}

const L2::Step& L2::advance(uint64_t now) {
  step_.taken.clear();
  step_.answers.clear();
  step_.of_dram.clear();
  for (size_t number = 0; number < banks_.size(); ++number) {
    Bank& bank = banks_[number];
    if (bank.queue.empty() || bank.free > now) continue;
    retire(bank, now);
    bank.blocked = !take(now, number);
  }
  for (; !due_.empty() && due_.front().at <= now; due_.pop_front()) step_.of_dram.push_back(due_.front().burst);
  return step_;
}

const std::vector<L2::Answer>& L2::answered(uint64_t number, uint64_t at) {
  answers_.clear();
  Miss& miss = misses_[number];
  miss.done = std::max(miss.done, at);
  if (--miss.left == 0)
    for (const Travelling& burst : miss.waiting) answers_.push_back({burst, bank_of(burst.address), miss.done});
  return answers_;
}

uint64_t L2::next_event() const {
  uint64_t next = due_.empty() ? kNever : due_.front().at;
  for (const Bank& bank : banks_) {
    if (bank.queue.empty()) continue;
    if (!bank.blocked) {
      next = std::min(next, bank.free);
      continue;
    }
    for (uint64_t each : bank.misses)
      if (misses_[each].left == 0) next = std::min(next, misses_[each].done);
  }
  return next;
}

uint64_t L2::dirty_lines() const {
  return static_cast<uint64_t>(std::count_if(ways_.begin(), ways_.end(), [](const Way& way) { return way.dirty; }));
}

}  // namespace systole::memory

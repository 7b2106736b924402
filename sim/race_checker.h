// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Finds accesses that no semaphore, fence or engine orders, and reads of on-chip bytes never written since reset.
// A command's clock at issue says what certainly completed before it; anything else of another engine may overlap it in
// time.
#pragma once

#include <deque>
#include <vector>

#include "sim/engine_model.h"
#include "sim/vector_clock.h"

namespace systole::sim {

class RaceChecker {
 public:
  RaceChecker(int64_t scratchpad_bytes, int64_t accumulator_bytes);
  void reset();
  // At issue, with the command's clock set.
  void check(const Command& command, const std::vector<Access>& accesses);
  // The least each engine's next command knows of `engine`: records below it can meet no one any more.
  void forget(int engine, uint64_t known_by_all);
  const std::vector<Race>& races() const { return races_; }

 private:
  using Interval = std::pair<int64_t, int64_t>;
  struct Record {
    uint64_t number, sequence;
    Race::Space space;
    bool write;
    Box box;
    int64_t low, high;
    std::vector<Interval> rows;  // sorted and merged; filled when first needed
  };
  static void fill(Record& record);
  static int64_t first_common(Record& a, Record& b);  // -1: none
  void check_pair(const Command& command, Record& mine, Engine other, Record& theirs);
  void check_written(const Command& command, const Record& record);
  void mark_written(const Record& record);
  void report(const Race& race);

  std::array<std::deque<Record>, kEngines> records_;
  std::array<std::vector<uint8_t>, 2> written_;  // a byte for a byte: 0 or 1
  std::vector<Race> races_;
};

}  // namespace systole::sim

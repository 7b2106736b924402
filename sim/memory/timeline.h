// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Bytes over time by DRAM channel and direction, in a bounded number of bins: when time leaves them, neighbours are
// added up and bins become twice as wide. Integers only; the sum over all bins is the sum of all that was added, in any
// order of adding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::memory {

class Timeline {
 public:
  static constexpr size_t kMostBins = 1024;

  explicit Timeline(size_t channels) : bins_(2 * channels) {}
  // Empty; bins of one cycle, the first begins at `origin`.
  void reset(uint64_t origin);

  // `bytes` in cycle `at`, not before the origin.
  void add(size_t channel, bool write, uint64_t at, uint64_t bytes) {
    const uint64_t bin = (at - begin_) >> shift_;
    std::vector<uint64_t>& bins = bins_[2 * channel + write];
    if (noting_) noted_.push_back({2 * channel + write, at - begin_, bytes});
    if (bin < bins.size())
      bins[bin] += bytes;
    else
      add_behind(bins, at - begin_, bytes);
  }

  // From now on what is added is noted, to be repeated; what was noted before is forgotten.
  void note(bool on) {
    noting_ = on;
    noted_.clear();
  }
  // What was noted happens so many times again, each `period` cycles after the one before, and all that is added later
  // is of so many cycles later as well.
  void repeat(uint64_t period, uint64_t times);

  uint64_t origin() const { return begin_ + skipped_; }  // as seen from outside
  uint64_t bin_cycles() const { return uint64_t{1} << shift_; }
  size_t channels() const { return bins_.size() / 2; }
  // Bytes by bin; bins after the last that anything was added to are left out.
  const std::vector<uint64_t>& bytes(size_t channel, bool write) const { return bins_[2 * channel + write]; }

 private:
  struct Noted {
    size_t bins;
    uint64_t at, bytes;  // cycles after the origin
  };
  void add_behind(std::vector<uint64_t>& bins, uint64_t at, uint64_t bytes);  // in a bin that is not there yet
  void widen();

  uint64_t begin_ = 0;    // the origin, less
  uint64_t skipped_ = 0;  // cycles that were repeated, ever
  int shift_ = 0;
  bool noting_ = false;
  std::vector<Noted> noted_;
  std::vector<std::vector<uint64_t>> bins_;  // by channel: reads, writes
};

}  // namespace systole::memory

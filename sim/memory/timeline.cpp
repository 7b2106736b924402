// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/timeline.h"

#include <algorithm>

namespace systole::memory {

// Takes no memory: a device is reset when it is destroyed, too.
void Timeline::reset(uint64_t origin) {
  begin_ = origin;
  shift_ = 0;
  note(false);
  for (auto& bins : bins_) bins.clear();
}

void Timeline::add_behind(std::vector<uint64_t>& bins, uint64_t at, uint64_t bytes) {
  while (at >> shift_ >= kMostBins) widen();
  const uint64_t bin = at >> shift_;
  if (bins.size() <= bin) bins.resize(bin + 1);
  bins[bin] += bytes;
}

void Timeline::repeat(uint64_t period, uint64_t times) {
  for (const Noted& noted : noted_) {
    uint64_t at = noted.at + period;
    for (uint64_t left = times; left > 0;) {  // as many as fall into one bin
      const uint64_t end = ((at >> shift_) + 1) << shift_;
      const uint64_t here = std::min(left, (end - at + period - 1) / period);
      std::vector<uint64_t>& bins = bins_[noted.bins];
      if (const uint64_t bin = at >> shift_; bin < bins.size())
        bins[bin] += here * noted.bytes;
      else
        add_behind(bins, at, here * noted.bytes);
      at += here * period;
      left -= here;
    }
  }
  begin_ -= period * times;
  skipped_ += period * times;
}

void Timeline::widen() {
  ++shift_;
  for (auto& bins : bins_) {
    for (size_t i = 0; i < bins.size(); ++i) {
      const uint64_t bytes = bins[i];
      bins[i] = 0;
      bins[i / 2] += bytes;
    }
    bins.resize((bins.size() + 1) / 2);
  }
}

}  // namespace systole::memory

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/timeline.h"

namespace systole::memory {

// Takes no memory: a device is reset when it is destroyed, too.
void Timeline::reset(uint64_t origin) {
  origin_ = origin;
  shift_ = 0;
  for (auto& bins : bins_) bins.clear();
}

void Timeline::add_behind(std::vector<uint64_t>& bins, uint64_t at, uint64_t bytes) {
  while ((at - origin_) >> shift_ >= kMostBins) widen();
  const uint64_t bin = (at - origin_) >> shift_;
  if (bins.size() <= bin) bins.resize(bin + 1);
  bins[bin] += bytes;
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

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: element i of stream s is a pure function of (seed, s, i).
#pragma once

#include <cstdint>

namespace systole::graph {

// SplitMix64 (Steele, Lea, Flood 2014).
inline uint64_t splitmix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// Near normal, mean 0, variance 1: the sum of four uniform numbers of 16 bits (Irwin-Hall), range +-3.46.
inline float seeded_normal(uint64_t key, uint64_t index) {
  const uint64_t bits = splitmix64(key ^ splitmix64(index));
  const auto sum = static_cast<int64_t>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
  return static_cast<float>(sum - 131070) * (1.0f / 37837.23f);  // sqrt(4 / 12) * 65536
}

}  // namespace systole::graph

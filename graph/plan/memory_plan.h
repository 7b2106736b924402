// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which bytes of an arena a value has while it is alive.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace systole::graph {

// Alive from step `first` to step `last`, both included; steps run in order.
struct Lifetime {
  int64_t bytes = 0;
  int first = 0, last = 0;
};
struct ArenaPlan {
  std::vector<int64_t> offsets;  // by lifetime, multiples of the alignment
  int64_t peak_bytes = 0;        // what the arena needs
  int64_t sum_bytes = 0;         // what it would need without reuse
};
// Largest first, each at the lowest offset that is free through its life. Deterministic.
ArenaPlan plan_arena(std::span<const Lifetime> lifetimes, int64_t alignment);

}  // namespace systole::graph

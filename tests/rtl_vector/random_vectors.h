// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random legal VECTOR commands with their operands, biased to edges of sizes and values.
#pragma once

#include <optional>
#include <random>

#include "sim/local_memory.h"
#include "sim/vector_shape.h"

namespace systole::sim {

class RandomVectors {
 public:
  RandomVectors(uint64_t seed, uint32_t lanes, LocalMemory& scratchpad, LocalMemory& accumulators)
      : random_(seed), lanes_(lanes), scratchpad_(scratchpad), accumulators_(accumulators) {}

  void clear();  // both memories are random bytes, and free
  // A command in free parts of the memories, which are no longer free; nothing when they don't suffice. None reads what
  // another one writes; it may write where it reads itself, each element in its place.
  std::optional<contract::Vector> next();

 private:
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  contract::Dtype dtype(contract::Space space);
  uint32_t count();
  int32_t stride(int64_t row, int64_t element);
  contract::Vector chain();
  void sizes(contract::Vector& v);
  bool place(contract::Vector& v);
  std::optional<uint32_t> take(contract::Space space, int64_t low, int64_t high, int64_t size);
  uint32_t f32();
  uint32_t i32();
  void fill(LocalMemory& memory, const Box& box, contract::Dtype dtype);
  void fill_params(const contract::Vector& v, const VectorShape& s);
  LocalMemory& memory(contract::Space space) {
    return space == contract::Space::kScratchpad ? scratchpad_ : accumulators_;
  }

  std::mt19937_64 random_;
  uint32_t lanes_;
  LocalMemory &scratchpad_, &accumulators_;
  int64_t free_[2] = {};  // first free byte by space
  bool wild_ = false;     // extremes among the values
};

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random legal LOADs and STOREs, biased to edges of bursts and rows, and the memories that they move between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "sim/dma_shape.h"

namespace systole::sim {

struct Move {
  contract::Load transfer;  // a STORE has the same fields
  bool store = false;
};

// The lower half of each memory is read, the upper half written, no byte of it by two commands.
struct Memories {
  std::vector<std::byte> dram, scratchpad, accumulators;
  std::vector<std::byte>& near(const Move& m) {
    return m.transfer.space == contract::Space::kScratchpad ? scratchpad : accumulators;
  }
  std::vector<std::byte>& far(const Move& m) {
    return m.transfer.far == contract::Far::kScratchpad ? scratchpad : dram;
  }
};
void move(Memories& memories, const Move& m);  // the contract's loop

class RandomMoves {
 public:
  RandomMoves(uint64_t seed, int64_t burst_bytes, Memories& memories)
      : random_(seed), burst_(burst_bytes), memories_(memories) {}

  void clear();                          // every memory is random bytes, and free
  std::optional<Move> next(bool store);  // nothing when the memories don't suffice

 private:
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  uint32_t count();
  void sizes(Move& m);
  void pad(contract::Load& t);
  void read_strides(Box& box, int64_t unit);
  void written_strides(Box& box, int64_t unit);
  std::optional<int64_t> write_base(const Box& box, const std::vector<std::byte>& memory, int64_t unit);
  int64_t read_base(const Box& box, const std::vector<std::byte>& memory, int64_t unit);

  std::mt19937_64 random_;
  int64_t burst_;
  Memories& memories_;
  int64_t dram_free_ = 0, scratchpad_free_ = 0, accumulators_free_ = 0;
};

}  // namespace systole::sim

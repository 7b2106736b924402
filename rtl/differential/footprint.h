// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a command reads and writes, from the contract's text; shares no code with the model.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"

namespace systole::differential {

inline constexpr int kSpaces = 3;   // scratchpad, accumulator, DRAM
inline constexpr int kEngines = 6;  // the contract's, control among them

using Interval = std::pair<int64_t, int64_t>;  // first byte, one past the last

struct Footprint {
  std::array<std::vector<Interval>, kSpaces> read, write;  // sorted, disjoint
  uint64_t banks = 0;                                      // of the scratchpad, that PRELOAD or COMPUTE claims
  bool legal = true;      // counts above zero, addresses inside the memories, and none written twice by a LOAD or STORE
  bool overlaps = false;  // reads what it writes itself
  uint64_t work = 0;      // about how many elements or bytes it touches
};

enum class Hazard : uint8_t { kNone, kReadAfterWrite, kWriteAfterRead, kWriteAfterWrite, kBank };
inline constexpr int kHazards = 5;

int64_t matrix_row_bytes(const contract::Preload& command);  // of PRELOAD's matrix in the scratchpad
// Of a command with its loop increments applied.
Footprint footprint(const contract::Descriptor& command, const spec::NpuSpec& spec);
// Whether the contract says what it does: legal, and it doesn't read what it writes, but for sums in the accumulators
// and a VECTOR whose elements stay in their places.
bool defined(const contract::Descriptor& command, const spec::NpuSpec& spec);
// Of the later command with the earlier one, the first that holds.
Hazard hazard(const Footprint& earlier, const Footprint& later);
bool overlap(const std::vector<Interval>& a, const std::vector<Interval>& b);

// An execution of a command: REPEAT written out.
struct Instance {
  size_t command = 0;                // in the program
  std::array<uint32_t, 3> counts{};  // iterations so far of the enclosing loops, by level
  uint64_t iteration = 0;            // of the innermost loop, over all of the outer ones
};
// Whether every execution of every command is defined().
bool all_defined(const std::vector<contract::Descriptor>& commands, const spec::NpuSpec& spec);
std::vector<Instance> expand(const std::vector<contract::Descriptor>& commands, size_t most = 20000);
contract::Descriptor at(const std::vector<contract::Descriptor>& commands, const Instance& instance);

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What programs exercised: pairs of commands near each other, how the later one comes after the earlier one, and what
// they have in common.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rtl/differential/footprint.h"
#include "rtl/differential/program.h"

namespace systole::differential {

enum class Order : uint8_t { kNone, kQueue, kSemaphore, kChain };  // kQueue: the same engine's; kChain: through others
inline constexpr int kOrders = 4, kKinds = 11;  // of commands: opcodes, and the two that output-stationary ones are
std::string kind_name(int kind);
const char* name(Order order);
const char* name(Hazard hazard);

class Coverage {
 public:
  void add(const Program& program, const spec::NpuSpec& spec);

  uint64_t count(int earlier, int later, Order order, Hazard hazard) const {
    return counts_[index(earlier, later, static_cast<int>(order), static_cast<int>(hazard))];
  }
  uint64_t pairs() const;  // seen, all together
  // A line for each pair of commands: counts by order and hazard.
  struct Row {
    int earlier = 0, later = 0;
    std::array<std::array<uint64_t, kHazards>, kOrders> counts{};
  };
  std::vector<Row> rows() const;
  int cells() const;  // of (pair x order x hazard) that were seen
  int pair_kinds() const;

 private:
  static size_t index(int earlier, int later, int order, int hazard) {
    return static_cast<size_t>(((earlier * kKinds + later) * kOrders + order) * kHazards + hazard);
  }
  std::array<uint64_t, kKinds * kKinds * kOrders * kHazards> counts_{};
};

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a controller sends to its DRAM, as a log of it shows.
#pragma once

#include <cstdint>

namespace systole::memory::dram {

using Cycle = uint64_t;
inline constexpr Cycle kNever = UINT64_MAX;

enum class Command : uint8_t {
  kActivate,
  kActivateSecond,  // where an activation is two commands: opens the row
  kPrecharge,
  kPrechargeAll,  // of a rank
  kRead,
  kReadPrecharge,
  kWrite,
  kWritePrecharge,
  kWakeDataClock,
  kRefresh,  // of a rank
  kRefreshBank,
};

// bank: index in the channel, ((rank * stacks + stack) * bank_groups + group) * banks + bank, ranks counted over all
// pseudo-channels; where a command is for a whole rank, that of its first bank.
struct CommandRecord {
  Cycle at = 0;  // first tick on the bus
  Command command{};
  int channel = 0, bank = 0;
  uint32_t row = 0;  // of an activation or a column
};

class CommandLog {
 public:
  virtual ~CommandLog() = default;
  virtual void record(const CommandRecord& command) = 0;
};

}  // namespace systole::memory::dram

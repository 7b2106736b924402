// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Reads a command log and finds what a device would not stand: a second reading of the standards' rules, which shares
// nothing with the controller but the device's figures. It counts from the last ticks of commands, as standards do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configs/spec/dram_device.h"
#include "sim/memory/dram/command.h"

namespace systole::memory::dram {

class Checker : public CommandLog {
 public:
  explicit Checker(const spec::DramDevice& device);
  // Commands of a channel come in order of time.
  void record(const CommandRecord& command) override;

  uint64_t commands() const { return commands_; }
  uint64_t violations() const { return violations_; }
  const std::vector<std::string>& first_ones() const { return messages_; }  // the first 20

 private:
  using Kinds = uint16_t;  // a bit a Command
  enum class Scope : uint8_t { kBank, kGroup, kStack, kOtherStack, kRank, kOtherRank };
  struct Rule {
    const char* name;
    Kinds before, after;
    Scope scope;
    int64_t ticks;
  };
  struct Times {  // last tick of the latest command of each kind; long ago at first
    std::vector<int64_t> last;
    Times();
  };
  struct Bank {
    bool open = false, half_open = false;
    uint32_t row = 0;
  };
  struct Channel {
    std::vector<Bank> banks;
    std::vector<Times> of_bank, of_group, of_stack, of_rank;
    std::vector<std::vector<int64_t>> activates;  // of ranks
    std::vector<int64_t> data_until;              // of pseudo-channels
    std::vector<int64_t> refreshes;               // of ranks, or of banks
    int64_t row_bus = 0, column_bus = 0;          // free from
    int64_t awake_until = 0, half_opened = 0;
  };
  std::vector<Rule> rules() const;
  void complain(const CommandRecord& command, const std::string& what);
  int64_t length(Command command) const;
  void check_bus(Channel& channel, const CommandRecord& command);
  void check_state(Channel& channel, const CommandRecord& command);
  void check_times(Channel& channel, const CommandRecord& command);
  void check_data(Channel& channel, const CommandRecord& command);
  void check_refresh(Channel& channel, const CommandRecord& command);

  spec::DramDevice device_;
  std::vector<Rule> rules_;
  std::vector<Channel> channels_;
  uint64_t commands_ = 0, violations_ = 0;
  std::vector<std::string> messages_;
};

}  // namespace systole::memory::dram

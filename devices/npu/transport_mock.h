// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The scripted transport of driver tests: the register conversation is written down first, then held against the
// driver.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "devices/npu/transport.h"

namespace systole::npu {

class MockTransport : public Transport {
 public:
  explicit MockTransport(size_t memory_bytes) : memory_(memory_bytes) {}

  // The script, in order.
  MockTransport& reads(uint32_t offset, uint32_t answer);
  MockTransport& writes(uint32_t offset, uint32_t value);
  MockTransport& waits(uint64_t elapsed_cycles, bool interrupt);  // one irq_wait
  MockTransport& enables_irq(bool on);
  MockTransport& fails_reads(Status status);  // from here on every read answers this

  // What differs from the script, first difference only: "step 2: expected write ctrl = 0x00000001, got read status".
  // A script that was not used up is a difference too. Empty when all is as written.
  std::string difference() const;
  // What happened, a line an access.
  const std::vector<std::string>& conversation() const { return conversation_; }
  uint64_t longest_wait_asked() const { return longest_wait_; }

  std::string identity() const override { return "mock"; }
  Result<uint32_t> read(uint32_t offset, int size) override;
  Status write(uint32_t offset, uint32_t value, int size) override;
  std::span<std::byte> memory() override { return memory_; }
  Status irq_enable(bool on) override;
  Result<bool> irq_wait(uint64_t max_cycles) override;
  Status reset() override { return {}; }
  uint64_t now_cycles() override { return now_; }
  uint64_t frequency_hz() const override { return 1000000000; }
  Status advance(uint64_t cycles) override;

 private:
  struct Step {
    std::string text;     // "write ctrl = 0x00000001", "read id"
    uint32_t answer = 0;  // of a read
    uint64_t elapsed = 0;
    bool interrupt = false;
  };
  Step next(const std::string& text);

  std::vector<std::byte> memory_;
  std::deque<Step> script_;
  std::vector<std::string> conversation_;
  std::string difference_;
  Status read_failure_;
  uint64_t now_ = 0, longest_wait_ = 0;
};

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where the RTL's cycles went, from what its observers' ports show: the model's accounting (docs/timing.md, section 9).
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "devices/npu/transport.h"
#include "rtl/harness/npu.h"
#include "sim/accounting.h"

namespace systole::npu {

class RtlObserver {
 public:
  void see(const rtl::Pins& pins, uint64_t now, const memory::Served& served);
  CountersByTag counters_by_tag(uint64_t now);

 private:
  struct Seen {
    uint64_t index = 0, issue = 0, port_free = 0;
    uint16_t tag = 0;
    bool copies = false;
  };
  struct Lane {
    std::deque<Seen> queue, flight;
  };
  void describe();

  sim::Accounting accounting_;
  std::array<Lane, rtl::kEngines> lanes_;
  uint64_t next_index_ = 0;
  uint16_t fence_tag_ = 0;
  bool fence_ = false;
};

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where the RTL's cycles went, from what its observers' ports show: the model's accounting (docs/timing.md, section 9).
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "rtl/harness/pins.h"
#include "sim/accounting.h"

namespace systole::rtl {

class Observer {
 public:
  // A cycle of an Npu, as its set_observer() tells it.
  void see(const Pins& pins, uint64_t now, const memory::Served& served);
  const sim::Stats& stats(uint64_t now);  // since reset, of the cycles before `now`; valid until the next call

 private:
  struct Seen {
    uint64_t index = 0, issue = 0, port_free = 0;
    uint16_t tag = 0;
    bool copies = false;
  };
  struct Lane {
    std::deque<Seen> queue, flight;
  };
  void complete(size_t engine, const Pins& pins, uint64_t now);
  void dispatch(const Pins& pins);
  void describe(const Pins& pins);

  sim::Accounting accounting_;
  std::array<Lane, kEngines> lanes_;
  uint64_t next_index_ = 0;
  uint16_t fence_tag_ = 0;
  bool fence_ = false, failed_ = false;
  bool pending_ = false;  // as the cycle begins that is seen next
};

}  // namespace systole::rtl

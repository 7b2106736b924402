// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel.h"

#include <algorithm>
#include <cstring>
#include <new>

// SystemC's library refers to it; nothing calls it.
extern "C" int sc_main(int, char**) { return 0; }

namespace systole::sim {
namespace {

std::mutex& process_lock() {
  static std::mutex lock;
  return lock;
}

}  // namespace

Kernel::Kernel() {
  std::lock_guard<std::mutex> lock(process_lock());
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
  context_ = new sc_core::sc_simcontext();
}

Kernel::~Kernel() {
  std::lock_guard<std::mutex> lock(process_lock());
  auto* previous = sc_core::sc_curr_simcontext;
  auto* previous_default = sc_core::sc_default_global_context;
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = context_;
  delete context_;
  sc_core::sc_curr_simcontext = previous == context_ ? nullptr : previous;
  sc_core::sc_default_global_context = previous_default == context_ ? nullptr : previous_default;
}

Kernel::Entry::Entry(Kernel& kernel)
    : lock_(process_lock()),
      previous_(sc_core::sc_curr_simcontext),
      previous_default_(sc_core::sc_default_global_context) {
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = kernel.context_;
}

Kernel::Entry::~Entry() {
  sc_core::sc_curr_simcontext = previous_;
  sc_core::sc_default_global_context = previous_default_;
}

void Kernel::run_until(uint64_t end) {
  horizon_ = end - skipped_;
  changed();
  pause_ = false;
  try {
    while (!pause_ && cycle() < horizon_) sc_core::sc_start(cycles(horizon_ - cycle()));
  } catch (const sc_core::sc_report& report) {  // what a process threw, as a text of SystemC's
    if (std::strstr(report.what(), "std::bad_alloc")) throw std::bad_alloc();
    throw;
  }
  // sc_start leaves the processes of its last moment for the next call: a cycle is whole before anyone outside acts.
  while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

void Kernel::pause() {
  pause_ = true;
  horizon_ = cycle();
  changed();
  sc_core::sc_pause();
}

uint64_t Kernel::skip(uint64_t cycles) {
  skipped_ += cycles;
  changed();
  return horizon_ -= cycles;
}

uint64_t Kernel::next_activity() const {
  if (known_) return activity_;
  const uint64_t now = cycle();
  const uint64_t distance = sc_core::sc_time_to_pending_activity().value();
  known_ = true;
  return activity_ = distance > horizon_ - now ? horizon_ + 1 : now + distance;
}

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The one owner of SystemC contexts: each simulated device has its own; whoever touches SystemC holds an Entry.
// One tick of sc_time (1 ps, the default resolution) is one core cycle.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <systemc>

namespace systole::sim {

inline uint64_t cycle() { return sc_core::sc_time_stamp().value(); }
inline sc_core::sc_time cycles(uint64_t n) { return sc_core::sc_time::from_value(n); }

class Kernel {
 public:
  Kernel();
  ~Kernel();  // the modules must be gone; not while an Entry of this thread lives
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // While it lives, this thread holds the process-wide lock and the kernel's context is the current one. They do not
  // nest.
  class Entry {
   public:
    explicit Entry(Kernel& kernel);
    ~Entry();

   private:
    std::unique_lock<std::mutex> lock_;
    sc_core::sc_simcontext* previous_;
    sc_core::sc_simcontext* previous_default_;
  };

  // With an Entry alive: moves time forward to cycle `end`, as seen from outside, or to the cycle in which pause() was
  // called. All that is due in that cycle has happened on return.
  void run_until(uint64_t end);
  void pause();  // from a process; no process looks further ahead than this cycle then
  // How far a process may look ahead: the first cycle after now in which another is due, or someone outside the model
  // can act; now, when one is due in it.
  // The kernel is asked again once someone has said that it may have changed: every process as it begins, and whoever
  // notifies an event or cancels one.
  uint64_t next_activity() const;
  void changed() const { known_ = false; }

  // Cycles that did not have to be simulated: this much later than the kernel's own time it is for who looks from
  // outside.
  uint64_t skipped() const { return skipped_; }
  // How many may be: up to the end of this run_until(), from cycle `now` of the kernel on.
  uint64_t can_skip(uint64_t now) const { return now < horizon_ ? horizon_ - now : 0; }
  // Who asks must pause the kernel, or have done all that is due, in the cycle that comes back: the end is nearer now.
  uint64_t skip(uint64_t cycles);

 private:
  sc_core::sc_simcontext* context_;
  mutable uint64_t activity_ = 0;  // as asked last, where known_
  mutable bool known_ = false;
  uint64_t horizon_ = 0;  // nothing outside the model acts in this cycle or an earlier one
  uint64_t skipped_ = 0;
  bool pause_ = false;
};

}  // namespace systole::sim

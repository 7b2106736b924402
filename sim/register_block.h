// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// BAR0: a TLM-2.0 target for 32-bit accesses. Which registers exist, their access, masks and reset values come from the
// contract's table; what they mean to the device is told to and asked of a DeviceState.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <systemc>
#include <tlm>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/command_processor.h"
#include "sim/fault.h"
#include "sim/windows.h"

namespace systole::sim {

// The rest of the device, as the registers see it.
class DeviceState {
 public:
  virtual ~DeviceState() = default;
  virtual void reset() = 0;              // CTRL.reset was written
  virtual void registers_changed() = 0;  // look again in the next cycle
  virtual bool busy() const = 0;
  virtual uint64_t cycles_since_reset() const = 0;
  virtual uint64_t busy_from() const = 0;  // cycles since reset, as idle time last ended
  virtual const Stats& counters() const = 0;
};

struct ErrorRegisters {
  Fault fault;
  uint32_t sequence = 0;
  Engine engine = Engine::kLoad;
};

// A core's registers are so many bytes from those of the one before, as a power of two.
inline constexpr int kCoreStrideLog2 = 12;

class RegisterBlock : public sc_core::sc_module {
 public:
  RegisterBlock(const sc_core::sc_module_name& name, const spec::NpuSpec& spec);
  tlm_utils::simple_target_socket<RegisterBlock> host;

  void connect(DeviceState& device) { device_ = &device; }
  void reset();

  bool enabled() const { return word(contract::reg::kCtrl) & contract::reg::ctrl::kEnableMask; }
  bool halted() const { return word(contract::reg::kCtrl) & contract::reg::ctrl::kHaltMask; }
  bool take_step();  // consumes a requested single step
  bool step_requested() const { return step_; }
  uint64_t watchdog() const { return word(contract::reg::kWatchdog); }
  RingRegisters& ring() { return ring_; }
  const Windows& windows() const { return windows_; }
  // The word of the ring that makes it impossible, as the `ring` fault; none when all is well.
  Fault check_ring() const;

  const ErrorRegisters& error() const { return error_; }
  void raise(const ErrorRegisters& error);  // the first wins
  void fence(uint64_t sequence, bool irq);
  bool irq() const { return word(contract::reg::kIrqStatus) & word(contract::reg::kIrqEnable); }

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool read(uint32_t offset, uint32_t& value);
  bool write(uint32_t offset, uint32_t value);
  uint32_t live(uint32_t offset);
  uint32_t capability(uint32_t offset) const;
  uint32_t counter(uint32_t offset);
  uint32_t& word(uint32_t offset) { return words_[offset / 4]; }
  uint32_t word(uint32_t offset) const { return words_[offset / 4]; }
  uint64_t pair(uint32_t lo) const { return word(lo) | uint64_t{word(lo + 4)} << 32; }

  const spec::NpuSpec& spec_;
  DeviceState* device_ = nullptr;
  std::vector<uint32_t> words_;
  RingRegisters ring_;
  Windows windows_;
  ErrorRegisters error_;
  uint64_t fence_ = 0;
  uint32_t latched_hi_ = 0;
  bool step_ = false;
};

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The seam between the NPU's driver and whatever carries its registers: model, RTL, another process, silicon. VFIO's
// words. One caller at a time. The driver can't tell which transport it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "hal/profile.h"
#include "hal/status.h"

namespace systole::npu {

enum class DmaAccess : uint8_t { kRead, kWrite, kReadWrite };

// What a simulator can say beyond the architecture. Empty where the transport is no simulator.
using CountersByTag = std::map<uint16_t, std::vector<Counter>>;
struct Activity {
  std::string track, name;
  uint16_t tag = 0;                         // the header's
  uint64_t start_cycle = 0, end_cycle = 0;  // of now_cycles()
};

// Bytes by bin of `bin_cycles`, the first from cycle `start` of now_cycles() on: reads, then writes, of each channel.
struct Traffic {
  uint64_t start = 0, bin_cycles = 1;
  std::vector<std::vector<uint64_t>> bins;
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual std::string identity() const = 0;  // for messages: "model of edge-16x16"

  // BAR0. `size` is 4 and `offset` a multiple of it: kInvalidArgument otherwise. kOutOfRange where no register answers.
  // A write is posted: only a later read, or reset, proves that it arrived.
  virtual Result<uint32_t> read(uint32_t offset, int size) = 0;
  virtual Status write(uint32_t offset, uint32_t value, int size) = 0;

  // The window onto device memory, device address 0 first; coherent with the device. Empty where there is none.
  virtual std::span<std::byte> memory() = 0;

  // Host memory seen by the device at `iova`. kUnsupported where the device reads its own memory only. dma_unmap
  // returns when no access is in flight.
  virtual Status dma_map(uint64_t iova, std::span<std::byte> host, DmaAccess access);
  virtual Status dma_unmap(uint64_t iova, uint64_t bytes);

  // Interrupts arrive while enabled. Returns at the first interrupt, at once when its line is high, or after max_cycles
  // of device time: true where the line is high.
  virtual Status irq_enable(bool on) = 0;
  virtual Result<bool> irq_wait(uint64_t max_cycles) = 0;

  // As after power-on, device memory kept.
  virtual Status reset() = 0;

  // Device time, in core cycles since the transport was made. advance moves it where the transport owns time, and is
  // kUnsupported where time moves by itself.
  virtual uint64_t now_cycles() = 0;
  virtual uint64_t frequency_hz() const = 0;
  virtual Status advance(uint64_t cycles) = 0;

  // Optional observations, since reset and since the last call.
  virtual CountersByTag counters_by_tag() { return {}; }
  virtual Traffic traffic() { return {}; }
  virtual void set_tracing(bool) {}
  virtual std::vector<Activity> take_trace() { return {}; }
  virtual std::vector<std::string> take_race_reports() { return {}; }
};

// kInvalidArgument unless `size` is 4 and `offset` a multiple of it.
Status check_access(uint32_t offset, int size);

}  // namespace systole::npu

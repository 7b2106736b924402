// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The NPU's driver: the register conversation, written once for every transport. One caller at a time; request_stop
// alone may come from any thread. With several cores it is the first one's, and has the others' at hand: those raise no
// interrupts, and are looked at when nothing has come for a while.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "devices/npu/transport.h"

namespace systole::npu {

struct Capabilities {
  uint32_t rows = 0, cols = 0;
  uint64_t scratchpad_bytes = 0, dram_bytes = 0;
  uint32_t accumulator_rows = 0, vector_lanes = 0, semaphores = 0, dtypes = 0, loop_buffer = 0;
  uint64_t clock_hz = 0;
  uint32_t cores = 1, core_stride_log2 = 0;
};

// Since reset; the words of a fence record and of the performance registers. Of several cores: the first one's cycles,
// everything else in all of them.
struct PerfCounters {
  uint64_t cycles = 0, macs = 0, dram_read_bytes = 0, dram_write_bytes = 0, commands = 0, overflow = 0;
  void add_but_cycles(const PerfCounters& other) {
    macs += other.macs, dram_read_bytes += other.dram_read_bytes, dram_write_bytes += other.dram_write_bytes;
    commands += other.commands, overflow += other.overflow;
  }
};

struct DriverConfig {
  uint64_t ring_base = 0;                    // device address, 128-byte aligned
  uint32_t ring_descriptors = 4096;          // a power of two
  uint32_t cores = 1, core_stride_log2 = 0;  // registers of core n begin at n << core_stride_log2
  uint64_t dram_bytes = 0;                   // the data window is what lies behind the rings
  uint32_t watchdog_cycles = 10000000;
  uint64_t timeout_cycles = 20000000;  // device time without any progress after which the device counts as lost
  uint64_t ring_bytes() const { return static_cast<uint64_t>(ring_descriptors) * contract::kDescriptorBytes; }
  uint64_t rings_end() const { return ring_base + cores * ring_bytes(); }
};

class Driver {
 public:
  explicit Driver(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {}

  // Reads identity and capabilities. kFailedPrecondition with both hashes where the device follows another contract,
  // kDeviceLost where nothing answers.
  Result<Capabilities> probe();
  // Reset, ring, DMA windows, watchdog, interrupts, enable. Kept for reset().
  Status init(const DriverConfig& config);

  // Copies the descriptors into the ring and rings the doorbell, waiting in device time for room where the ring is
  // full. kFailedPrecondition after a fault, until reset().
  using Descriptors = std::span<const contract::Descriptor>;
  Status submit(Descriptors descriptors);
  // The same to each core, the first one's first; no more sources than cores. A source gives a core's descriptors piece
  // by piece, then an empty one; a piece is kept until the next is asked for.
  using Source = std::function<Descriptors()>;
  Status submit_to_cores(const std::vector<Source>& sources);
  // Ok once a fence of at least this sequence has completed. kDeviceFault with its report where the device stopped,
  // kDeviceLost after timeout_cycles of device time without progress, kCancelled after request_stop.
  Status wait_fence(uint64_t sequence);
  // State as after init; whatever was in flight is gone, device memory is kept.
  Status reset();

  // Makes a wait in progress, and every one until reset(), end with kCancelled.
  void request_stop() { stop_ = true; }
  bool failed() const { return !failure_.ok() || stop_; }

  Result<PerfCounters> counters();
  // perf_cycles as the device last stopped being idle: accesses to registers take time where a bus does.
  Result<uint64_t> start_cycles();
  // now_cycles() of the transport at the last reset: where PerfCounters::cycles counts from.
  uint64_t epoch_cycles() const { return epoch_; }

  Transport& transport() { return *transport_; }
  uint32_t submitted() const { return tail_; }                   // descriptors since reset
  uint64_t lost_interrupts() const { return lost_interrupts_; }  // fences found complete without one

 private:
  Result<uint32_t> read(uint32_t offset) { return transport_->read(registers_ + offset, 4); }
  Status write(uint32_t offset, uint32_t value) { return transport_->write(registers_ + offset, value, 4); }
  Status write64(uint32_t low_offset, uint32_t high_offset, uint64_t value);
  Result<uint64_t> read64(uint32_t low_offset, uint32_t high_offset);
  Driver& core(size_t number) { return number == 0 ? *this : *others_[number - 1]; }
  Status bring_up();
  struct Feed {
    const Source& source;
    Descriptors left;
    bool at_end() {
      if (left.empty()) left = source();
      return left.empty();
    }
  };
  // What fits into the core's ring goes there, and leaves `feed`.
  Status fill_ring(Feed& feed);
  Status wait_for_room(std::vector<Feed>& feeds);
  Status read_error();
  Status check_error();
  Result<uint64_t> progress();
  Status wait_slice(uint64_t cycles);
  // Sticky until reset.
  Status fail(Status status);
  // Looks for progress since the last call; kDeviceLost when there was none for timeout_cycles.
  Status check_progress();
  std::string rings_text();

  std::shared_ptr<Transport> transport_;
  DriverConfig config_;
  uint32_t number_ = 0, registers_ = 0;          // of the core; where its registers begin
  std::vector<std::unique_ptr<Driver>> others_;  // the first core's: of the others
  Status failure_;
  std::atomic<bool> stop_{false};
  uint32_t tail_ = 0, head_ = 0;  // free-running, as the registers
  uint64_t awaited_ = 0;          // sequence waited for: what a fault is reported against
  uint64_t epoch_ = 0;
  uint64_t progress_at_ = 0;    // now_cycles() of the last progress seen
  uint64_t progress_mark_ = 0;  // commands completed + descriptors taken, then
  uint64_t lost_interrupts_ = 0;
  bool interrupted_ = false;
};

}  // namespace systole::npu

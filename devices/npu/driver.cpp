// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/driver.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "devices/npu/fault.h"

namespace systole::npu {
namespace {

namespace reg = contract::reg;

constexpr uint64_t kSliceCycles = 1000000;  // longest single wait, so that request_stop is seen

std::string hash_text(uint64_t hash) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(hash));
  return text;
}

uint32_t field(uint32_t value, uint32_t mask, int lsb) { return (value & mask) >> lsb; }

}  // namespace

Status Driver::write64(uint32_t low_offset, uint32_t high_offset, uint64_t value) {
  SYSTOLE_RETURN_IF_ERROR(write(low_offset, static_cast<uint32_t>(value)));
  return write(high_offset, static_cast<uint32_t>(value >> 32));
}

Result<uint64_t> Driver::read64(uint32_t low_offset, uint32_t high_offset) {
  SYSTOLE_ASSIGN_OR_RETURN(const uint64_t low, read(low_offset));
  SYSTOLE_ASSIGN_OR_RETURN(const uint64_t high, read(high_offset));
  return high << 32 | low;
}

Result<Capabilities> Driver::probe() {
  SYSTOLE_ASSIGN_OR_RETURN(const uint64_t hash, read64(reg::kId, reg::kIdHi));
  if (hash == ~0ull)
    return Status(Code::kDeviceLost, transport_->identity() + ": reads give all ones: no device answers");
  if (hash != contract::kHash) {
    return Status(Code::kFailedPrecondition, transport_->identity() + ": the device's contract hash is " +
                                                 hash_text(hash) + ", this driver was built for " +
                                                 hash_text(contract::kHash));
  }
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t version, read(reg::kVersion));
  if (version != contract::kVersion) {
    return Status(Code::kFailedPrecondition, transport_->identity() + ": contract version " + std::to_string(version) +
                                                 ", expected " + std::to_string(contract::kVersion));
  }
  Capabilities caps;
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t array, read(reg::kCapArray));
  caps.rows = field(array, reg::cap_array::kRowsMask, reg::cap_array::kRowsLsb);
  caps.cols = field(array, reg::cap_array::kColsMask, reg::cap_array::kColsLsb);
  SYSTOLE_ASSIGN_OR_RETURN(const uint64_t scratchpad_kib, read(reg::kCapScratchpad));
  caps.scratchpad_bytes = scratchpad_kib * 1024;
  SYSTOLE_ASSIGN_OR_RETURN(caps.accumulator_rows, read(reg::kCapAccumulator));
  SYSTOLE_ASSIGN_OR_RETURN(caps.vector_lanes, read(reg::kCapVector));
  SYSTOLE_ASSIGN_OR_RETURN(caps.semaphores, read(reg::kCapSemaphores));
  SYSTOLE_ASSIGN_OR_RETURN(caps.dtypes, read(reg::kCapDtypes));
  SYSTOLE_ASSIGN_OR_RETURN(caps.loop_buffer, read(reg::kCapLoop));
  SYSTOLE_ASSIGN_OR_RETURN(caps.dram_bytes, read64(reg::kCapDramLo, reg::kCapDramHi));
  SYSTOLE_ASSIGN_OR_RETURN(const uint64_t clock_khz, read(reg::kCapClock));
  caps.clock_hz = clock_khz * 1000;
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t cores, read(reg::kCapCores));
  caps.cores = field(cores, reg::cap_cores::kCoresMask, reg::cap_cores::kCoresLsb);
  caps.core_stride_log2 = field(cores, reg::cap_cores::kStrideMask, reg::cap_cores::kStrideLsb);
  return caps;
}

Status Driver::init(const DriverConfig& config) {
  const uint64_t rings_end = config.rings_end();
  const uint32_t count = config.ring_descriptors;
  if (count < 2 || (count & (count - 1)) != 0 || config.ring_base % contract::kDescriptorBytes != 0 ||
      rings_end > transport_->memory().size() || rings_end > config.dram_bytes) {
    return Status(Code::kInvalidArgument, "ring of " + std::to_string(count) + " descriptors at " +
                                              std::to_string(config.ring_base) +
                                              ": expected a power of two inside device memory, 128-byte aligned");
  }
  config_ = config;
  others_.clear();
  for (uint32_t number = 1; number < config.cores; ++number) {
    others_.push_back(std::make_unique<Driver>(transport_));
    others_.back()->config_ = config;
    others_.back()->number_ = number;
    others_.back()->registers_ = number << config.core_stride_log2;
  }
  return bring_up();
}

Status Driver::reset() { return bring_up(); }

// The first core's reset is all cores'.
Status Driver::bring_up() {
  if (number_ == 0) {
    SYSTOLE_RETURN_IF_ERROR(write(reg::kCtrl, reg::ctrl::kResetMask));
    SYSTOLE_ASSIGN_OR_RETURN(const uint32_t ctrl, read(reg::kCtrl));
    if (ctrl & reg::ctrl::kResetMask) {
      return fail(Status(Code::kDeviceLost,
                         transport_->identity() + ": reset does not end, ctrl reads " + std::to_string(ctrl)));
    }
  }
  const uint64_t ring = config_.ring_base + number_ * config_.ring_bytes();
  SYSTOLE_RETURN_IF_ERROR(write64(reg::kRingBaseLo, reg::kRingBaseHi, ring));
  SYSTOLE_RETURN_IF_ERROR(write(reg::kRingSize, config_.ring_descriptors));
  SYSTOLE_RETURN_IF_ERROR(write64(reg::kWindow0BaseLo, reg::kWindow0BaseHi, ring));
  SYSTOLE_RETURN_IF_ERROR(write64(reg::kWindow0LimitLo, reg::kWindow0LimitHi, ring + config_.ring_bytes()));
  SYSTOLE_RETURN_IF_ERROR(write(reg::kWindow0Flags, reg::window0_flags::kReadMask));
  SYSTOLE_RETURN_IF_ERROR(write64(reg::kWindow1BaseLo, reg::kWindow1BaseHi, config_.rings_end()));
  SYSTOLE_RETURN_IF_ERROR(write64(reg::kWindow1LimitLo, reg::kWindow1LimitHi, config_.dram_bytes));
  SYSTOLE_RETURN_IF_ERROR(write(reg::kWindow1Flags, reg::window1_flags::kReadMask | reg::window1_flags::kWriteMask));
  SYSTOLE_RETURN_IF_ERROR(write(reg::kWatchdog, config_.watchdog_cycles));
  if (number_ == 0) {
    SYSTOLE_RETURN_IF_ERROR(write(reg::kIrqEnable, reg::irq_enable::kFenceMask | reg::irq_enable::kErrorMask));
    SYSTOLE_RETURN_IF_ERROR(transport_->irq_enable(true));
  }
  for (const auto& other : others_) SYSTOLE_RETURN_IF_ERROR(other->bring_up());
  SYSTOLE_RETURN_IF_ERROR(write(reg::kCtrl, reg::ctrl::kEnableMask));
  tail_ = head_ = 0;
  epoch_ = progress_at_ = transport_->now_cycles();
  progress_mark_ = 0;
  failure_ = {};
  stop_ = false;
  return {};
}

Status Driver::fail(Status status) {
  failure_ = status;
  return status;
}

Status Driver::submit(Descriptors descriptors) {
  return submit_to_cores({[&] { return std::exchange(descriptors, {}); }});
}

Status Driver::submit_to_cores(const std::vector<Source>& sources) {
  if (!failure_.ok()) return Status(Code::kFailedPrecondition, "the device needs a reset after: " + failure_.message());
  progress_at_ = transport_->now_cycles();
  std::vector<Feed> feeds;
  for (const Source& source : sources) feeds.push_back({source, {}});
  while (true) {
    for (size_t i = 0; i < feeds.size(); ++i) SYSTOLE_RETURN_IF_ERROR(core(i).fill_ring(feeds[i]));
    if (std::all_of(feeds.begin(), feeds.end(), [](Feed& feed) { return feed.at_end(); })) return {};
    SYSTOLE_RETURN_IF_ERROR(wait_for_room(feeds));
  }
}

Status Driver::fill_ring(Feed& feed) {
  std::byte* const ring = transport_->memory().data() + config_.ring_base + number_ * config_.ring_bytes();
  const uint32_t before = tail_;
  while (tail_ - head_ < config_.ring_descriptors && !feed.at_end()) {
    const uint32_t place = tail_ & (config_.ring_descriptors - 1);
    const size_t count = std::min<size_t>(
        {config_.ring_descriptors - (tail_ - head_), config_.ring_descriptors - place, feed.left.size()});
    std::memcpy(ring + static_cast<size_t>(place) * contract::kDescriptorBytes, feed.left.data(),
                count * contract::kDescriptorBytes);
    tail_ += static_cast<uint32_t>(count);
    feed.left = feed.left.subspan(count);
  }
  return tail_ == before ? Status() : write(reg::kRingTail, tail_);
}

// Until a ring that more is to go to has some. The processor takes at most one descriptor a cycle: waiting for fewer
// cycles than descriptors are left never lets a ring run dry.
Status Driver::wait_for_room(std::vector<Feed>& feeds) {
  const uint32_t enough = std::max<uint32_t>(config_.ring_descriptors / 4, 1);
  const uint32_t reserve = std::max<uint32_t>(config_.ring_descriptors / 8, 1);
  while (true) {
    uint32_t wait = config_.ring_descriptors;
    for (size_t i = 0; i < feeds.size(); ++i) {
      if (feeds[i].at_end()) continue;
      Driver& full = core(i);
      SYSTOLE_ASSIGN_OR_RETURN(full.head_, full.read(reg::kRingHead));
      const uint32_t left = full.tail_ - full.head_;
      if (config_.ring_descriptors - left >= enough) return {};
      wait = std::min(wait, left - reserve);
    }
    SYSTOLE_RETURN_IF_ERROR(wait_slice(wait));
    SYSTOLE_RETURN_IF_ERROR(check_progress());
  }
}

Status Driver::wait_fence(uint64_t sequence) {
  if (!failure_.ok()) return Status(Code::kFailedPrecondition, "the device needs a reset after: " + failure_.message());
  awaited_ = sequence;
  progress_at_ = transport_->now_cycles();
  uint64_t slice = std::min(kSliceCycles, config_.timeout_cycles);
  for (bool first = true;; first = false) {
    SYSTOLE_ASSIGN_OR_RETURN(const uint64_t reached, read64(reg::kFenceLo, reg::kFenceHi));
    if (reached >= sequence) {
      if (!first && !interrupted_) ++lost_interrupts_;
      return {};
    }
    if (!first) SYSTOLE_RETURN_IF_ERROR(check_progress());
    SYSTOLE_RETURN_IF_ERROR(wait_slice(slice));
  }
}

Status Driver::wait_slice(uint64_t cycles) {
  if (stop_) return fail(Status(Code::kCancelled, "the device was asked to stop"));
  SYSTOLE_ASSIGN_OR_RETURN(interrupted_, transport_->irq_wait(cycles));
  if (!interrupted_) return check_error();
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t causes, read(reg::kIrqStatus));
  SYSTOLE_RETURN_IF_ERROR(write(reg::kIrqStatus, causes));
  if (causes & reg::irq_status::kErrorMask) return check_error();
  return {};
}

Status Driver::check_error() {
  for (size_t i = 0; i <= others_.size(); ++i) {
    const Status status = core(i).read_error();
    if (!status.ok()) return fail(status);
  }
  return {};
}

Status Driver::read_error() {
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t status, read(reg::kStatus));
  if (status == ~0u)
    return Status(Code::kDeviceLost, transport_->identity() + ": reads give all ones: no device answers");
  if (!(status & reg::status::kErrorMask)) return {};
  ErrorRegisters error;
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t code, read(reg::kErrorCode));
  error.code = static_cast<contract::ErrorCode>(code);
  SYSTOLE_ASSIGN_OR_RETURN(error.address, read64(reg::kErrorAddrLo, reg::kErrorAddrHi));
  SYSTOLE_ASSIGN_OR_RETURN(error.descriptor, read(reg::kErrorSeq));
  SYSTOLE_ASSIGN_OR_RETURN(const uint32_t engine, read(reg::kErrorEngine));
  error.engine = static_cast<contract::Engine>(engine);
  const Status fault = fault_status(error, transport_->now_cycles() - epoch_);
  if (config_.cores == 1) return fault;
  return Status(fault.code(), "core " + std::to_string(number_) + ": " + fault.message()).with_fault(*fault.fault());
}

// A number that grows with every descriptor taken and every command completed, of all cores.
Result<uint64_t> Driver::progress() {
  uint64_t sum = 0;
  for (size_t i = 0; i <= others_.size(); ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(const uint64_t commands, core(i).read64(reg::kPerfCommandsLo, reg::kPerfCommandsHi));
    SYSTOLE_ASSIGN_OR_RETURN(core(i).head_, core(i).read(reg::kRingHead));
    sum += commands + core(i).head_;
  }
  return sum;
}

Status Driver::check_progress() {
  const uint64_t now = transport_->now_cycles();
  if (now - progress_at_ < std::min(kSliceCycles, config_.timeout_cycles)) return {};
  SYSTOLE_ASSIGN_OR_RETURN(const uint64_t mark, progress());
  if (mark != progress_mark_) {
    progress_mark_ = mark;
    progress_at_ = now;
    return {};
  }
  if (now - progress_at_ < config_.timeout_cycles) return {};
  return fail(Status(Code::kDeviceLost, transport_->identity() + ": no progress for " +
                                            std::to_string(now - progress_at_) +
                                            " cycles of device time, waiting for fence " + std::to_string(awaited_) +
                                            "; " + rings_text()));
}

// How far the rings are; of several cores those that are not empty.
std::string Driver::rings_text() {
  std::string text;
  for (size_t i = 0; i <= others_.size(); ++i) {
    const Driver& each = core(i);
    if (!others_.empty() && each.head_ == each.tail_) continue;
    text += (text.empty() ? "" : ", ") + std::string(others_.empty() ? "" : "core " + std::to_string(i) + ": ") +
            "descriptor " + std::to_string(each.head_) + " of " + std::to_string(each.tail_) + " is next";
  }
  return text.empty() ? "all cores have taken their descriptors" : text;
}

Result<PerfCounters> Driver::counters() {
  PerfCounters result;
  SYSTOLE_ASSIGN_OR_RETURN(result.cycles, read64(reg::kPerfCyclesLo, reg::kPerfCyclesHi));
  SYSTOLE_ASSIGN_OR_RETURN(result.macs, read64(reg::kPerfMacsLo, reg::kPerfMacsHi));
  SYSTOLE_ASSIGN_OR_RETURN(result.dram_read_bytes, read64(reg::kPerfDramReadLo, reg::kPerfDramReadHi));
  SYSTOLE_ASSIGN_OR_RETURN(result.dram_write_bytes, read64(reg::kPerfDramWriteLo, reg::kPerfDramWriteHi));
  SYSTOLE_ASSIGN_OR_RETURN(result.commands, read64(reg::kPerfCommandsLo, reg::kPerfCommandsHi));
  SYSTOLE_ASSIGN_OR_RETURN(result.overflow, read64(reg::kPerfOverflowLo, reg::kPerfOverflowHi));
  for (const auto& other : others_) {
    SYSTOLE_ASSIGN_OR_RETURN(const PerfCounters more, other->counters());
    result.add_but_cycles(more);
  }
  return result;
}

Result<uint64_t> Driver::start_cycles() { return read64(reg::kPerfStartLo, reg::kPerfStartHi); }

}  // namespace systole::npu

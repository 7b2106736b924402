// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/register_block.h"

#include <cstring>

namespace systole::sim {
namespace {

using namespace contract;

const RegisterInfo* find_register(uint32_t offset) {
  for (const RegisterInfo& r : kRegisters)
    if (r.offset == offset) return &r;
  return nullptr;
}

constexpr uint32_t kBarBytes = 0x400;

uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

}  // namespace

RegisterBlock::RegisterBlock(const sc_core::sc_module_name& name, const spec::NpuSpec& spec)
    : sc_module(name), host("host"), spec_(spec), words_(kBarBytes / 4) {
  host.register_b_transport(this, &RegisterBlock::transport);
  reset();
}

void RegisterBlock::reset() {
  for (const RegisterInfo& r : kRegisters)
    if (r.has_reset) word(r.offset) = r.reset;
  ring_ = {};
  windows_ = {};
  windows_.memory_bytes = static_cast<uint64_t>(spec_.dram.bytes);
  error_ = {};
  fence_ = 0;
  latched_hi_ = 0;
  step_ = false;
}

void RegisterBlock::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const uint64_t offset = payload.get_address();
  uint32_t value = 0;
  if (payload.get_data_length() != 4 || offset % 4 != 0 || offset >= kBarBytes) {
    payload.set_response_status(offset >= kBarBytes ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  bool ok;
  if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), 4);
    ok = write(static_cast<uint32_t>(offset), value);
  } else {
    ok = read(static_cast<uint32_t>(offset), value);
    std::memcpy(payload.get_data_ptr(), &value, 4);
  }
  payload.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

bool RegisterBlock::read(uint32_t offset, uint32_t& value) {
  const RegisterInfo* r = find_register(offset);
  if (r == nullptr || r->access == Access::kWriteOnly) return false;
  value = (r->has_reset ? word(offset) : live(offset)) & r->mask;
  return true;
}

bool RegisterBlock::write(uint32_t offset, uint32_t value) {
  const RegisterInfo* r = find_register(offset);
  if (r == nullptr) return false;
  if (r->access == Access::kReadOnly) return true;  // ignored
  value &= r->mask;
  if (r->access == Access::kWriteOneToClear) {
    word(offset) &= ~value;
    return true;
  }
  if (offset == reg::kCtrl) {
    if (value & reg::ctrl::kResetMask) {
      device_->reset();
      return true;
    }
    step_ = step_ || (value & reg::ctrl::kStepMask);
    value &= ~(reg::ctrl::kResetMask | reg::ctrl::kStepMask);
  }
  word(offset) = value;
  ring_.base = pair(reg::kRingBaseLo);
  ring_.size = word(reg::kRingSize);
  ring_.tail = word(reg::kRingTail);
  windows_.window[0] = {pair(reg::kWindow0BaseLo), pair(reg::kWindow0LimitLo),
                        (word(reg::kWindow0Flags) & reg::window0_flags::kReadMask) != 0,
                        (word(reg::kWindow0Flags) & reg::window0_flags::kWriteMask) != 0};
  windows_.window[1] = {pair(reg::kWindow1BaseLo), pair(reg::kWindow1LimitLo),
                        (word(reg::kWindow1Flags) & reg::window1_flags::kReadMask) != 0,
                        (word(reg::kWindow1Flags) & reg::window1_flags::kWriteMask) != 0};
  device_->registers_changed();
  return true;
}

uint32_t RegisterBlock::live(uint32_t offset) {
  if (offset < reg::kCtrl) return capability(offset);
  if (offset >= reg::kPerfCyclesLo) return counter(offset);
  switch (offset) {
    case reg::kStatus:
      return (device_->busy() ? reg::status::kBusyMask : 0) | (halted() ? reg::status::kHaltedMask : 0) |
             (error_.fault ? reg::status::kErrorMask : 0);
    case reg::kErrorCode:
      return static_cast<uint32_t>(error_.fault.code);
    case reg::kErrorAddrLo:
      return low(error_.fault.address);
    case reg::kErrorAddrHi:
      return high(error_.fault.address);
    case reg::kErrorSeq:
      return error_.sequence;
    case reg::kErrorEngine:
      return static_cast<uint32_t>(error_.engine);
    case reg::kFenceLo:
      return low(fence_);
    case reg::kFenceHi:
      return high(fence_);
    case reg::kRingHead:
      return ring_.head;
    default:
      return 0;
  }
}

uint32_t RegisterBlock::capability(uint32_t offset) const {
  auto u = [](auto value) { return static_cast<uint32_t>(value); };
  const auto& core = spec_.core;
  switch (offset) {
    case reg::kCapArray:
      return u(spec_.array.rows) << reg::cap_array::kRowsLsb | u(spec_.array.cols) << reg::cap_array::kColsLsb;
    case reg::kCapScratchpad:
      return u(spec_.scratchpad.bytes / 1024);
    case reg::kCapAccumulator:
      return u(spec_.accumulator.rows);
    case reg::kCapVector:
      return u(spec_.vector.lanes);
    case reg::kCapSemaphores:
      return u(core.semaphores);
    case reg::kCapDtypes:
      return (spec_.array.int8_interval > 0 ? 1u << u(Dtype::kI8) | 1u << u(Dtype::kU8) : 0) |
             (spec_.array.bf16_interval > 0 ? 1u << u(Dtype::kBf16) : 0);
    case reg::kCapDataflows:
      return 1u << u(contract::Dataflow::kWeightStationary) |
             (spec_.array.output_stationary() ? 1u << u(contract::Dataflow::kOutputStationary) : 0);
    case reg::kCapWeights:
      return 1u << u(contract::Weights::kSame) | (spec_.array.i8_weights() ? 1u << u(contract::Weights::kI8) : 0) |
             (spec_.array.i4_weights() ? 1u << u(contract::Weights::kI4) : 0);
    case reg::kCapQueues:
      return u(core.load_queue) << reg::cap_queues::kLoadLsb | u(core.store_queue) << reg::cap_queues::kStoreLsb |
             u(core.preload_queue) << reg::cap_queues::kPreloadLsb |
             u(core.compute_queue) << reg::cap_queues::kComputeLsb |
             u(core.vector_queue) << reg::cap_queues::kVectorLsb;
    case reg::kCapLoop:
      return u(core.loop_buffer);
    case reg::kCapDramLo:
      return low(static_cast<uint64_t>(spec_.dram.bytes));
    case reg::kCapDramHi:
      return high(static_cast<uint64_t>(spec_.dram.bytes));
    case reg::kCapClock:
      return u(spec_.clock.hz / 1000);
    case reg::kCapCores:
      return u(spec_.cores) << reg::cap_cores::kCoresLsb | 1u << reg::cap_cores::kRingsLsb |
             (spec_.cores > 1 ? u(kCoreStrideLog2) << reg::cap_cores::kStrideLsb : 0);
    default:
      return 0;
  }
}

uint32_t RegisterBlock::counter(uint32_t offset) {
  if (offset % 8 != 0) return latched_hi_;
  const Counters& total = device_->counters().total;
  uint64_t value = 0;
  switch (offset) {
    case reg::kPerfCyclesLo:
      value = device_->cycles_since_reset();
      break;
    case reg::kPerfMacsLo:
      value = total.macs;
      break;
    case reg::kPerfDramReadLo:
      value = total.dram_bytes[static_cast<int>(Engine::kLoad)];
      break;
    case reg::kPerfDramWriteLo:
      value = total.dram_bytes[static_cast<int>(Engine::kStore)];
      break;
    case reg::kPerfCommandsLo:
      value = total.commands;
      break;
    case reg::kPerfOverflowLo:
      value = total.overflow;
      break;
    case reg::kPerfStartLo:
      value = device_->busy_from();
      break;
    default:
      break;
  }
  latched_hi_ = high(value);
  return low(value);
}

bool RegisterBlock::take_step() {
  const bool step = step_;
  step_ = false;
  return step;
}

Fault RegisterBlock::check_ring() const {
  auto bad = [](uint64_t value) { return Fault{ErrorCode::kRing, value}; };
  const uint64_t memory = static_cast<uint64_t>(spec_.dram.bytes);
  const uint64_t bytes = uint64_t{ring_.size} * kDescriptorBytes;
  if (ring_.size < 2 || ring_.size > 1048576 || (ring_.size & (ring_.size - 1))) return bad(ring_.size);
  if (ring_.base % kDescriptorBytes || ring_.base > memory || bytes > memory - ring_.base) return bad(ring_.base);
  if (ring_.tail - ring_.head > ring_.size) return bad(ring_.tail);
  return {};
}

void RegisterBlock::raise(const ErrorRegisters& error) {
  if (error_.fault) return;
  error_ = error;
  word(reg::kIrqStatus) |= reg::irq_status::kErrorMask;
}

void RegisterBlock::fence(uint64_t sequence, bool irq) {
  fence_ = sequence;
  if (irq) word(reg::kIrqStatus) |= reg::irq_status::kFenceMask;
}

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/fault.h"

#include <cstdio>

namespace systole::npu {
namespace {

using contract::ErrorCode;

// One line an error code: the kind the HAL knows it by, and what the contract says its address is.
struct Meaning {
  ErrorCode code;
  FaultReport::Kind kind;
  const char* sentence;
  const char* address;
};

constexpr Meaning kMeanings[] = {
    {ErrorCode::kBadOpcode, FaultReport::Kind::kBadDescriptor, "no command has this opcode", "descriptor at"},
    {ErrorCode::kReservedBits, FaultReport::Kind::kBadDescriptor, "a reserved bit of the descriptor is set",
     "descriptor at"},
    {ErrorCode::kUnsupported, FaultReport::Kind::kIllegalOp, "this NPU can't do what the command asks", "address"},
    {ErrorCode::kBadOperand, FaultReport::Kind::kIllegalOp,
     "a count of zero, or a misaligned or out-of-range local address", "operand"},
    {ErrorCode::kDmaFault, FaultReport::Kind::kDmaFault, "an access outside every DMA window or against its direction",
     "device address"},
    {ErrorCode::kSemUnderflow, FaultReport::Kind::kSemaphore, "a semaphore fell below zero", "semaphore"},
    {ErrorCode::kSemOverflow, FaultReport::Kind::kSemaphore, "a semaphore grew beyond its range", "semaphore"},
    {ErrorCode::kWatchdog, FaultReport::Kind::kWatchdog,
     "no command completed for the watchdog's cycles while work was pending", "address"},
    {ErrorCode::kRing, FaultReport::Kind::kBadDescriptor, "ring base, size or doorbell is impossible", "value"},
    {ErrorCode::kLoop, FaultReport::Kind::kBadDescriptor,
     "REPEAT nests too deep, reuses a level or has too long a body", "address"},
};

}  // namespace

Status fault_status(const ErrorRegisters& registers, uint64_t cycle) {
  Meaning meaning{registers.code, FaultReport::Kind::kOther, "an error code outside the contract", "address"};
  for (const Meaning& each : kMeanings) {
    if (each.code == registers.code) meaning = each;
  }
  char place[128];
  std::snprintf(place, sizeof place, "%s 0x%llx, descriptor %u, %s engine", meaning.address,
                static_cast<unsigned long long>(registers.address), registers.descriptor,
                contract::name(registers.engine));
  FaultReport report;
  report.kind = meaning.kind;
  report.device_code = static_cast<uint32_t>(registers.code);
  report.address = registers.address;
  report.cycle = cycle;
  report.detail = place;
  return Status(Code::kDeviceFault,
                std::string(contract::name(registers.code)) + ": " + meaning.sentence + " (" + place + ")")
      .with_fault(std::move(report));
}

}  // namespace systole::npu

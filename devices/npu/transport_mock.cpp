// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/transport_mock.h"

#include <algorithm>
#include <cstdio>

#include "configs/contract/generated/npu_contract.h"

namespace systole::npu {
namespace {

std::string hex32(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

std::string register_name(uint32_t offset) {
  for (const contract::RegisterInfo& r : contract::kRegisters) {
    if (r.offset == offset) return r.name;
  }
  return "offset " + hex32(offset);
}

std::string write_text(uint32_t offset, uint32_t value) {
  return "write " + register_name(offset) + " = " + hex32(value);
}

}  // namespace

MockTransport& MockTransport::reads(uint32_t offset, uint32_t answer) {
  script_.push_back({"read " + register_name(offset), answer});
  return *this;
}

MockTransport& MockTransport::writes(uint32_t offset, uint32_t value) {
  script_.push_back({write_text(offset, value)});
  return *this;
}

MockTransport& MockTransport::waits(uint64_t elapsed_cycles, bool interrupt) {
  script_.push_back({"wait for interrupt", 0, elapsed_cycles, interrupt});
  return *this;
}

MockTransport& MockTransport::enables_irq(bool on) {
  script_.push_back({on ? "interrupts on" : "interrupts off"});
  return *this;
}

MockTransport& MockTransport::fails_reads(Status status) {
  read_failure_ = std::move(status);
  return *this;
}

std::string MockTransport::difference() const {
  if (!difference_.empty()) return difference_;
  if (script_.empty()) return "";
  return "step " + std::to_string(conversation_.size() + 1) + ": expected " + script_.front().text +
         ", got nothing more";
}

MockTransport::Step MockTransport::next(const std::string& text) {
  conversation_.push_back(text);
  if (script_.empty() || script_.front().text != text) {
    if (difference_.empty()) {
      difference_ = "step " + std::to_string(conversation_.size()) + ": expected " +
                    (script_.empty() ? "nothing more" : script_.front().text) + ", got " + text;
    }
    return {};
  }
  Step step = script_.front();
  script_.pop_front();
  return step;
}

Result<uint32_t> MockTransport::read(uint32_t offset, int size) {
  SYSTOLE_RETURN_IF_ERROR(check_access(offset, size));
  if (!read_failure_.ok()) return read_failure_;
  return next("read " + register_name(offset)).answer;
}

Status MockTransport::write(uint32_t offset, uint32_t value, int size) {
  SYSTOLE_RETURN_IF_ERROR(check_access(offset, size));
  next(write_text(offset, value));
  return {};
}

Status MockTransport::irq_enable(bool on) {
  next(on ? "interrupts on" : "interrupts off");
  return {};
}

Result<bool> MockTransport::irq_wait(uint64_t max_cycles) {
  longest_wait_ = std::max(longest_wait_, max_cycles);
  const Step step = next("wait for interrupt");
  now_ += std::min(step.elapsed, max_cycles);
  return step.interrupt;
}

Status MockTransport::advance(uint64_t cycles) {
  now_ += cycles;
  return {};
}

}  // namespace systole::npu

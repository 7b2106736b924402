// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/conversation.h"

#include <algorithm>
#include <cstring>

namespace systole::differential {
namespace {

namespace reg = contract::reg;

constexpr uint64_t kMostCycles = 2'000'000, kDrain = 4096;

void set_up(Machine& machine, const Program& program) {
  const auto bytes = initial_memory(program);
  machine.write(reg::kCtrl, reg::ctrl::kResetMask);
  std::memcpy(machine.memory().data(), bytes.data(), bytes.size());
  machine.take_times();
  const std::pair<uint32_t, uint32_t> settings[] = {
      {reg::kRingSize, kRingDescriptors},
      {reg::kWindow0BaseLo, static_cast<uint32_t>(kRecords)},
      {reg::kWindow0LimitLo, static_cast<uint32_t>(kConstants)},
      {reg::kWindow0Flags, reg::window0_flags::kReadMask | reg::window0_flags::kWriteMask},
      {reg::kWindow1BaseLo, static_cast<uint32_t>(kConstants)},
      {reg::kWindow1LimitLo, static_cast<uint32_t>(kDramBytes)},
      {reg::kWindow1Flags, reg::window1_flags::kReadMask},
      {reg::kWatchdog, program.watchdog},
      {reg::kIrqEnable, reg::irq_enable::kFenceMask | reg::irq_enable::kErrorMask},
      {reg::kCtrl, reg::ctrl::kEnableMask},
  };
  for (const auto& [offset, value] : settings) machine.write(offset, value);
}

// Fences that interrupt on the way are acknowledged, and the program goes on. After an error `busy`: cycles for which
// the device said that it was.
bool wait(Machine& machine, const Program& program, uint32_t& busy) {
  const contract::Fence last = contract::decode_fence(program.commands.back());
  for (uint64_t passed = 0; passed < kMostCycles;) {
    passed += machine.run(kMostCycles - passed);
    if (!machine.irq()) return false;
    const uint32_t causes = machine.read(reg::kIrqStatus);
    if (causes & reg::irq_status::kErrorMask) {
      for (uint64_t n = 0; n < kDrain; ++n)  // what was issued completes
        busy += (machine.read(reg::kStatus) & reg::status::kBusyMask) != 0;
      return true;
    }
    if (machine.read(reg::kFenceLo) == static_cast<uint32_t>(last.sequence)) return true;
    machine.write(reg::kIrqStatus, causes);
    machine.read(reg::kStatus);  // the line falls
  }
  return false;
}

}  // namespace

Causes causes_of(const sim::Stats& stats) {
  Causes causes;
  for (const auto& [tag, counters] : stats.tags)
    if (counters.total_cycles() > 0) causes[tag] = counters.cycles;
  return causes;
}

Outcome converse(Machine& machine, const Program& program) {
  Outcome outcome;
  outcome.timed = true;
  if (program.commands.size() > kRingDescriptors) {
    outcome.problem = "more commands than the ring holds";
    return outcome;
  }
  set_up(machine, program);
  const uint64_t doorbell = machine.now();
  machine.at_doorbell();
  machine.write(reg::kRingTail, static_cast<uint32_t>(program.commands.size()));
  uint32_t busy = 0;
  if (!wait(machine, program, busy))
    outcome.problem = "neither fence nor error within " + std::to_string(kMostCycles) + " cycles";
  outcome.cycles = machine.now() - doorbell;
  for (const contract::RegisterInfo& r : contract::kRegisters)
    if (r.access != contract::Access::kWriteOnly) outcome.registers.emplace_back(r.name, machine.read(r.offset));
  outcome.registers.emplace_back("cycles of status.busy after the error", busy);
  outcome.causes = machine.causes();
  outcome.commands = machine.take_times();
  for (CommandTimes& c : outcome.commands)
    for (uint64_t* at : {&c.dispatch, &c.issue, &c.port_free, &c.complete}) *at -= doorbell;
  std::sort(outcome.commands.begin(), outcome.commands.end(),
            [](const CommandTimes& a, const CommandTimes& b) { return a.index < b.index; });
  outcome.memory.assign(machine.memory().begin(), machine.memory().begin() + kDramBytes);
  return outcome;
}

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/counter_names.h"

namespace systole::npu {
namespace {

int64_t at(const std::array<uint64_t, sim::kEngines>& by_engine, sim::Engine engine) {
  return static_cast<int64_t>(by_engine[static_cast<size_t>(engine)]);
}

}  // namespace

std::vector<Counter> named_counters(const sim::Counters& c) {
  const auto cause = [&](sim::Cause which) { return static_cast<int64_t>(c.cycles[static_cast<size_t>(which)]); };
  return {{"macs", static_cast<int64_t>(c.macs)},
          {"commands", static_cast<int64_t>(c.commands)},
          {"overflow", static_cast<int64_t>(c.overflow)},
          {"dram_read_bytes", at(c.dram_bytes, sim::Engine::kLoad)},
          {"dram_write_bytes", at(c.dram_bytes, sim::Engine::kStore)},
          {"dram_control_bytes", at(c.dram_bytes, sim::Engine::kControl)},
          {"vector_busy_cycles", at(c.busy, sim::Engine::kVector)},
          {"load_busy_cycles", at(c.busy, sim::Engine::kLoad)},
          {"store_busy_cycles", at(c.busy, sim::Engine::kStore)},
          {"preload_busy_cycles", at(c.busy, sim::Engine::kPreload)},
          {"array_busy_cycles", cause(sim::Cause::kCompute)},
          {"vector_only_cycles", cause(sim::Cause::kVector)},
          {"stall_dram_cycles", cause(sim::Cause::kDram)},
          {"stall_dependency_cycles", cause(sim::Cause::kDependency)},
          {"stall_overhead_cycles", cause(sim::Cause::kOverhead)}};
}

}  // namespace systole::npu

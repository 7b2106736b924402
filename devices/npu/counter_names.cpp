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
  std::vector<Counter> result = {{"macs", static_cast<int64_t>(c.macs)},
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
                                 {"stall_copy_cycles", cause(sim::Cause::kCopy)},
                                 {"stall_preload_cycles", cause(sim::Cause::kPreload)},
                                 {"stall_array_drain_cycles", cause(sim::Cause::kArrayDrain)},
                                 {"stall_vector_drain_cycles", cause(sim::Cause::kVectorDrain)},
                                 {"stall_fence_cycles", cause(sim::Cause::kFence)},
                                 {"stall_dispatch_cycles", cause(sim::Cause::kDispatch)},
                                 {"dram_row_hits", static_cast<int64_t>(c.row_hits)},
                                 {"dram_row_misses", static_cast<int64_t>(c.row_misses)},
                                 {"l2_hits", static_cast<int64_t>(c.l2.hits)},
                                 {"l2_misses", static_cast<int64_t>(c.l2.misses)},
                                 {"l2_fills", static_cast<int64_t>(c.l2.fills)},
                                 {"l2_write_backs", static_cast<int64_t>(c.l2.write_backs)},
                                 {"dram_read_flight_cycles", static_cast<int64_t>(c.flight_cycles[0])},
                                 {"dram_write_flight_cycles", static_cast<int64_t>(c.flight_cycles[1])}};
  for (size_t e = 0; e < sim::kQueues; ++e) {
    const std::string queue = sim::engine_name(static_cast<sim::Engine>(e)) + std::string("_queue_");
    result.push_back({queue + "cycles", static_cast<int64_t>(c.queue_cycles[e])});
    result.push_back({queue + "most", c.queue_most[e]});
  }
  return result;
}

Traffic traffic_of(const memory::Timeline& timeline) {
  Traffic traffic{timeline.origin(), timeline.bin_cycles(), {}};
  for (size_t channel = 0; channel < timeline.channels(); ++channel)
    for (const bool write : {false, true}) traffic.bins.push_back(timeline.bytes(channel, write));
  return traffic;
}

}  // namespace systole::npu

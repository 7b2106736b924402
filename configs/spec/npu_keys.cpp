// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

constexpr double kAnyWhole = 2147483647.0;
constexpr double kFourGiB = 4294967296.0;
constexpr double kTebi = 1099511627776.0;

#define SLOT(member) [](void* s) -> Slot { return &static_cast<NpuSpec*>(s)->member; }

constexpr KeyInfo kKeys[] = {
    {"name", Dimension::kText, true, 0, 0, SLOT(name)},
    {"description", Dimension::kText, true, 0, 0, SLOT(description)},
    {"structure", Dimension::kText, true, 0, 0, SLOT(structure)},
    {"sources", Dimension::kText, false, 0, 0, SLOT(sources)},
    {"clock", Dimension::kHertz, true, 1e6, 1e10, SLOT(clock.hz)},
    {"cores", Dimension::kCount, false, 1, 16, SLOT(cores)},

    {"array.count", Dimension::kCount, false, 1, 64, SLOT(array.count)},
    {"array.rows", Dimension::kCount, true, 1, 1024, SLOT(array.rows)},
    {"array.cols", Dimension::kCount, true, 1, 1024, SLOT(array.cols)},
    {"array.pe_latency", Dimension::kCount, false, 1, 64, SLOT(array.pe_latency)},
    {"array.weight_rows_per_cycle", Dimension::kCount, false, 1, 1024, SLOT(array.weight_rows_per_cycle)},
    {"array.int8_interval", Dimension::kCount, false, 0, 64, SLOT(array.int8_interval)},
    {"array.bf16_interval", Dimension::kCount, false, 0, 64, SLOT(array.bf16_interval)},
    {"array.dataflows", Dimension::kText, false, 0, 0, SLOT(array.dataflows)},
    {"array.weight_types", Dimension::kText, false, 0, 0, SLOT(array.weight_types)},
    {"array.rtl", Dimension::kText, false, 0, 0, SLOT(array.rtl)},

    {"scratchpad.bytes", Dimension::kBytes, true, 1024, kFourGiB - 1024, SLOT(scratchpad.bytes)},
    {"scratchpad.banks", Dimension::kCount, false, 1, 1024, SLOT(scratchpad.banks)},
    {"scratchpad.interleave", Dimension::kCount, false, 1, 256, SLOT(scratchpad.interleave)},
    {"scratchpad.line_bytes", Dimension::kBytes, true, 1, 65536, SLOT(scratchpad.line_bytes)},
    {"scratchpad.read_latency", Dimension::kCount, false, 0, 1000, SLOT(scratchpad.read_latency)},

    {"accumulator.rows", Dimension::kCount, true, 1, 1048576, SLOT(accumulator.rows)},
    {"accumulator.write_latency", Dimension::kCount, false, 0, 1000, SLOT(accumulator.write_latency)},
    {"accumulator.rmw_interval", Dimension::kCount, false, 1, 1000, SLOT(accumulator.rmw_interval)},

    {"vector.lanes", Dimension::kCount, true, 1, 65536, SLOT(vector.lanes)},
    {"vector.pipeline", Dimension::kCount, false, 1, 1000, SLOT(vector.pipeline)},
    {"vector.function_latency", Dimension::kCount, false, 0, 1000, SLOT(vector.function_latency)},

    {"dma.burst_bytes", Dimension::kBytes, false, 16, 4096, SLOT(dma.burst_bytes)},
    {"dma.outstanding", Dimension::kCount, false, 1, 65536, SLOT(dma.outstanding)},
    {"dma.bytes_per_cycle", Dimension::kBytes, false, 1, 65536, SLOT(dma.bytes_per_cycle)},
    {"dma.setup_cycles", Dimension::kCount, false, 0, 1000000, SLOT(dma.setup_cycles)},

    {"core.semaphores", Dimension::kCount, false, 1, 256, SLOT(core.semaphores)},
    {"core.loop_buffer", Dimension::kCount, false, 1, 65535, SLOT(core.loop_buffer)},
    {"core.load_queue", Dimension::kCount, false, 1, 63, SLOT(core.load_queue)},
    {"core.store_queue", Dimension::kCount, false, 1, 63, SLOT(core.store_queue)},
    {"core.preload_queue", Dimension::kCount, false, 1, 63, SLOT(core.preload_queue)},
    {"core.compute_queue", Dimension::kCount, false, 1, 63, SLOT(core.compute_queue)},
    {"core.vector_queue", Dimension::kCount, false, 1, 63, SLOT(core.vector_queue)},
    {"core.fetch_ahead", Dimension::kCount, false, 1, 1024, SLOT(core.fetch_ahead)},

    {"dram.bytes", Dimension::kBytes, true, 65536, kTebi, SLOT(dram.bytes)},
    {"dram.timing", Dimension::kText, false, 0, 0, SLOT(dram.timing)},
    {"dram.config", Dimension::kText, false, 0, 0, SLOT(dram.config)},
    {"dram.channels", Dimension::kCount, false, 1, 1024, SLOT(dram.channels)},
    {"dram.banks", Dimension::kCount, false, 1, 1024, SLOT(dram.banks)},
    {"dram.row_bytes", Dimension::kBytes, false, 64, 1048576, SLOT(dram.row_bytes)},
    {"dram.interleave_bytes", Dimension::kBytes, false, 16, 1048576, SLOT(dram.interleave_bytes)},
    {"dram.channel_hash", Dimension::kText, false, 0, 0, SLOT(dram.channel_hash)},
    {"dram.bytes_per_second", Dimension::kBytesPerSecond, false, 1e6, 1e15, SLOT(dram.bytes_per_second)},
    {"dram.latency_cycles", Dimension::kCount, false, 0, 1000000, SLOT(dram.latency_cycles)},
    {"dram.row_miss_cycles", Dimension::kCount, false, 0, 1000000, SLOT(dram.row_miss_cycles)},
    {"dram.turnaround_cycles", Dimension::kCount, false, 0, 1000000, SLOT(dram.turnaround_cycles)},
    {"dram.batch_bursts", Dimension::kCount, false, 1, 1000000, SLOT(dram.batch_bursts)},

    {"noc.topology", Dimension::kText, false, 0, 0, SLOT(noc.topology)},
    {"noc.link_bytes_per_cycle", Dimension::kBytes, false, 1, 65536, SLOT(noc.link_bytes_per_cycle)},
    {"noc.hop_cycles", Dimension::kCount, false, 1, 1000, SLOT(noc.hop_cycles)},
    {"noc.buffer_bursts", Dimension::kCount, false, 1, 65536, SLOT(noc.buffer_bursts)},
    {"noc.columns", Dimension::kCount, false, 0, 64, SLOT(noc.columns)},

    {"l2.bytes", Dimension::kBytes, false, 0, kFourGiB, SLOT(l2.bytes)},
    {"l2.ways", Dimension::kCount, false, 1, 1024, SLOT(l2.ways)},
    {"l2.banks", Dimension::kCount, false, 1, 1024, SLOT(l2.banks)},
    {"l2.hit_cycles", Dimension::kCount, false, 1, 1000000, SLOT(l2.hit_cycles)},
    {"l2.bytes_per_cycle", Dimension::kBytes, false, 1, 65536, SLOT(l2.bytes_per_cycle)},
    {"l2.misses", Dimension::kCount, false, 1, 65536, SLOT(l2.misses)},

    {"energy.table", Dimension::kText, false, 0, 0, SLOT(energy.table)},
    {"energy.dram", Dimension::kText, false, 0, 0, SLOT(energy.dram)},

    {"host.bytes_per_second", Dimension::kBytesPerSecond, false, 1e6, 1e15, SLOT(host.bytes_per_second)},
    {"host.flops", Dimension::kFlops, false, 1e6, 1e18, SLOT(host.flops)},
    {"host.call_seconds", Dimension::kSeconds, false, 0, 10, SLOT(host.call_seconds)},
    {"host.link", Dimension::kText, false, 0, 0, SLOT(host.link)},
};

#undef SLOT

bool power_of_two(int64_t value) { return value > 0 && (value & (value - 1)) == 0; }

}  // namespace

Keys npu_keys() { return kKeys; }

std::vector<Complaint> inconsistencies(const NpuSpec& s) {
  std::vector<Complaint> found;
  const auto need = [&](bool good, const char* key, const std::string& expected, int64_t got) {
    if (!good) found.push_back({key, "expected " + expected + ", got " + std::to_string(got)});
  };
  const auto model_has_one = [&](const char* key, const std::string& instead, int got) {
    if (got == 1) return;
    found.push_back(
        {key, "expected 1: the model has one, " + instead + "; got " + std::to_string(got), Code::kUnsupported});
  };
  const auto text = [](int64_t value) { return std::to_string(value); };
  if (s.structure != "exact" && s.structure != "analogue" && s.structure != "estimate-only") {
    found.push_back({"structure", "expected exact, analogue or estimate-only, got '" + s.structure + "'"});
  }
  if (s.array.dataflows != "weight_stationary" && s.array.dataflows != "both")
    found.push_back({"array.dataflows", "expected weight_stationary or both, got '" + s.array.dataflows + "'"});
  if (s.array.weight_types != "same" && s.array.weight_types != "i8" && s.array.weight_types != "i4")
    found.push_back({"array.weight_types", "expected same, i8 or i4, got '" + s.array.weight_types + "'"});
  if (s.array.output_stationary() && !s.array.rtl.empty())
    found.push_back({"array.rtl", "expected array.dataflows weight_stationary beside it (docs/own_array.md), got both",
                     Code::kUnsupported});
  if (s.cores > 1 && !s.array.rtl.empty())
    found.push_back({"array.rtl", "expected one core beside it, got " + text(s.cores), Code::kUnsupported});
  if (s.dram.timing != "banked" && s.dram.timing != "fixed")
    found.push_back({"dram.timing", "expected banked or fixed, got '" + s.dram.timing + "'"});
  if (s.dram.channel_hash != "none" && s.dram.channel_hash != "fold")
    found.push_back({"dram.channel_hash", "expected none or fold, got '" + s.dram.channel_hash + "'"});
  need(s.dram.channel_hash != "fold" || power_of_two(s.dram.channels), "dram.channels",
       "a power of two with dram.channel_hash fold", s.dram.channels);
  if (s.dram.bytes_per_second == 0)
    found.push_back({"dram.bytes_per_second", "expected this key or dram.config, got a file without both"});
  if (s.noc.topology != "ideal" && s.noc.topology != "crossbar" && s.noc.topology != "mesh")
    found.push_back({"noc.topology", "expected ideal, crossbar or mesh, got '" + s.noc.topology + "'"});
  need(s.dram.timing != "fixed" || s.dram.latency_cycles > 0, "dram.latency_cycles",
       "at least 1 with dram.timing fixed", s.dram.latency_cycles);
  model_has_one("array.count", "arrays that take the same vectors are one with the columns of all", s.array.count);
  need(s.clock.hz % 1000 == 0, "clock", "whole kHz", s.clock.hz);
  need(s.array.weight_rows_per_cycle <= s.array.rows, "array.weight_rows_per_cycle",
       "at most array.rows (" + text(s.array.rows) + ")", s.array.weight_rows_per_cycle);
  need(s.array.int8_interval > 0 || s.array.bf16_interval > 0, "array.int8_interval",
       "int8_interval or bf16_interval above zero: an array that multiplies something", s.array.int8_interval);

  const auto& pad = s.scratchpad;
  need(pad.bytes % 1024 == 0, "scratchpad.bytes", "whole KiB", pad.bytes);
  need(pad.bytes % pad.banks == 0, "scratchpad.bytes", "a multiple of scratchpad.banks (" + text(pad.banks) + ")",
       pad.bytes);
  need(power_of_two(pad.line_bytes), "scratchpad.line_bytes", "a power of two", pad.line_bytes);
  need(pad.line_bytes >= s.array.rows, "scratchpad.line_bytes",
       "at least array.rows (" + text(s.array.rows) + ") so that an int8 vector is one line", pad.line_bytes);
  const int64_t stripe = static_cast<int64_t>(pad.line_bytes) * pad.interleave;
  need((pad.bytes / pad.banks) % stripe == 0, "scratchpad.line_bytes",
       "line_bytes x interleave to divide a bank of " + text(pad.bytes / pad.banks) + " bytes", stripe);
  need(static_cast<int64_t>(s.accumulator.rows) * s.array.cols * 4 < (1ll << 32), "accumulator.rows",
       "less than 4 GiB of accumulators", s.accumulator.rows);

  need(power_of_two(s.dma.burst_bytes), "dma.burst_bytes", "a power of two", s.dma.burst_bytes);
  const int64_t set = static_cast<int64_t>(s.dma.burst_bytes) * s.l2.ways * s.l2.banks;
  need(s.l2.bytes % set == 0, "l2.bytes", "a multiple of dma.burst_bytes x l2.ways x l2.banks (" + text(set) + ")",
       s.l2.bytes);
  need(power_of_two(s.dram.interleave_bytes), "dram.interleave_bytes", "a power of two", s.dram.interleave_bytes);
  need(s.dram.interleave_bytes >= s.dma.burst_bytes, "dram.interleave_bytes",
       "at least dma.burst_bytes (" + text(s.dma.burst_bytes) + "): a burst stays on one channel",
       s.dram.interleave_bytes);
  need(power_of_two(s.dram.row_bytes), "dram.row_bytes", "a power of two", s.dram.row_bytes);
  need(s.dram.row_bytes >= s.dma.burst_bytes, "dram.row_bytes",
       "at least dma.burst_bytes (" + text(s.dma.burst_bytes) + ")", s.dram.row_bytes);
  const int64_t spread = static_cast<int64_t>(s.dram.channels) * s.dram.interleave_bytes;
  need(s.dram.bytes % spread == 0, "dram.bytes", "a multiple of channels x interleave_bytes (" + text(spread) + ")",
       s.dram.bytes);
  return found;
}

}  // namespace systole::spec

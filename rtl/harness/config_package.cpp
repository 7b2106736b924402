// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/harness/config_package.h"

#include <sstream>

#include "rtl/harness/pins.h"

namespace systole::rtl {
namespace {

std::string expected(const char* key, const std::string& what, int64_t got) {
  return std::string(key) + ": the RTL expects " + what + ", got " + std::to_string(got);
}

bool power_of_two(int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

}  // namespace

std::string check_array(const spec::NpuSpec& s) {
  if (s.array.rows > 64 || s.array.rows < 2) return expected("array.rows", "2 to 64", s.array.rows);
  if (s.array.cols > 64 || s.array.cols < 2) return expected("array.cols", "2 to 64", s.array.cols);
  return "";
}

std::string check(const spec::NpuSpec& s) {
  if (s.cores != 1) return expected("cores", "1", s.cores);
  if (std::string why = check_array(s); !why.empty()) return why;
  if (s.scratchpad.read_latency < 2)
    return expected("scratchpad.read_latency", "at least 2", s.scratchpad.read_latency);
  if (!power_of_two(s.scratchpad.bytes)) return expected("scratchpad.bytes", "a power of two", s.scratchpad.bytes);
  if (!power_of_two(s.scratchpad.line_bytes) || s.scratchpad.line_bytes < 2)
    return expected("scratchpad.line_bytes", "a power of two from 2 on", s.scratchpad.line_bytes);
  if (!power_of_two(s.scratchpad.banks)) return expected("scratchpad.banks", "a power of two", s.scratchpad.banks);
  if (!power_of_two(s.scratchpad.interleave))
    return expected("scratchpad.interleave", "a power of two", s.scratchpad.interleave);
  if (s.accumulator.write_latency < 1)
    return expected("accumulator.write_latency", "at least 1", s.accumulator.write_latency);
  if (s.accumulator.rmw_interval < 2)
    return expected("accumulator.rmw_interval", "at least 2", s.accumulator.rmw_interval);
  if (s.vector.pipeline < 6) return expected("vector.pipeline", "at least 6", s.vector.pipeline);
  if (s.dma.setup_cycles < 2) return expected("dma.setup_cycles", "at least 2", s.dma.setup_cycles);
  if (!power_of_two(s.dma.burst_bytes) || s.dma.burst_bytes < 16 || s.dma.burst_bytes > kMostBurstBytes)
    return expected("dma.burst_bytes", "16 to 128, a power of two (an AXI4 beat)", s.dma.burst_bytes);
  if (s.dma.bytes_per_cycle > kMostBurstBytes)
    return expected("dma.bytes_per_cycle", "at most 128", s.dma.bytes_per_cycle);
  if (s.core.loop_buffer < 2) return expected("core.loop_buffer", "at least 2", s.core.loop_buffer);
  if (s.core.fetch_ahead > 64) return expected("core.fetch_ahead", "at most 64", s.core.fetch_ahead);
  return "";
}

std::string config_package(const spec::NpuSpec& s) {
  std::ostringstream out;
  const auto parameter = [&](const char* name, int64_t value) {
    out << "  parameter logic [31:0] " << name << " = " << value << ";\n";
  };
  out << "// Written from the hardware configuration '" << s.name << "'.\n// verilator lint_off UNUSEDPARAM\n"
      << "package npu_config_pkg;\n";
  parameter("Rows", s.array.rows);
  parameter("Cols", s.array.cols);
  parameter("PeLatency", s.array.pe_latency);
  parameter("WeightRows", s.array.weight_rows_per_cycle);
  parameter("Int8Interval", s.array.int8_interval);
  parameter("Bf16Interval", s.array.bf16_interval);
  parameter("OutputStationary", s.array.output_stationary());
  parameter("WeightTypes", s.array.i4_weights() ? 2 : s.array.i8_weights() ? 1 : 0);
  parameter("ScratchpadBytes", s.scratchpad.bytes);
  parameter("Banks", s.scratchpad.banks);
  parameter("Interleave", s.scratchpad.interleave);
  parameter("LineBytes", s.scratchpad.line_bytes);
  parameter("ReadLatency", s.scratchpad.read_latency);
  parameter("AccRows", s.accumulator.rows);
  parameter("AccWriteLatency", s.accumulator.write_latency);
  parameter("RmwInterval", s.accumulator.rmw_interval);
  parameter("Lanes", s.vector.lanes);
  parameter("VectorPipeline", s.vector.pipeline);
  parameter("FunctionLatency", s.vector.function_latency);
  parameter("BurstBytes", s.dma.burst_bytes);
  parameter("Outstanding", s.dma.outstanding);
  parameter("DmaBytesPerCycle", s.dma.bytes_per_cycle);
  parameter("DmaSetup", s.dma.setup_cycles);
  parameter("Semaphores", s.core.semaphores);
  parameter("LoopBuffer", s.core.loop_buffer);
  parameter("LoadQueue", s.core.load_queue);
  parameter("StoreQueue", s.core.store_queue);
  parameter("PreloadQueue", s.core.preload_queue);
  parameter("ComputeQueue", s.core.compute_queue);
  parameter("VectorQueue", s.core.vector_queue);
  parameter("FetchAhead", s.core.fetch_ahead);
  parameter("ClockKhz", s.clock.hz / 1000);
  out << "  parameter logic [63:0] DramBytes = 64'd" << s.dram.bytes
      << ";\nendpackage\n// verilator lint_on UNUSEDPARAM\n";
  return out.str();
}

}  // namespace systole::rtl

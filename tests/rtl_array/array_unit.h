// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A verilated array with PRELOAD and COMPUTE (`Top`), cycle by cycle, beside the model's with the same figures.
#pragma once

#include <cstring>
#include <memory>
#include <span>

#include "Varray16.h"
#include "Varray16___024root.h"
#include "Varray4.h"
#include "Varray4___024root.h"
#include "Varray4x6.h"
#include "Varray4x6___024root.h"
#include "Varray8.h"
#include "Varray8___024root.h"
#include "sim/array_engine.h"
#include "sim/functional_array.h"

namespace systole::sim {

template <typename Top>
class ArrayUnit {
 public:
  static constexpr int64_t kScratchpad = 65536, kAccumulatorRows = 256;

  ArrayUnit() {
    top_.clk_i = 0;
    top_.eval();
    const auto figure = [&](int i) { return static_cast<int>(top_.figures_o[i]); };
    spec.array.rows = figure(0), spec.array.cols = figure(1);
    spec.array.pe_latency = figure(2), spec.array.weight_rows_per_cycle = figure(3);
    spec.array.int8_interval = figure(4), spec.array.bf16_interval = figure(5);
    spec.scratchpad.bytes = kScratchpad, spec.scratchpad.banks = 4;
    spec.scratchpad.interleave = figure(6), spec.scratchpad.line_bytes = figure(7);
    spec.scratchpad.read_latency = figure(8);
    spec.array.dataflows = "both", spec.array.weight_types = "i4";
    spec.accumulator.rows = kAccumulatorRows;
    spec.accumulator.write_latency = figure(9), spec.accumulator.rmw_interval = figure(10);
    timer = std::make_unique<ArrayTimer>(spec);
    values = make_functional_array(spec.array);
    accumulators = std::make_unique<LocalMemory>(kAccumulatorRows * spec.array.cols * 4, true);
    const ArrayContext context{
        spec, *timer, values.get(), scratchpad, *accumulators, state_, [this](uint64_t port_free, uint64_t complete) {
          preload_ends(port_free, complete);
        }};
    preload = make_preload_engine(context);
    compute = make_compute_engine(context);
    reset();
  }

  void reset() {
    top_.rst_i = 1;
    top_.preload_fire_i = top_.compute_fire_i = 0;
    clock();
    top_.rst_i = 0;
    timer->reset();
    values->reset();
    preload->reset();
    compute->reset();
    now = 0, overflow = 0;
    top_.eval();
  }
  template <typename Body>
  void show(const Body& body) {  // at the head of its queue
    const contract::Descriptor words = encode(body);
    if constexpr (std::is_same_v<Body, contract::Preload>)
      std::memcpy(top_.preload_i.data(), words.words.data(), sizeof(words.words));
    else
      std::memcpy(top_.compute_i.data(), words.words.data(), sizeof(words.words));
  }
  Top& eval() {
    top_.eval();
    return top_;
  }
  void cycle() {
    overflow += top_.overflow_o;
    clock();
    top_.preload_fire_i = top_.compute_fire_i = 0;
    top_.eval();
    ++now;
  }

  std::span<std::byte> rtl_scratchpad() { return bytes(top_.rootp->matrix_bench__DOT__storage__DOT__scratchpad); }
  std::span<std::byte> rtl_accumulators() { return bytes(top_.rootp->matrix_bench__DOT__storage__DOT__accumulators); }

  spec::NpuSpec spec;
  LocalMemory scratchpad{kScratchpad, true};
  std::unique_ptr<LocalMemory> accumulators;
  std::unique_ptr<ArrayTimer> timer;
  std::unique_ptr<ArrayPort> values;
  std::unique_ptr<EngineModel> preload, compute;
  std::function<void(uint64_t port_free, uint64_t complete)> preload_ends;  // the model's
  uint64_t now = 0, overflow = 0;

 private:
  template <typename T>
  static std::span<std::byte> bytes(T& memory) {
    return {reinterpret_cast<std::byte*>(&memory[0]), sizeof(memory)};
  }
  void clock() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  Top top_;
  ArrayState state_;
};

}  // namespace systole::sim

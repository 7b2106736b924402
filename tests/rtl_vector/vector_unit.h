// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A verilated vector engine (`Top`), cycle by cycle, beside the model's with the same figures.
#pragma once

#include <cstring>
#include <memory>
#include <span>

#include "Vvector16.h"
#include "Vvector16___024root.h"
#include "Vvector4.h"
#include "Vvector4___024root.h"
#include "Vvector6.h"
#include "Vvector6___024root.h"
#include "sim/vector_engine.h"

namespace systole::sim {

template <typename Top>
class VectorUnit {
 public:
  static constexpr int64_t kScratchpad = sizeof(Vvector4___024root::vector_bench__DOT__storage__DOT__scratchpad);
  static constexpr int64_t kAccumulators = sizeof(Vvector4___024root::vector_bench__DOT__storage__DOT__accumulators);

  VectorUnit() : scratchpad(kScratchpad, true), accumulators(kAccumulators, true) {
    reset();
    spec::NpuSpec spec;
    spec.vector = {static_cast<int>(top_.lanes_o), static_cast<int>(top_.pipeline_o),
                   static_cast<int>(top_.function_latency_o)};
    model = make_vector_engine(spec, scratchpad, accumulators, true);
  }

  int lanes() const { return static_cast<int>(top_.lanes_o); }
  uint64_t now() const { return now_; }
  bool port_free() const { return top_.port_free_o; }
  bool ready() const { return top_.ready_o; }
  uint64_t done() const { return top_.done_o; }

  // Ends this cycle; `command` issues in it.
  void cycle(const contract::Vector* command = nullptr) {
    top_.fire_i = command != nullptr;
    if (command) {
      const contract::Descriptor words = encode(*command);
      std::memcpy(top_.command_i.data(), words.words.data(), sizeof(words.words));
    }
    step();
    ++now_;
  }
  void reset() {
    top_.rst_i = 1;
    top_.fire_i = 0;
    step();
    top_.rst_i = 0;
    now_ = 0;
  }

  // What is in the model's memories.
  void copy_memories() {
    std::memcpy(rtl_scratchpad().data(), scratchpad.at(0), kScratchpad);
    std::memcpy(rtl_accumulators().data(), accumulators.at(0), kAccumulators);
  }
  std::span<std::byte> rtl_scratchpad() { return bytes(top_.rootp->vector_bench__DOT__storage__DOT__scratchpad); }
  std::span<std::byte> rtl_accumulators() { return bytes(top_.rootp->vector_bench__DOT__storage__DOT__accumulators); }

  LocalMemory scratchpad, accumulators;
  std::unique_ptr<EngineModel> model;

 private:
  template <typename T>
  static std::span<std::byte> bytes(T& memory) {
    return {reinterpret_cast<std::byte*>(&memory[0]), sizeof(memory)};
  }
  void step() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  Top top_;
  uint64_t now_ = 0;
};

}  // namespace systole::sim

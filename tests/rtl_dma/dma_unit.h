// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Verilated LOAD and STORE engines (`Top`), cycle by cycle, on a storage and on memory as the harness has it.
#pragma once

#include <cstring>
#include <memory>
#include <span>

#include "rtl/harness/axi_memory.h"
#include "tests/rtl_dma/random_moves.h"

namespace systole::sim {

template <typename Top>
class DmaUnit {
 public:
  // `slot`: cycles a burst occupies its channel of the DRAM.
  DmaUnit(double slot, int latency, int channels) : dram_(1 << 18) {
    top_.eval();
    spec_.clock.hz = 1'000'000'000;
    spec_.scratchpad.read_latency = static_cast<int>(top_.read_latency_o);
    spec_.dma = {static_cast<int>(top_.burst_bytes_o), static_cast<int>(top_.outstanding_o),
                 static_cast<int>(top_.bytes_per_cycle_o), static_cast<int>(top_.setup_o)};
    spec_.dram.bytes = static_cast<int64_t>(dram_.size());
    spec_.dram.banks = 4;
    spec_.dram.row_bytes = 1024;
    spec_.dram.channels = channels;
    spec_.dram.bytes_per_second = spec_.dma.burst_bytes * 1e9 / slot * channels;
    spec_.dram.latency_cycles = latency;
    spec_.dram.row_miss_cycles = 7;
    spec_.dram.turnaround_cycles = 3;
    memory_ = std::make_unique<rtl::AxiMemory>(spec_, dram_);
    reset();
  }

  const spec::NpuSpec& spec() const { return spec_; }
  uint64_t now() const { return now_; }
  bool port_free(int engine) const { return top_.port_free_o >> engine & 1; }
  bool ready(int engine) const { return top_.ready_o >> engine & 1; }
  uint64_t done(int engine) const { return engine == 0 ? top_.load_done_o : top_.store_done_o; }
  bool requests(int engine) const { return engine == 0 ? top_.ar_valid_o : top_.aw_valid_o; }

  void begin_cycle() {  // outputs are valid after it
    memory_->answer(now_, pins_);
    top_.r_valid_i = pins_[0].r_valid;
    top_.b_valid_i = pins_[1].b_valid;
    std::memcpy(&top_.r_data_i, pins_[0].r_data, sizeof(top_.r_data_i));
    top_.eval();
  }
  void issue(const Move& m) {
    const contract::Descriptor words = encode(m.transfer);
    std::memcpy(m.store ? top_.store_i.data() : top_.load_i.data(), words.words.data(), sizeof(words.words));
    top_.fire_i |= 1 << m.store;
  }
  void end_cycle() {
    top_.eval();
    pins_[0].ar_valid = top_.ar_valid_o;
    pins_[0].ar_addr = top_.ar_addr_o;
    pins_[1].aw_valid = top_.aw_valid_o;
    pins_[1].aw_addr = top_.aw_addr_o;
    std::memcpy(pins_[1].w_data, &top_.w_data_o, sizeof(top_.w_data_o));
    std::memcpy(pins_[1].w_strobe, &top_.w_strb_o, sizeof(top_.w_strb_o));
    memory_->request(now_, pins_);
    clock();
    ++now_;
  }
  void reset() {
    top_.rst_i = 1;
    clock();
    top_.rst_i = 0;
    memory_->reset(0);
    now_ = 0;
  }

  void put(const Memories& from) {
    std::memcpy(dram().data(), from.dram.data(), from.dram.size());
    std::memcpy(scratchpad().data(), from.scratchpad.data(), from.scratchpad.size());
    std::memcpy(accumulators().data(), from.accumulators.data(), from.accumulators.size());
  }
  std::span<std::byte> dram() { return dram_; }
  std::span<std::byte> scratchpad() { return bytes(top_.rootp->dma_bench__DOT__storage__DOT__scratchpad); }
  std::span<std::byte> accumulators() { return bytes(top_.rootp->dma_bench__DOT__storage__DOT__accumulators); }

 private:
  template <typename T>
  static std::span<std::byte> bytes(T& memory) {
    return {reinterpret_cast<std::byte*>(&memory[0]), sizeof(memory)};
  }
  void clock() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.fire_i = 0;
    top_.eval();
  }

  Top top_;
  spec::NpuSpec spec_;
  std::vector<std::byte> dram_;
  std::unique_ptr<rtl::AxiMemory> memory_;
  rtl::MasterPins pins_[rtl::kMasters] = {};
  uint64_t now_ = 0;
};

}  // namespace systole::sim

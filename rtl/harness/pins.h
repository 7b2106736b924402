// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// npu_top's ports in one cycle: what passes between the harness and a Verilated library. Plain data, one layout on both
// sides.
#pragma once

#include <cstdint>

namespace systole::rtl {

inline constexpr int kMasters = 3;  // load, store, processor
inline constexpr int kEngines = 5;  // queues: load, store, preload, compute, vector
inline constexpr int kMostBurstBytes = 128;

struct MasterPins {
  // in
  uint8_t ar_ready, r_valid, aw_ready, b_valid;
  uint8_t r_data[kMostBurstBytes];
  // out
  uint8_t ar_valid, aw_valid;
  uint64_t ar_addr, aw_addr;
  uint8_t w_data[kMostBurstBytes];
  uint8_t w_strobe[kMostBurstBytes / 8];
};

struct Pins {
  // in
  uint8_t reset;
  uint8_t write, read;  // AXI4-Lite: address and data together
  uint32_t write_address, write_data, read_address;
  // out
  uint8_t written, write_response, answered, read_response;
  uint32_t read_data;
  uint8_t irq, idle, resetting;
  uint8_t pending;  // as the next cycle begins

  MasterPins master[kMasters];

  // What an observer may know of the core, by queue.
  uint8_t dispatched, dispatched_engine, dispatched_opcode, dispatched_copies, fence_begin, fence_end, failed;
  uint16_t dispatched_tag, failed_tag;
  uint32_t dispatched_sequence;
  uint8_t fired, port_free;  // bit: queue
  uint8_t done[kEngines];    // commands
};

// Of a Verilated library, by dlsym. One instance belongs to one thread at a time.
extern "C" {
using CreateFunction = void*();
using DestroyFunction = void(void*);
using CycleFunction = void(void*, Pins*);            // settles, samples the outputs, clocks
using WavesFunction = int(void*, const char* file);  // from here on, as FST; 0: the library was built without
}

}  // namespace systole::rtl

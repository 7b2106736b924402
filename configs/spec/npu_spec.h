// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An NPU as plain data: what one YAML file says. Immutable after loading; every consumer reads this struct, none reads
// YAML.
#pragma once

#include <cstdint>
#include <string>

#include "configs/spec/described.h"
#include "configs/spec/dram_device.h"
#include "configs/spec/energy_table.h"
#include "configs/spec/link_spec.h"

namespace systole::spec {

// A clock in whole hertz: crossings are ratios of whole numbers, never rounded periods.
struct Clock {
  int64_t hz = 0;
  bool operator==(const Clock&) const = default;
};

struct ArraySpec {
  int count = 1;  // a core; the model has one
  int rows = 0, cols = 0;
  int pe_latency = 1;                           // cycles a partial sum takes from one row to the next
  int weight_rows_per_cycle = 1;                // rows PRELOAD delivers a cycle
  int int8_interval = 1;                        // cycles between vectors; 0: the array can't multiply int8
  int bf16_interval = 1;                        // the same for bf16
  std::string dataflows = "weight_stationary";  // that a command can ask for; both: output_stationary too
  // How PRELOAD's matrix may be stored: same: as it is multiplied; i8: as i8 for bf16 too; i4: as i8 or i4.
  std::string weight_types = "same";
  std::string rtl;  // FILE.sv:MODULE whose values take the place of the model's; "": none

  bool output_stationary() const { return dataflows == "both"; }
  bool i8_weights() const { return weight_types != "same"; }
  bool i4_weights() const { return weight_types == "i4"; }
  bool operator==(const ArraySpec&) const = default;
};

struct ScratchpadSpec {
  int64_t bytes = 0;
  int banks = 4;           // block-partitioned: bank = addr / (bytes / banks); PRELOAD and COMPUTE claim whole banks
  int interleave = 4;      // lines of a bank spread over this many sub-banks, each gives one line a cycle to the array
  int line_bytes = 0;      // bytes of a line
  int read_latency = 2;    // cycles from request to the array's edge
  int64_t part_bytes = 0;  // not a key: what may be used of it, from byte 0 on; 0: all

  int64_t bank_bytes() const { return bytes / banks; }
  int64_t usable() const { return part_bytes ? part_bytes : bytes; }
  bool operator==(const ScratchpadSpec&) const = default;
};

struct AccumulatorSpec {
  int rows = 0;           // each cols x 4 bytes
  int write_latency = 1;  // cycles from the array's edge to stored
  int rmw_interval = 4;   // least cycles between two vectors that touch the same row
  bool operator==(const AccumulatorSpec&) const = default;
};

struct VectorSpec {
  int lanes = 0;
  int pipeline = 8;           // cycles from an element's load to its store
  int function_latency = 12;  // more of them in a chain with a function; a function unit takes a new element each cycle
  bool operator==(const VectorSpec&) const = default;
};

struct DmaSpec {
  int burst_bytes = 64;      // a burst never crosses a multiple of itself, nor 4 KiB
  int outstanding = 16;      // bursts in flight, each of load and store
  int bytes_per_cycle = 64;  // scratchpad side, each of load and store
  int setup_cycles = 4;      // from issue to the first request
  bool operator==(const DmaSpec&) const = default;
};

struct CoreSpec {
  int semaphores = 32;
  int loop_buffer = 64;  // descriptors
  int load_queue = 8, store_queue = 4, preload_queue = 8, compute_queue = 8, vector_queue = 8;
  int fetch_ahead = 8;  // descriptors the command processor reads ahead
  bool operator==(const CoreSpec&) const = default;
};

struct DramSpec {
  int64_t bytes = 0;
  std::string timing = "banked";  // banked: all of the below; fixed: latency_cycles after each request and nothing else
  std::string config;  // a DRAM of configs/dram, or a file: simulated at bank level; the figures below are its
  DramDevice device;   // not a key: what config names, with `channels` channels
  int channels = 1;
  int banks = 16;                     // a channel
  int row_bytes = 2048;               // of a bank
  int interleave_bytes = 256;         // consecutive addresses on one channel
  std::string channel_hash = "none";  // fold: higher address bits flip the channel's (docs/timing.md, section 7)
  double bytes_per_second = 0;        // peak of all channels together
  int latency_cycles = 60;            // core cycles from request to first data, row open
  int row_miss_cycles = 30;           // added when the bank's open row must be closed and another opened
  int turnaround_cycles = 8;          // added when a channel changes between reads and writes
  int batch_bursts = 16;              // a channel keeps its direction for at most so many while the other one waits
  bool operator==(const DramSpec&) const = default;
};

// Between the cores' ports and the channels of the DRAM.
struct NocSpec {
  std::string topology = "ideal";  // ideal: no links; crossbar: one router; mesh: routers in rows of `columns`
  int link_bytes_per_cycle = 64;
  int hop_cycles = 1;     // from a buffer to the next
  int buffer_bursts = 4;  // each input of a router and each channel
  int columns = 0;        // mesh; 0: the least that make it no taller than wide
  bool operator==(const NocSpec&) const = default;
};

// Between the network and the channels, shared by all cores. A line is a burst (dma.burst_bytes).
struct L2Spec {
  int64_t bytes = 0;  // 0: none
  int ways = 16;
  int banks = 8;             // by line address
  int hit_cycles = 20;       // from the end of a bank's slot to the answer, and from its start to the DRAM
  int bytes_per_cycle = 64;  // of a bank
  int misses = 16;           // under way at most, of a bank
  bool operator==(const L2Spec&) const = default;
};

struct HostSpec {  // declared model of host work beside the NPU: estimates only
  double bytes_per_second = 10e9;
  double flops = 10e9;
  double call_seconds = 5e-6;
  std::string link;  // to the device, of configs/links, or a file: times of inputs and outputs are told; "": are not
  LinkSpec figures;  // not a key: what `link` names
  bool operator==(const HostSpec&) const = default;
};

struct EnergySpec {
  std::string table;    // of configs/energy, or a file; "": energy is not told
  std::string dram;     // kind of the memory: ddr, lpddr, gddr5, gddr6, hbm2; not asked for where dram.config is
  EnergyTable figures;  // not a key: what `table` names
  bool operator==(const EnergySpec&) const = default;
};

struct NpuSpec : Described {
  std::string structure;  // exact | analogue | estimate-only
  Clock clock;
  int cores = 1;
  ArraySpec array;
  ScratchpadSpec scratchpad;
  AccumulatorSpec accumulator;
  VectorSpec vector;
  DmaSpec dma;
  CoreSpec core;
  DramSpec dram;
  NocSpec noc;
  L2Spec l2;
  HostSpec host;
  EnergySpec energy;
  bool operator==(const NpuSpec&) const = default;
};

}  // namespace systole::spec

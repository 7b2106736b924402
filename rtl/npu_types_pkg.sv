// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Types between the NPU's modules. npu_config_pkg has an instance's figures: a parameter for each key of its YAML.
package npu_types_pkg;

  import npu_config_pkg::*;
  import npu_contract_pkg::*;

  typedef logic [47:0] cycle_t;  // core cycles since power-on
  typedef logic [31:0] addr_t;   // byte of the scratchpad or of the accumulators

  typedef struct packed {
    logic [3:0]  code;  // error_e; 0: none
    logic [63:0] address;
  } fault_t;

  // Banks of the scratchpad, from the first to the last.
  localparam logic [31:0] BankBits = (Banks > 1) ? $clog2(Banks) : 1;
  typedef struct packed {logic [BankBits-1:0] low, high;} banks_t;

  // A command in an engine's queue, with what is wrong with its operands, and what is kept of it until it completes.
  typedef struct packed {
    descriptor_t command;
    fault_t fault;
    banks_t banks;       // that PRELOAD and COMPUTE read
    logic [31:0] seq;    // ring index
    logic [31:0] index;  // in order of dispatch
  } queued_t;
  typedef struct packed {
    logic [7:0] signal0_id, signal0_count, signal1_id, signal1_count;
    logic [31:0] seq, index;
  } flight_t;

  // Semaphores hold 0 to 255. An id with a count of 0 may be anything: it takes and adds nothing.
  localparam logic [31:0] SemBits = (Semaphores > 1) ? $clog2(Semaphores) : 1;
  typedef logic [2**SemBits-1:0][7:0] sems_t;

  function automatic logic waits_met(input sems_t sems, input header_t h);
    logic [7:0] a, b;
    a = sems[SemBits'(h.wait0_id)];
    b = sems[SemBits'(h.wait1_id)];
    if (h.wait0_count != 0 && h.wait1_count != 0 && h.wait0_id == h.wait1_id)
      return 9'(a) >= 9'(h.wait0_count) + 9'(h.wait1_count);
    return (h.wait0_count == 0 || a >= h.wait0_count) && (h.wait1_count == 0 || b >= h.wait1_count);
  endfunction

  typedef struct packed {
    sems_t sems;
    fault_t fault;  // sem_overflow: the semaphore keeps its count
  } signalled_t;

  function automatic signalled_t signal(input sems_t sems, input logic [7:0] id0, input logic [7:0] count0,
                                        input logic [7:0] id1, input logic [7:0] count1);
    signalled_t s;
    sems_t left;
    logic [7:0] id[2], count[2];
    left = sems;
    s.fault = '0;
    id[0] = id0;
    id[1] = id1;
    count[0] = count0;
    count[1] = count1;
    for (int i = 0; i < 2; ++i) begin
      if (9'(left[SemBits'(id[i])]) + 9'(count[i]) <= 9'd255) left[SemBits'(id[i])] += count[i];
      else if (s.fault.code == 0) s.fault = {ErrorCodeSemOverflow, 64'(id[i])};
    end
    s.sems = left;
    return s;
  endfunction

  // In flight at once: each has a place in the array, the vector pipeline or the memory, or waits for one that has.
  localparam logic [31:0] FlightDepth =
      4 * 2 ** $clog2(ReadLatency + Rows * PeLatency + Cols + AccWriteLatency + VectorPipeline + FunctionLatency + Outstanding);
  typedef logic [7:0] done_t;  // commands of an engine that complete in a cycle

  // Bytes that LOAD or STORE moves on chip in a cycle: a burst, or what a copy within the scratchpad moves.
  localparam logic [31:0] MoveBytes = (DmaBytesPerCycle > BurstBytes) ? DmaBytesPerCycle : BurstBytes;
  typedef logic [$clog2(MoveBytes):0] move_count_t;

  // What LOAD or STORE moves in a cycle: bytes first .. first + bytes - 1 of its ports.
  typedef enum logic [1:0] {ChunkBurst, ChunkCopy, ChunkPadding} chunk_e;
  typedef struct packed {
    chunk_e kind;
    logic last;               // of its command
    logic space;              // of the near side, which is the scratchpad or the accumulators
    move_count_t first, bytes;
    logic [63:0] far_addr;    // of the first byte, on the other side
  } chunk_t;
  // Where what belongs to a burst in flight is kept: below Outstanding.
  typedef logic [((Outstanding > 1) ? $clog2(Outstanding) : 1)-1:0] burst_place_t;

  localparam logic [31:0] PreloadElements = WeightRows * Cols;
  localparam logic [31:0] AccBytes = AccRows * Cols * 4;

endpackage

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The processor's memory port: reads descriptors ahead of dispatch, writes the records of fences. One AXI4 master, a beat a
// burst, a burst a cycle; a record goes before the next descriptor.
module npu_fetch
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
(
    input logic clk_i,
    input logic rst_i,

    input logic        run_i,        // enabled, no error, a sound ring
    input logic [63:0] ring_base_i,
    input logic [31:0] ring_size_i,
    input logic [31:0] ring_head_i,  // the next to be taken
    input logic [31:0] ring_tail_i,

    output logic        valid_o,  // the descriptor at ring_head_i has arrived
    output descriptor_t command_o,
    output logic [63:0] addr_o,
    input  logic        take_i,

    input  logic         record_i,       // in this cycle a fence asks for its record
    input  logic [ 63:0] record_addr_i,
    input  logic [511:0] record_data_i,
    output logic         record_done_o,  // in this cycle its last write response is there

    output logic                    ar_valid_o,
    output logic [            63:0] ar_addr_o,
    input  logic                    ar_ready_i,
    input  logic                    r_valid_i,
    input  logic [8*BurstBytes-1:0] r_data_i,
    output logic                    aw_valid_o,
    output logic [            63:0] aw_addr_o,
    output logic [8*BurstBytes-1:0] w_data_o,
    output logic [  BurstBytes-1:0] w_strb_o,
    input  logic                    aw_ready_i,
    input  logic                    b_valid_i
);

  if (BurstBytes > 128) $error("dma.burst_bytes: an AXI4 beat has at most 128 bytes");

  localparam int unsigned DescriptorBytes = 4 * DescriptorWords;
  localparam int unsigned FetchBeats = (DescriptorBytes + BurstBytes - 1) / BurstBytes;
  localparam int unsigned RecordBeats = (64 + BurstBytes - 1) / BurstBytes;
  localparam int unsigned SlotBits = (FetchAhead > 1) ? $clog2(FetchAhead) : 1;
  localparam int unsigned RawBits = 8 * BurstBytes * FetchBeats;
  localparam logic [63:0] BurstMask = 64'(BurstBytes) - 64'd1;
  typedef logic [SlotBits-1:0] slot_t;
  typedef logic [7:0] count_t;

  descriptor_t ahead[2**SlotBits];
  slot_t write_q, read_q;     // next to be completed, next to be taken
  count_t asked_q, ready_q;   // descriptors asked for and not taken, arrived and not taken
  count_t beat_q;             // of the descriptor that arrives
  count_t left_q;             // bursts of the request under way still to be asked for
  logic writing_q;            // and whether it is a record
  logic [63:0] at_q;          // its next burst
  logic wanted_q;             // a record waits for the port
  logic [63:0] record_addr_q;
  logic [511:0] record_q, rest_q;
  count_t answers_q;          // write responses still to come
  logic [RawBits-1:0] partial_q, arriving;
  logic last_beat, arrives, start_record, start_fetch, asks, wanted;
  logic [31:0] next;
  logic [63:0] next_addr, first_addr, burst_addr;
  count_t beats;
  logic [511:0] record_now;
  logic writes, accepted;
  logic [511:0] shown;

  function automatic logic [63:0] ring_offset(input logic [31:0] index);
    logic [31:0] place;
    place = index & (ring_size_i - 1);
    return 64'(place) * 64'(DescriptorBytes);
  endfunction

  // ---- arrival ----
  assign last_beat = beat_q == count_t'(FetchBeats - 1);
  assign arrives = r_valid_i && last_beat;
  always_comb begin
    arriving = partial_q;
    arriving[RawBits-1-:8*BurstBytes] = r_data_i;
  end
  assign valid_o = ready_q != 0 || arrives;
  assign command_o = ready_q != 0 ? ahead[read_q] : descriptor_t'(arriving);
  assign addr_o = ring_base_i + ring_offset(ring_head_i);

  // ---- requests: in the first cycle of one its first burst ----
  assign wanted = wanted_q || record_i;
  assign next = ring_head_i + 32'(asked_q);
  assign next_addr = ring_base_i + ring_offset(next);
  assign start_record = run_i && left_q == 0 && wanted;
  assign start_fetch = run_i && left_q == 0 && !wanted && next != ring_tail_i &&
      asked_q - count_t'(take_i) < count_t'(FetchAhead);
  assign asks = left_q != 0 || start_record || start_fetch;
  assign writes = left_q != 0 ? writing_q : start_record;
  assign first_addr = wanted ? (record_i ? record_addr_i : record_addr_q) : next_addr;
  assign burst_addr = left_q != 0 ? at_q : first_addr & ~BurstMask;
  assign beats = left_q != 0 ? left_q : writes ? count_t'(RecordBeats) : count_t'(FetchBeats);
  assign record_now = record_i ? record_data_i : record_q;
  assign shown = left_q != 0 ? rest_q : record_now;

  assign ar_valid_o = asks && !writes;
  assign ar_addr_o = burst_addr;
  assign aw_valid_o = asks && writes;
  assign aw_addr_o = burst_addr;
  // Records begin at multiples of 64: one lies in a burst, or fills several.
  always_comb begin
    w_data_o = '0;
    w_strb_o = '0;
    if (BurstBytes > 64) begin
      w_data_o = (8 * BurstBytes)'(shown) << (8 * (first_addr & BurstMask));
      w_strb_o = BurstBytes'({64{1'b1}}) << (first_addr & BurstMask);
    end else begin
      w_data_o = shown[8*BurstBytes-1:0];
      w_strb_o = '1;
    end
  end
  assign accepted = writes ? aw_ready_i : ar_ready_i;
  assign record_done_o = b_valid_i && answers_q == 1;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_q <= 0;
      read_q <= 0;
      asked_q <= 0;
      ready_q <= 0;
      beat_q <= 0;
      left_q <= 0;
      wanted_q <= 0;
      answers_q <= 0;
    end else begin
      asked_q <= asked_q + count_t'(start_fetch) - count_t'(take_i);
      ready_q <= ready_q + count_t'(arrives) - count_t'(take_i);
      if (take_i) read_q <= read_q == slot_t'(FetchAhead - 1) ? 0 : read_q + 1;
      if (r_valid_i) begin
        beat_q <= last_beat ? 0 : beat_q + 1;
        partial_q <= arriving >> (8 * BurstBytes);
      end
      if (arrives) begin
        ahead[write_q] <= descriptor_t'(arriving);
        write_q <= write_q == slot_t'(FetchAhead - 1) ? 0 : write_q + 1;
      end
      if (record_i) begin
        record_addr_q <= record_addr_i;
        record_q <= record_data_i;
      end
      wanted_q <= wanted && !start_record;
      if (asks) begin
        writing_q <= writes;
        left_q <= accepted ? beats - 1 : beats;
        at_q <= accepted ? burst_addr + 64'(BurstBytes) : burst_addr;
        rest_q <= accepted && BurstBytes < 64 ? shown >> (8 * BurstBytes) : shown;
      end
      answers_q <= answers_q + (start_record ? count_t'(RecordBeats) : 0) - count_t'(b_valid_i);
    end
  end

endmodule

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// LOAD's or STORE's commands from issue to completion, and its bursts from request to answer. Commands have numbers; what is
// not finished holds back its command and those behind it.
module npu_dma_flight
  import npu_config_pkg::*;
  import npu_types_pkg::*;
#(
    parameter bit Store = 0
) (
    input  logic   clk_i,
    input  logic   rst_i,
    input  cycle_t now_i,
    input  logic   fire_i,     // a command issues
    input  logic   held_i,     // the newest one has requests to make or, for LOAD, the port
    input  logic   copied_i,   // it copied within the scratchpad, and its port is free from the next cycle on
    output logic   room_o,     // for a request in this cycle
    input  logic   request_i,
    input  logic   answer_i,   // of the oldest request
    output burst_place_t request_place_o,
    output burst_place_t answer_place_o,
    output done_t  done_o
);

  typedef logic [$clog2(FlightDepth):0] number_t;
  number_t next_q, oldest_q;  // numbers: of the next command, and of the oldest one in flight

  // ---- bursts ----
  typedef logic [$clog2(Outstanding):0] count_t;
  number_t bursts[2**$bits(burst_place_t)];  // whose they are
  burst_place_t first_q, free_q, waiting;
  count_t count_q, waiting_count;

  function automatic burst_place_t after(input burst_place_t b);
    return b == burst_place_t'(Outstanding - 1) ? 0 : b + 1;
  endfunction

  assign room_o = count_q < count_t'(Outstanding) || answer_i;
  assign request_place_o = free_q;
  assign answer_place_o = first_q;

  // ---- copies, which complete ReadLatency after their port is free ----
  typedef struct packed {
    number_t number;
    cycle_t  at;
  } copy_t;
  typedef logic [$clog2(ReadLatency+1)-1:0] copy_place_t;
  copy_t copies[2**$clog2(ReadLatency+1)];
  copy_place_t first_copy_q, free_copy_q, first_copy;
  logic copy_ends;
  assign copy_ends = first_copy_q != free_copy_q && now_i >= copies[first_copy_q].at;
  assign first_copy = first_copy_q + copy_place_t'(copy_ends);

  // ---- completion ----
  number_t complete;
  always_comb begin
    // A store completes with its answer, a load a cycle later.
    waiting = first_q;
    waiting_count = count_q;
    if (Store && answer_i) begin
      waiting = after(first_q);
      waiting_count = count_q - 1;
    end
    complete = next_q - oldest_q - number_t'(held_i);
    if (waiting_count != 0 && bursts[waiting] - oldest_q < complete) complete = bursts[waiting] - oldest_q;
    if (first_copy != free_copy_q && copies[first_copy].number - oldest_q < complete)
      complete = copies[first_copy].number - oldest_q;
  end
  assign done_o = done_t'(complete);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      {next_q, oldest_q} <= '0;
      {first_q, free_q, count_q} <= '0;
      {first_copy_q, free_copy_q} <= '0;
    end else begin
      if (fire_i) next_q <= next_q + 1;
      oldest_q <= oldest_q + complete;
      if (request_i) begin
        bursts[free_q] <= next_q - 1;
        free_q <= after(free_q);
      end
      if (answer_i) first_q <= after(first_q);
      count_q <= count_q + count_t'(request_i) - count_t'(answer_i);
      if (copied_i) begin
        copies[free_copy_q] <= '{number: next_q - 1, at: now_i + 1 + cycle_t'(ReadLatency)};
        free_copy_q <= free_copy_q + 1;
      end
      first_copy_q <= first_copy;
    end
  end

endmodule

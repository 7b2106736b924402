// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD and COMPUTE: the systolic array with what feeds it and what it fills, and the conditions under which one of the two
// waits for the other (docs/timing.md, sections 3 and 4).
module npu_matrix
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
(
    input logic   clk_i,
    input logic   rst_i,
    input cycle_t now_i,

    input  preload_t preload_i,
    input  banks_t   preload_banks_i,
    output logic     preload_port_free_o,
    output logic     preload_ready_o,
    input  logic     preload_fire_i,
    output done_t    preload_done_o,

    input  compute_t compute_i,
    input  banks_t   compute_banks_i,
    output logic     compute_port_free_o,
    output logic     compute_ready_o,
    output logic     shared_o,             // compute_i reads a bank that preload_i reads: both can't issue in one cycle
    output logic     paired_o,             // compute_i can issue in the cycle in which preload_i does, and only with it
    output logic     mismatch_o,           // compute_i doesn't go with its weights, or with the matrix of its pair
    input  logic     compute_fire_i,
    output done_t    compute_done_o,
    output logic [15:0] overflow_o,

    // npu_storage's ports
    output logic            compute_en_o,
    output addr_t           compute_addr_o[Rows],
    input  logic [15:0]     compute_data_i[Rows],
    output logic            preload_en_o,
    output addr_t           preload_addr_o[PreloadElements],
    input  logic [15:0]     preload_data_i[PreloadElements],
    output logic [Cols-1:0] sum_read_o,
    output addr_t           sum_read_row_o[Cols],
    input  logic [31:0]     sum_data_i[Cols],
    output logic [Cols-1:0] sum_write_o,
    output addr_t           sum_write_row_o[Cols],
    output logic [31:0]     sum_write_data_o[Cols]
);

  // ---- shadow weights, claims of banks, the matrix of an output-stationary PRELOAD whose COMPUTE is to come ----
  logic shadow_full, shadow_full_q, shadow_bf16_q, active_bf16_q, swapped, row_free, loading, step;
  logic passes, stays, waiting_q;
  preload_t preload_q;  // the last one that issued, and its banks
  banks_t preload_banks_q, compute_banks_q;

  function automatic logic meet(input banks_t a, input banks_t b);
    return a.low <= b.high && b.low <= a.high;
  endfunction

  assign shadow_full = shadow_full_q && !swapped;
  assign passes = OutputStationary != 0 && preload_i.dataflow == DataflowOutputStationary;
  assign stays = OutputStationary != 0 && compute_i.dataflow == DataflowOutputStationary;
  assign preload_ready_o = passes || (!shadow_full && (compute_port_free_o || !meet(preload_banks_i, compute_banks_q)));
  assign compute_ready_o = row_free && (stays ? waiting_q : (!loading || !meet(compute_banks_i, preload_banks_q)) &&
      (!compute_i.swap || (shadow_full && !loading)));
  assign shared_o = meet(preload_banks_i, compute_banks_i) && !passes;
  assign paired_o = stays && passes && row_free;

  preload_t pair;
  always_comb begin
    pair = waiting_q ? preload_q : preload_i;
    mismatch_o = (compute_i.dtype == DtypeBf16) != (compute_i.swap ? shadow_bf16_q : active_bf16_q);
    if (stays)
      mismatch_o = (compute_i.dtype == DtypeBf16) != (pair.dtype == DtypeBf16) ||
          meet(compute_banks_i, waiting_q ? preload_banks_q : preload_banks_i) ||
          48'(compute_i.m0) * 48'(compute_i.m1) * 48'(compute_i.m2) != 48'(pair.rows);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) {shadow_full_q, shadow_bf16_q, active_bf16_q, waiting_q} <= '0;
    else begin
      waiting_q <= (waiting_q || (preload_fire_i && passes)) && !(compute_fire_i && stays);
      shadow_full_q <= shadow_full || (preload_fire_i && !passes);
      if (preload_fire_i && !passes) shadow_bf16_q <= preload_i.dtype == DtypeBf16;
      if (compute_fire_i && compute_i.swap) active_bf16_q <= shadow_bf16_q;
    end
    if (preload_fire_i) begin
      preload_q <= preload_i;
      preload_banks_q <= preload_banks_i;
    end
    if (compute_fire_i) compute_banks_q <= compute_banks_i;
  end

  // ---- parts ----
  logic [Rows-1:0] x_valid, x_swap, x_bf16, x_stays, x_first, x_last, x_leave;
  logic [Rows-1:0][15:0] x;
  logic [Cols-1:0] w_valid, w_first, w_passes;
  logic [Cols-1:0][7:0] w_row;
  logic [Cols-1:0][WeightRows-1:0][15:0] w;
  logic [Cols-1:0][31:0] sum;
  logic sum_valid, sum_accumulate, sum_bf16;
  logic [31:0] sum_row;
  logic [15:0] sum_cols;

  npu_preload preload (
      .clk_i, .rst_i, .now_i, .command_i(preload_i), .fire_i(preload_fire_i), .step_i(step),
      .port_free_o(preload_port_free_o), .loading_o(loading), .done_o(preload_done_o), .preload_en_o, .preload_addr_o,
      .preload_data_i, .w_valid_o(w_valid), .w_first_o(w_first), .w_passes_o(w_passes), .w_row_o(w_row), .w_o(w)
  );
  npu_compute compute (
      .clk_i, .rst_i, .now_i, .command_i(compute_i), .fire_i(compute_fire_i), .port_free_o(compute_port_free_o),
      .row_free_o(row_free), .step_o(step), .swapped_o(swapped), .done_o(compute_done_o), .compute_en_o, .compute_addr_o,
      .compute_data_i, .x_valid_o(x_valid), .x_swap_o(x_swap), .x_bf16_o(x_bf16), .x_o(x), .x_stays_o(x_stays),
      .x_first_o(x_first), .x_last_o(x_last), .x_leave_o(x_leave), .sum_valid_o(sum_valid),
      .sum_row_o(sum_row), .sum_accumulate_o(sum_accumulate), .sum_bf16_o(sum_bf16), .sum_cols_o(sum_cols)
  );
  npu_array array (
      .clk_i, .rst_i, .x_valid_i(x_valid), .x_swap_i(x_swap), .x_bf16_i(x_bf16), .x_i(x), .x_stays_i(x_stays),
      .x_first_i(x_first), .x_last_i(x_last), .x_leave_i(x_leave), .w_valid_i(w_valid), .w_first_i(w_first),
      .w_passes_i(w_passes), .w_row_i(w_row), .w_i(w), .sum_o(sum)
  );
  npu_sums sums (
      .clk_i, .rst_i, .now_i, .valid_i(sum_valid), .row_i(sum_row), .accumulate_i(sum_accumulate), .bf16_i(sum_bf16),
      .cols_i(sum_cols), .sum_i(sum), .sum_read_o, .sum_read_row_o, .sum_data_i, .sum_write_o, .sum_write_row_o,
      .sum_write_data_o, .overflow_o
  );

endmodule

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
    output logic     mismatch_o,           // compute_i is of another type than its weights
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

  // ---- shadow weights and claims of banks ----
  logic shadow_full, shadow_full_q, shadow_bf16_q, active_bf16_q, swapped, row_free;
  banks_t preload_banks_q, compute_banks_q;

  function automatic logic meet(input banks_t a, input banks_t b);
    return a.low <= b.high && b.low <= a.high;
  endfunction

  assign shadow_full = shadow_full_q && !swapped;
  assign preload_ready_o = !shadow_full && (compute_port_free_o || !meet(preload_banks_i, compute_banks_q));
  assign compute_ready_o = row_free && (preload_port_free_o || !meet(compute_banks_i, preload_banks_q)) &&
      (!compute_i.swap || (shadow_full && preload_port_free_o));
  assign shared_o = meet(preload_banks_i, compute_banks_i);
  assign mismatch_o = (compute_i.dtype == DtypeBf16) != (compute_i.swap ? shadow_bf16_q : active_bf16_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) {shadow_full_q, shadow_bf16_q, active_bf16_q} <= '0;
    else begin
      shadow_full_q <= shadow_full || preload_fire_i;
      if (preload_fire_i) shadow_bf16_q <= preload_i.dtype == DtypeBf16;
      if (compute_fire_i && compute_i.swap) active_bf16_q <= shadow_bf16_q;
    end
    if (preload_fire_i) preload_banks_q <= preload_banks_i;
    if (compute_fire_i) compute_banks_q <= compute_banks_i;
  end

  // ---- parts ----
  logic [Rows-1:0] x_valid, x_swap, x_bf16;
  logic [Rows-1:0][15:0] x;
  logic [Cols-1:0] w_valid, w_first;
  logic [Cols-1:0][7:0] w_row;
  logic [Cols-1:0][WeightRows-1:0][15:0] w;
  logic [Cols-1:0][31:0] sum;
  logic sum_valid, sum_accumulate, sum_bf16;
  logic [31:0] sum_row;
  logic [15:0] sum_cols;

  npu_preload preload (
      .clk_i, .rst_i, .now_i, .command_i(preload_i), .fire_i(preload_fire_i), .port_free_o(preload_port_free_o),
      .done_o(preload_done_o), .preload_en_o, .preload_addr_o, .preload_data_i, .w_valid_o(w_valid), .w_first_o(w_first),
      .w_row_o(w_row), .w_o(w)
  );
  npu_compute compute (
      .clk_i, .rst_i, .now_i, .command_i(compute_i), .fire_i(compute_fire_i), .port_free_o(compute_port_free_o),
      .row_free_o(row_free), .swapped_o(swapped), .done_o(compute_done_o), .compute_en_o, .compute_addr_o,
      .compute_data_i, .x_valid_o(x_valid), .x_swap_o(x_swap), .x_bf16_o(x_bf16), .x_o(x), .sum_valid_o(sum_valid),
      .sum_row_o(sum_row), .sum_accumulate_o(sum_accumulate), .sum_bf16_o(sum_bf16), .sum_cols_o(sum_cols)
  );
  npu_array array (
      .clk_i, .rst_i, .x_valid_i(x_valid), .x_swap_i(x_swap), .x_bf16_i(x_bf16), .x_i(x), .w_valid_i(w_valid),
      .w_first_i(w_first), .w_row_i(w_row), .w_i(w), .sum_o(sum)
  );
  npu_sums sums (
      .clk_i, .rst_i, .now_i, .valid_i(sum_valid), .row_i(sum_row), .accumulate_i(sum_accumulate), .bf16_i(sum_bf16),
      .cols_i(sum_cols), .sum_i(sum), .sum_read_o, .sum_read_row_o, .sum_data_i, .sum_write_o, .sum_write_row_o,
      .sum_write_data_o, .overflow_o
  );

endmodule

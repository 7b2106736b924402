// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD: WeightRows rows a cycle from the scratchpad to the array's top edge; output-stationary, one with each step of COMPUTE.
module npu_preload
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_array_pkg::*;
  import npu_check_pkg::stored_bits;
(
    input  logic     clk_i,
    input  logic     rst_i,
    input  cycle_t   now_i,
    input  preload_t command_i,
    input  logic     fire_i,
    input  logic     step_i,       // COMPUTE gives the addresses of an output-stationary step
    output logic     port_free_o,
    output logic     loading_o,    // weights that are kept, and not in its last cycle
    output done_t    done_o,

    output logic        preload_en_o,
    output addr_t       preload_addr_o[PreloadElements],
    input  logic [15:0] preload_data_i[PreloadElements],

    output logic [Cols-1:0]                       w_valid_o,
    output logic [Cols-1:0]                       w_first_o,
    output logic [Cols-1:0]                       w_passes_o,
    output logic [Cols-1:0][ 7:0]                 w_row_o,
    output logic [Cols-1:0][WeightRows-1:0][15:0] w_o
);

  // ---- addresses, from the cycle after the issue on ----
  preload_t p_q;
  logic active_q, passes, moves, last;
  logic [15:0] row_q;
  addr_t addr_q;
  logic [ReadLatency-1:0] done_q;

  assign passes = OutputStationary != 0 && p_q.dataflow == DataflowOutputStationary;
  assign moves = active_q && (!passes || step_i);
  assign last = moves && (passes ? row_q == p_q.rows - 16'd1 : row_q + 16'(WeightRows) >= p_q.rows);
  assign port_free_o = !active_q || last;
  assign loading_o = active_q && !passes && !last;
  assign done_o = done_t'(done_q[ReadLatency-1]);
  assign preload_en_o = moves;
  always_comb begin
    preload_addr_o = '{default: '0};
    if (moves)
      for (int k = 0; k < int'(WeightRows); ++k)
        for (int c = 0; c < int'(Cols); ++c)
          preload_addr_o[k*int'(Cols)+c] = addr_q + addr_t'(k) * p_q.row_stride +
              ((addr_t'(c) * addr_t'(stored_bits(p_q.weights, p_q.dtype))) >> 3);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      active_q <= 0;
      done_q <= '0;
    end else begin
      done_q <= done_q << 1;
      done_q[0] <= last;
      if (last) active_q <= 0;
      if (moves) begin
        row_q <= row_q + (passes ? 16'd1 : 16'(WeightRows));
        addr_q <= addr_q + (passes ? p_q.row_stride : addr_t'(WeightRows) * p_q.row_stride);
      end
      if (fire_i) begin
        active_q <= 1;
        p_q <= command_i;
        row_q <= 0;
        addr_q <= command_i.addr;
      end
    end
  end

  // ---- weights, a cycle later; rows and columns that the command doesn't have are 0 ----
  preload_t from_q;
  logic arrived_q;
  logic [15:0] arrived_row_q;
  logic [Cols-1:0][WeightRows-1:0][15:0] arrived;
  always_ff @(posedge clk_i) begin
    arrived_q <= moves && !rst_i;
    arrived_row_q <= row_q;
    if (moves) from_q <= p_q;
  end
  always_comb begin
    arrived = '0;
    if (arrived_q)
      for (int k = 0; k < int'(WeightRows); ++k)
        for (int c = 0; c < int'(Cols); ++c)
          if (16'(c) < from_q.cols && arrived_row_q + 16'(k) < from_q.rows)
            arrived[c][k] = operand(from_q.dtype, from_q.zero_point, widened(
                                    from_q.dtype, from_q.weights, c % 2 != 0, preload_data_i[k*int'(Cols)+c]));
  end

  // ---- skew: column j has them ReadLatency - 2 + j cycles after that ----
  localparam int unsigned DepthBits = $clog2(ReadLatency + Cols);
  typedef logic [DepthBits-1:0] place_t;
  logic [2**DepthBits-1:0] valid_q, first_q, passes_q;
  logic [7:0] row_ring[2**DepthBits];
  logic [Cols-1:0][WeightRows-1:0][15:0] ring[2**DepthBits];
  always_ff @(posedge clk_i) begin
    if (rst_i) valid_q <= '0;
    else valid_q[place_t'(now_i)] <= arrived_q;
    if (arrived_q) begin
      first_q[place_t'(now_i)] <= arrived_row_q == 0;
      passes_q[place_t'(now_i)] <= from_q.dataflow == DataflowOutputStationary;
      row_ring[place_t'(now_i)] <= arrived_row_q[7:0];
      ring[place_t'(now_i)] <= arrived;
    end
  end
  for (genvar c = 0; c < Cols; ++c) begin : g_column
    place_t from;
    assign from = place_t'(now_i) - place_t'(ReadLatency - 2 + c);
    if (ReadLatency + c == 2) begin : g_now
      assign w_valid_o[c] = arrived_q;
      assign w_first_o[c] = arrived_row_q == 0;
      assign w_passes_o[c] = from_q.dataflow == DataflowOutputStationary;
      assign w_row_o[c] = arrived_row_q[7:0];
      assign w_o[c] = arrived[c];
    end else begin : g_later
      assign w_valid_o[c] = valid_q[from];
      assign w_first_o[c] = first_q[from];
      assign w_passes_o[c] = passes_q[from];
      assign w_row_o[c] = row_ring[from];
      assign w_o[c] = ring[from][c];
    end
  end

endmodule

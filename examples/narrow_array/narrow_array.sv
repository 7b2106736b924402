// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What do narrower sums in the array cost? An int8 array whose partial sums have SumBits bits and saturate. It has no bf16:
// such vectors give zeros. The ports are those of docs/own_array.md; npu_config_pkg has the figures of the NPU it is put in.
module narrow_array #(
    parameter int unsigned SumBits = 16
) (
    input logic clk_i,
    input logic rst_i,

    input logic [npu_config_pkg::Rows-1:0]       x_valid_i,
    input logic [npu_config_pkg::Rows-1:0]       x_swap_i,
    input logic [npu_config_pkg::Rows-1:0]       x_bf16_i,
    input logic [npu_config_pkg::Rows-1:0][15:0] x_i,

    input logic [npu_config_pkg::Cols-1:0]       w_valid_i,
    input logic [npu_config_pkg::Cols-1:0]       w_first_i,
    input logic [npu_config_pkg::Cols-1:0][ 7:0] w_row_i,
    input logic [npu_config_pkg::Cols-1:0][npu_config_pkg::WeightRows-1:0][15:0] w_i,

    output logic [npu_config_pkg::Cols-1:0][31:0] sum_o
);
  import npu_config_pkg::*;

  localparam logic signed [31:0] Most = 2 ** (SumBits - 1) - 1;

  // What leaves each element: to the right, downwards; and its weights.
  logic [Rows-1:0][Cols-1:0] valid_q, swap_q, weights_q, first_q;
  logic [Rows-1:0][Cols-1:0][15:0] x_q, active_q, shadow_q;
  logic [Rows-1:0][Cols-1:0][7:0] row_q;
  logic [Rows-1:0][Cols-1:0][WeightRows-1:0][15:0] w_q;
  logic [Rows-1:0][Cols-1:0][SumBits-1:0] sum_q;

  if (PeLatency != 1) $error("narrow_array: expected array.pe_latency 1, got %0d", PeLatency);

  always_ff @(posedge clk_i) begin
    for (int r = 0; r < int'(Rows); ++r)
      for (int c = 0; c < int'(Cols); ++c) begin
        logic valid, swap, weights, first;
        logic signed [15:0] x, weight;
        logic signed [31:0] sum;
        logic [7:0] row;
        logic [WeightRows-1:0][15:0] w;
        valid = x_valid_i[r] && !x_bf16_i[r];
        swap = x_swap_i[r];
        x = x_i[r];
        if (c > 0) begin
          valid = valid_q[r][c-1];
          swap = swap_q[r][c-1];
          x = x_q[r][c-1];
        end
        weights = w_valid_i[c];
        first = w_first_i[c];
        row = w_row_i[c];
        w = w_i[c];
        sum = 0;
        if (r > 0) begin
          weights = weights_q[r-1][c];
          first = first_q[r-1][c];
          row = row_q[r-1][c];
          w = w_q[r-1][c];
          sum = 32'(signed'(sum_q[r-1][c]));
        end

        weight = swap ? shadow_q[r][c] : active_q[r][c];
        if (valid) sum += 32'(x) * 32'(weight);
        if (sum > Most) sum = Most;
        if (sum < -Most - 1) sum = -Most - 1;
        sum_q[r][c] <= SumBits'(sum);

        valid_q[r][c] <= valid && !rst_i;
        swap_q[r][c] <= swap && !rst_i;
        x_q[r][c] <= x;
        weights_q[r][c] <= weights && !rst_i;
        first_q[r][c] <= first;
        row_q[r][c] <= row;
        w_q[r][c] <= w;
        if (swap) active_q[r][c] <= weight;
        if (weights) begin
          if (first) shadow_q[r][c] <= 0;
          for (int k = 0; k < int'(WeightRows); ++k) if (int'(row) + k == r) shadow_q[r][c] <= w[k];
        end
        if (rst_i) begin
          active_q[r][c] <= 0;
          shadow_q[r][c] <= 0;
        end
      end
  end

  for (genvar c = 0; c < Cols; ++c) begin : g_sum
    assign sum_o[c] = 32'(signed'(sum_q[Rows-1][c]));
  end

endmodule

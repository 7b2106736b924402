// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The systolic array, and nothing else: what comes to its edges is skewed (docs/timing.md, section 3). Another array with these
// ports and these moments can take its place (docs/rtl.md).
module npu_array
  import npu_config_pkg::*;
  import npu_array_pkg::*;
(
    input logic clk_i,
    input logic rst_i,  // every weight becomes 0, and nothing is on its way

    // Left edge: row i, i * PeLatency cycles after row 0. Integers are sign-extended.
    input logic [Rows-1:0]       x_valid_i,
    input logic [Rows-1:0]       x_swap_i,
    input logic [Rows-1:0]       x_bf16_i,
    input logic [Rows-1:0][15:0] x_i,
    // Output-stationary: a step of the sums that stay, the first of them, the last; the row's sums leave
    input logic [Rows-1:0]       x_stays_i,
    input logic [Rows-1:0]       x_first_i,
    input logic [Rows-1:0]       x_last_i,
    input logic [Rows-1:0]       x_leave_i,

    // Top edge: column j, j cycles after column 0; WeightRows rows from row w_row_i on
    input logic [Cols-1:0]                       w_valid_i,
    input logic [Cols-1:0]                       w_first_i,
    input logic [Cols-1:0]                       w_passes_i,  // for a step of sums that stay
    input logic [Cols-1:0][ 7:0]                 w_row_i,
    input logic [Cols-1:0][WeightRows-1:0][15:0] w_i,

    // Bottom edge: column j of the vector whose element, or of the row whose `leave`, was in row 0's cycle Rows * PeLatency + j
    // cycles ago
    output logic [Cols-1:0][31:0] sum_o
);

  for (genvar r = 0; r < Rows; ++r) begin : g_row
    for (genvar c = 0; c < Cols; ++c) begin : g_col
      element_t left, right;
      weights_t above, below;
      logic [31:0] sum_above, sum_below;
      if (c == 0)
        assign left = '{
                valid: x_valid_i[r],
                swap: x_swap_i[r],
                bf16: x_bf16_i[r],
                stays: x_stays_i[r],
                first: x_first_i[r],
                last: x_last_i[r],
                leave: x_leave_i[r],
                value: x_i[r]
            };
      else assign left = g_row[r].g_col[c-1].right;
      if (r == 0) begin : g_top
        assign above = '{
                valid: w_valid_i[c],
                first: w_first_i[c],
                passes: w_passes_i[c],
                ahead: w_row_i[c],
                weights: w_i[c]
            };
        assign sum_above = '0;
      end else begin : g_inner
        assign above = g_row[r-1].g_col[c].below;
        assign sum_above = g_row[r-1].g_col[c].sum_below;
      end
      npu_pe pe (
          .clk_i,
          .rst_i,
          .element_i(left),
          .element_o(right),
          .weights_i(above),
          .weights_o(below),
          .sum_i(sum_above),
          .sum_o(sum_below)
      );
      if (r == Rows - 1) assign sum_o[c] = sum_below;
    end
  end

endmodule

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The array's bottom edge: sums are stored or added to the accumulators, a column a cycle after the one before it. Read in the
// cycle in which a sum is there, written in the next one.
module npu_sums
  import npu_config_pkg::*;
  import npu_types_pkg::*;
  import npu_float_pkg::*;
(
    input logic   clk_i,
    input logic   rst_i,
    input cycle_t now_i,

    // The vector whose addresses COMPUTE gives in this cycle
    input logic        valid_i,
    input logic [31:0] row_i,
    input logic        accumulate_i,
    input logic        bf16_i,
    input logic [15:0] cols_i,

    input logic [Cols-1:0][31:0] sum_i,

    output logic [Cols-1:0] sum_read_o,
    output addr_t           sum_read_row_o[Cols],
    input  logic [31:0]     sum_data_i[Cols],
    output logic [Cols-1:0] sum_write_o,
    output addr_t           sum_write_row_o[Cols],
    output logic [31:0]     sum_write_data_o[Cols],

    output logic [15:0] overflow_o  // i32 additions that wrapped in this cycle
);

  if (AccWriteLatency < 1) $error("accumulator.write_latency: expected at least 1, got %0d", AccWriteLatency);

  typedef struct packed {
    logic accumulate, bf16;
    logic [15:0] cols;
    addr_t row;
  } vector_t;

  // ---- vectors on their way: column j of one is there Delay + j cycles after its addresses ----
  localparam int unsigned Delay = ReadLatency + Rows * PeLatency - 1;
  localparam int unsigned DepthBits = $clog2(Delay + Cols);
  typedef logic [DepthBits-1:0] place_t;
  logic [2**DepthBits-1:0] valid_q;
  vector_t ring[2**DepthBits];
  always_ff @(posedge clk_i) begin
    if (rst_i) valid_q <= '0;
    else valid_q[place_t'(now_i)] <= valid_i;
    if (valid_i) ring[place_t'(now_i)] <= '{accumulate: accumulate_i, bf16: bf16_i, cols: cols_i, row: row_i};
  end

  // ---- a column's sum: read, then add and write; what is written in the cycle of the read is taken over ----
  logic [Cols-1:0] there, write_q, add_q, bf16_q, forward_q;
  addr_t row_q[Cols];
  logic [31:0] sum_q[Cols], forwarded_q[Cols];
  logic [Cols-1:0][31:0] old, total;
  always_comb begin
    for (int c = 0; c < int'(Cols); ++c) begin
      vector_t v;
      place_t from;
      from = place_t'(now_i) - place_t'(Delay + unsigned'(c));
      v = ring[from];
      there[c] = valid_q[from] && 16'(c) < v.cols;
      sum_read_o[c] = there[c] && v.accumulate;
      sum_read_row_o[c] = v.row;
    end
  end
  always_ff @(posedge clk_i) begin
    write_q <= rst_i ? '0 : there;
    for (int c = 0; c < int'(Cols); ++c)
      if (there[c]) begin
        place_t from;
        from = place_t'(now_i) - place_t'(Delay + unsigned'(c));
        add_q[c] <= sum_read_o[c];
        bf16_q[c] <= ring[from].bf16;
        row_q[c] <= ring[from].row;
        sum_q[c] <= sum_i[c];
        forward_q[c] <= write_q[c] && row_q[c] == ring[from].row;
        forwarded_q[c] <= total[c];
      end
  end
  always_comb begin
    overflow_o = 0;
    sum_write_o = write_q;
    sum_write_row_o = row_q;
    for (int c = 0; c < int'(Cols); ++c) begin
      old[c] = forward_q[c] ? forwarded_q[c] : sum_data_i[c];
      total[c] = sum_q[c];
      if (write_q[c] && add_q[c]) begin
        if (bf16_q[c]) total[c] = f32_add(old[c], sum_q[c]);
        else begin
          total[c] = old[c] + sum_q[c];
          if (old[c][31] == sum_q[c][31] && total[c][31] != old[c][31]) overflow_o += 1;
        end
      end
      sum_write_data_o[c] = total[c];
    end
  end

endmodule

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD, COMPUTE and the array on their ports of the storage, and the instance's figures.
module matrix_bench
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_check_pkg::array_banks;
(
    input  logic        clk_i,
    input  logic        rst_i,
    input  descriptor_t preload_i,
    output logic        preload_port_free_o,
    output logic        preload_ready_o,
    input  logic        preload_fire_i,
    output done_t       preload_done_o,
    input  descriptor_t compute_i,
    output logic        compute_port_free_o,
    output logic        compute_ready_o,
    output logic        shared_o,
    output logic        paired_o,
    output logic        mismatch_o,
    input  logic        compute_fire_i,
    output done_t       compute_done_o,
    output logic [15:0] overflow_o,
    output logic [31:0] figures_o[11]
);

  assign figures_o = '{Rows, Cols, PeLatency, WeightRows, Int8Interval, Bf16Interval, Interleave, LineBytes, ReadLatency,
                       AccWriteLatency, RmwInterval};

  cycle_t now_q;
  always_ff @(posedge clk_i) now_q <= rst_i ? 0 : now_q + 1;

  logic compute_en, preload_en;
  addr_t compute_addr[Rows], preload_addr[PreloadElements], sum_read_row[Cols], sum_write_row[Cols];
  logic [15:0] compute_data[Rows], preload_data[PreloadElements];
  logic [Cols-1:0] sum_read, sum_write;
  logic [31:0] sum_data[Cols], sum_write_data[Cols];

  npu_matrix matrix (
      .clk_i,
      .rst_i,
      .now_i(now_q),
      .preload_i,
      .preload_banks_i(array_banks(preload_i)),
      .preload_port_free_o,
      .preload_ready_o,
      .preload_fire_i,
      .preload_done_o,
      .compute_i,
      .compute_banks_i(array_banks(compute_i)),
      .compute_port_free_o,
      .compute_ready_o,
      .shared_o,
      .paired_o,
      .mismatch_o,
      .compute_fire_i,
      .compute_done_o,
      .overflow_o,
      .compute_en_o(compute_en),
      .compute_addr_o(compute_addr),
      .compute_data_i(compute_data),
      .preload_en_o(preload_en),
      .preload_addr_o(preload_addr),
      .preload_data_i(preload_data),
      .sum_read_o(sum_read),
      .sum_read_row_o(sum_read_row),
      .sum_data_i(sum_data),
      .sum_write_o(sum_write),
      .sum_write_row_o(sum_write_row),
      .sum_write_data_o(sum_write_data)
  );

  // The other clients, idle.
  addr_t lanes[Lanes], parameters[3*Lanes+2], moves[2][MoveBytes];
  logic [31:0] results[Lanes];
  logic [MoveBytes-1:0] move_write[2];
  logic [7:0] move_data[2][MoveBytes], fill_data[BurstBytes];
  addr_t fills[BurstBytes];
  assign fills = '{default: '0};
  assign fill_data = '{default: '0};
  assign lanes = '{default: '0};
  assign parameters = '{default: '0};
  assign moves = '{default: '{default: '0}};
  assign results = '{default: '0};
  assign move_write = '{default: '0};
  assign move_data = '{default: '{default: '0}};

  npu_storage storage (
      .clk_i,
      .compute_en_i(compute_en),
      .compute_addr_i(compute_addr),
      .compute_data_o(compute_data),
      .preload_en_i(preload_en),
      .preload_addr_i(preload_addr),
      .preload_data_o(preload_data),
      .sum_read_i(sum_read),
      .sum_read_row_i(sum_read_row),
      .sum_data_o(sum_data),
      .sum_write_i(sum_write),
      .sum_write_row_i(sum_write_row),
      .sum_write_data_i(sum_write_data),
      .vector_a_en_i(1'b0),
      .vector_a_acc_i(1'b0),
      .vector_a_addr_i(lanes),
      .vector_a_data_o(),
      .vector_b_en_i(1'b0),
      .vector_b_addr_i(lanes),
      .vector_b_data_o(),
      .vector_p_en_i(1'b0),
      .vector_p_addr_i(parameters),
      .vector_p_data_o(),
      .vector_write_i('0),
      .vector_write_acc_i(1'b0),
      .vector_size_i('0),
      .vector_write_addr_i(lanes),
      .vector_write_data_i(results),
      .fill_i('0),
      .fill_acc_i(1'b0),
      .fill_addr_i(fills),
      .fill_data_i(fill_data),
      .move_read_i('0),
      .move_read_acc_i('0),
      .move_read_addr_i(moves),
      .move_data_o(),
      .move_write_i(move_write),
      .move_write_acc_i('0),
      .move_write_addr_i(moves),
      .move_write_data_i(move_data)
  );

endmodule

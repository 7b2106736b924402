// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector engine on its ports of the storage, and its figures.
module vector_bench
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
(
    input  logic        clk_i,
    input  logic        rst_i,
    input  logic        fire_i,
    input  descriptor_t command_i,
    output logic        port_free_o,
    output logic        ready_o,
    output done_t       done_o,
    output logic [31:0] lanes_o,
    output logic [31:0] pipeline_o,
    output logic [31:0] function_latency_o
);

  assign lanes_o = Lanes;
  assign pipeline_o = VectorPipeline;
  assign function_latency_o = FunctionLatency;

  cycle_t now_q;
  always_ff @(posedge clk_i) now_q <= rst_i ? 0 : now_q + 1;

  logic a_en, a_acc, b_en, p_en, write_acc;
  logic [Lanes-1:0] write;
  logic [2:0] size;
  addr_t a_addr[Lanes], b_addr[Lanes], p_addr[3*Lanes+2], write_addr[Lanes];
  logic [31:0] a_data[Lanes], b_data[Lanes], p_data[3*Lanes+2], write_data[Lanes];

  npu_vector vector (
      .clk_i,
      .rst_i,
      .now_i(now_q),
      .valid_i(fire_i),
      .command_i,
      .port_free_o,
      .ready_o,
      .fire_i,
      .done_o,
      .vector_a_en_o(a_en),
      .vector_a_acc_o(a_acc),
      .vector_a_addr_o(a_addr),
      .vector_a_data_i(a_data),
      .vector_b_en_o(b_en),
      .vector_b_addr_o(b_addr),
      .vector_b_data_i(b_data),
      .vector_p_en_o(p_en),
      .vector_p_addr_o(p_addr),
      .vector_p_data_i(p_data),
      .vector_write_o(write),
      .vector_write_acc_o(write_acc),
      .vector_size_o(size),
      .vector_write_addr_o(write_addr),
      .vector_write_data_o(write_data)
  );

  // The other clients, idle.
  addr_t fills[BurstBytes], rows[Rows], preload_elements[PreloadElements], columns[Cols], moves[2][MoveBytes];
  logic [31:0] sums[Cols];
  logic [7:0] fill_data[BurstBytes];
  logic [MoveBytes-1:0] move_write[2];
  logic [7:0] move_data[2][MoveBytes];
  assign fills = '{default: '0};
  assign fill_data = '{default: '0};
  assign rows = '{default: '0};
  assign preload_elements = '{default: '0};
  assign columns = '{default: '0};
  assign moves = '{default: '{default: '0}};
  assign sums = '{default: '0};
  assign move_write = '{default: '0};
  assign move_data = '{default: '{default: '0}};

  npu_storage storage (
      .clk_i,
      .compute_en_i(1'b0),
      .compute_addr_i(rows),
      .compute_data_o(),
      .preload_en_i(1'b0),
      .preload_addr_i(preload_elements),
      .preload_data_o(),
      .sum_read_i('0),
      .sum_read_row_i(columns),
      .sum_data_o(),
      .sum_write_i('0),
      .sum_write_row_i(columns),
      .sum_write_data_i(sums),
      .vector_a_en_i(a_en),
      .vector_a_acc_i(a_acc),
      .vector_a_addr_i(a_addr),
      .vector_a_data_o(a_data),
      .vector_b_en_i(b_en),
      .vector_b_addr_i(b_addr),
      .vector_b_data_o(b_data),
      .vector_p_en_i(p_en),
      .vector_p_addr_i(p_addr),
      .vector_p_data_o(p_data),
      .vector_write_i(write),
      .vector_write_acc_i(write_acc),
      .vector_size_i(size),
      .vector_write_addr_i(write_addr),
      .vector_write_data_i(write_data),
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

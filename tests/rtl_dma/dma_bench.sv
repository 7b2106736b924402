// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// LOAD and STORE on their ports of the storage, and their figures.
module dma_bench
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
(
    input  logic              clk_i,
    input  logic              rst_i,
    input  logic        [1:0] fire_i,  // LOAD, STORE
    input  descriptor_t       load_i,
    input  descriptor_t       store_i,
    output logic        [1:0] port_free_o,
    output logic        [1:0] ready_o,
    output done_t             load_done_o,
    output done_t             store_done_o,

    output logic                    ar_valid_o,
    output logic [            63:0] ar_addr_o,
    input  logic                    r_valid_i,
    input  logic [8*BurstBytes-1:0] r_data_i,
    output logic                    aw_valid_o,
    output logic [            63:0] aw_addr_o,
    output logic [8*BurstBytes-1:0] w_data_o,
    output logic [  BurstBytes-1:0] w_strb_o,
    input  logic                    b_valid_i,

    output logic [31:0] burst_bytes_o,
    output logic [31:0] outstanding_o,
    output logic [31:0] bytes_per_cycle_o,
    output logic [31:0] setup_o,
    output logic [31:0] read_latency_o
);

  assign burst_bytes_o = BurstBytes;
  assign outstanding_o = Outstanding;
  assign bytes_per_cycle_o = DmaBytesPerCycle;
  assign setup_o = DmaSetup;
  assign read_latency_o = ReadLatency;

  cycle_t now_q;
  always_ff @(posedge clk_i) now_q <= rst_i ? 0 : now_q + 1;

  logic [BurstBytes-1:0] fill;
  logic fill_acc;
  addr_t fill_addr[BurstBytes];
  logic [7:0] fill_data[BurstBytes];
  logic [1:0] read, read_acc, write_acc;
  addr_t read_addr[2][MoveBytes], write_addr[2][MoveBytes];
  logic [7:0] data[2][MoveBytes], write_data[2][MoveBytes];
  logic [MoveBytes-1:0] write[2];

  npu_dma #(
      .Store(0)
  ) load (
      .clk_i,
      .rst_i,
      .now_i(now_q),
      .valid_i(fire_i[0]),
      .command_i(load_i),
      .port_free_o(port_free_o[0]),
      .ready_o(ready_o[0]),
      .fire_i(fire_i[0]),
      .done_o(load_done_o),
      .ar_valid_o,
      .ar_addr_o,
      .ar_ready_i(1'b1),
      .r_valid_i,
      .r_data_i,
      .aw_valid_o(),
      .aw_addr_o(),
      .w_data_o(),
      .w_strb_o(),
      .aw_ready_i(1'b0),
      .b_valid_i(1'b0),
      .fill_o(fill),
      .fill_acc_o(fill_acc),
      .fill_addr_o(fill_addr),
      .fill_data_o(fill_data),
      .move_read_o(read[0]),
      .move_read_acc_o(read_acc[0]),
      .move_read_addr_o(read_addr[0]),
      .move_data_i(data[0]),
      .move_write_o(write[0]),
      .move_write_acc_o(write_acc[0]),
      .move_write_addr_o(write_addr[0]),
      .move_write_data_o(write_data[0])
  );

  npu_dma #(
      .Store(1)
  ) store (
      .clk_i,
      .rst_i,
      .now_i(now_q),
      .valid_i(fire_i[1]),
      .command_i(store_i),
      .port_free_o(port_free_o[1]),
      .ready_o(ready_o[1]),
      .fire_i(fire_i[1]),
      .done_o(store_done_o),
      .ar_valid_o(),
      .ar_addr_o(),
      .ar_ready_i(1'b0),
      .r_valid_i(1'b0),
      .r_data_i('0),
      .aw_valid_o,
      .aw_addr_o,
      .w_data_o,
      .w_strb_o,
      .aw_ready_i(1'b1),
      .b_valid_i,
      .fill_o(),
      .fill_acc_o(),
      .fill_addr_o(),
      .fill_data_o(),
      .move_read_o(read[1]),
      .move_read_acc_o(read_acc[1]),
      .move_read_addr_o(read_addr[1]),
      .move_data_i(data[1]),
      .move_write_o(write[1]),
      .move_write_acc_o(write_acc[1]),
      .move_write_addr_o(write_addr[1]),
      .move_write_data_o(write_data[1])
  );

  // The other clients, idle.
  addr_t rows[Rows], preload_elements[PreloadElements], columns[Cols], lanes[Lanes], parameters[3*Lanes+2];
  logic [31:0] sums[Cols], values[Lanes];
  assign rows = '{default: '0};
  assign preload_elements = '{default: '0};
  assign columns = '{default: '0};
  assign lanes = '{default: '0};
  assign parameters = '{default: '0};
  assign sums = '{default: '0};
  assign values = '{default: '0};

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
      .vector_write_data_i(values),
      .fill_i(fill),
      .fill_acc_i(fill_acc),
      .fill_addr_i(fill_addr),
      .fill_data_i(fill_data),
      .move_read_i(read),
      .move_read_acc_i(read_acc),
      .move_read_addr_i(read_addr),
      .move_data_o(data),
      .move_write_i(write),
      .move_write_acc_i(write_acc),
      .move_write_addr_i(write_addr),
      .move_write_data_i(write_data)
  );

endmodule

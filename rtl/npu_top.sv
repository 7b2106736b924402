// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The NPU: core, engines, storage.
module npu_top
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
(
    input logic clk_i,
    input logic rst_i,

    // Registers: AXI4-Lite, address and data of a write together
    input  logic        s_aw_valid_i,
    input  logic [31:0] s_aw_addr_i,
    input  logic [31:0] s_w_data_i,
    output logic        s_aw_ready_o,
    output logic        s_b_valid_o,
    output logic [ 1:0] s_b_resp_o,
    input  logic        s_ar_valid_i,
    input  logic [31:0] s_ar_addr_i,
    output logic        s_ar_ready_o,
    output logic        s_r_valid_o,
    output logic [31:0] s_r_data_o,
    output logic [ 1:0] s_r_resp_o,
    output logic        irq_o,

    // Memory: three AXI4 masters, a beat a burst
    output logic                    load_ar_valid_o,
    output logic [            63:0] load_ar_addr_o,
    input  logic                    load_ar_ready_i,
    input  logic                    load_r_valid_i,
    input  logic [8*BurstBytes-1:0] load_r_data_i,
    output logic                    store_aw_valid_o,
    output logic [            63:0] store_aw_addr_o,
    output logic [8*BurstBytes-1:0] store_w_data_o,
    output logic [  BurstBytes-1:0] store_w_strb_o,
    input  logic                    store_aw_ready_i,
    input  logic                    store_b_valid_i,
    output logic                    processor_ar_valid_o,
    output logic [            63:0] processor_ar_addr_o,
    input  logic                    processor_ar_ready_i,
    input  logic                    processor_r_valid_i,
    input  logic [8*BurstBytes-1:0] processor_r_data_i,
    output logic                    processor_aw_valid_o,
    output logic [            63:0] processor_aw_addr_o,
    output logic [8*BurstBytes-1:0] processor_w_data_o,
    output logic [  BurstBytes-1:0] processor_w_strb_o,
    input  logic                    processor_aw_ready_i,
    input  logic                    processor_b_valid_i,

    // For observers
    output logic        reset_o,  // the memory side forgets what is in flight
    output logic        idle_o,
    output logic        pending_o,
    output logic        dispatched_o,
    output logic [ 2:0] dispatched_engine_o,
    output logic [ 7:0] dispatched_opcode_o,
    output logic        dispatched_copies_o,
    output logic [15:0] dispatched_tag_o,
    output logic [31:0] dispatched_seq_o,
    output logic        fence_begin_o,
    output logic        fence_end_o,
    output logic        failed_o,
    output logic [15:0] failed_tag_o,
    output logic [ 4:0] fired_o,
    output logic [ 4:0] port_free_o,
    output logic [39:0] done_o
);

  cycle_t now;
  logic reset, shared, paired, mismatch;
  logic valid[5], port_free[5], ready[5], fire[5];
  descriptor_t command[5];
  banks_t banks[5];
  done_t done[5];
  logic [15:0] overflow;

  assign reset_o = reset;
  for (genvar e = 0; e < 5; ++e) begin : g_observed
    assign fired_o[e] = fire[e];
    assign port_free_o[e] = port_free[e];
    assign done_o[8*e+:8] = done[e];
  end

  npu_core core (
      .clk_i,
      .rst_i,
      .s_aw_valid_i,
      .s_aw_addr_i,
      .s_w_data_i,
      .s_aw_ready_o,
      .s_b_valid_o,
      .s_b_resp_o,
      .s_ar_valid_i,
      .s_ar_addr_i,
      .s_ar_ready_o,
      .s_r_valid_o,
      .s_r_data_o,
      .s_r_resp_o,
      .irq_o,
      .m_ar_valid_o(processor_ar_valid_o),
      .m_ar_addr_o(processor_ar_addr_o),
      .m_ar_ready_i(processor_ar_ready_i),
      .m_r_valid_i(processor_r_valid_i),
      .m_r_data_i(processor_r_data_i),
      .m_aw_valid_o(processor_aw_valid_o),
      .m_aw_addr_o(processor_aw_addr_o),
      .m_w_data_o(processor_w_data_o),
      .m_w_strb_o(processor_w_strb_o),
      .m_aw_ready_i(processor_aw_ready_i),
      .m_b_valid_i(processor_b_valid_i),
      .reset_o(reset),
      .now_o(now),
      .valid_o(valid),
      .command_o(command),
      .banks_o(banks),
      .port_free_i(port_free),
      .ready_i(ready),
      .shared_i(shared),
      .paired_i(paired),
      .mismatch_i(mismatch),
      .fire_o(fire),
      .done_i(done),
      .bursts_i({store_aw_valid_o && store_aw_ready_i, load_ar_valid_o && load_ar_ready_i}),
      .overflow_i(overflow),
      .idle_o,
      .pending_o,
      .dispatched_o,
      .dispatched_engine_o,
      .dispatched_opcode_o,
      .dispatched_copies_o,
      .dispatched_tag_o,
      .dispatched_seq_o,
      .fence_begin_o,
      .fence_end_o,
      .failed_o,
      .failed_tag_o
  );

  // ---- PRELOAD, COMPUTE ----
  logic compute_en, preload_en;
  addr_t compute_addr[Rows], preload_addr[PreloadElements], sum_read_row[Cols], sum_write_row[Cols];
  logic [15:0] compute_data[Rows], preload_data[PreloadElements];
  logic [Cols-1:0] sum_read, sum_write;
  logic [31:0] sum_data[Cols], sum_write_data[Cols];

  npu_matrix matrix (
      .clk_i,
      .rst_i(reset),
      .now_i(now),
      .preload_i(command[EnginePreload]),
      .preload_banks_i(banks[EnginePreload]),
      .preload_port_free_o(port_free[EnginePreload]),
      .preload_ready_o(ready[EnginePreload]),
      .preload_fire_i(fire[EnginePreload]),
      .preload_done_o(done[EnginePreload]),
      .compute_i(command[EngineCompute]),
      .compute_banks_i(banks[EngineCompute]),
      .compute_port_free_o(port_free[EngineCompute]),
      .compute_ready_o(ready[EngineCompute]),
      .shared_o(shared),
      .paired_o(paired),
      .mismatch_o(mismatch),
      .compute_fire_i(fire[EngineCompute]),
      .compute_done_o(done[EngineCompute]),
      .overflow_o(overflow),
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

  // ---- VECTOR ----
  logic a_en, a_acc, b_en, p_en, vector_write_acc;
  logic [Lanes-1:0] vector_write;
  logic [2:0] vector_size;
  addr_t a_addr[Lanes], b_addr[Lanes], p_addr[3*Lanes+2], vector_write_addr[Lanes];
  logic [31:0] a_data[Lanes], b_data[Lanes], p_data[3*Lanes+2], vector_write_data[Lanes];

  npu_vector vector (
      .clk_i,
      .rst_i(reset),
      .now_i(now),
      .valid_i(valid[EngineVector]),
      .command_i(command[EngineVector]),
      .port_free_o(port_free[EngineVector]),
      .ready_o(ready[EngineVector]),
      .fire_i(fire[EngineVector]),
      .done_o(done[EngineVector]),
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
      .vector_write_o(vector_write),
      .vector_write_acc_o(vector_write_acc),
      .vector_size_o(vector_size),
      .vector_write_addr_o(vector_write_addr),
      .vector_write_data_o(vector_write_data)
  );

  // ---- LOAD, STORE ----
  logic [BurstBytes-1:0] fill;
  logic fill_acc;
  addr_t fill_addr[BurstBytes];
  logic [7:0] fill_data[BurstBytes];
  logic [1:0] move_read, move_read_acc, move_write_acc;
  addr_t move_read_addr[2][MoveBytes], move_write_addr[2][MoveBytes];
  logic [7:0] move_data[2][MoveBytes], move_write_data[2][MoveBytes];
  logic [MoveBytes-1:0] move_write[2];

  npu_dma #(
      .Store(0)
  ) load (
      .clk_i,
      .rst_i(reset),
      .now_i(now),
      .valid_i(valid[EngineLoad]),
      .command_i(command[EngineLoad]),
      .port_free_o(port_free[EngineLoad]),
      .ready_o(ready[EngineLoad]),
      .fire_i(fire[EngineLoad]),
      .done_o(done[EngineLoad]),
      .ar_valid_o(load_ar_valid_o),
      .ar_addr_o(load_ar_addr_o),
      .ar_ready_i(load_ar_ready_i),
      .r_valid_i(load_r_valid_i),
      .r_data_i(load_r_data_i),
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
      .move_read_o(move_read[0]),
      .move_read_acc_o(move_read_acc[0]),
      .move_read_addr_o(move_read_addr[0]),
      .move_data_i(move_data[0]),
      .move_write_o(move_write[0]),
      .move_write_acc_o(move_write_acc[0]),
      .move_write_addr_o(move_write_addr[0]),
      .move_write_data_o(move_write_data[0])
  );
  npu_dma #(
      .Store(1)
  ) store (
      .clk_i,
      .rst_i(reset),
      .now_i(now),
      .valid_i(valid[EngineStore]),
      .command_i(command[EngineStore]),
      .port_free_o(port_free[EngineStore]),
      .ready_o(ready[EngineStore]),
      .fire_i(fire[EngineStore]),
      .done_o(done[EngineStore]),
      .ar_valid_o(),
      .ar_addr_o(),
      .ar_ready_i(1'b0),
      .r_valid_i(1'b0),
      .r_data_i('0),
      .aw_valid_o(store_aw_valid_o),
      .aw_addr_o(store_aw_addr_o),
      .w_data_o(store_w_data_o),
      .w_strb_o(store_w_strb_o),
      .aw_ready_i(store_aw_ready_i),
      .b_valid_i(store_b_valid_i),
      .fill_o(),
      .fill_acc_o(),
      .fill_addr_o(),
      .fill_data_o(),
      .move_read_o(move_read[1]),
      .move_read_acc_o(move_read_acc[1]),
      .move_read_addr_o(move_read_addr[1]),
      .move_data_i(move_data[1]),
      .move_write_o(move_write[1]),
      .move_write_acc_o(move_write_acc[1]),
      .move_write_addr_o(move_write_addr[1]),
      .move_write_data_o(move_write_data[1])
  );

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
      .vector_write_i(vector_write),
      .vector_write_acc_i(vector_write_acc),
      .vector_size_i(vector_size),
      .vector_write_addr_i(vector_write_addr),
      .vector_write_data_i(vector_write_data),
      .fill_i(fill),
      .fill_acc_i(fill_acc),
      .fill_addr_i(fill_addr),
      .fill_data_i(fill_data),
      .move_read_i(move_read),
      .move_read_acc_i(move_read_acc),
      .move_read_addr_i(move_read_addr),
      .move_data_o(move_data),
      .move_write_i(move_write),
      .move_write_acc_i(move_write_acc),
      .move_write_addr_i(move_write_addr),
      .move_write_data_i(move_write_data)
  );

endmodule

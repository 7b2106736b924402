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
    output logic        dispatched_o,
    output logic [ 2:0] dispatched_engine_o,
    output logic [ 7:0] dispatched_opcode_o,
    output logic [15:0] dispatched_tag_o,
    output logic [31:0] dispatched_seq_o,
    output logic        fence_end_o,
    output logic [ 4:0] fired_o,
    output logic [ 4:0] port_free_o,
    output logic [39:0] done_o
);

  cycle_t now;
  logic reset, mismatch;
  logic valid[5], port_free[5], ready[5], fire[5];
  descriptor_t command[5];
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
      .port_free_i(port_free),
      .ready_i(ready),
      .mismatch_i(mismatch),
      .fire_o(fire),
      .done_i(done),
      .bursts_i({store_aw_valid_o && store_aw_ready_i, load_ar_valid_o && load_ar_ready_i}),
      .overflow_i(overflow),
      .idle_o,
      .dispatched_o,
      .dispatched_engine_o,
      .dispatched_opcode_o,
      .dispatched_tag_o,
      .dispatched_seq_o,
      .fence_end_o
  );

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The performance counters: *_n_o are their values after this cycle, which is what a fence's record holds.
module npu_counters
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
(
    input logic clk_i,
    input logic rst_i,

    input logic        fire_i   [5],
    input descriptor_t command_i[5],
    input done_t       done_i   [5],
    input logic        fence_end_i,
    input logic        control_i,      // a command completes as it is dispatched
    input logic [ 1:0] bursts_i,       // requested by LOAD, STORE
    input logic [15:0] overflow_i,

    output logic [63:0] macs_o,
    output logic [63:0] read_o,
    output logic [63:0] written_o,
    output logic [63:0] commands_o,
    output logic [63:0] overflow_o,
    output logic [63:0] macs_n_o,
    output logic [63:0] read_n_o,
    output logic [63:0] written_n_o,
    output logic [63:0] commands_n_o,
    output logic [63:0] overflow_n_o
);

  function automatic logic [63:0] macs_of(input descriptor_t d);
    compute_t c;
    vector_t v;
    c = d;
    v = d;
    if (c.header.opcode == OpcodeCompute) return 64'(c.m0) * 64'(c.m1) * 64'(c.m2) * 64'(c.rows) * 64'(c.cols);
    return v.window == WindowOpMac ? 64'(v.n0) * 64'(v.n1) * 64'(v.channels) * 64'(v.win_kh) * 64'(v.win_kw) : 64'd0;
  endfunction

  always_comb begin
    macs_n_o = macs_o;
    if (fire_i[3]) macs_n_o += macs_of(command_i[3]);
    if (fire_i[4]) macs_n_o += macs_of(command_i[4]);
    read_n_o = read_o + (bursts_i[0] ? 64'(BurstBytes) : 64'd0);
    written_n_o = written_o + (bursts_i[1] ? 64'(BurstBytes) : 64'd0);
    overflow_n_o = overflow_o + 64'(overflow_i);
    commands_n_o = commands_o + 64'(fence_end_i);
    for (int e = 0; e < 5; ++e) commands_n_o += 64'(done_i[e]);
  end

  always_ff @(posedge clk_i) begin
    macs_o <= rst_i ? 0 : macs_n_o;
    read_o <= rst_i ? 0 : read_n_o;
    written_o <= rst_i ? 0 : written_n_o;
    commands_o <= rst_i ? 0 : commands_n_o + 64'(control_i);
    overflow_o <= rst_i ? 0 : overflow_n_o;
  end

endmodule

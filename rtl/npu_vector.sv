// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector engine. A beat's stages, a cycle each: addresses; window; scale and operand; function; reduction, finish, write.
// Every beat takes them all: when a command without function follows one with it, docs/timing.md has room for one write a
// cycle in order and for no more, so the latencies of functions and reductions move `done_o` and nothing else.
// A command may write where it reads, each element in its place; it must not read what it writes for another pixel.
module npu_vector
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_vector_pkg::*;
  import npu_function_pkg::evaluate;
  import npu_check_pkg::element_size;
(
    input  logic        clk_i,
    input  logic        rst_i,
    input  cycle_t      now_i,
    input  logic        valid_i,
    input  descriptor_t command_i,
    output logic        port_free_o,
    output logic        ready_o,
    input  logic        fire_i,
    output done_t       done_o,

    // npu_storage's ports
    output logic             vector_a_en_o,
    output logic             vector_a_acc_o,
    output addr_t            vector_a_addr_o[Lanes],
    input  logic [31:0]      vector_a_data_i[Lanes],
    output logic             vector_b_en_o,
    output addr_t            vector_b_addr_o[Lanes],
    input  logic [31:0]      vector_b_data_i[Lanes],
    output logic             vector_p_en_o,
    output addr_t            vector_p_addr_o[3*Lanes+2],
    input  logic [31:0]      vector_p_data_i[3*Lanes+2],
    output logic [Lanes-1:0] vector_write_o,
    output logic             vector_write_acc_o,
    output logic [2:0]       vector_size_o,
    output addr_t            vector_write_addr_o[Lanes],
    output logic [31:0]      vector_write_data_o[Lanes]
);

  if (VectorPipeline < 6) $error("vector.pipeline: expected at least 6, got %0d", VectorPipeline);
  if (FunctionLatency + $clog2(Lanes) > 254)  // as many commands and one may complete in a cycle
    $error("vector.function_latency: expected at most %0d, got %0d", 254 - $clog2(Lanes), FunctionLatency);

  typedef value_t lanes_t[Lanes];
  beat_t address, window_q, operand_q, function_q, finish_q;  // the beat in each stage
  assign ready_o = 1;
  npu_vector_beats beats (
      .clk_i,
      .rst_i,
      .command_i,
      .fire_i,
      .port_free_o,
      .done_o,
      .beat_o(address)
  );

  // ---- addresses ----
  addr_t a_size, b_size, parameter_size;
  always_comb begin
    vector_a_en_o = address.valid;
    vector_a_acc_o = address.a_space;
    vector_b_en_o = address.valid && (address.chain.window == WindowOpMac || address.chain.binary != BinaryOpNone);
    a_size = addr_t'(element_size(address.chain.a_dtype));
    b_size = address.b_broadcast ? '0 : addr_t'(element_size(address.chain.b_dtype));
    for (int l = 0; l < int'(Lanes); ++l) begin
      vector_a_addr_o[l] = address.a_addr + addr_t'(l) * a_size;
      vector_b_addr_o[l] = address.b_addr + addr_t'(l) * b_size;
    end
  end

  // ---- window; parameters are read for the next stage ----
  lanes_t sum_q, b_q;
  always_ff @(posedge clk_i)
    if (window_q.valid) begin
      lanes_t sum, b;
      for (int l = 0; l < int'(Lanes); ++l) begin
        b[l] = widen(vector_b_data_i[l], window_q.chain.b_dtype, window_q.chain.b_zero);
        sum[l] = fold_window(window_q.chain, window_q.first, sum_q[l],
                             widen(vector_a_data_i[l], window_q.chain.a_dtype, window_q.chain.a_zero), b[l]);
      end
      sum_q <= sum;
      b_q <= b;
    end

  always_comb begin
    vector_p_en_o = window_q.valid && window_q.last && window_q.parameters;
    parameter_size = window_q.scalar_params ? 32'd0 : 32'd4;
    for (int l = 0; l < int'(Lanes); ++l) begin
      vector_p_addr_o[l] = window_q.bias_addr + addr_t'(l) * 4;
      vector_p_addr_o[int'(Lanes)+l] = window_q.scale_addr + addr_t'(l) * parameter_size;
      vector_p_addr_o[2*int'(Lanes)+l] = window_q.shift_addr + addr_t'(l) * parameter_size;
    end
    vector_p_addr_o[3*Lanes] = window_q.b_scale_addr;
    vector_p_addr_o[3*Lanes+1] = window_q.out_scale_addr;
  end

  // ---- scale and operand ----
  lanes_t scaled_q;
  value_t out_scale_q[2];
  always_ff @(posedge clk_i) begin
    if (operand_q.valid) begin
      lanes_t scaled;
      for (int l = 0; l < int'(Lanes); ++l) begin
        scaled[l] = scale(operand_q.chain, sum_q[l], vector_p_data_i[l], vector_p_data_i[int'(Lanes)+l],
                          vector_p_data_i[2*int'(Lanes)+l]);
        scaled[l] = with_operand(operand_q.chain, scaled[l], b_q[l], vector_p_data_i[3*Lanes]);
      end
      scaled_q <= scaled;
      out_scale_q[0] <= vector_p_data_i[3*Lanes+1];
    end
    out_scale_q[1] <= out_scale_q[0];
  end

  // ---- function ----
  lanes_t y_q;
  always_ff @(posedge clk_i)
    if (function_q.valid) begin
      lanes_t y;
      for (int l = 0; l < int'(Lanes); ++l) y[l] = evaluate(function_q.chain.function_, scaled_q[l]);
      y_q <= y;
    end

  // ---- reduction: of the lanes' partial results the one at [1], the lanes themselves from [Leaves] on ----
  localparam int Leaves = 2 ** $clog2(Lanes);
  lanes_t partial_q, partial;
  value_t tree[2*Leaves], neutral;
  logic reduces;
  assign reduces = finish_q.valid && finish_q.chain.reduce != ReduceNone;
  always_comb begin
    partial = partial_q;
    neutral = identity(finish_q.chain);
    tree = '{default: neutral};
    if (reduces) begin
      for (int l = 0; l < int'(Lanes); ++l) begin
        if (finish_q.row_first) partial[l] = neutral;
        if (finish_q.mask[l]) partial[l] = combine(finish_q.chain, partial[l], y_q[l]);
        tree[Leaves+l] = partial[l];
      end
      if (finish_q.row_last)
        for (int h = Leaves / 2; h > 0; h /= 2)
          for (int l = 0; l < h; ++l) tree[h+l] = combine(finish_q.chain, tree[2*h+l], tree[3*h+l]);
    end
  end
  always_ff @(posedge clk_i) if (reduces) partial_q <= partial;

  // ---- finish, write ----
  always_comb begin
    vector_write_o = !finish_q.valid ? '0 : !reduces ? finish_q.mask : Lanes'(finish_q.row_last);
    vector_write_acc_o = finish_q.chain.d_space;
    vector_size_o = element_size(finish_q.chain.d_dtype);
    for (int l = 0; l < int'(Lanes); ++l) begin
      vector_write_addr_o[l] = finish_q.d_addr + addr_t'(l) * addr_t'(vector_size_o);
      vector_write_data_o[l] = '0;
      if (vector_write_o[l]) vector_write_data_o[l] = finish(finish_q.chain, reduces ? tree[1] : y_q[l], out_scale_q[1]);
    end
  end

  // ---- beats move on ----
  always_ff @(posedge clk_i) begin
    if (address.valid) window_q <= address;
    if (window_q.valid && window_q.last) operand_q <= window_q;
    if (operand_q.valid) function_q <= operand_q;
    if (function_q.valid) finish_q <= function_q;
    window_q.valid <= address.valid && !rst_i;
    operand_q.valid <= window_q.valid && window_q.last && !rst_i;
    function_q.valid <= operand_q.valid && !rst_i;
    finish_q.valid <= function_q.valid && !rst_i;
  end

endmodule

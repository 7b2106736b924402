// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A processing element: holds one weight and the next one, adds its product to the sum from above. Output-stationary, it
// holds a sum and the one before it.
module npu_pe
  import npu_config_pkg::*;
  import npu_array_pkg::*;
(
    input  logic        clk_i,
    input  logic        rst_i,
    input  element_t    element_i,
    output element_t    element_o,
    input  weights_t    weights_i,
    output weights_t    weights_o,
    input  logic [31:0] sum_i,
    output logic [31:0] sum_o
);
  /* verilator no_inline_module */

  operand_t active_q, shadow_q;
  logic [31:0] sum_q[PeLatency];
  weights_t weights_q[PeLatency];
  assign sum_o = sum_q[PeLatency-1];
  assign weights_o = weights_q[PeLatency-1];

  function automatic logic moves(input element_t e);
    return e.valid || e.swap || e.leave;
  endfunction

  logic leaves;
  logic [31:0] leaving;
  if (OutputStationary != 0) begin : g_stays
    logic [31:0] running_q, held_q, running;
    always_comb begin
      running = 0;
      if (element_i.valid && element_i.stays)
        running = multiply_add(element_i.first ? 0 : running_q, element_i.bf16, element_i.value, weights_i.weights[0]);
    end
    always_ff @(posedge clk_i)
      if (element_i.valid && element_i.stays) begin
        running_q <= running;
        if (element_i.last) held_q <= running;
      end
    assign leaves  = element_i.leave;
    assign leaving = element_i.valid && element_i.last ? running : held_q;
  end else begin : g_goes
    assign leaves  = 0;
    assign leaving = '0;
  end

  always_ff @(posedge clk_i) begin
    sum_q[0] <= sum_i;
    if (element_i.valid && !element_i.stays)
      sum_q[0] <= multiply_add(sum_i, element_i.bf16, element_i.value, element_i.swap ? shadow_q : active_q);
    if (leaves) sum_q[0] <= leaving;
    if (moves(element_i) || moves(element_o)) element_o <= element_i;
    if (element_i.swap) active_q <= shadow_q;
    if (weights_i.valid) begin
      if (!weights_i.passes) begin
        if (weights_i.first) shadow_q <= 0;
        for (int k = 0; k < int'(WeightRows); ++k) if (int'(weights_i.ahead) == -k) shadow_q <= weights_i.weights[k];
      end
      weights_q[0] <= weights_i;
      weights_q[0].ahead <= weights_i.ahead - 8'sd1;
    end
    weights_q[0].valid <= weights_i.valid;
    for (int p = 1; p < int'(PeLatency); ++p) begin
      sum_q[p] <= sum_q[p-1];
      weights_q[p] <= weights_q[p-1];
    end
    if (rst_i) begin
      {active_q, shadow_q} <= '0;
      {element_o.valid, element_o.swap, element_o.leave} <= '0;
      for (int p = 0; p < int'(PeLatency); ++p) weights_q[p].valid <= 0;
    end
  end

endmodule

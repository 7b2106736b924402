// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What goes through the systolic array.
package npu_array_pkg;

  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_float_pkg::*;

  // An integer less its zero point, within +-510, or bf16.
  typedef logic [15:0] operand_t;

  // From left to right, a column a cycle.
  typedef struct packed {
    logic valid;  // false: rows that the vector does not have
    logic swap;   // from this one on with the shadow weights
    logic bf16;
    logic stays;  // a step of the sum that stays here, with the weight that passes by
    logic first;  // of its steps
    logic last;   // of its steps
    logic leave;  // the sum goes down the column from here
    operand_t value;
  } element_t;

  // From top to bottom, a row in PeLatency cycles: WeightRows rows of weights of one column.
  typedef struct packed {
    logic valid;
    logic first;               // of their PRELOAD: rows that it doesn't have become 0
    logic passes;              // weights[0] is for a sum that stays, and is not kept
    logic signed [7:0] ahead;  // rows to pass before weights[0] is at home
    operand_t [WeightRows-1:0] weights;
  } weights_t;

  function automatic operand_t operand(input logic [3:0] dtype, input logic signed [15:0] zero, input logic [15:0] bytes);
    if (dtype == DtypeBf16) return bytes;
    return (dtype == DtypeI8 ? 16'(signed'(bytes[7:0])) : {8'd0, bytes[7:0]}) - zero;
  endfunction

  // -128 to 127, exactly.
  function automatic logic [15:0] bf16_from_i8(input logic signed [7:0] value);
    logic [7:0] magnitude;
    logic [15:0] bits;
    magnitude = value < 0 ? -value : value;
    bits = '0;
    for (int e = 0; e < 8; ++e) if (magnitude[e]) bits = {value[7], 8'(127 + e), 7'(magnitude << (7 - e))};
    return bits;
  endfunction

  // A weight as its dtype has it, from the scratchpad's bytes at its place; odd: an i4 in the high nibble.
  function automatic logic [15:0] widened(input logic [3:0] dtype, input logic [1:0] weights, input logic odd,
                                          input logic [15:0] bytes);
    logic signed [7:0] value;
    value = weights == WeightsI8 ? bytes[7:0] : 8'(signed'(odd ? bytes[7:4] : bytes[3:0]));
    if (weights == WeightsSame) return bytes;
    return dtype == DtypeBf16 ? bf16_from_i8(value) : {8'd0, value};
  endfunction

  // Product and sum are rounded one after the other.
  function automatic logic [31:0] multiply_add(input logic [31:0] sum, input logic bf16, input operand_t x, input operand_t w);
    /* verilator no_inline_task */
    if (bf16) return f32_add(sum, f32_mul(f32_from_bf16(x), f32_from_bf16(w)));
    return sum + 32'(signed'(x)) * 32'(signed'(w));
  endfunction

endpackage

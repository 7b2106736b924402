// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The functions of a VECTOR command, to the bit (docs/functions.md).
package npu_function_pkg;

  import npu_contract_pkg::*;
  import npu_float_pkg::*;
  import npu_functions_pkg::*;

  typedef logic [31:0] f32_t;
  typedef logic signed [9:0] exponent_t;

  localparam f32_t One = 32'h3f80_0000, Half = 32'h3f00_0000, Infinity = 32'h7f80_0000, Nan = 32'h7fc0_0000;

  function automatic f32_t magnitude(input f32_t x);
    return {1'b0, x[30:0]};
  endfunction

  function automatic f32_t flushed(input f32_t y);
    return y[30:23] == 0 ? {y[31], 31'd0} : y;
  endfunction

  function automatic f32_t parabola(input logic [95:0] c, input f32_t d);
    /* verilator no_inline_task */
    return f32_add(c[95:64], f32_mul(d, f32_add(c[63:32], f32_mul(d, c[31:0]))));
  endfunction

  // y * 2^k, y normal, flushed: no function's result lies so closely below 2^-126 that it would round to it.
  function automatic f32_t scaled(input f32_t y, input exponent_t k);
    /* verilator no_inline_task */
    exponent_t e;
    e = exponent_t'({2'd0, y[30:23]}) + k;
    if (e >= 255) return {y[31], Infinity[30:0]};
    if (e <= 0) return {y[31], 31'd0};
    return {y[31], e[7:0], y[22:0]};
  endfunction

  // x, 0 <= x < 4, in steps of 2^-bits: their number, and where the last whole one ends.
  typedef struct packed {
    logic [6:0] segment;
    f32_t start;
  } step_t;
  function automatic step_t steps(input f32_t x, input logic [7:0] bits);
    /* verilator no_inline_task */
    logic [7:0] fraction;  // bits of the mantissa below a step
    logic [23:0] whole;
    if (x[30:23] + bits < 127) return '0;
    fraction = 8'd150 - bits - x[30:23];
    whole = {1'b1, x[22:0]} >> fraction;
    return '{segment: whole[6:0], start: {x[31:23], x[22:0] & ~((23'd1 << fraction) - 23'd1)}};
  endfunction

  // x > 0 and finite: x = mantissa * 2^exponent; the segment of 1/64 of the mantissa, and what is left of it.
  typedef struct packed {
    exponent_t exponent;
    logic [5:0] segment;
    f32_t remainder;
  } parts_t;
  function automatic parts_t split(input f32_t x);
    /* verilator no_inline_task */
    f32_t m;
    exponent_t e;
    e = exponent_t'({2'd0, x[30:23]}) - 10'sd127;
    m = {One[31:23], x[22:0]};
    if (x[30:23] == 0) begin  // subnormal: as a normal one 2^24 times as large
      m = f32_mul(x, 32'h4b80_0000);
      e = exponent_t'({2'd0, m[30:23]}) - 10'sd151;
      m[30:23] = One[30:23];
    end
    return '{exponent: e, segment: m[22:17], remainder: f32_sub(m, {m[31:17], 17'd0})};
  endfunction

  function automatic f32_t exponential(input f32_t x);
    /* verilator no_inline_task */
    logic [31:0] shift;
    f32_t k, r;
    step_t s;
    if (f32_lt(32'h42b1_7217, x)) return Infinity;
    if (f32_lt(x, 32'hc2ae_ac4f)) return 0;
    shift = i32_from_f32_rne(f32_mul(x, 32'h3fb8_aa3b));
    k = f32_from_i32(shift);
    r = f32_add(f32_sub(x, f32_mul(k, 32'h3f31_8000)), f32_mul(k, 32'h395e_8083));
    s = steps(f32_add(r, Half), 6);
    return scaled(parabola(ExpTable[s.segment[5:0]], f32_sub(r, f32_sub(s.start, Half))), exponent_t'(shift));
  endfunction

  function automatic f32_t reciprocal(input f32_t x);
    /* verilator no_inline_task */
    parts_t p;
    f32_t y;
    if (x[30:0] == 0) return {x[31], Infinity[30:0]};
    if (x[30:0] == Infinity[30:0]) return {x[31], 31'd0};
    p = split(magnitude(x));
    y = scaled(parabola(ReciprocalTable[p.segment], p.remainder), -p.exponent);
    return {x[31], y[30:0]};
  endfunction

  function automatic f32_t rsqrt(input f32_t x);
    /* verilator no_inline_task */
    parts_t p;
    f32_t d;
    if (x[30:0] == 0) return {x[31], Infinity[30:0]};
    if (x[31]) return Nan;
    if (x == Infinity) return 0;
    p = split(x);
    d = p.exponent[0] ? f32_add(p.remainder, p.remainder) : p.remainder;
    return scaled(parabola(RsqrtTable[{p.exponent[0], p.segment}], d), -(p.exponent >>> 1));
  endfunction

  function automatic f32_t logarithm(input f32_t x);
    parts_t p;
    if (x[30:0] == 0) return {1'b1, Infinity[30:0]};
    if (x[31]) return Nan;
    if (x == Infinity) return x;
    p = split(x);
    return flushed(
        f32_add(parabola(LogTable[p.segment], p.remainder), f32_mul(f32_from_i32(32'(p.exponent)), 32'h3f31_7218)));
  endfunction

  function automatic f32_t error_function(input f32_t x);
    f32_t a;
    step_t s;
    a = magnitude(x);
    if (!f32_lt(a, 32'h4080_0000)) return {x[31], One[30:0]};
    s = steps(a, 5);
    return flushed(f32_mul(x, parabola(ErfTable[s.segment], f32_sub(a, s.start))));
  endfunction

  function automatic f32_t sigmoid(input f32_t x);
    /* verilator no_inline_task */
    f32_t t, r;
    t = exponential({1'b1, x[30:0]});
    r = reciprocal(f32_add(One, t));
    return f32_lt(x, 0) ? flushed(f32_mul(t, r)) : r;
  endfunction

  function automatic f32_t tangent(input f32_t x);
    f32_t s, t, y;
    if (f32_lt(magnitude(x), 32'h3e80_0000)) begin
      s = f32_mul(x, x);
      t = f32_add(32'h3e08_8889, f32_mul(s, 32'hbd5d_0dd1));
      t = f32_mul(s, f32_add(32'hbeaa_aaab, f32_mul(s, t)));
      return flushed(f32_add(x, f32_mul(x, t)));
    end
    t = exponential(f32_mul(32'hc000_0000, magnitude(x)));
    y = f32_mul(f32_sub(One, t), reciprocal(f32_add(One, t)));
    return {x[31], y[30:0]};
  endfunction

  function automatic f32_t gelu_erf(input f32_t x);
    if (!f32_lt(magnitude(x), 32'h40c0_0000)) return f32_lt(0, x) ? x : 0;
    return flushed(f32_mul(f32_mul(Half, x), f32_add(One, error_function(f32_mul(x, 32'h3f35_04f3)))));
  endfunction

  function automatic f32_t times_sigmoid(input f32_t x, input f32_t argument);
    return x == {1'b1, Infinity[30:0]} ? 0 : flushed(f32_mul(x, sigmoid(argument)));
  endfunction

  function automatic f32_t gelu_tanh_argument(input f32_t x);
    f32_t cube;
    cube = f32_mul(f32_mul(x, x), x);
    return f32_mul(32'h3fcc_422a, f32_add(x, f32_mul(32'h3d37_2713, cube)));
  endfunction

  function automatic f32_t hard_swish(input f32_t x);
    f32_t part;
    part = f32_add(f32_mul(x, 32'h3e2a_aaab), Half);
    if (f32_lt(part, 0)) part = 0;
    if (f32_lt(One, part)) part = One;
    return flushed(f32_mul(x, part));
  endfunction

  function automatic f32_t evaluate(input logic [4:0] code, input f32_t x);
    /* verilator no_inline_task */
    if (f32_is_nan(x)) return x;
    case (code)
      FunctionExp: return exponential(x);
      FunctionLog: return logarithm(x);
      FunctionReciprocal: return reciprocal(x);
      FunctionRsqrt: return rsqrt(x);
      FunctionSqrt: return x[30:0] == 0 || x == Infinity ? x : flushed(f32_mul(x, rsqrt(x)));
      FunctionErf: return error_function(x);
      FunctionTanh: return tangent(x);
      FunctionSigmoid: return sigmoid(x);
      FunctionSilu: return times_sigmoid(x, x);
      FunctionGeluErf: return gelu_erf(x);
      FunctionGeluTanh: return times_sigmoid(x, gelu_tanh_argument(x));
      FunctionHardSwish: return hard_swish(x);
      default: return x;
    endcase
  endfunction

endpackage

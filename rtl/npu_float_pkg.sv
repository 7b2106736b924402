// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// f32 and bf16, as IEEE 754 has them: every operation rounds to nearest even, subnormals are kept, a NaN result is 7fc00000.
package npu_float_pkg;

  parameter logic [31:0] F32Nan = 32'h7fc0_0000;
  parameter logic [31:0] F32Infinity = 32'h7f80_0000;

  function automatic logic f32_is_nan(input logic [31:0] a);
    return a[30:0] > F32Infinity[30:0];
  endfunction

  // False with a NaN on either side; zeros are equal.
  function automatic logic f32_lt(input logic [31:0] a, input logic [31:0] b);
    /* verilator no_inline_task */
    if (f32_is_nan(a) || f32_is_nan(b) || (a[30:0] | b[30:0]) == 0) return 0;
    if (a[31] != b[31]) return a[31];
    return a[31] ? a[30:0] > b[30:0] : a[30:0] < b[30:0];
  endfunction

  // Places to the left that bring the highest one to bit 63.
  function automatic logic [6:0] leading_zeros(input logic [63:0] x);
    /* verilator no_inline_task */
    logic [63:0] m;
    logic [6:0] n;
    m = x;
    n = 0;
    for (int i = 5; i >= 0; --i)
      if ((m >> (64 - (1 << i))) == 0) begin
        m = m << (1 << i);
        n += 7'(1 << i);
      end
    return n;
  endfunction

  // (-1)^sign * m * 2^(exponent - 127 - 63), rounded; the lowest bit of m may stand for any fraction below it.
  function automatic logic [31:0] f32_round(input logic sign, input logic signed [15:0] exponent, input logic [63:0] m);
    /* verilator no_inline_task */
    logic [6:0] left;
    logic signed [15:0] e;
    logic [63:0] n;
    logic [31:0] r;
    if (m == 0) return {sign, 31'd0};
    left = leading_zeros(m);
    n = m << left;
    e = exponent - 16'(left);
    if (e >= 255) return {sign, F32Infinity[30:0]};
    if (e <= 0) begin
      n = e < -62 ? 64'd1 : (n >> (16'sd1 - e)) | 64'((n & ((64'd1 << (16'sd1 - e)) - 64'd1)) != 0);
      e = 1;
    end
    r = {8'(e - 16'sd1), 24'd0} >> 1;
    r += 32'(n[63:40]);
    if (n[39] && (n[38:0] != 0 || n[40])) r += 1;
    return {sign, r[30:0]};
  endfunction

  function automatic logic [31:0] f32_mul(input logic [31:0] a, input logic [31:0] b);
    /* verilator no_inline_task */
    logic sign;
    logic [7:0] ea, eb;
    logic [47:0] product;
    ea = a[30:23] == 0 ? 8'd1 : a[30:23];
    eb = b[30:23] == 0 ? 8'd1 : b[30:23];
    sign = a[31] ^ b[31];
    if (f32_is_nan(a) || f32_is_nan(b)) return F32Nan;
    if (a[30:23] == 8'hff || b[30:23] == 8'hff)
      return a[30:0] == 0 || b[30:0] == 0 ? F32Nan : {sign, F32Infinity[30:0]};
    product = 48'({a[30:23] != 0, a[22:0]}) * 48'({b[30:23] != 0, b[22:0]});
    return f32_round(sign, 16'(ea) + 16'(eb) - 16'sd126,
                     {product, 16'd0});
  endfunction

  function automatic logic [31:0] f32_add(input logic [31:0] a, input logic [31:0] b);
    /* verilator no_inline_task */
    logic [31:0] x, y;
    logic [7:0] ex, ey;
    logic [63:0] mx, my;
    if (f32_is_nan(a) || f32_is_nan(b)) return F32Nan;
    x = a[30:0] >= b[30:0] ? a : b;
    y = a[30:0] >= b[30:0] ? b : a;
    if (x[30:23] == 8'hff) return y[30:23] == 8'hff && x[31] != y[31] ? F32Nan : x;
    if (x[30:0] == y[30:0] && x[31] != y[31]) return 0;
    ex = x[30:23] == 0 ? 8'd1 : x[30:23];
    ey = y[30:23] == 0 ? 8'd1 : y[30:23];
    mx = {1'b0, x[30:23] != 0, x[22:0], 39'd0};
    my = {1'b0, y[30:23] != 0, y[22:0], 39'd0};
    my = ex - ey > 37 ? 64'(my != 0) : my >> (ex - ey);
    return f32_round(x[31], 16'(ex) + 16'sd1, x[31] == y[31] ? mx + my : mx - my);
  endfunction

  function automatic logic [31:0] f32_sub(input logic [31:0] a, input logic [31:0] b);
    /* verilator no_inline_task */
    return f32_add(a, b ^ 32'h8000_0000);
  endfunction

  function automatic logic [31:0] f32_from_i32(input logic [31:0] a);
    /* verilator no_inline_task */
    return f32_round(a[31], 16'sd158, {a[31] ? -a : a, 32'd0});
  endfunction

  // Saturates; NaN gives 0.
  function automatic logic [31:0] i32_from_f32_rne(input logic [31:0] a);
    /* verilator no_inline_task */
    logic [31:0] n;
    logic [63:0] m;
    if (f32_is_nan(a)) return 0;
    if (a[30:23] >= 158) return a[31] ? 32'h8000_0000 : 32'h7fff_ffff;
    if (a[30:23] < 126) return 0;
    m = {32'd0, 1'b1, a[22:0], 8'd0} << (a[30:23] - 8'd126);  // 32 bits of fraction
    n = m[63:32];
    n += 32'(m[31] && (m[30:0] != 0 || m[32]));
    return a[31] ? -n : n;
  endfunction

  function automatic logic [31:0] f32_from_bf16(input logic [15:0] a);
    return {a, 16'd0};
  endfunction

  function automatic logic [15:0] bf16_from_f32(input logic [31:0] a);
    logic [31:0] r;
    if (f32_is_nan(a)) return a[31:16] | 16'h0040;
    r = a + 32'h7fff + 32'(a[16]);
    return r[31:16];
  endfunction

endpackage

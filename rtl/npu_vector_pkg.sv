// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The stages of a VECTOR command for one value (configs/contract/npu.yaml, steps 1 to 10), and what travels with a beat.
package npu_vector_pkg;

  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_float_pkg::*;
  import npu_check_pkg::is_byte;
  import npu_check_pkg::is_integer;

  typedef logic [31:0] value_t;  // i32 or f32

  // What the stages need of a command.
  typedef struct packed {
    logic [3:0] a_dtype, b_dtype, d_dtype;
    logic signed [8:0] a_zero, b_zero, d_zero;
    logic [1:0] window;
    logic bias;
    logic [1:0] requant;
    logic [2:0] binary;
    logic b_scaled;
    logic [4:0] function_;
    logic [1:0] reduce;
    logic out_scaled;
    logic [1:0] activation;
    value_t clip_lo, clip_hi;
    logic d_space;
  } chain_t;

  function automatic chain_t chain_of(input vector_t v);
    return '{
        a_dtype: v.a_dtype,
        b_dtype: v.b_dtype,
        d_dtype: v.d_dtype,
        a_zero: v.a_zero,
        b_zero: v.b_zero,
        d_zero: v.d_zero,
        window: v.window,
        bias: v.bias,
        requant: v.requant,
        binary: v.binary,
        b_scaled: v.b_scaled,
        function_: v.function_,
        reduce: v.reduce,
        out_scaled: v.out_scaled,
        activation: v.activation,
        clip_lo: v.clip_lo,
        clip_hi: v.clip_hi,
        d_space: v.d_space
    };
  endfunction

  // Lanes channels of one pixel at one window position. Addresses are those of lane 0.
  typedef struct packed {
    logic valid;
    logic first, last;            // window position of these channels
    logic row_first, row_last;    // channels of the pixel
    logic [Lanes-1:0] mask;       // lanes that have a channel
    logic a_space;
    addr_t a_addr, b_addr, d_addr;
    logic b_broadcast;
    addr_t bias_addr, scale_addr, shift_addr, b_scale_addr, out_scale_addr;
    logic scalar_params, parameters;  // there are any
    chain_t chain;
  } beat_t;

  // After step 4, and so up to step 8, a value is an i32, else an f32.
  function automatic logic stays_integer(input chain_t c);
    return is_integer(c.a_dtype) && c.requant != RequantScale;
  endfunction

  function automatic logic less(input logic integer_, input value_t a, input value_t b);
    if (integer_) return signed'(a) < signed'(b);
    return f32_lt(a, b);
  endfunction

  function automatic value_t min_of(input logic integer_, input value_t a, input value_t b);
    return less(integer_, b, a) ? b : a;
  endfunction

  function automatic value_t max_of(input logic integer_, input value_t a, input value_t b);
    return less(integer_, a, b) ? b : a;
  endfunction

  function automatic value_t sum_of(input logic integer_, input value_t a, input value_t b);
    if (integer_) return a + b;
    return f32_add(a, b);
  endfunction

  function automatic value_t product_of(input logic integer_, input value_t a, input value_t b);
    if (integer_) return a * b;
    return f32_mul(a, b);
  endfunction

  // ---- 1: an element as i32 or f32 ----
  function automatic value_t widen(input value_t bits, input logic [3:0] dtype, input logic signed [8:0] zero);
    /* verilator no_inline_task */
    case (dtype)
      DtypeI8: return 32'(signed'(bits[7:0])) - 32'(zero);
      DtypeU8: return 32'(bits[7:0]) - 32'(zero);
      DtypeBf16: return f32_from_bf16(bits[15:0]);
      default: return bits;
    endcase
  endfunction

  // ---- 2: `old` is what the window has so far, b the weight of a mac ----
  function automatic value_t fold_window(input chain_t c, input logic first, input value_t old, input value_t a,
                                         input value_t b);
    /* verilator no_inline_task */
    logic integer_;
    integer_ = is_integer(c.a_dtype);
    case (c.window)
      WindowOpNone: return a;
      WindowOpMax: begin
        if (first) return a;
        return max_of(integer_, old, a);
      end
      WindowOpSum: return sum_of(integer_, first ? '0 : old, a);
      default: return sum_of(integer_, first ? '0 : old, product_of(integer_, a, b));
    endcase
  endfunction

  // ---- 3, 4, 5: bias, requantization, B ----
  function automatic value_t doubling_high_multiply(input value_t a, input value_t b);
    logic signed [63:0] n;
    if (a == 32'h8000_0000 && b == 32'h8000_0000) return 32'h7fff_ffff;
    n = 64'(signed'(a)) * 64'(signed'(b));
    n += n < 0 ? 64'sd1 - 64'sh4000_0000 : 64'sh4000_0000;
    return 32'((n + (n < 0 ? 64'sh7fff_ffff : 64'sd0)) >>> 31);  // towards zero
  endfunction

  // Rounded to nearest, halves away from zero.
  function automatic value_t rounding_shift_right(input value_t x, input logic [4:0] places);
    value_t mask;
    mask = (32'd1 << places) - 32'd1;
    return 32'(signed'(x) >>> places) + 32'((x & mask) > (mask >> 1) + 32'(x[31]));
  endfunction

  function automatic value_t requantize_tflite(input value_t sum, input value_t q31, input value_t shift);
    /* verilator no_inline_task */
    logic [4:0] left, right;
    left = signed'(shift) > 31 ? 5'd31 : shift[31] ? 5'd0 : shift[4:0];
    right = signed'(shift) < -31 ? 5'd31 : shift[31] ? -shift[4:0] : 5'd0;
    return rounding_shift_right(doubling_high_multiply(sum << left, q31), right);
  endfunction

  function automatic value_t scale(input chain_t c, input value_t x, input value_t bias, input value_t multiplier,
                                   input value_t shift);
    /* verilator no_inline_task */
    logic integer_;
    value_t v;
    integer_ = is_integer(c.a_dtype);
    v = x;
    if (c.bias) v = sum_of(integer_, v, bias);
    if (c.requant == RequantScale && integer_) v = f32_from_i32(v);
    case (c.requant)
      RequantOnnx: return i32_from_f32_rne(f32_mul(f32_from_i32(v), multiplier));
      RequantTflite: return requantize_tflite(v, multiplier, shift);
      RequantScale: return f32_mul(v, multiplier);
      default: return v;
    endcase
  endfunction

  function automatic value_t with_operand(input chain_t c, input value_t v, input value_t b, input value_t b_scale);
    /* verilator no_inline_task */
    logic integer_;
    value_t w;
    if (c.binary == BinaryOpNone) return v;
    integer_ = stays_integer(c);
    w = b;
    if (!integer_ && is_integer(c.b_dtype)) begin
      w = f32_from_i32(b);
      if (c.b_scaled) w = f32_mul(w, b_scale);
    end
    case (c.binary)
      BinaryOpAdd: return sum_of(integer_, v, w);
      BinaryOpSub: begin
        if (integer_) return v - w;
        return f32_sub(v, w);
      end
      BinaryOpMul: return product_of(integer_, v, w);
      BinaryOpMin: return min_of(integer_, v, w);
      default: return max_of(integer_, v, w);
    endcase
  endfunction

  // ---- 7 ----
  function automatic value_t identity(input chain_t c);
    case (c.reduce)
      ReduceMax: return stays_integer(c) ? 32'h8000_0000 : 32'hff80_0000;
      ReduceMin: return stays_integer(c) ? 32'h7fff_ffff : 32'h7f80_0000;
      default: return '0;
    endcase
  endfunction

  function automatic value_t combine(input chain_t c, input value_t a, input value_t b);
    /* verilator no_inline_task */
    case (c.reduce)
      ReduceMax: return max_of(stays_integer(c), a, b);
      ReduceMin: return min_of(stays_integer(c), a, b);
      default: return sum_of(stays_integer(c), a, b);
    endcase
  endfunction

  // ---- 8, 9, 10: bytes of D ----
  function automatic value_t finish(input chain_t c, input value_t x, input value_t out_scale);
    /* verilator no_inline_task */
    logic integer_;
    logic signed [32:0] wide;
    value_t v, low;
    integer_ = stays_integer(c);
    v = x;
    if (c.out_scaled && !integer_ && is_integer(c.d_dtype)) begin
      v = i32_from_f32_rne(f32_mul(v, out_scale));
      integer_ = 1;
    end
    low = '0;
    if (is_byte(c.d_dtype)) begin
      low = 32'(c.d_zero);
      wide = 33'(signed'(v)) + 33'(c.d_zero);
      v = wide[32] != wide[31] ? {wide[32], {31{wide[31]}}} : wide[31:0];  // does not wrap
    end
    if (c.activation == ActivationRelu) v = max_of(integer_, v, low);
    if (c.activation == ActivationClip) v = min_of(integer_, max_of(integer_, v, c.clip_lo), c.clip_hi);
    if (integer_ && !is_integer(c.d_dtype)) v = f32_from_i32(v);
    case (c.d_dtype)
      DtypeI8: return signed'(v) < -128 ? 32'h80 : signed'(v) > 127 ? 32'h7f : v;
      DtypeU8: return v[31] ? 32'h00 : signed'(v) > 255 ? 32'hff : v;
      DtypeBf16: return 32'(bf16_from_f32(v));
      default: return v;
    endcase
  endfunction

endpackage

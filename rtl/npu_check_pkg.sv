// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What is wrong with a command: `decode_fault` at dispatch (docs/timing.md, section 10), `operand_fault` for the head of a queue.
package npu_check_pkg;

  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;

  typedef logic signed [63:0] wide_t;

  typedef struct packed {
    logic [63:0] base, limit;
    logic read, write;
  } window_t;

  // Bytes that strided rows span: [low, high).
  typedef struct packed {wide_t low, high;} span_t;

  function automatic fault_t fault(input error_e code, input logic [63:0] address);
    return '{code: code, address: address};
  endfunction

  function automatic span_t stretch(input span_t s, input logic [15:0] count, input logic signed [31:0] stride);
    wide_t reach;
    reach = wide_t'(stride) * wide_t'({48'd0, count - 16'd1});
    return '{low: stride < 0 ? s.low + reach : s.low, high: stride > 0 ? s.high + reach : s.high};
  endfunction

  function automatic span_t row_span(input wide_t base, input wide_t bytes);
    return '{low: base, high: base + bytes};
  endfunction

  function automatic logic lies_in(input span_t s, input wide_t size);
    return s.low >= 0 && s.high <= size;
  endfunction

  function automatic logic [2:0] element_size(input logic [3:0] dtype);
    case (dtype)
      DtypeI8, DtypeU8: return 3'd1;
      DtypeBf16: return 3'd2;
      default: return 3'd4;
    endcase
  endfunction

  function automatic logic is_byte(input logic [3:0] dtype);
    return dtype == DtypeI8 || dtype == DtypeU8;
  endfunction

  function automatic logic is_integer(input logic [3:0] dtype);
    return is_byte(dtype) || dtype == DtypeI32;
  endfunction

  // ---- decode ----

  function automatic logic array_multiplies(input logic [3:0] dtype);
    return is_byte(dtype) ? Int8Interval != 0 : dtype == DtypeBf16 && Bf16Interval != 0;
  endfunction

  function automatic logic vector_supported(input vector_t v);
    logic has_b, mac, exact, integer_;
    mac = v.window == WindowOpMac;
    has_b = mac || v.binary != BinaryOpNone;
    exact = v.requant == RequantOnnx || v.requant == RequantTflite;
    if (v.a_dtype > DtypeF32 || v.d_dtype > DtypeF32 || (has_b && v.b_dtype > DtypeF32)) return 0;
    if (v.binary > BinaryOpMax || v.activation > ActivationClip || v.function_ > FunctionHardSwish ||
        v.c_steps > CStepsBoth)
      return 0;
    if (v.a_space == SpaceAccumulator && v.a_dtype != DtypeI32 && v.a_dtype != DtypeF32) return 0;
    if (v.d_space == SpaceAccumulator && v.d_dtype != DtypeI32 && v.d_dtype != DtypeF32) return 0;
    if (mac && v.binary != BinaryOpNone) return 0;
    integer_ = is_integer(v.a_dtype);
    if (mac && is_integer(v.b_dtype) != integer_) return 0;
    if (exact && !integer_) return 0;
    if (v.requant == RequantScale) integer_ = 0;
    if (v.binary != BinaryOpNone && integer_ && !is_integer(v.b_dtype)) return 0;
    if (v.function_ != FunctionNone && integer_) return 0;
    return integer_ || !is_integer(v.d_dtype) || v.out_scaled;
  endfunction

  function automatic logic has_dataflow(input logic [1:0] dataflow);
    return dataflow == DataflowWeightStationary || (OutputStationary != 0 && dataflow == DataflowOutputStationary);
  endfunction

  // WeightTypes: 0 as multiplied, 1 i8 for bf16 too, 2 i4 besides.
  function automatic logic widens(input preload_t p);
    if (32'(p.weights) > WeightTypes) return 0;
    case (p.weights)
      WeightsSame: return 1;
      WeightsI8: return p.dtype == DtypeBf16;
      default: return p.dtype == DtypeBf16 || p.dtype == DtypeI8;
    endcase
  endfunction

  // Of an element of PRELOAD's matrix in the scratchpad.
  function automatic logic [4:0] stored_bits(input logic [1:0] weights, input logic [3:0] dtype);
    case (weights)
      WeightsI8: return 5'd8;
      WeightsI4: return 5'd4;
      default: return dtype == DtypeBf16 ? 5'd16 : 5'd8;
    endcase
  endfunction

  function automatic logic supported(input descriptor_t d);
    load_t l;
    preload_t p;
    compute_t c;
    sem_t s;
    l = d;
    p = d;
    c = d;
    s = d;
    case (l.header.opcode)
      OpcodeLoad, OpcodeStore: return {l.dtype_pair, l.sparsity, l.group_scale, l.transpose} == '0;
      OpcodePreload: return has_dataflow(p.dataflow) && p.sparsity == '0 && array_multiplies(p.dtype) && widens(p);
      OpcodeCompute:
      return has_dataflow(c.dataflow) && array_multiplies(c.dtype) && !(c.swap && c.dataflow == DataflowOutputStationary);
      OpcodeVector: return vector_supported(vector_t'(d));
      OpcodeSem: return s.op <= SemOpSub;
      default: return 1;
    endcase
  endfunction

  function automatic descriptor_t used_bits(input logic [7:0] opcode);
    case (opcode)
      OpcodeLoad: return LoadUsed;
      OpcodeStore: return StoreUsed;
      OpcodePreload: return PreloadUsed;
      OpcodeCompute: return ComputeUsed;
      OpcodeVector: return VectorUsed;
      OpcodeRepeat: return RepeatUsed;
      OpcodeFence: return FenceUsed;
      OpcodeSem: return SemUsed;
      default: return NopUsed;
    endcase
  endfunction

  function automatic fault_t decode_fault(input descriptor_t d, input logic [63:0] address);
    header_t h;
    sem_t s;
    logic [15:0] pair[4];
    s = d;
    h = s.header;
    if (h.opcode > OpcodeSem) return fault(ErrorCodeBadOpcode, address);
    if ((d & ~used_bits(h.opcode)) != '0) return fault(ErrorCodeReservedBits, address);
    if ({h.core, h.wait0_scope, h.wait1_scope, h.signal0_scope, h.signal1_scope} != '0)
      return fault(ErrorCodeUnsupported, address);
    pair[0] = {h.wait0_count, h.wait0_id};
    pair[1] = {h.wait1_count, h.wait1_id};
    pair[2] = {h.signal0_count, h.signal0_id};
    pair[3] = {h.signal1_count, h.signal1_id};
    for (int i = 0; i < 4; ++i)
      if (pair[i][15:8] != 0 && 32'(pair[i][7:0]) >= Semaphores) return fault(ErrorCodeBadOperand, 64'(pair[i][7:0]));
    if (!supported(d)) return fault(ErrorCodeUnsupported, address);
    if (h.opcode == OpcodeSem && 32'(s.id) >= Semaphores) return fault(ErrorCodeBadOperand, 64'(s.id));
    return '0;
  endfunction

  // ---- operands ----

  function automatic logic allowed(input span_t s, input logic writing, input window_t w[2]);
    logic [63:0] low, high;
    low = s.low;
    high = s.high;
    if (s.low < 0 || high > DramBytes) return 0;
    for (int i = 0; i < 2; ++i)
      if ((writing ? w[i].write : w[i].read) && low >= w[i].base && high <= w[i].limit && low <= high) return 1;
    return 0;
  endfunction

  function automatic fault_t transfer_fault(input load_t t, input logic store, input window_t windows[2]);
    fault_t bad;
    logic pads, empty;
    span_t local_, dram;
    wide_t bytes;
    logic [15:0] n0, n1;
    bad = fault(ErrorCodeBadOperand, 64'(t.local_addr));
    pads = {t.pad0_before, t.pad0_after, t.pad1_before, t.pad1_after} != '0;
    if (t.n0 == 0 || t.n1 == 0 || t.n2 == 0 || t.row_bytes == 0) return bad;
    if (48'(t.n0) * 48'(t.n1) * 48'(t.n2) > 48'hffff_ffff) return bad;
    if (17'(t.pad0_before) + 17'(t.pad0_after) > 17'(t.n0) || 17'(t.pad1_before) + 17'(t.pad1_after) > 17'(t.n1))
      return bad;
    if (store && (pads || t.pad_bytes != 0 || t.pad_pattern != 0)) return bad;
    if (pads ? t.pad_bytes != 1 && t.pad_bytes != 2 && t.pad_bytes != 4 : t.pad_bytes != 0) return bad;
    bytes = wide_t'({32'd0, t.row_bytes});
    local_ = row_span(wide_t'({32'd0, t.local_addr}), bytes);
    local_ = stretch(stretch(stretch(local_, t.n0, t.local_stride0), t.n1, t.local_stride1), t.n2, t.local_stride2);
    if (!lies_in(local_, t.space == SpaceScratchpad ? wide_t'(ScratchpadBytes) : wide_t'(AccBytes))) return bad;
    if (t.space == SpaceAccumulator && {t.local_addr[1:0], t.row_bytes[1:0], t.local_stride0[1:0], t.local_stride1[1:0],
        t.local_stride2[1:0]} != '0)
      return bad;
    n0 = t.n0 - t.pad0_before - t.pad0_after;
    n1 = t.n1 - t.pad1_before - t.pad1_after;
    empty = n0 == 0 || n1 == 0;
    dram = row_span(wide_t'(t.dram_addr), bytes);
    dram = stretch(stretch(stretch(dram, n0, t.dram_stride0), n1, t.dram_stride1), t.n2, t.dram_stride2);
    if (t.far_ == FarScratchpad)
      return empty || (t.dram_addr[63:32] == 0 && lies_in(dram, wide_t'(ScratchpadBytes))) ? '0 :
          fault(ErrorCodeBadOperand, t.dram_addr);
    if (t.dram_addr[63:62] != 0) return fault(ErrorCodeDmaFault, t.dram_addr);
    return empty || allowed(dram, store, windows) ? '0 : fault(ErrorCodeDmaFault, dram.low);
  endfunction

  function automatic logic bad_zero(input logic signed [15:0] zero);
    return zero < -255 || zero > 255;
  endfunction

  function automatic span_t preload_span(input preload_t p);
    span_t s;
    s = row_span(wide_t'({32'd0, p.addr}),
                 (wide_t'({48'd0, p.cols}) * wide_t'({59'd0, stored_bits(p.weights, p.dtype)}) + 64'sd7) >>> 3);
    s.high += wide_t'({32'd0, p.row_stride}) * wide_t'({48'd0, p.rows - 16'd1});
    return s;
  endfunction

  function automatic fault_t preload_fault(input preload_t p);
    fault_t bad;
    bad = fault(ErrorCodeBadOperand, 64'(p.addr));
    if (p.rows == 0 || p.cols == 0 || 32'(p.cols) > Cols) return bad;
    if (p.dataflow == DataflowWeightStationary && 32'(p.rows) > Rows) return bad;
    if (stored_bits(p.weights, p.dtype) == 5'd16 && (p.addr[0] || p.row_stride[0])) return bad;
    if (p.dtype == DtypeBf16 && p.zero_point != 0) return bad;
    if (bad_zero(p.zero_point)) return bad;
    return lies_in(preload_span(p), wide_t'(ScratchpadBytes)) ? '0 : bad;
  endfunction

  // Bytes from a vector's base to what its taps span.
  function automatic span_t tap_span(input compute_t c);
    span_t s;
    wide_t at, size;
    logic [15:0] channel, kw;
    wide_t kw_at, kh_at;
    size = wide_t'({61'd0, element_size(c.dtype)});
    channel = c.c0;
    kw = c.kw0;
    kw_at = wide_t'({48'd0, c.kw0}) * wide_t'(c.kw_stride);
    kh_at = 0;
    s = '0;
    for (int r = 0; r < int'(Rows); ++r)
      if (r < int'(c.rows)) begin
        at = kh_at + kw_at + wide_t'({48'd0, channel}) * size;
        if (r == 0 || at < s.low) s.low = at;
        if (r == 0 || at + size > s.high) s.high = at + size;
        channel += 1;
        if (channel == c.k_c) begin
          channel = 0;
          kw += 1;
          kw_at += wide_t'(c.kw_stride);
          if (kw == c.k_w) begin
            kw = 0;
            kw_at = 0;
            kh_at += wide_t'(c.kh_stride);
          end
        end
      end
    return s;
  endfunction

  function automatic span_t compute_span(input compute_t c);
    span_t s;
    s = tap_span(c);
    s.low += wide_t'({32'd0, c.addr});
    s.high += wide_t'({32'd0, c.addr});
    return stretch(stretch(stretch(s, c.m0, c.stride0), c.m1, c.stride1), c.m2, c.stride2);
  endfunction

  // What PRELOAD or COMPUTE claims.
  function automatic banks_t array_banks(input descriptor_t d);
    header_t h;
    span_t s;
    h = d[$bits(header_t)-1:0];
    if (h.opcode == OpcodePreload) s = preload_span(preload_t'(d));
    else s = compute_span(compute_t'(d));
    return '{low: BankBits'(s.low >> $clog2(ScratchpadBytes / Banks)),
             high: BankBits'((s.high - 1) >> $clog2(ScratchpadBytes / Banks))};
  endfunction

  function automatic fault_t compute_fault(input compute_t c);
    fault_t bad, bad_row;
    logic stays;
    logic [47:0] vectors;
    logic [63:0] results, reach;
    bad = fault(ErrorCodeBadOperand, 64'(c.addr));
    bad_row = fault(ErrorCodeBadOperand, 64'(c.acc_row));
    if (c.m0 == 0 || c.m1 == 0 || c.m2 == 0 || c.rows == 0 || c.cols == 0 || c.k_c == 0 || c.k_w == 0) return bad;
    if (32'(c.rows) > Rows || 32'(c.cols) > Cols) return bad;
    if (c.c0 >= c.k_c || c.kw0 >= c.k_w || bad_zero(c.zero_point)) return bad;
    if (c.dtype == DtypeBf16 && (c.zero_point != 0 || c.addr[0] || c.stride0[0] || c.stride1[0] || c.stride2[0] ||
        c.kw_stride[0] || c.kh_stride[0]))
      return bad;
    vectors = 48'(c.m0) * 48'(c.m1) * 48'(c.m2);
    if (vectors > 48'hffff_ffff) return bad;
    stays = c.dataflow == DataflowOutputStationary;
    results = stays ? 64'(c.rows) : 64'(vectors);
    reach = 64'(c.acc_row) + (results - 64'd1) * 64'(c.acc_stride);
    if (c.acc_row >= AccRows || reach >= 64'(AccRows) || (stays && c.acc_stride == 0 && results > 1)) return bad_row;
    return lies_in(compute_span(c), wide_t'(ScratchpadBytes)) ? '0 : bad;
  endfunction

  // Rows of whole elements, in the scratchpad or the accumulators.
  function automatic logic fits(input span_t s, input logic [31:0] base, input logic signed [31:0] stride0,
                                input logic signed [31:0] stride1, input logic space, input logic [3:0] dtype);
    logic [2:0] mask;
    mask = element_size(dtype) - 3'd1;
    if ((stride0[2:0] & mask) != 0 || (stride1[2:0] & mask) != 0 || (base[2:0] & mask) != 0) return 0;
    return lies_in(s, space == SpaceScratchpad ? wide_t'(ScratchpadBytes) : wide_t'(AccBytes));
  endfunction

  function automatic fault_t vector_fault(input vector_t v);
    fault_t bad_a;
    logic [15:0] kh, kw;
    logic [31:0] positions;
    logic [2:0] a_mask;
    span_t s;
    wide_t channels, params, param_bytes;
    bad_a = fault(ErrorCodeBadOperand, 64'(v.src_addr));
    if (v.channels == 0 || v.n0 == 0 || v.n1 == 0) return bad_a;
    if (v.window != WindowOpNone && (v.win_kh == 0 || v.win_kw == 0)) return bad_a;
    kh = v.window == WindowOpNone ? 16'd1 : 16'(v.win_kh);
    kw = v.window == WindowOpNone ? 16'd1 : 16'(v.win_kw);
    positions = 32'(kh) * 32'(kw);
    if (64'(v.n0) * 64'(v.n1) * 64'(v.channels) * 64'(positions) > 64'hffff_ffff) return bad_a;
    channels = wide_t'({48'd0, v.channels});
    s = row_span(wide_t'({32'd0, v.src_addr}), channels * wide_t'({61'd0, element_size(v.a_dtype)}));
    s = stretch(stretch(s, v.n0, v.a_stride0), v.n1, v.a_stride1);
    if (v.window != WindowOpNone) s = stretch(stretch(s, kw, v.win_stride0), kh, v.win_stride1);
    a_mask = element_size(v.a_dtype) - 3'd1;
    if (!fits(s, v.src_addr, v.a_stride0, v.a_stride1, v.a_space, v.a_dtype)) return bad_a;
    if ((kw > 1 && (v.win_stride0[2:0] & a_mask) != 0) || (kh > 1 && (v.win_stride1[2:0] & a_mask) != 0)) return bad_a;
    s = row_span(wide_t'({32'd0, v.dst_addr}),
                 (v.reduce == ReduceNone ? channels : 64'sd1) * wide_t'({61'd0, element_size(v.d_dtype)}));
    s = stretch(stretch(s, v.n0, v.d_stride0), v.n1, v.d_stride1);
    if (!fits(s, v.dst_addr, v.d_stride0, v.d_stride1, v.d_space, v.d_dtype))
      return fault(ErrorCodeBadOperand, 64'(v.dst_addr));
    if (v.window == WindowOpMac || v.binary != BinaryOpNone) begin
      s = row_span(wide_t'({32'd0, v.b_addr}), (v.window != WindowOpMac && v.b_broadcast ? 64'sd1 : channels) *
                   wide_t'({61'd0, element_size(v.b_dtype)}));
      if (v.window == WindowOpMac) s = stretch(s, 16'(positions), v.b_stride0);
      else s = stretch(stretch(s, v.n0, v.b_stride0), v.n1, v.b_stride1);
      if (!fits(s, v.b_addr, v.b_stride0, v.window == WindowOpMac ? 32'sd0 : v.b_stride1, SpaceScratchpad, v.b_dtype))
        return fault(ErrorCodeBadOperand, 64'(v.b_addr));
    end
    params = v.scalar_params ? 64'sd1 : channels;
    param_bytes = 4 * ((v.bias ? channels : 64'sd0) + (v.requant != RequantNone ? params : 64'sd0) +
        (v.requant == RequantTflite ? params : 64'sd0) + wide_t'({63'd0, v.b_scaled}) + wide_t'({63'd0, v.out_scaled}));
    if (param_bytes != 0 && !fits(row_span(wide_t'({32'd0, v.param_addr}), param_bytes), v.param_addr, 0, 0,
        SpaceScratchpad, DtypeF32))
      return fault(ErrorCodeBadOperand, 64'(v.param_addr));
    return '0;
  endfunction

  function automatic fault_t operand_fault(input descriptor_t d, input window_t windows[2]);
    header_t h;
    h = d[$bits(header_t)-1:0];
    case (h.opcode)
      OpcodeLoad, OpcodeStore: return transfer_fault(load_t'(d), h.opcode == OpcodeStore, windows);
      OpcodePreload: return preload_fault(preload_t'(d));
      OpcodeCompute: return compute_fault(compute_t'(d));
      OpcodeVector: return vector_fault(vector_t'(d));
      default: return '0;
    endcase
  endfunction

endpackage

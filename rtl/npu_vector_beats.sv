// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A VECTOR command as beats: `Lanes` channels of a pixel at one window position each, one a cycle from the cycle after its
// issue; window positions before channels before pixels. And its moments (docs/timing.md, section 5).
module npu_vector_beats
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_vector_pkg::*;
  import npu_check_pkg::element_size;
(
    input  logic    clk_i,
    input  logic    rst_i,
    input  vector_t command_i,
    input  logic    fire_i,       // command_i issues
    output logic    port_free_o,  // in this cycle
    output done_t   done_o,       // commands that complete in this cycle
    output beat_t   beat_o
);

  // ---- the command ----
  // Where pixel (i1, i0) is, and the first one of its line.
  typedef struct packed {addr_t line, pixel;} place_t;

  vector_t v_q;
  logic active_q;
  logic [7:0] kw_q, kh_q;    // window position
  logic [15:0] i0_q, i1_q;   // pixel
  logic [16:0] c_q;          // first channel
  addr_t window_line_q, window_q, weight_q;  // of the position, from a pixel's first element and from the first weight
  place_t a_q, b_q, d_q;

  logic windowed, mac, last_kw, last_position, last_group, last_i0, last_beat;
  assign windowed = v_q.window != WindowOpNone;
  assign mac = v_q.window == WindowOpMac;
  assign last_kw = !windowed || kw_q == v_q.win_kw - 8'd1;
  assign last_position = last_kw && (!windowed || kh_q == v_q.win_kh - 8'd1);
  assign last_group = c_q + 17'(Lanes) >= 17'(v_q.channels);
  assign last_i0 = i0_q == v_q.n0 - 16'd1;
  assign last_beat = active_q && last_position && last_group && last_i0 && i1_q == v_q.n1 - 16'd1;
  assign port_free_o = !active_q || last_beat;

  function automatic place_t moved(input place_t p, input logic line_ends, input addr_t stride0, input addr_t stride1);
    return line_ends ? '{default: p.line + stride1} : '{line: p.line, pixel: p.pixel + stride0};
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) active_q <= 0;
    else if (fire_i) begin
      active_q <= 1;
      v_q <= command_i;
      {kw_q, kh_q, i0_q, i1_q, c_q} <= '0;
      {window_line_q, window_q, weight_q} <= '0;
      a_q <= '{default: command_i.src_addr};
      b_q <= '{default: command_i.b_addr};
      d_q <= '{default: command_i.dst_addr};
    end else if (last_beat) active_q <= 0;
    else if (active_q) begin
      if (!last_position) begin
        kw_q <= last_kw ? 0 : kw_q + 1;
        if (mac) weight_q <= weight_q + v_q.b_stride0;
        if (last_kw) begin
          kh_q <= kh_q + 1;
          window_line_q <= window_line_q + v_q.win_stride1;
          window_q <= window_line_q + v_q.win_stride1;
        end else window_q <= window_q + v_q.win_stride0;
      end else begin
        {kw_q, kh_q} <= '0;
        {window_line_q, window_q, weight_q} <= '0;
        c_q <= last_group ? 0 : c_q + 17'(Lanes);
        if (last_group) begin
          i0_q <= last_i0 ? 0 : i0_q + 1;
          if (last_i0) i1_q <= i1_q + 1;
          a_q <= moved(a_q, last_i0, v_q.a_stride0, v_q.a_stride1);
          d_q <= moved(d_q, last_i0, v_q.d_stride0, v_q.d_stride1);
          if (!mac) b_q <= moved(b_q, last_i0, v_q.b_stride0, v_q.b_stride1);
        end
      end
    end
  end

  // ---- its beat of this cycle ----
  function automatic addr_t channels_at(input logic [16:0] channels, input logic [3:0] dtype);
    return addr_t'(channels) * addr_t'(element_size(dtype));
  endfunction

  addr_t words, multipliers, scale_at, shift_at, b_scale_at;  // words of parameters before these channels' own
  always_comb begin
    words = addr_t'(v_q.channels) << 2;
    multipliers = v_q.scalar_params ? 32'd4 : words;
    scale_at = v_q.param_addr + (v_q.bias ? words : '0);
    shift_at = scale_at + (v_q.requant != RequantNone ? multipliers : '0);
    b_scale_at = shift_at + (v_q.requant == RequantTflite ? multipliers : '0);
    beat_o = '0;
    if (active_q)
      beat_o = '{
          valid: 1,
          first: {kw_q, kh_q} == '0,
          last: last_position,
          row_first: c_q == 0,
          row_last: last_group,
          mask: last_group ? ~({Lanes{1'b1}} << (17'(v_q.channels) - c_q)) : '1,
          a_space: v_q.a_space,
          a_addr: a_q.pixel + window_q + channels_at(c_q, v_q.a_dtype),
          b_addr: b_q.pixel + weight_q + (v_q.b_broadcast && !mac ? '0 : channels_at(c_q, v_q.b_dtype)),
          d_addr: d_q.pixel + (v_q.reduce != ReduceNone ? '0 : channels_at(c_q, v_q.d_dtype)),
          b_broadcast: v_q.b_broadcast && !mac,
          bias_addr: v_q.param_addr + (addr_t'(c_q) << 2),
          scale_addr: scale_at + (v_q.scalar_params ? '0 : addr_t'(c_q) << 2),
          shift_addr: shift_at + (v_q.scalar_params ? '0 : addr_t'(c_q) << 2),
          b_scale_addr: b_scale_at,
          out_scale_addr: b_scale_at + (v_q.b_scaled ? 32'd4 : '0),
          scalar_params: v_q.scalar_params,
          parameters: v_q.bias || v_q.requant != RequantNone || v_q.b_scaled || v_q.out_scaled,
          chain: chain_of(v_q)
      };
  end

  // ---- completion: commands due so many cycles from now, none before the VECTOR before it ----
  localparam int unsigned Span = VectorPipeline + FunctionLatency + $clog2(Lanes);
  typedef logic [$clog2(Span)-1:0] delay_t;

  done_t [Span-1:0] due_q, due_d;
  delay_t newest_q, newest_d, delay;  // cycles until the newest of them completes
  always_comb begin
    // From the cycle after the last beat, which is in the cycle of port free.
    delay = delay_t'(VectorPipeline - 2);
    if (v_q.function_ != FunctionNone) delay += delay_t'(FunctionLatency);
    if (v_q.reduce != ReduceNone) delay += delay_t'($clog2(Lanes));
    due_d = due_q >> $bits(done_t);
    newest_d = newest_q == 0 ? 0 : newest_q - 1;
    if (last_beat) begin
      if (delay > newest_d) newest_d = delay;
      due_d[newest_d] += 1;
    end
  end
  always_ff @(posedge clk_i) begin
    due_q <= rst_i ? '0 : due_d;
    newest_q <= rst_i ? '0 : newest_d;
  end
  assign done_o = due_q[0];

endmodule

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A LOAD or STORE as chunks: the rows that have a far side, in order, then the rows of padding. A chunk is a burst's bytes, or
// DmaBytesPerCycle of a copy within the scratchpad, or as many of padding; those with a far side have no gap there.
module npu_dma_rows
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
(
    input  logic                         clk_i,
    input  logic                         rst_i,
    input  descriptor_t                  command_i,
    input  logic                         fire_i,     // command_i issues; the one before it has no chunk left
    output logic                         valid_o,    // a chunk is there, from the cycle after fire_i on
    output chunk_t                       chunk_o,
    output addr_t  [MoveBytes-1:0]       near_o,     // address on the near side, by byte
    output logic   [MoveBytes-1:0][ 7:0] padding_o,  // value, by byte
    input  logic                         take_i      // go on to the next one
);

  // ---- the command ----
  // Rows count from the first one of a pass; i0 runs first.
  typedef struct packed {
    logic [15:0] i2, i1, i0;
    addr_t at;  // near address of the row
  } place_t;
  typedef struct packed {
    logic [15:0] n1, n0;
    addr_t line, plane;  // from where a line's next row would be to the next line; likewise from lines to planes
  } grid_t;

  function automatic logic [63:0] product(input logic signed [31:0] stride, input logic [15:0] count);
    return 64'(stride) * {48'd0, count};
  endfunction

  function automatic grid_t grid(input load_t t, input logic [15:0] n0, input logic [15:0] n1);
    return '{
        n0: n0,
        n1: n1,
        line: t.local_stride1 - addr_t'(product(t.local_stride0, n0)),
        plane: t.local_stride2 - addr_t'(product(t.local_stride1, n1))
    };
  endfunction

  load_t t_q;
  logic active_q, padding_q, padded_q, empty_q;
  grid_t inner_q, whole_q;                  // rows with a far side; all rows
  addr_t inner0_reach_q, inner1_reach_q;    // from the first to where the next one would be, of those with a far side
  logic [63:0] jump_q[3];  // on the far side, from a row's end to the next row: in its line, in the next line, in the next plane
  logic [2:0] adjacent_q;  // no jump

  // ---- from row to row ----
  function automatic place_t wrapped(input place_t p, input grid_t g);
    place_t w;
    w = p;
    if (w.i0 == g.n0) begin
      w.i0 = 0;
      w.i1 += 1;
      w.at += g.line;
    end
    if (w.i1 == g.n1) begin
      w.i1 = 0;
      w.i2 += 1;
      w.at += g.plane;
    end
    return w;
  endfunction

  // Of all rows, `p` or the next one that is padding.
  function automatic place_t padding_from(input place_t p);
    place_t w;
    w = p;
    if (!empty_q && w.i0 == t_q.pad0_before && w.i1 >= t_q.pad1_before && w.i1 - t_q.pad1_before < inner_q.n1) begin
      if (inner_q.n0 != t_q.n0) begin
        w.i0 += inner_q.n0;
        w.at += inner0_reach_q;
      end else begin
        w.i1 += inner_q.n1;
        w.at += inner1_reach_q;
      end
    end
    return wrapped(w, whole_q);
  endfunction

  function automatic place_t after(input place_t p);
    place_t w;
    w = p;
    w.i0 += 1;
    w.at += t_q.local_stride0;
    if (padding_q) return padding_from(wrapped(w, whole_q));
    return wrapped(w, inner_q);
  endfunction

  // ---- the chunk ----
  place_t place_q, place_n;
  logic [31:0] offset_q, offset_n;  // bytes of the row that are done
  logic [63:0] far_q, far_jump;
  logic ended;                      // the pass, with this chunk
  logic [1:0] pattern_mask;
  assign pattern_mask = 2'(t_q.pad_bytes - 3'd1);

  assign valid_o = active_q;
  always_comb begin
    logic open;          // the chunk goes on
    logic [1:0] level;
    place_t next;
    move_count_t limit;  // of first + bytes
    open = active_q;
    level = 0;
    next = place_q;
    limit = move_count_t'(DmaBytesPerCycle);
    chunk_o = '0;
    near_o = '0;
    padding_o = '0;
    place_n = place_q;
    offset_n = offset_q;
    far_jump = 0;
    ended = 0;
    if (active_q) begin
      chunk_o.space = t_q.space;
      chunk_o.far_addr = far_q;
      if (padding_q) chunk_o.kind = ChunkPadding;
      else if (t_q.far_ == FarScratchpad) chunk_o.kind = ChunkCopy;
      else begin
        chunk_o.kind = ChunkBurst;
        chunk_o.first = move_count_t'(far_q[$clog2(BurstBytes)-1:0]);
        limit = move_count_t'(BurstBytes);
      end
      for (int i = 0; i < int'(MoveBytes); ++i)
        if (open && move_count_t'(i) >= chunk_o.first && move_count_t'(i) < limit) begin
          near_o[i] = place_n.at + offset_n;
          if (padding_q) padding_o[i] = t_q.pad_pattern[{offset_n[1:0]&pattern_mask, 3'd0}+:8];
          chunk_o.bytes += 1;
          offset_n += 1;
          if (offset_n == t_q.row_bytes) begin
            next = after(place_n);
            level = next.i2 != place_n.i2 ? 2 : next.i1 != place_n.i1 ? 1 : 0;
            if (!padding_q) far_jump = jump_q[level];
            ended = next.i2 == t_q.n2;
            open = !ended && (padding_q || adjacent_q[level]);
            place_n = next;
            offset_n = 0;
          end
        end
      chunk_o.last = ended && (padding_q || !padded_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) active_q <= 0;
    else if (fire_i) begin
      load_t t;
      logic [15:0] inner0, inner1;
      logic empty;
      logic [63:0] jump0, jump1, jump2;
      t = command_i;
      inner0 = t.n0 - t.pad0_before - t.pad0_after;
      inner1 = t.n1 - t.pad1_before - t.pad1_after;
      empty = inner0 == 0 || inner1 == 0;
      jump0 = 64'(t.dram_stride0) - {32'd0, t.row_bytes};
      jump1 = jump0 + 64'(t.dram_stride1) - product(t.dram_stride0, inner0);
      jump2 = jump1 + 64'(t.dram_stride2) - product(t.dram_stride1, inner1);
      active_q <= 1;
      padding_q <= empty;
      padded_q <= {t.pad0_before, t.pad0_after, t.pad1_before, t.pad1_after} != '0;
      empty_q <= empty;
      t_q <= t;
      inner_q <= grid(t, inner0, inner1);
      whole_q <= grid(t, t.n0, t.n1);
      inner0_reach_q <= addr_t'(product(t.local_stride0, inner0));
      inner1_reach_q <= addr_t'(product(t.local_stride1, inner1));
      jump_q <= '{jump0, jump1, jump2};
      adjacent_q <= {jump2 == 0, jump1 == 0, jump0 == 0};
      place_q <= '{at: t.local_addr, default: '0};
      if (!empty)
        place_q.at <= t.local_addr + addr_t'(product(t.local_stride0, t.pad0_before)) +
            addr_t'(product(t.local_stride1, t.pad1_before));
      offset_q <= 0;
      far_q <= t.dram_addr;
    end else if (take_i) begin
      place_q <= place_n;
      offset_q <= offset_n;
      far_q <= far_q + 64'(chunk_o.bytes) + far_jump;
      if (chunk_o.last) active_q <= 0;
      else if (ended) begin
        padding_q <= 1;
        place_q <= padding_from('{at: t_q.local_addr, default: '0});
      end
    end
  end

endmodule

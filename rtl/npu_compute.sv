// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// COMPUTE: when each vector enters, the addresses of its elements, and their way to the array's left edge. The cycle in which
// docs/timing.md has a vector enter is the one before the cycle in which this module lets it.
module npu_compute
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_array_pkg::*;
  import npu_check_pkg::element_size;
(
    input  logic     clk_i,
    input  logic     rst_i,
    input  cycle_t   now_i,
    input  compute_t command_i,
    input  logic     fire_i,
    output logic     port_free_o,
    output logic     row_free_o,   // no vector that touched command_i's first row entered too recently
    output logic     swapped_o,    // the shadow weights are free from this cycle on
    output done_t    done_o,

    output logic        compute_en_o,
    output addr_t       compute_addr_o[Rows],
    input  logic [15:0] compute_data_i[Rows],

    output logic [Rows-1:0]       x_valid_o,
    output logic [Rows-1:0]       x_swap_o,
    output logic [Rows-1:0]       x_bf16_o,
    output logic [Rows-1:0][15:0] x_o,

    // The vector whose addresses are given in this cycle, for the other end of the array
    output logic        sum_valid_o,
    output logic [31:0] sum_row_o,
    output logic        sum_accumulate_o,
    output logic        sum_bf16_o,
    output logic [15:0] sum_cols_o
);

  // ---- where a vector's elements are, from its base ----
  localparam int unsigned Places = 2 ** $clog2(Rows);  // no index of packed elements is out of range
  typedef addr_t [Places-1:0] places_t;
  places_t offsets_q, offsets;
  always_comb begin
    logic [15:0] channel, kw;
    addr_t size, kw_at, kh_at;
    size = addr_t'(element_size(command_i.dtype));
    channel = command_i.c0;
    kw = command_i.kw0;
    kw_at = addr_t'(command_i.kw0) * command_i.kw_stride;
    kh_at = 0;
    offsets = '0;
    if (fire_i)
      for (int r = 0; r < int'(Rows); ++r) begin
        offsets[r] = kh_at + kw_at + addr_t'(channel) * size;
        channel += 1;
        if (channel == command_i.k_c) begin
          channel = 0;
          kw += 1;
          kw_at += command_i.kw_stride;
          if (kw == command_i.k_w) begin
            kw = 0;
            kw_at = 0;
            kh_at += command_i.kh_stride;
          end
        end
      end
  end

  // Lines that the busiest sub-bank has to give.
  localparam int unsigned LinesABank = ScratchpadBytes / Banks / LineBytes;
  localparam addr_t SubBank = ~(LinesABank - 1) | ((Interleave - 1) & (LinesABank - 1));
  function automatic logic [7:0] busiest(input addr_t base, input places_t at, input logic [15:0] rows);
    /* verilator no_inline_task */
    places_t line;
    addr_t low, high;
    logic [Places-1:0] repeated;
    logic [7:0] lines, most;
    low = '1;
    high = '0;
    for (int r = 0; r < int'(Rows); ++r)
      if (16'(r) < rows) begin
        line[r] = (base + at[r]) / LineBytes;
        if (line[r] < low) low = line[r];
        if (line[r] > high) high = line[r];
      end
    most = 1;
    if (high - low >= Interleave)  // else each is in a sub-bank of its own
      for (int r = 0; r < int'(Rows); ++r)
        if (16'(r) < rows) begin
          lines = 1;
          repeated[r] = 0;
          for (int k = 0; k < r; ++k)
            if (line[k] == line[r]) repeated[r] = 1;
            else if (!repeated[k] && ((line[k] ^ line[r]) & SubBank) == 0) lines += 1;
          if (!repeated[r] && lines > most) most = lines;
        end
    return most;
  endfunction

  // ---- vectors ----
  compute_t c_q;
  logic active_q, first_q, entering, feed, last0, last1, last_vector, hazard;
  logic [15:0] i0_q, i1_q, i2_q;
  addr_t plane_q, line_q, base_q, row_q;
  logic [7:0] interval, wait_q;

  assign last0 = i0_q == c_q.m0 - 16'd1;
  assign last1 = i1_q == c_q.m1 - 16'd1;
  assign last_vector = last0 && last1 && i2_q == c_q.m2 - 16'd1;
  assign entering = active_q && wait_q == 0 && (first_q || !hazard);
  always_comb begin
    interval = 1;
    if (entering) begin
      interval = busiest(base_q, offsets_q, c_q.rows);
      if (c_q.dtype == DtypeBf16 && interval < 8'(Bf16Interval)) interval = 8'(Bf16Interval);
      if (c_q.dtype != DtypeBf16 && interval < 8'(Int8Interval)) interval = 8'(Int8Interval);
    end
  end
  assign feed = entering ? interval == 1 : active_q && wait_q == 1;
  assign port_free_o = !active_q || (feed && last_vector);
  assign swapped_o = feed && first_q && c_q.swap;

  always_ff @(posedge clk_i) begin
    if (rst_i) active_q <= 0;
    else if (fire_i) begin
      active_q <= 1;
      first_q <= 1;
      c_q <= command_i;
      offsets_q <= offsets;
      {i0_q, i1_q, i2_q} <= '0;
      plane_q <= command_i.addr;
      line_q <= command_i.addr;
      base_q <= command_i.addr;
      row_q <= command_i.acc_row;
      wait_q <= 0;
    end else if (active_q) begin
      if (entering) wait_q <= interval - 1;
      else if (wait_q != 0) wait_q <= wait_q - 1;
      if (feed) begin
        first_q <= 0;
        active_q <= !last_vector;
        row_q <= row_q + addr_t'(c_q.acc_stride);
        i0_q <= last0 ? 0 : i0_q + 1;
        base_q <= base_q + c_q.stride0;
        if (last0) begin
          i1_q <= last1 ? 0 : i1_q + 1;
          line_q <= line_q + c_q.stride1;
          base_q <= line_q + c_q.stride1;
          if (last1) begin
            i2_q <= i2_q + 1;
            plane_q <= plane_q + c_q.stride2;
            line_q <= plane_q + c_q.stride2;
            base_q <= plane_q + c_q.stride2;
          end
        end
      end
    end
  end

  // ---- accumulator rows touched: [k] by the vector that entered k + 1 cycles before the one that would now ----
  localparam int unsigned Touches = RmwInterval - 1;
  logic [Touches-1:0] touched_q;
  addr_t touched_row_q[Touches];
  always_comb begin
    hazard = 0;
    row_free_o = !(entering && row_q == command_i.acc_row);
    for (int k = 0; k < int'(Touches); ++k)
      if (touched_q[k]) begin
        if (touched_row_q[k] == row_q) hazard = 1;
        if (k + 1 < int'(Touches) && touched_row_q[k] == command_i.acc_row) row_free_o = 0;
      end
  end
  always_ff @(posedge clk_i) begin
    touched_q <= rst_i ? '0 : (touched_q << 1) | Touches'(entering);
    touched_row_q[0] <= row_q;
    for (int k = 1; k < int'(Touches); ++k) touched_row_q[k] <= touched_row_q[k-1];
  end

  // ---- elements ----
  assign compute_en_o = feed;
  always_comb begin
    compute_addr_o = '{default: '0};
    if (feed) for (int r = 0; r < int'(Rows); ++r) if (16'(r) < c_q.rows) compute_addr_o[r] = base_q + offsets_q[r];
  end

  compute_t from_q;
  logic arrived_q, arrived_swap_q;
  always_ff @(posedge clk_i) begin
    arrived_q <= feed && !rst_i;
    arrived_swap_q <= swapped_o && !rst_i;
    if (feed) from_q <= c_q;
  end
  logic [Rows-1:0] arrived_mask;
  logic [Rows-1:0][15:0] arrived;
  always_comb begin
    arrived_mask = '0;
    arrived = '0;
    if (arrived_q)
      for (int r = 0; r < int'(Rows); ++r)
        if (16'(r) < from_q.rows) begin
          arrived_mask[r] = 1;
          arrived[r] = operand(from_q.dtype, from_q.zero_point, compute_data_i[r]);
        end
  end

  // ---- skew: row i has its element ReadLatency - 2 + i * PeLatency cycles after that ----
  localparam int unsigned DepthBits = $clog2(ReadLatency + Rows * PeLatency);
  typedef logic [DepthBits-1:0] place_t;
  logic [2**DepthBits-1:0][Rows-1:0] mask_ring_q;
  logic [2**DepthBits-1:0] swap_ring_q, bf16_ring_q;
  logic [Rows-1:0][15:0] ring[2**DepthBits];
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      mask_ring_q <= '0;
      swap_ring_q <= '0;
    end else begin
      mask_ring_q[place_t'(now_i)] <= arrived_mask;
      swap_ring_q[place_t'(now_i)] <= arrived_swap_q;
    end
    bf16_ring_q[place_t'(now_i)] <= from_q.dtype == DtypeBf16;
    if (arrived_q) ring[place_t'(now_i)] <= arrived;
  end
  for (genvar r = 0; r < Rows; ++r) begin : g_row
    place_t from;
    assign from = place_t'(now_i) - place_t'(ReadLatency - 2 + r * PeLatency);
    if (ReadLatency + r * PeLatency == 2) begin : g_now
      assign x_valid_o[r] = arrived_mask[r];
      assign x_swap_o[r] = arrived_swap_q;
      assign x_bf16_o[r] = from_q.dtype == DtypeBf16;
      assign x_o[r] = arrived[r];
    end else begin : g_later
      assign x_valid_o[r] = mask_ring_q[from][r];
      assign x_swap_o[r] = swap_ring_q[from];
      assign x_bf16_o[r] = bf16_ring_q[from];
      assign x_o[r] = ring[from][r];
    end
  end

  // ---- completion ----
  localparam int unsigned Drain = ReadLatency + Rows * PeLatency + Cols + AccWriteLatency - 1;  // from the last feed
  logic [Drain-1:0] done_q;
  always_ff @(posedge clk_i) done_q <= rst_i ? '0 : (done_q << 1) | Drain'(feed && last_vector);
  assign done_o = done_t'(done_q[Drain-1]);

  assign sum_valid_o = feed;
  assign sum_row_o = row_q;
  assign sum_accumulate_o = c_q.accumulate;
  assign sum_bf16_o = c_q.dtype == DtypeBf16;
  assign sum_cols_o = c_q.cols;

endmodule

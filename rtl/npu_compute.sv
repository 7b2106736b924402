// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// COMPUTE: when each vector enters, the addresses of its elements, and their way to the array's left edge. The cycle in which
// docs/timing.md has a vector enter is the one before the cycle in which this module lets it. Output-stationary, vectors are
// steps; with the last one the array's rows begin to leave, one a cycle, and it is they that touch accumulator rows.
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
    output logic     row_free_o,   // nothing that touched command_i's first row entered too recently, and nothing leaves
    output logic     step_o,       // addresses of an output-stationary step
    output logic     swapped_o,    // the shadow weights are free from this cycle on
    output done_t    done_o,

    output logic        compute_en_o,
    output addr_t       compute_addr_o[Rows],
    input  logic [15:0] compute_data_i[Rows],

    output logic [Rows-1:0]       x_valid_o,
    output logic [Rows-1:0]       x_swap_o,
    output logic [Rows-1:0]       x_bf16_o,
    output logic [Rows-1:0][15:0] x_o,
    output logic [Rows-1:0]       x_stays_o,
    output logic [Rows-1:0]       x_first_o,
    output logic [Rows-1:0]       x_last_o,
    output logic [Rows-1:0]       x_leave_o,

    // The vector whose addresses are given in this cycle, or the row that leaves, for the other end of the array
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
  logic active_q, first_q, entering, feed, last0, last1, last_vector, hazard, stays, touches;
  logic [15:0] i0_q, i1_q, i2_q;
  addr_t plane_q, line_q, base_q, row_q;
  logic [7:0] interval, wait_q;

  assign last0 = i0_q == c_q.m0 - 16'd1;
  assign last1 = i1_q == c_q.m1 - 16'd1;
  assign last_vector = last0 && last1 && i2_q == c_q.m2 - 16'd1;
  assign stays = OutputStationary != 0 && c_q.dataflow == DataflowOutputStationary;
  assign entering = active_q && wait_q == 0 && (!hazard || (stays ? !last_vector : first_q));
  always_comb begin
    interval = 1;
    if (entering) begin
      interval = busiest(base_q, offsets_q, c_q.rows);
      if (c_q.dtype == DtypeBf16 && interval < 8'(Bf16Interval)) interval = 8'(Bf16Interval);
      if (stays && c_q.dtype == DtypeBf16 && interval < 8'(PeLatency)) interval = 8'(PeLatency);
      if (c_q.dtype != DtypeBf16 && interval < 8'(Int8Interval)) interval = 8'(Int8Interval);
    end
  end
  assign feed = entering ? interval == 1 : active_q && wait_q == 1;
  assign port_free_o = !active_q || (feed && last_vector);
  assign swapped_o = feed && first_q && c_q.swap;
  assign step_o = feed && stays;

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
      row_q <= highest_row(command_i);
      wait_q <= 0;
    end else if (active_q) begin
      if (entering) wait_q <= interval - 1;
      else if (wait_q != 0) wait_q <= wait_q - 1;
      if (feed) begin
        first_q <= 0;
        active_q <= !last_vector;
        if (!stays) row_q <= row_q + addr_t'(c_q.acc_stride);
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

  // The accumulator row of vector 0, or of the array's row that leaves first.
  function automatic addr_t highest_row(input compute_t c);
    if (OutputStationary == 0 || c.dataflow != DataflowOutputStationary) return c.acc_row;
    return c.acc_row + (addr_t'(c.rows) - 1) * addr_t'(c.acc_stride);
  endfunction

  // ---- rows that leave, the highest one with the last step ----
  logic leave, leave_first;
  logic [15:0] leave_left_q, leave_row;  // rows still to leave after the first; the array's row that leaves
  compute_t leave_q;                     // of a command whose first row has left
  addr_t leave_acc_q;
  assign leave_first = step_o && last_vector;
  assign leave = leave_first || leave_left_q != 0;
  assign leave_row = leave_first ? c_q.rows - 16'd1 : leave_left_q - 16'd1;
  always_ff @(posedge clk_i) begin
    if (rst_i) leave_left_q <= 0;
    else if (leave) leave_left_q <= leave_row;
    if (leave_first) leave_q <= c_q;
    if (leave) leave_acc_q <= leave_first ? row_q - addr_t'(c_q.acc_stride) : leave_acc_q - addr_t'(leave_q.acc_stride);
  end

  // ---- accumulator rows touched: [k] by what entered or left k + 1 cycles before what would now ----
  localparam int unsigned Touches = RmwInterval - 1;
  logic [Touches-1:0] touched_q;
  addr_t touched_row_q[Touches], touching_row;
  assign touches = (entering && !stays) || leave;
  assign touching_row = leave && !leave_first ? leave_acc_q : row_q;
  // Something touched one of the rows of `c` less than RmwInterval cycles before it would, if its first one were touched now,
  // or in the next cycle; `now_touched` is what is touched now.
  function automatic logic too_soon(input compute_t c, input addr_t first_row, input logic next, input logic now_touches,
                                    input addr_t now_touched);
    addr_t row;
    too_soon = 0;
    row = first_row;
    for (int m = 0; m < int'(Touches); ++m)
      if (m == 0 || (OutputStationary != 0 && c.dataflow == DataflowOutputStationary && 16'(m) < c.rows)) begin
        if (now_touches && now_touched == row) too_soon = 1;
        for (int k = 0; k < int'(Touches); ++k)
          if (m + k + int'(next) < int'(Touches) && touched_q[k] && touched_row_q[k] == row) too_soon = 1;
        row -= addr_t'(c.acc_stride);
      end
  endfunction
  logic one_step;
  assign one_step = {command_i.m0, command_i.m1, command_i.m2} == {16'd1, 16'd1, 16'd1};
  assign hazard = (stays && leave_left_q != 0) || too_soon(c_q, row_q, 0, 0, 0);
  assign row_free_o = OutputStationary != 0 && command_i.dataflow == DataflowOutputStationary && !one_step ||
      !(leave && leave_row != 0) && !too_soon(command_i, highest_row(command_i), 1, touches, touching_row);
  always_ff @(posedge clk_i) begin
    touched_q <= rst_i ? '0 : (touched_q << 1) | Touches'(touches);
    touched_row_q[0] <= touching_row;
    for (int k = 1; k < int'(Touches); ++k) touched_row_q[k] <= touched_row_q[k-1];
  end

  // ---- elements ----
  assign compute_en_o = feed;
  always_comb begin
    compute_addr_o = '{default: '0};
    if (feed) for (int r = 0; r < int'(Rows); ++r) if (16'(r) < c_q.rows) compute_addr_o[r] = base_q + offsets_q[r];
  end

  compute_t from_q;
  logic arrived_q, arrived_swap_q, arrived_stays_q, arrived_first_q, arrived_last_q;
  logic [Rows-1:0] arrived_leave_q;
  always_ff @(posedge clk_i) begin
    arrived_q <= feed && !rst_i;
    arrived_swap_q <= swapped_o && !rst_i;
    arrived_stays_q <= stays;
    arrived_first_q <= first_q;
    arrived_last_q <= last_vector;
    arrived_leave_q <= '0;
    for (int r = 0; r < int'(Rows); ++r) arrived_leave_q[r] <= leave && 16'(r) == leave_row && !rst_i;
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
  logic [2**DepthBits-1:0][Rows-1:0] mask_ring_q, leave_ring_q;
  logic [2**DepthBits-1:0] swap_ring_q, bf16_ring_q, stays_ring_q, first_ring_q, last_ring_q;
  logic [Rows-1:0][15:0] ring[2**DepthBits];
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      mask_ring_q <= '0;
      leave_ring_q <= '0;
      swap_ring_q <= '0;
    end else begin
      leave_ring_q[place_t'(now_i)] <= arrived_leave_q;
      mask_ring_q[place_t'(now_i)] <= arrived_mask;
      swap_ring_q[place_t'(now_i)] <= arrived_swap_q;
    end
    bf16_ring_q[place_t'(now_i)] <= from_q.dtype == DtypeBf16;
    stays_ring_q[place_t'(now_i)] <= arrived_stays_q;
    first_ring_q[place_t'(now_i)] <= arrived_first_q;
    last_ring_q[place_t'(now_i)] <= arrived_last_q;
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
      assign x_stays_o[r] = arrived_stays_q;
      assign x_first_o[r] = arrived_first_q;
      assign x_last_o[r] = arrived_last_q;
      assign x_leave_o[r] = arrived_leave_q[r];
    end else begin : g_later
      assign x_valid_o[r] = mask_ring_q[from][r];
      assign x_swap_o[r] = swap_ring_q[from];
      assign x_bf16_o[r] = bf16_ring_q[from];
      assign x_o[r] = ring[from][r];
      assign x_stays_o[r] = stays_ring_q[from];
      assign x_first_o[r] = first_ring_q[from];
      assign x_last_o[r] = last_ring_q[from];
      assign x_leave_o[r] = leave_ring_q[from][r];
    end
  end

  // ---- completion ----
  localparam int unsigned Drain = ReadLatency + Rows * PeLatency + Cols + AccWriteLatency - 1;  // from the last feed
  logic [Drain-1:0] done_q;
  logic stays_done;
  always_ff @(posedge clk_i) done_q <= rst_i ? '0 : (done_q << 1) | Drain'(stays_done || (feed && last_vector && !stays));
  assign stays_done = leave && leave_row == 0;
  assign done_o = done_t'(done_q[Drain-1]);

  compute_t sum_of;
  assign sum_of = leave && !leave_first ? leave_q : c_q;
  assign sum_valid_o = (feed && !stays) || leave;
  assign sum_row_o = touching_row;
  assign sum_accumulate_o = sum_of.accumulate;
  assign sum_bf16_o = sum_of.dtype == DtypeBf16;
  assign sum_cols_o = sum_of.cols;

endmodule

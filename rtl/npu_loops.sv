// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// REPEAT: the loop buffer, and which of its descriptors comes next. Ends of bodies cost no cycle.
module npu_loops
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
(
    input logic clk_i,
    input logic rst_i,

    output logic        replaying_o,  // the next descriptor comes from here, not from the ring
    output descriptor_t replay_o,
    output logic [31:0] replay_seq_o,
    output logic [63:0] replay_addr_o,
    output logic [31:0] iterations_o [3],  // finished, by level; 0 where no loop of the level is open
    output logic        loop_fault_o,  // taken_i is a REPEAT that may not be opened here

    input logic        take_i,  // taken_i has been dispatched in this cycle
    input descriptor_t taken_i,
    input logic [31:0] taken_seq_i,
    input logic [63:0] taken_addr_i
);

  typedef logic [16:0] place_t;  // in the buffer; a body ends at most 65,535 behind where it begins

  typedef struct packed {
    logic [1:0]  level;
    logic [31:0] count, done;
    place_t      first, last;  // the body is [first, last)
  } frame_t;

  typedef struct packed {
    descriptor_t command;
    logic [31:0] seq;
    logic [63:0] addr;
  } kept_t;

  localparam int unsigned IndexBits = $clog2(LoopBuffer);

  kept_t buffer[2**IndexBits];
  frame_t frames_q[3], frames_n[3];
  logic [1:0] open_q, open_n;  // frames
  place_t at_q, at_n, size_q, size_n;

  repeat_t rep;
  logic is_repeat, keeps;
  place_t first, last;
  frame_t inner;
  kept_t replayed;

  assign rep = taken_i;
  assign is_repeat = rep.header.opcode == OpcodeRepeat;
  assign replaying_o = at_q < size_q;
  assign replayed = buffer[at_q[IndexBits-1:0]];
  assign replay_o = replayed.command;
  assign replay_seq_o = replayed.seq;
  assign replay_addr_o = replayed.addr;
  assign inner = frames_q[open_q==0?0 : open_q-1];
  assign first = open_q == 0 ? 0 : at_q + 1;
  assign last = first + place_t'(rep.body);
  assign keeps = open_q != 0;

  always_comb begin
    loop_fault_o = 0;
    for (int i = 0; i < 3; ++i) iterations_o[i] = 0;
    for (int i = 0; i < 3; ++i)
      if (i < int'(open_q)) begin
        iterations_o[frames_q[i].level] = frames_q[i].done;
        if (frames_q[i].level == rep.level) loop_fault_o = is_repeat;
      end
    if (is_repeat && (rep.level == 3 || last > (open_q == 0 ? place_t'(LoopBuffer) : inner.last))) loop_fault_o = 1;
  end

  always_comb begin
    logic again;
    frames_n = frames_q;
    open_n = open_q;
    at_n = at_q;
    size_n = size_q;
    again = 0;
    if (take_i) begin
      if (keeps) begin
        if (at_q == size_q) size_n = size_q + 1;
        at_n = at_q + 1;
      end
      if (is_repeat) begin
        frames_n[open_q] = '{level: rep.level, count: rep.count, done: 0, first: first, last: last};
        open_n = open_q + 1;
      end else begin
        for (int i = 2; i >= 0; --i)
          if (!again && int'(open_n) == i + 1 && at_n == frames_n[i].last) begin
            frames_n[i].done += 1;
            if (frames_n[i].done < frames_n[i].count) begin
              at_n = frames_n[i].first;
              again = 1;
            end else open_n = 2'(i);
          end
        if (open_n == 0) begin
          at_n = 0;
          size_n = 0;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q <= 0;
      at_q <= 0;
      size_q <= 0;
    end else if (take_i) begin
      open_q <= open_n;
      at_q <= at_n;
      size_q <= size_n;
      frames_q <= frames_n;
      if (keeps && at_q == size_q) buffer[at_q[IndexBits-1:0]] <= '{command: taken_i, seq: taken_seq_i, addr: taken_addr_i};
    end
  end

endmodule

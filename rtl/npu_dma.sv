// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// LOAD (Store = 0) or STORE: an AXI4 master, a beat a burst, answers in order. A chunk waits in a register, with the data
// that it reads, for the cycle in which docs/timing.md has it requested, copied or padded (section 6). What a LOAD's answers
// bring is written in their cycle.
// Padding doesn't wait for the answers: no row of a LOAD may lie on another one of its rows that is padding.
module npu_dma
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
#(
    parameter bit Store = 0
) (
    input  logic        clk_i,
    input  logic        rst_i,
    input  cycle_t      now_i,
    input  logic        valid_i,
    input  descriptor_t command_i,
    output logic        port_free_o,
    output logic        ready_o,
    input  logic        fire_i,
    output done_t       done_o,

    // Memory: LOAD reads, STORE writes
    output logic                    ar_valid_o,
    output logic [            63:0] ar_addr_o,
    input  logic                    ar_ready_i,
    input  logic                    r_valid_i,
    input  logic [8*BurstBytes-1:0] r_data_i,
    output logic                    aw_valid_o,
    output logic [            63:0] aw_addr_o,
    output logic [8*BurstBytes-1:0] w_data_o,
    output logic [  BurstBytes-1:0] w_strb_o,
    input  logic                    aw_ready_i,
    input  logic                    b_valid_i,

    // npu_storage's ports
    output logic [BurstBytes-1:0] fill_o,
    output logic                  fill_acc_o,
    output addr_t                 fill_addr_o      [BurstBytes],
    output logic [7:0]            fill_data_o      [BurstBytes],
    output logic                  move_read_o,
    output logic                  move_read_acc_o,
    output addr_t                 move_read_addr_o [MoveBytes],
    input  logic [7:0]            move_data_i      [MoveBytes],
    output logic [ MoveBytes-1:0] move_write_o,
    output logic                  move_write_acc_o,
    output addr_t                 move_write_addr_o[MoveBytes],
    output logic [7:0]            move_write_data_o[MoveBytes]
);

  if (DmaSetup < 2) $error("dma.setup_cycles: expected at least 2, got %0d", DmaSetup);

  function automatic logic [MoveBytes-1:0] bytes_of(input chunk_t c);
    return ~({MoveBytes{1'b1}} << c.bytes) << c.first;
  endfunction

  // ---- chunks ----
  logic next_valid, take, act;
  chunk_t next, chunk_q;
  addr_t [MoveBytes-1:0] next_near, near_q;
  logic [MoveBytes-1:0][7:0] next_padding, padding_q;
  logic chunk_valid_q;
  npu_dma_rows rows (
      .clk_i,
      .rst_i,
      .command_i,
      .fire_i,
      .valid_o(next_valid),
      .chunk_o(next),
      .near_o(next_near),
      .padding_o(next_padding),
      .take_i(take)
  );

  // ---- when ----
  typedef logic [$clog2(DmaSetup+MoveBytes):0] wait_t;
  logic loaded_q, copying_q, copies, busy_n, room, request, answer;
  wait_t wait_q, wait_n;
  burst_place_t request_place, answer_place;

  assign answer = Store ? b_valid_i : r_valid_i;
  assign request = chunk_valid_q && wait_q == 0 && chunk_q.kind == ChunkBurst && room && (Store ? aw_ready_i : ar_ready_i);
  assign act = request || (chunk_valid_q && wait_q == 0 && chunk_q.kind != ChunkBurst);
  assign take = next_valid && (!chunk_valid_q || act);
  assign copies = act && chunk_q.kind == ChunkCopy;

  // A burst keeps the port for the cycles of its bytes.
  always_comb begin
    wait_n = wait_q == 0 ? 0 : wait_q - 1;
    if (fire_i) wait_n = wait_t'(DmaSetup - 1);
    else if (act) wait_n = wait_t'((32'(chunk_q.bytes) - 1) / DmaBytesPerCycle);
  end
  assign busy_n = (loaded_q && !(act && chunk_q.last)) || wait_n != 0;
  assign port_free_o = !loaded_q && wait_q == 0;
  assign ready_o = 1;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      loaded_q <= 0;
      chunk_valid_q <= 0;
      wait_q <= 0;
    end else begin
      if (fire_i) loaded_q <= 1;
      else if (act && chunk_q.last) loaded_q <= 0;
      if (take || act) chunk_valid_q <= take;
      wait_q <= wait_n;
    end
    copying_q <= !fire_i && (copying_q || copies);
    if (take) begin
      chunk_q <= next;
      near_q <= next_near;
      padding_q <= next_padding;
    end
  end

  npu_dma_flight #(
      .Store(Store)
  ) flight (
      .clk_i,
      .rst_i,
      .now_i,
      .fire_i,
      .held_i(Store ? loaded_q : !port_free_o),
      .copied_i(!port_free_o && !busy_n && (copying_q || copies)),
      .room_o(room),
      .request_i(request),
      .answer_i(answer),
      .request_place_o(request_place),
      .answer_place_o(answer_place),
      .done_o
  );

  // ---- memory ----
  assign ar_valid_o = !Store && chunk_valid_q && wait_q == 0 && chunk_q.kind == ChunkBurst && room;
  assign aw_valid_o = Store && chunk_valid_q && wait_q == 0 && chunk_q.kind == ChunkBurst && room;
  assign ar_addr_o = {chunk_q.far_addr[63:$clog2(BurstBytes)], {$clog2(BurstBytes) {1'b0}}};
  assign aw_addr_o = ar_addr_o;
  assign w_strb_o = aw_valid_o ? BurstBytes'(bytes_of(chunk_q)) : '0;
  always_comb for (int i = 0; i < int'(BurstBytes); ++i) w_data_o[8*i+:8] = move_data_i[i];

  // What belongs to the bursts of a LOAD.
  typedef struct packed {
    logic [BurstBytes-1:0] bytes;
    logic space;
    addr_t [BurstBytes-1:0] addr;
  } burst_t;
  burst_t bursts[2**$bits(burst_place_t)];
  if (Store) begin : g_store
    assign fill_o = '0;
    assign fill_acc_o = 0;
    assign fill_addr_o = '{default: '0};
    assign fill_data_o = '{default: '0};
  end else begin : g_load
    always_ff @(posedge clk_i)
      if (request)
        bursts[request_place] <= '{
            bytes: BurstBytes'(bytes_of(chunk_q)),
            space: chunk_q.space,
            addr: near_q[BurstBytes-1:0]
        };
    burst_t oldest;
    always_comb begin
      oldest = '0;
      if (r_valid_i) oldest = bursts[answer_place];
      fill_o = oldest.bytes;
      fill_acc_o = oldest.space;
      for (int i = 0; i < int'(BurstBytes); ++i) begin
        fill_addr_o[i] = oldest.addr[i];
        fill_data_o[i] = r_data_i[8*i+:8];
      end
    end
  end

  // ---- storage ----
  logic far_read, far_write;
  assign far_read = !Store;
  assign far_write = Store;
  always_comb begin
    move_read_o = take && (Store ? 1'b1 : next.kind == ChunkCopy);
    move_read_acc_o = !far_read && next.space;
    move_write_o = act && chunk_q.kind != ChunkBurst ? bytes_of(chunk_q) : '0;
    move_write_acc_o = !far_write && chunk_q.space;
    for (int i = 0; i < int'(MoveBytes); ++i) begin
      move_read_addr_o[i] = far_read ? addr_t'(next.far_addr) + addr_t'(i) : next_near[i];
      move_write_addr_o[i] = far_write ? addr_t'(chunk_q.far_addr) + addr_t'(i) : near_q[i];
      move_write_data_o[i] = chunk_q.kind == ChunkPadding ? padding_q[i] : move_data_i[i];
    end
  end

endmodule

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The core: in-order dispatch into the engines' queues, semaphores, issue, fences, watchdog, counters. Within a cycle:
// completions and their signals, then issue, then dispatch, then fetch (docs/timing.md, sections 1, 2, 8 and 10).
module npu_core
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_check_pkg::*;
(
    input logic clk_i,
    input logic rst_i,

    input  logic        s_aw_valid_i,
    input  logic [31:0] s_aw_addr_i,
    input  logic [31:0] s_w_data_i,
    output logic        s_aw_ready_o,
    output logic        s_b_valid_o,
    output logic [ 1:0] s_b_resp_o,
    input  logic        s_ar_valid_i,
    input  logic [31:0] s_ar_addr_i,
    output logic        s_ar_ready_o,
    output logic        s_r_valid_o,
    output logic [31:0] s_r_data_o,
    output logic [ 1:0] s_r_resp_o,
    output logic        irq_o,

    output logic                    m_ar_valid_o,
    output logic [            63:0] m_ar_addr_o,
    input  logic                    m_ar_ready_i,
    input  logic                    m_r_valid_i,
    input  logic [8*BurstBytes-1:0] m_r_data_i,
    output logic                    m_aw_valid_o,
    output logic [            63:0] m_aw_addr_o,
    output logic [8*BurstBytes-1:0] m_w_data_o,
    output logic [  BurstBytes-1:0] m_w_strb_o,
    input  logic                    m_aw_ready_i,
    input  logic                    m_b_valid_i,

    // Engines in the contract's order (docs/rtl.md)
    output logic        reset_o,
    output cycle_t      now_o,
    output logic        valid_o    [5],
    output descriptor_t command_o  [5],
    output banks_t      banks_o    [5],      // PRELOAD, COMPUTE: what they read
    input  logic        port_free_i[5],
    input  logic        ready_i    [5],
    input  logic        shared_i,        // COMPUTE can't issue in the cycle in which PRELOAD does
    input  logic        paired_i,        // COMPUTE could issue in the cycle in which PRELOAD does, and only with it
    input  logic        mismatch_i,      // COMPUTE: its vectors don't go with the weights, or with PRELOAD's matrix
    output logic        fire_o     [5],
    input  done_t       done_i     [5],
    input  logic [ 1:0] bursts_i,        // requested in this cycle by LOAD, STORE
    input  logic [15:0] overflow_i,      // additions that wrapped in this cycle

    output logic        idle_o,          // nothing pending: only a register write would change anything
    output logic        pending_o,       // as this cycle begins: something would change if time passed
    output logic        dispatched_o,    // for observers: what is dispatched in this cycle
    output logic [ 2:0] dispatched_engine_o,
    output logic [ 7:0] dispatched_opcode_o,
    output logic        dispatched_copies_o,  // a LOAD or STORE within the scratchpad
    output logic [15:0] dispatched_tag_o,
    output logic [31:0] dispatched_seq_o,
    output logic        fence_begin_o,   // what is dispatched is a fence that writes a record,
    output logic        fence_end_o,     // which is written
    output logic        failed_o,        // the first error is raised in this cycle
    output logic [15:0] failed_tag_o     // of the command that dispatch stops at; 0: it stops at none
);

  logic enable, halt, step, error, reset, busy;
  logic [31:0] watchdog, ring_size, ring_tail;
  logic [63:0] ring_base;
  window_t windows[2];

  cycle_t now_q, progress_q;
  logic [63:0] since_q, start_q;  // cycles since reset, and as idle time last ended
  logic [31:0] head_q, index_q;
  sems_t sems_q;
  logic fence_q, was_pending_q;
  fence_t fence_cmd_q;
  logic [31:0] fence_cmd_seq_q;
  logic [63:0] macs_q, macs_n, read_q, read_n, written_q, written_n, commands_q, commands_n, overflow_q, overflow_n;

  assign reset_o = rst_i || reset;
  assign now_o = now_q;

  // ---- completions ----
  queued_t head[5], pushed;
  logic [4:0] full, push, empty, flying, oldest_valid;
  flight_t oldest[5];
  sems_t sems_done[6], sems_fence, sems_front, sems_back, sems_n;
  fault_t done_fault[5], fence_fault;
  logic [31:0] done_seq[5];
  signalled_t fence_signals;
  logic fence_end, record_done;

  localparam int unsigned Depths[5] = '{LoadQueue, StoreQueue, PreloadQueue, ComputeQueue, VectorQueue};
  assign sems_done[0] = sems_q;
  for (genvar e = 0; e < 5; ++e) begin : g_queues
    npu_queue #(
        .Depth(Depths[e])
    ) queue (
        .clk_i,
        .rst_i(reset_o),
        .push_i(push[e]),
        .push_entry_i(pushed),
        .full_o(full[e]),
        .head_valid_o(valid_o[e]),
        .head_o(head[e]),
        .fire_i(fire_o[e]),
        .done_i(done_i[e]),
        .sems_i(sems_done[e]),
        .sems_o(sems_done[e+1]),
        .fault_o(done_fault[e]),
        .fault_seq_o(done_seq[e]),
        .empty_o(empty[e]),
        .flying_o(flying[e]),
        .oldest_valid_o(oldest_valid[e]),
        .oldest_o(oldest[e])
    );
    assign command_o[e] = head[e].command;
    assign banks_o[e] = head[e].banks;
  end
  assign fence_end = fence_q && record_done;
  always_comb begin
    fence_signals = signal(sems_done[5], fence_cmd_q.header.signal0_id, fence_cmd_q.header.signal0_count,
                           fence_cmd_q.header.signal1_id, fence_cmd_q.header.signal1_count);
    sems_fence = fence_end ? fence_signals.sems : sems_done[5];
    fence_fault = fence_end ? fence_signals.fault : '0;
  end

  // ---- faults of a cycle: the first in the order of its events ----
  fault_t done_first, raised;
  logic [31:0] done_first_seq, raised_seq;
  logic [2:0] done_first_engine, raised_engine;
  fault_t front_fault, back_fault, dispatch_fault, watchdog_fault;
  logic [31:0] front_seq, back_seq, dispatch_seq, watchdog_seq;
  logic [2:0] front_from, back_from, dispatch_engine, watchdog_engine;
  always_comb begin
    done_first = fence_fault;
    done_first_seq = fence_cmd_seq_q;
    done_first_engine = EngineControl;
    for (int e = 4; e >= 0; --e)
      if (done_fault[e].code != 0) begin
        done_first = done_fault[e];
        done_first_seq = done_seq[e];
        done_first_engine = 3'(e);
      end
  end
  always_comb begin
    if (done_first.code != 0) begin
      raised = done_first;
      raised_seq = done_first_seq;
      raised_engine = done_first_engine;
    end else if (front_fault.code != 0) begin
      raised = front_fault;
      raised_seq = front_seq;
      raised_engine = front_from;
    end else if (back_fault.code != 0) begin
      raised = back_fault;
      raised_seq = back_seq;
      raised_engine = back_from + 3'd3;
    end else if (dispatch_fault.code != 0) begin
      raised = dispatch_fault;
      raised_seq = dispatch_seq;
      raised_engine = dispatch_engine;
    end else begin
      raised = watchdog_fault;
      raised_seq = watchdog_seq;
      raised_engine = watchdog_engine;
    end
  end

  // ---- issue: LOAD, STORE, PRELOAD, and then COMPUTE, which sees what PRELOAD claims, and VECTOR ----
  logic run_front, run_back;
  fault_t late[5];
  compute_t compute_head;
  assign compute_head = head[3].command;
  always_comb begin
    for (int e = 0; e < 5; ++e) late[e] = '0;
    if (mismatch_i) late[3] = '{code: ErrorCodeBadOperand, address: 64'(compute_head.addr)};
  end
  logic fire_front[3], fire_back[2], ready_back[2];
  assign ready_back = '{fire_front[2] ? paired_i || (ready_i[3] && !shared_i) : ready_i[3], ready_i[4]};
  assign fire_o = '{fire_front[0], fire_front[1], fire_front[2], fire_back[0], fire_back[1]};
  assign run_front = enable && !error && done_first.code == 0;
  assign run_back = run_front && front_fault.code == 0;
  npu_issue #(
      .Count(3)
  ) issue_front (
      .run_i(run_front),
      .sems_i(sems_fence),
      .sems_o(sems_front),
      .valid_i(valid_o[0:2]),
      .head_i(head[0:2]),
      .port_free_i(port_free_i[0:2]),
      .ready_i(ready_i[0:2]),
      .late_i(late[0:2]),
      .fire_o(fire_front),
      .fault_o(front_fault),
      .fault_from_o(front_from),
      .fault_seq_o(front_seq)
  );
  npu_issue #(
      .Count(2)
  ) issue_back (
      .run_i(run_back),
      .sems_i(sems_front),
      .sems_o(sems_back),
      .valid_i(valid_o[3:4]),
      .head_i(head[3:4]),
      .port_free_i(port_free_i[3:4]),
      .ready_i(ready_back),
      .late_i(late[3:4]),
      .fire_o(fire_back),
      .fault_o(back_fault),
      .fault_from_o(back_from),
      .fault_seq_o(back_seq)
  );

  // ---- dispatch ----
  logic drained, untaken, replaying, arrived, take, begins_fence, loop_fault, can_dispatch;
  descriptor_t fetched, replayed, next_command, taken_command;
  logic [31:0] replay_seq, next_seq, iterations[3];
  logic [63:0] fetched_addr, replay_addr, next_addr, ring_bytes;
  fault_t ring_fault, operands;
  header_t taken_header;
  load_t taken_transfer;  // where it is a LOAD, or a STORE, whose fields are the same

  always_comb begin
    ring_bytes = 64'(ring_size) << $clog2(4 * DescriptorWords);
    ring_fault = '0;
    if (ring_size < 2 || ring_size > 1048576 || (ring_size & (ring_size - 1)) != 0)
      ring_fault = '{code: ErrorCodeRing, address: 64'(ring_size)};
    else if ((ring_base & 64'(4 * DescriptorWords - 1)) != 0 || ring_base > DramBytes || ring_bytes > DramBytes - ring_base)
      ring_fault = '{code: ErrorCodeRing, address: ring_base};
    else if (ring_tail - head_q > ring_size) ring_fault = '{code: ErrorCodeRing, address: 64'(ring_tail)};
  end

  assign drained = &empty && !fence_q;
  assign untaken = replaying || head_q != ring_tail;
  assign can_dispatch = enable && !error && (!halt || step);
  assign next_command = replaying ? replayed : fetched;
  assign next_seq = replaying ? replay_seq : head_q;
  assign next_addr = replaying ? replay_addr : fetched_addr;
  npu_dispatch dispatch (
      .run_i(can_dispatch && run_back && back_fault.code == 0 && !fence_q && untaken), .ring_fault_i(ring_fault),
      .ring_head_i(head_q), .valid_i(replaying || arrived), .command_i(next_command), .seq_i(next_seq),
      .addr_i(next_addr), .iterations_i(iterations), .loop_fault_i(loop_fault), .windows_i(windows),
      .drained_i(drained), .full_i(full), .sems_i(sems_back), .sems_o(sems_n), .take_o(take),
      .command_o(taken_command), .push_o(push), .operands_o(operands), .fence_o(begins_fence),
      .fault_o(dispatch_fault), .fault_seq_o(dispatch_seq), .fault_engine_o(dispatch_engine)
  );
  always_comb begin
    pushed = '{command: taken_command, fault: operands, banks: '0, seq: next_seq, index: index_q};
    if (push[EnginePreload] || push[EngineCompute]) pushed.banks = array_banks(taken_command);
  end
  assign taken_header = taken_command[$bits(header_t)-1:0];
  assign taken_transfer = taken_command;

  npu_loops loops (
      .clk_i, .rst_i(reset_o), .replaying_o(replaying), .replay_o(replayed), .replay_seq_o(replay_seq),
      .replay_addr_o(replay_addr), .iterations_o(iterations), .loop_fault_o(loop_fault), .take_i(take),
      .taken_i(next_command), .taken_seq_i(next_seq), .taken_addr_i(next_addr)
  );

  // ---- fences ----
  fence_t fence_taken;
  logic record, bare_fence;
  assign fence_taken = taken_command;
  assign record = begins_fence && fence_taken.record_addr != 0;
  assign bare_fence = begins_fence && fence_taken.record_addr == 0;
  npu_fetch fetch (
      .clk_i, .rst_i(reset_o), .run_i(enable && !error && raised.code == 0 && ring_fault.code == 0),
      .ring_base_i(ring_base), .ring_size_i(ring_size), .ring_head_i(head_q), .ring_tail_i(ring_tail),
      .valid_o(arrived), .command_o(fetched), .addr_o(fetched_addr), .take_i(take && !replaying), .record_i(record),
      .record_addr_i(fence_taken.record_addr),
      .record_data_i({64'd0, overflow_n, commands_n, written_n, read_n, macs_n, since_q, fence_taken.sequence_}),
      .record_done_o(record_done), .ar_valid_o(m_ar_valid_o), .ar_addr_o(m_ar_addr_o), .ar_ready_i(m_ar_ready_i),
      .r_valid_i(m_r_valid_i), .r_data_i(m_r_data_i), .aw_valid_o(m_aw_valid_o), .aw_addr_o(m_aw_addr_o),
      .w_data_o(m_w_data_o), .w_strb_o(m_w_strb_o), .aw_ready_i(m_aw_ready_i), .b_valid_i(m_b_valid_i)
  );

  // ---- watchdog ----
  logic pending, progress;
  always_comb begin
    progress = take || fence_end;
    for (int e = 0; e < 5; ++e) if (done_i[e] != 0) progress = 1;
    busy = flying != 0 || fence_q;
    pending = error ? busy : oldest_valid != 0 || fence_q || (can_dispatch && untaken);
    watchdog_fault = '0;
    watchdog_seq = head_q;
    watchdog_engine = EngineControl;
    if (pending && was_pending_q && watchdog != 0 && !error && !progress && now_q - progress_q >= cycle_t'(watchdog)) begin
      watchdog_fault.code = ErrorCodeWatchdog;
      for (int e = 4; e >= 0; --e)
        if (oldest_valid[e] && (watchdog_engine == EngineControl || oldest[e].index < oldest[watchdog_engine].index)) begin
          watchdog_seq = oldest[e].seq;
          watchdog_engine = 3'(e);
        end
    end
  end
  assign pending_o = pending;
  assign idle_o = !pending && !reset_o && done_none;
  logic done_none;
  always_comb begin
    done_none = 1;
    for (int e = 0; e < 5; ++e) if (done_i[e] != 0) done_none = 0;
  end

  // ---- counters ----
  npu_counters counters (
      .clk_i, .rst_i(reset_o), .fire_i(fire_o), .command_i(command_o), .done_i, .fence_end_i(fence_end),
      .control_i(take && push == 0 && !record && dispatch_fault.code == 0), .bursts_i, .overflow_i, .macs_o(macs_q),
      .read_o(read_q), .written_o(written_q), .commands_o(commands_q), .overflow_o(overflow_q), .macs_n_o(macs_n),
      .read_n_o(read_n), .written_n_o(written_n), .commands_n_o(commands_n), .overflow_n_o(overflow_n)
  );

  npu_registers registers (
      .clk_i, .rst_i, .aw_valid_i(s_aw_valid_i), .aw_addr_i(s_aw_addr_i), .w_data_i(s_w_data_i),
      .aw_ready_o(s_aw_ready_o), .b_valid_o(s_b_valid_o), .b_resp_o(s_b_resp_o), .ar_valid_i(s_ar_valid_i),
      .ar_addr_i(s_ar_addr_i), .ar_ready_o(s_ar_ready_o), .r_valid_o(s_r_valid_o), .r_data_o(s_r_data_o),
      .r_resp_o(s_r_resp_o), .reset_o(reset), .enable_o(enable), .halt_o(halt), .step_o(step), .watchdog_o(watchdog),
      .ring_base_o(ring_base), .ring_size_o(ring_size), .ring_tail_o(ring_tail), .windows_o(windows), .error_o(error),
      .irq_o, .step_taken_i(take), .busy_i(!error && enable ? oldest_valid != 0 || fence_q || untaken : busy), .ring_head_i(head_q),
      .raise_i(raised), .raise_seq_i(raised_seq), .raise_engine_i(raised_engine), .fence_i(fence_end || bare_fence),
      .fence_seq_i(fence_end ? fence_cmd_q.sequence_ : fence_taken.sequence_),
      .fence_irq_i(fence_end ? fence_cmd_q.irq : fence_taken.irq),
      .counters_i('{since_q, macs_q, read_q, written_q, commands_q, overflow_q, start_q})
  );

  always_ff @(posedge clk_i) begin
    now_q <= rst_i ? 0 : now_q + 1;
    since_q <= reset_o ? 0 : since_q + 1;
    if (reset_o) begin
      head_q <= 0;
      index_q <= 0;
      sems_q <= '0;
      fence_q <= 0;
      was_pending_q <= 0;
      start_q <= 0;
      progress_q <= now_q;
    end else begin
      if (take && !replaying) head_q <= head_q + 1;
      if (take) index_q <= index_q + 1;
      sems_q <= sems_n;
      if (fence_end) fence_q <= 0;
      if (record) begin
        fence_q <= 1;
        fence_cmd_q <= fence_taken;
        fence_cmd_seq_q <= next_seq;
      end
      was_pending_q <= pending;
      if (pending && !was_pending_q && raised.code == 0) start_q <= since_q - 1;
      if (progress || (pending && !was_pending_q)) progress_q <= now_q;
    end
  end

  assign dispatched_o = take;
  assign dispatched_engine_o = push[0] ? EngineLoad : push[1] ? EngineStore : push[2] ? EnginePreload :
      push[3] ? EngineCompute : push[4] ? EngineVector : EngineControl;
  assign dispatched_opcode_o = taken_header.opcode;
  assign dispatched_copies_o = (push[0] || push[1]) && taken_transfer.far_ == FarScratchpad;
  assign dispatched_tag_o = taken_header.tag;
  assign dispatched_seq_o = next_seq;
  assign fence_begin_o = record;
  assign fence_end_o = fence_end;
  assign failed_o = raised.code != 0 && !error;
  assign failed_tag_o = dispatch_fault.code == 0 || dispatch_fault.code == ErrorCodeRing ||
      dispatch_fault.code == ErrorCodeBadOpcode ? 0 : taken_header.tag;

endmodule

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// BAR0 on AXI4-Lite: a write takes effect at the end of the cycle in which address and data are both there, a read answers
// one cycle later with what held in the cycle of its address. What the contract does not name is an error response.
module npu_registers
  import npu_config_pkg::*;
  import npu_contract_pkg::*;
  import npu_types_pkg::*;
  import npu_check_pkg::*;
(
    input logic clk_i,
    input logic rst_i,

    input  logic        aw_valid_i,
    input  logic [31:0] aw_addr_i,
    input  logic [31:0] w_data_i,
    output logic        aw_ready_o,  // address and data are taken together
    output logic        b_valid_o,
    output logic [ 1:0] b_resp_o,
    input  logic        ar_valid_i,
    input  logic [31:0] ar_addr_i,
    output logic        ar_ready_o,
    output logic        r_valid_o,
    output logic [31:0] r_data_o,
    output logic [ 1:0] r_resp_o,

    output logic        reset_o,  // CTRL.reset is being written: everything empties at the end of this cycle
    output logic        enable_o,
    output logic        halt_o,
    output logic        step_o,
    output logic [31:0] watchdog_o,
    output logic [63:0] ring_base_o,
    output logic [31:0] ring_size_o,
    output logic [31:0] ring_tail_o,
    output window_t     windows_o[2],
    output logic        error_o,
    output logic        irq_o,

    input logic        step_taken_i,
    input logic        busy_i,
    input logic [31:0] ring_head_i,
    input fault_t      raise_i,  // the first one stays
    input logic [31:0] raise_seq_i,
    input logic [ 2:0] raise_engine_i,
    input logic        fence_i,
    input logic [63:0] fence_seq_i,
    input logic        fence_irq_i,
    input logic [63:0] counters_i[7]  // cycles, macs, bytes read, bytes written, commands, overflow, start
);

  localparam logic [1:0] Okay = 2'b00, SlaveError = 2'b10;

  typedef struct packed {
    logic        known;
    logic [31:0] value;
  } answer_t;

  logic enable_q, halt_q, step_q, irq_enable_fence_q, irq_enable_error_q, irq_fence_q, irq_error_q;
  logic [31:0] watchdog_q, ring_size_q, ring_tail_q, latched_q;
  logic [63:0] ring_base_q, fence_q;
  window_t windows_q[2];
  fault_t error_q;
  logic [31:0] error_seq_q;
  logic [2:0] error_engine_q;

  logic write, read;
  logic [11:0] w_offset, r_offset;
  answer_t answer;
  logic write_known;

  assign aw_ready_o = 1;
  assign ar_ready_o = 1;
  assign write = aw_valid_i;
  assign read = ar_valid_i;
  assign w_offset = aw_addr_i[11:0];
  assign r_offset = ar_addr_i[11:0];
  assign reset_o = write && write_known && w_offset == RegCtrlOffset && w_data_i[RegCtrlResetLsb];

  assign enable_o = enable_q;
  assign halt_o = halt_q;
  assign step_o = step_q;
  assign watchdog_o = watchdog_q;
  assign ring_base_o = ring_base_q;
  assign ring_size_o = ring_size_q;
  assign ring_tail_o = ring_tail_q;
  assign windows_o = windows_q;
  assign error_o = error_q.code != ErrorCodeNone;
  assign irq_o = (irq_fence_q && irq_enable_fence_q) || (irq_error_q && irq_enable_error_q);

  function automatic answer_t known(input logic [31:0] value);
    return '{known: 1, value: value};
  endfunction

  // Two words of a register pair; bit 2 of the offset says which.
  function automatic answer_t half(input logic [63:0] value, input logic [11:0] offset);
    return known(offset[2] ? value[63:32] : value[31:0]);
  endfunction

  localparam logic [31:0] CapDtypes =
      (Int8Interval != 0 ? 32'd1 << DtypeI8 | 32'd1 << DtypeU8 : 0) | (Bf16Interval != 0 ? 32'd1 << DtypeBf16 : 0);
  localparam logic [31:0] CapDataflows =
      32'd1 << DataflowWeightStationary | (OutputStationary != 0 ? 32'd1 << DataflowOutputStationary : 0);
  localparam logic [31:0] CapWeights = (32'd2 << WeightTypes) - 1;
  localparam logic [31:0] CapQueues = LoadQueue << RegCapQueuesLoadLsb | StoreQueue << RegCapQueuesStoreLsb |
      PreloadQueue << RegCapQueuesPreloadLsb | ComputeQueue << RegCapQueuesComputeLsb | VectorQueue << RegCapQueuesVectorLsb;

  always_comb begin
    answer = '0;
    case (r_offset)
      RegIdOffset: answer = known(RegIdReset);
      RegIdHiOffset: answer = known(RegIdHiReset);
      RegVersionOffset: answer = known(RegVersionReset);
      RegCapArrayOffset: answer = known(Rows << RegCapArrayRowsLsb | Cols << RegCapArrayColsLsb);
      RegCapScratchpadOffset: answer = known(ScratchpadBytes / 1024);
      RegCapAccumulatorOffset: answer = known(AccRows);
      RegCapVectorOffset: answer = known(Lanes);
      RegCapSemaphoresOffset: answer = known(Semaphores);
      RegCapDtypesOffset: answer = known(CapDtypes);
      RegCapDataflowsOffset: answer = known(CapDataflows);
      RegCapWeightsOffset: answer = known(CapWeights);
      RegCapQueuesOffset: answer = known(CapQueues);
      RegCapLoopOffset: answer = known(LoopBuffer);
      RegCapDramLoOffset: answer = known(DramBytes[31:0]);
      RegCapDramHiOffset: answer = known(DramBytes[63:32]);
      RegCapClockOffset: answer = known(ClockKhz);
      RegCapCoresOffset: answer = known(32'd1 << RegCapCoresCoresLsb | 32'd1 << RegCapCoresRingsLsb);
      RegCtrlOffset: answer = known(32'(enable_q) << RegCtrlEnableLsb | 32'(halt_q) << RegCtrlHaltLsb);
      RegStatusOffset:
      answer = known(32'(busy_i) << RegStatusBusyLsb | 32'(halt_q) << RegStatusHaltedLsb | 32'(error_o) << RegStatusErrorLsb);
      RegIrqStatusOffset:
      answer = known(32'(irq_fence_q) << RegIrqStatusFenceLsb | 32'(irq_error_q) << RegIrqStatusErrorLsb);
      RegIrqEnableOffset:
      answer = known(32'(irq_enable_fence_q) << RegIrqEnableFenceLsb | 32'(irq_enable_error_q) << RegIrqEnableErrorLsb);
      RegErrorCodeOffset: answer = known(32'(error_q.code));
      RegErrorAddrLoOffset: answer = known(error_q.address[31:0]);
      RegErrorAddrHiOffset: answer = known(error_q.address[63:32]);
      RegErrorSeqOffset: answer = known(error_seq_q);
      RegErrorEngineOffset: answer = known(32'(error_engine_q));
      RegWatchdogOffset: answer = known(watchdog_q);
      RegFenceLoOffset: answer = known(fence_q[31:0]);
      RegFenceHiOffset: answer = known(fence_q[63:32]);
      RegRingBaseLoOffset: answer = known(ring_base_q[31:0]);
      RegRingBaseHiOffset: answer = known(ring_base_q[63:32]);
      RegRingSizeOffset: answer = known(ring_size_q);
      RegRingHeadOffset: answer = known(ring_head_i);
      RegRingTailOffset: answer = known(ring_tail_q);
      RegWindow0BaseLoOffset, RegWindow0BaseHiOffset: answer = half(windows_q[0].base, r_offset);
      RegWindow0LimitLoOffset, RegWindow0LimitHiOffset: answer = half(windows_q[0].limit, r_offset);
      RegWindow0FlagsOffset:
      answer = known(32'(windows_q[0].read) << RegWindow0FlagsReadLsb | 32'(windows_q[0].write) << RegWindow0FlagsWriteLsb);
      RegWindow1BaseLoOffset, RegWindow1BaseHiOffset: answer = half(windows_q[1].base, r_offset);
      RegWindow1LimitLoOffset, RegWindow1LimitHiOffset: answer = half(windows_q[1].limit, r_offset);
      RegWindow1FlagsOffset:
      answer = known(32'(windows_q[1].read) << RegWindow1FlagsReadLsb | 32'(windows_q[1].write) << RegWindow1FlagsWriteLsb);
      RegPerfCyclesLoOffset: answer = known(counters_i[0][31:0]);
      RegPerfMacsLoOffset: answer = known(counters_i[1][31:0]);
      RegPerfDramReadLoOffset: answer = known(counters_i[2][31:0]);
      RegPerfDramWriteLoOffset: answer = known(counters_i[3][31:0]);
      RegPerfCommandsLoOffset: answer = known(counters_i[4][31:0]);
      RegPerfOverflowLoOffset: answer = known(counters_i[5][31:0]);
      RegPerfStartLoOffset: answer = known(counters_i[6][31:0]);
      RegPerfCyclesHiOffset, RegPerfMacsHiOffset, RegPerfDramReadHiOffset, RegPerfDramWriteHiOffset, RegPerfCommandsHiOffset,
          RegPerfOverflowHiOffset, RegPerfStartHiOffset:
      answer = known(latched_q);
      default: answer = '0;
    endcase
    if (ar_addr_i[31:12] != 0) answer = '0;
  end

  always_comb begin
    case (w_offset)
      RegIdOffset, RegIdHiOffset, RegVersionOffset, RegCapArrayOffset, RegCapScratchpadOffset, RegCapAccumulatorOffset,
          RegCapVectorOffset, RegCapSemaphoresOffset, RegCapDtypesOffset, RegCapDataflowsOffset, RegCapWeightsOffset, RegCapQueuesOffset,
          RegCapLoopOffset, RegCapDramLoOffset, RegCapDramHiOffset, RegCapClockOffset, RegCapCoresOffset, RegCtrlOffset, RegStatusOffset,
          RegIrqStatusOffset, RegIrqEnableOffset, RegErrorCodeOffset, RegErrorAddrLoOffset, RegErrorAddrHiOffset,
          RegErrorSeqOffset, RegErrorEngineOffset, RegWatchdogOffset, RegFenceLoOffset, RegFenceHiOffset,
          RegRingBaseLoOffset, RegRingBaseHiOffset, RegRingSizeOffset, RegRingHeadOffset, RegRingTailOffset,
          RegWindow0BaseLoOffset, RegWindow0BaseHiOffset, RegWindow0LimitLoOffset, RegWindow0LimitHiOffset,
          RegWindow0FlagsOffset, RegWindow1BaseLoOffset, RegWindow1BaseHiOffset, RegWindow1LimitLoOffset,
          RegWindow1LimitHiOffset, RegWindow1FlagsOffset, RegPerfCyclesLoOffset, RegPerfCyclesHiOffset,
          RegPerfMacsLoOffset, RegPerfMacsHiOffset, RegPerfDramReadLoOffset, RegPerfDramReadHiOffset,
          RegPerfDramWriteLoOffset, RegPerfDramWriteHiOffset, RegPerfCommandsLoOffset, RegPerfCommandsHiOffset,
          RegPerfOverflowLoOffset, RegPerfOverflowHiOffset, RegPerfStartLoOffset, RegPerfStartHiOffset:
      write_known = aw_addr_i[31:12] == 0;
      default: write_known = 0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    b_valid_o <= write && !rst_i;
    b_resp_o  <= write_known ? Okay : SlaveError;
    r_valid_o <= read && !rst_i;
    r_resp_o  <= answer.known ? Okay : SlaveError;
    r_data_o  <= answer.value;
    if (rst_i || reset_o) begin
      {enable_q, halt_q, step_q} <= '0;
      {irq_enable_fence_q, irq_enable_error_q, irq_fence_q, irq_error_q} <= '0;
      watchdog_q <= RegWatchdogReset;
      ring_base_q <= '0;
      ring_size_q <= '0;
      ring_tail_q <= '0;
      windows_q[0] <= '0;
      windows_q[1] <= '0;
      fence_q <= '0;
      error_q <= '0;
      error_seq_q <= '0;
      error_engine_q <= '0;
      latched_q <= '0;
    end else begin
      if (read && r_offset >= RegPerfCyclesLoOffset && !r_offset[2])
        for (int i = 0; i < 7; ++i)
          if (r_offset == RegPerfCyclesLoOffset + 12'(8 * i)) latched_q <= counters_i[i][63:32];
      if (step_taken_i) step_q <= 0;
      if (write && write_known)
        case (w_offset)
          RegCtrlOffset: begin
            enable_q <= w_data_i[RegCtrlEnableLsb];
            halt_q <= w_data_i[RegCtrlHaltLsb];
            if (w_data_i[RegCtrlStepLsb]) step_q <= 1;
          end
          RegIrqStatusOffset: begin
            if (w_data_i[RegIrqStatusFenceLsb]) irq_fence_q <= 0;
            if (w_data_i[RegIrqStatusErrorLsb]) irq_error_q <= 0;
          end
          RegIrqEnableOffset: begin
            irq_enable_fence_q <= w_data_i[RegIrqEnableFenceLsb];
            irq_enable_error_q <= w_data_i[RegIrqEnableErrorLsb];
          end
          RegWatchdogOffset: watchdog_q <= w_data_i;
          RegRingBaseLoOffset: ring_base_q[31:0] <= w_data_i;
          RegRingBaseHiOffset: ring_base_q[63:32] <= w_data_i;
          RegRingSizeOffset: ring_size_q <= w_data_i;
          RegRingTailOffset: ring_tail_q <= w_data_i;
          RegWindow0BaseLoOffset: windows_q[0].base[31:0] <= w_data_i;
          RegWindow0BaseHiOffset: windows_q[0].base[63:32] <= w_data_i;
          RegWindow0LimitLoOffset: windows_q[0].limit[31:0] <= w_data_i;
          RegWindow0LimitHiOffset: windows_q[0].limit[63:32] <= w_data_i;
          RegWindow0FlagsOffset: begin
            windows_q[0].read  <= w_data_i[RegWindow0FlagsReadLsb];
            windows_q[0].write <= w_data_i[RegWindow0FlagsWriteLsb];
          end
          RegWindow1BaseLoOffset: windows_q[1].base[31:0] <= w_data_i;
          RegWindow1BaseHiOffset: windows_q[1].base[63:32] <= w_data_i;
          RegWindow1LimitLoOffset: windows_q[1].limit[31:0] <= w_data_i;
          RegWindow1LimitHiOffset: windows_q[1].limit[63:32] <= w_data_i;
          RegWindow1FlagsOffset: begin
            windows_q[1].read  <= w_data_i[RegWindow1FlagsReadLsb];
            windows_q[1].write <= w_data_i[RegWindow1FlagsWriteLsb];
          end
          default: ;
        endcase
      if (raise_i.code != ErrorCodeNone && !error_o) begin
        error_q <= raise_i;
        error_seq_q <= raise_seq_i;
        error_engine_q <= raise_engine_i;
        irq_error_q <= 1;
      end
      if (fence_i) begin
        fence_q <= fence_seq_i;
        if (fence_irq_i) irq_fence_q <= 1;
      end
    end
  end

endmodule

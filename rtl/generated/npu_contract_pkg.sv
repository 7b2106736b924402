// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GENERATED from configs/contract/npu.yaml - do not edit. Regenerate: contract_gen configs/contract/npu.yaml .
// Contract hash: 0xb03e60efc6c2b248
// Registers: offset in bytes, lsb and width of fields. Commands: a packed struct of the whole descriptor, and a mask of
// the bits that are not reserved.
// verilator lint_off UNUSEDPARAM
package npu_contract_pkg;

  parameter logic [63:0] ContractHash = 64'hb03e60efc6c2b248;
  parameter logic [31:0] ContractVersion = 32'h00000001;
  parameter logic [31:0] DescriptorWords = 32;

  typedef enum logic [7:0] {
    OpcodeNop = 8'd0,
    OpcodeLoad = 8'd1,
    OpcodeStore = 8'd2,
    OpcodePreload = 8'd3,
    OpcodeCompute = 8'd4,
    OpcodeVector = 8'd5,
    OpcodeRepeat = 8'd6,
    OpcodeFence = 8'd7,
    OpcodeSem = 8'd8
  } opcode_e;

  typedef enum logic [2:0] {
    EngineLoad = 3'd0,
    EngineStore = 3'd1,
    EnginePreload = 3'd2,
    EngineCompute = 3'd3,
    EngineVector = 3'd4,
    EngineControl = 3'd5
  } engine_e;

  typedef enum logic [3:0] {
    DtypeI8 = 4'd0,
    DtypeU8 = 4'd1,
    DtypeI32 = 4'd2,
    DtypeBf16 = 4'd3,
    DtypeF32 = 4'd4
  } dtype_e;

  typedef enum logic [0:0] {
    SpaceScratchpad = 1'd0,
    SpaceAccumulator = 1'd1
  } space_e;

  typedef enum logic [0:0] {
    FarDram = 1'd0,
    FarScratchpad = 1'd1
  } far_e;

  typedef enum logic [1:0] {
    DataflowWeightStationary = 2'd0,
    DataflowOutputStationary = 2'd1,
    DataflowInputStationary = 2'd2
  } dataflow_e;

  typedef enum logic [1:0] {
    WeightsSame = 2'd0,
    WeightsI8 = 2'd1,
    WeightsI4 = 2'd2
  } weights_e;

  typedef enum logic [1:0] {
    ScopeLocal = 2'd0,
    ScopeCore = 2'd1,
    ScopeDevice = 2'd2
  } scope_e;

  typedef enum logic [1:0] {
    WindowOpNone = 2'd0,
    WindowOpMax = 2'd1,
    WindowOpSum = 2'd2,
    WindowOpMac = 2'd3
  } window_op_e;

  typedef enum logic [2:0] {
    BinaryOpNone = 3'd0,
    BinaryOpAdd = 3'd1,
    BinaryOpSub = 3'd2,
    BinaryOpMul = 3'd3,
    BinaryOpMin = 3'd4,
    BinaryOpMax = 3'd5
  } binary_op_e;

  typedef enum logic [1:0] {
    ActivationNone = 2'd0,
    ActivationRelu = 2'd1,
    ActivationClip = 2'd2
  } activation_e;

  typedef enum logic [4:0] {
    FunctionNone = 5'd0,
    FunctionExp = 5'd1,
    FunctionLog = 5'd2,
    FunctionReciprocal = 5'd3,
    FunctionRsqrt = 5'd4,
    FunctionSqrt = 5'd5,
    FunctionErf = 5'd6,
    FunctionTanh = 5'd7,
    FunctionSigmoid = 5'd8,
    FunctionSilu = 5'd9,
    FunctionGeluErf = 5'd10,
    FunctionGeluTanh = 5'd11,
    FunctionHardSwish = 5'd12
  } function_e;

  typedef enum logic [1:0] {
    ReduceNone = 2'd0,
    ReduceSum = 2'd1,
    ReduceMax = 2'd2,
    ReduceMin = 2'd3
  } reduce_e;

  typedef enum logic [1:0] {
    RequantNone = 2'd0,
    RequantOnnx = 2'd1,
    RequantTflite = 2'd2,
    RequantScale = 2'd3
  } requant_e;

  typedef enum logic [1:0] {
    CStepsB = 2'd0,
    CStepsParams = 2'd1,
    CStepsBoth = 2'd2
  } c_steps_e;

  typedef enum logic [1:0] {
    SemOpSet = 2'd0,
    SemOpAdd = 2'd1,
    SemOpSub = 2'd2
  } sem_op_e;

  typedef enum logic [3:0] {
    ErrorCodeNone = 4'd0,
    ErrorCodeBadOpcode = 4'd1,
    ErrorCodeReservedBits = 4'd2,
    ErrorCodeUnsupported = 4'd3,
    ErrorCodeBadOperand = 4'd4,
    ErrorCodeDmaFault = 4'd5,
    ErrorCodeSemUnderflow = 4'd6,
    ErrorCodeSemOverflow = 4'd7,
    ErrorCodeWatchdog = 4'd8,
    ErrorCodeRing = 4'd9,
    ErrorCodeLoop = 4'd10
  } error_e;

  parameter logic [11:0] RegIdOffset = 12'h000;  // ro, contract hash, low 32 bits
  parameter logic [31:0] RegIdReset = 32'hc6c2b248;
  parameter logic [11:0] RegIdHiOffset = 12'h004;  // ro, contract hash, high 32 bits
  parameter logic [31:0] RegIdHiReset = 32'hb03e60ef;
  parameter logic [11:0] RegVersionOffset = 12'h008;  // ro, contract version
  parameter logic [31:0] RegVersionReset = 32'h00000001;
  parameter logic [11:0] RegCapArrayOffset = 12'h010;  // ro, systolic array
  parameter logic [31:0] RegCapArrayRowsLsb = 0;
  parameter logic [31:0] RegCapArrayRowsWidth = 16;
  parameter logic [31:0] RegCapArrayColsLsb = 16;
  parameter logic [31:0] RegCapArrayColsWidth = 16;
  parameter logic [11:0] RegCapScratchpadOffset = 12'h014;  // ro, scratchpad size in KiB
  parameter logic [11:0] RegCapAccumulatorOffset = 12'h018;  // ro, accumulator rows (cols x 4 bytes each)
  parameter logic [11:0] RegCapVectorOffset = 12'h01c;  // ro, vector lanes
  parameter logic [11:0] RegCapSemaphoresOffset = 12'h020;  // ro, semaphores a core
  parameter logic [11:0] RegCapDtypesOffset = 12'h024;  // ro, bit n: dtype n can be multiplied by the array
  parameter logic [11:0] RegCapQueuesOffset = 12'h028;  // ro, engine queue depths
  parameter logic [31:0] RegCapQueuesLoadLsb = 0;
  parameter logic [31:0] RegCapQueuesLoadWidth = 6;
  parameter logic [31:0] RegCapQueuesStoreLsb = 6;
  parameter logic [31:0] RegCapQueuesStoreWidth = 6;
  parameter logic [31:0] RegCapQueuesPreloadLsb = 12;
  parameter logic [31:0] RegCapQueuesPreloadWidth = 6;
  parameter logic [31:0] RegCapQueuesComputeLsb = 18;
  parameter logic [31:0] RegCapQueuesComputeWidth = 6;
  parameter logic [31:0] RegCapQueuesVectorLsb = 24;
  parameter logic [31:0] RegCapQueuesVectorWidth = 6;
  parameter logic [11:0] RegCapLoopOffset = 12'h02c;  // ro, loop buffer, descriptors
  parameter logic [11:0] RegCapDramLoOffset = 12'h030;  // ro, device memory bytes
  parameter logic [11:0] RegCapDramHiOffset = 12'h034;  // ro, device memory bytes
  parameter logic [11:0] RegCapClockOffset = 12'h038;  // ro, core clock in kHz
  parameter logic [11:0] RegCapCoresOffset = 12'h03c;  // ro, cores, rings of each
  parameter logic [31:0] RegCapCoresCoresLsb = 0;
  parameter logic [31:0] RegCapCoresCoresWidth = 8;
  parameter logic [31:0] RegCapCoresRingsLsb = 8;
  parameter logic [31:0] RegCapCoresRingsWidth = 8;
  parameter logic [31:0] RegCapCoresStrideLsb = 16;
  parameter logic [31:0] RegCapCoresStrideWidth = 8;
  parameter logic [11:0] RegCapDataflowsOffset = 12'h040;  // ro, bit n: dataflow n can be asked of the array
  parameter logic [11:0] RegCapWeightsOffset = 12'h044;  // ro, bit n: PRELOAD takes matrices stored as weights n
  parameter logic [11:0] RegCtrlOffset = 12'h080;  // rw, control
  parameter logic [31:0] RegCtrlReset = 32'h00000000;
  parameter logic [31:0] RegCtrlEnableLsb = 0;
  parameter logic [31:0] RegCtrlEnableWidth = 1;
  parameter logic [31:0] RegCtrlResetLsb = 1;
  parameter logic [31:0] RegCtrlResetWidth = 1;
  parameter logic [31:0] RegCtrlHaltLsb = 2;
  parameter logic [31:0] RegCtrlHaltWidth = 1;
  parameter logic [31:0] RegCtrlStepLsb = 3;
  parameter logic [31:0] RegCtrlStepWidth = 1;
  parameter logic [11:0] RegStatusOffset = 12'h084;  // ro, state
  parameter logic [31:0] RegStatusBusyLsb = 0;
  parameter logic [31:0] RegStatusBusyWidth = 1;
  parameter logic [31:0] RegStatusHaltedLsb = 1;
  parameter logic [31:0] RegStatusHaltedWidth = 1;
  parameter logic [31:0] RegStatusErrorLsb = 2;
  parameter logic [31:0] RegStatusErrorWidth = 1;
  parameter logic [11:0] RegIrqStatusOffset = 12'h088;  // w1c, interrupt causes
  parameter logic [31:0] RegIrqStatusReset = 32'h00000000;
  parameter logic [31:0] RegIrqStatusFenceLsb = 0;
  parameter logic [31:0] RegIrqStatusFenceWidth = 1;
  parameter logic [31:0] RegIrqStatusErrorLsb = 1;
  parameter logic [31:0] RegIrqStatusErrorWidth = 1;
  parameter logic [11:0] RegIrqEnableOffset = 12'h08c;  // rw, interrupt line = irq_status and irq_enable
  parameter logic [31:0] RegIrqEnableReset = 32'h00000000;
  parameter logic [31:0] RegIrqEnableFenceLsb = 0;
  parameter logic [31:0] RegIrqEnableFenceWidth = 1;
  parameter logic [31:0] RegIrqEnableErrorLsb = 1;
  parameter logic [31:0] RegIrqEnableErrorWidth = 1;
  parameter logic [11:0] RegErrorCodeOffset = 12'h090;  // ro, first error since reset (enum error)
  parameter logic [11:0] RegErrorAddrLoOffset = 12'h094;  // ro, see enum error
  parameter logic [11:0] RegErrorAddrHiOffset = 12'h098;  // ro, see enum error
  parameter logic [11:0] RegErrorSeqOffset = 12'h09c;  // ro, ring index (head) of the failing descriptor, counted from reset
  parameter logic [11:0] RegErrorEngineOffset = 12'h0a0;  // ro, engine of the failing command
  parameter logic [11:0] RegWatchdogOffset = 12'h0a4;  // rw, cycles without a completion while busy; 0: off
  parameter logic [31:0] RegWatchdogReset = 32'h00989680;
  parameter logic [11:0] RegFenceLoOffset = 12'h0a8;  // ro, sequence of the last fence that completed
  parameter logic [11:0] RegFenceHiOffset = 12'h0ac;  // ro, sequence of the last fence that completed
  parameter logic [11:0] RegRingBaseLoOffset = 12'h100;  // rw, ring 0: device address, 128-byte aligned
  parameter logic [31:0] RegRingBaseLoReset = 32'h00000000;
  parameter logic [11:0] RegRingBaseHiOffset = 12'h104;  // rw, ring 0
  parameter logic [31:0] RegRingBaseHiReset = 32'h00000000;
  parameter logic [11:0] RegRingSizeOffset = 12'h108;  // rw, ring 0: descriptors, a power of two, 2 to 1048576
  parameter logic [31:0] RegRingSizeReset = 32'h00000000;
  parameter logic [11:0] RegRingHeadOffset = 12'h10c;  // ro, ring 0: descriptors taken since reset (free-running)
  parameter logic [11:0] RegRingTailOffset = 12'h110;  // rw, ring 0 doorbell: descriptors written since reset (free-running)
  parameter logic [31:0] RegRingTailReset = 32'h00000000;
  parameter logic [11:0] RegWindow0BaseLoOffset = 12'h200;  // rw, DMA window 0: first byte
  parameter logic [31:0] RegWindow0BaseLoReset = 32'h00000000;
  parameter logic [11:0] RegWindow0BaseHiOffset = 12'h204;  // rw, DMA window 0
  parameter logic [31:0] RegWindow0BaseHiReset = 32'h00000000;
  parameter logic [11:0] RegWindow0LimitLoOffset = 12'h208;  // rw, DMA window 0: one past the last byte
  parameter logic [31:0] RegWindow0LimitLoReset = 32'h00000000;
  parameter logic [11:0] RegWindow0LimitHiOffset = 12'h20c;  // rw, DMA window 0
  parameter logic [31:0] RegWindow0LimitHiReset = 32'h00000000;
  parameter logic [11:0] RegWindow0FlagsOffset = 12'h210;  // rw, DMA window 0
  parameter logic [31:0] RegWindow0FlagsReset = 32'h00000000;
  parameter logic [31:0] RegWindow0FlagsReadLsb = 0;
  parameter logic [31:0] RegWindow0FlagsReadWidth = 1;
  parameter logic [31:0] RegWindow0FlagsWriteLsb = 1;
  parameter logic [31:0] RegWindow0FlagsWriteWidth = 1;
  parameter logic [11:0] RegWindow1BaseLoOffset = 12'h220;  // rw, DMA window 1: first byte
  parameter logic [31:0] RegWindow1BaseLoReset = 32'h00000000;
  parameter logic [11:0] RegWindow1BaseHiOffset = 12'h224;  // rw, DMA window 1
  parameter logic [31:0] RegWindow1BaseHiReset = 32'h00000000;
  parameter logic [11:0] RegWindow1LimitLoOffset = 12'h228;  // rw, DMA window 1: one past the last byte
  parameter logic [31:0] RegWindow1LimitLoReset = 32'h00000000;
  parameter logic [11:0] RegWindow1LimitHiOffset = 12'h22c;  // rw, DMA window 1
  parameter logic [31:0] RegWindow1LimitHiReset = 32'h00000000;
  parameter logic [11:0] RegWindow1FlagsOffset = 12'h230;  // rw, DMA window 1
  parameter logic [31:0] RegWindow1FlagsReset = 32'h00000000;
  parameter logic [31:0] RegWindow1FlagsReadLsb = 0;
  parameter logic [31:0] RegWindow1FlagsReadWidth = 1;
  parameter logic [31:0] RegWindow1FlagsWriteLsb = 1;
  parameter logic [31:0] RegWindow1FlagsWriteWidth = 1;
  parameter logic [11:0] RegPerfCyclesLoOffset = 12'h300;  // ro, cycles since reset
  parameter logic [11:0] RegPerfCyclesHiOffset = 12'h304;  // ro, reading _lo latches _hi, for every counter
  parameter logic [11:0] RegPerfMacsLoOffset = 12'h308;  // ro, multiply-accumulates of useful rows and columns
  parameter logic [11:0] RegPerfMacsHiOffset = 12'h30c;  // ro
  parameter logic [11:0] RegPerfDramReadLoOffset = 12'h310;  // ro, bytes read from device memory by load, whole bursts
  parameter logic [11:0] RegPerfDramReadHiOffset = 12'h314;  // ro
  parameter logic [11:0] RegPerfDramWriteLoOffset = 12'h318;  // ro, bytes written to device memory by store, whole bursts
  parameter logic [11:0] RegPerfDramWriteHiOffset = 12'h31c;  // ro
  parameter logic [11:0] RegPerfCommandsLoOffset = 12'h320;  // ro, commands completed
  parameter logic [11:0] RegPerfCommandsHiOffset = 12'h324;  // ro
  parameter logic [11:0] RegPerfOverflowLoOffset = 12'h328;  // ro, i32 additions in the accumulators that wrapped
  parameter logic [11:0] RegPerfOverflowHiOffset = 12'h32c;  // ro
  parameter logic [11:0] RegPerfStartLoOffset = 12'h330;  // ro, cycles since reset when the write was made that ended the last idle time
  parameter logic [11:0] RegPerfStartHiOffset = 12'h334;  // ro

  typedef logic [1023:0] descriptor_t;

  // Header of every command
  typedef struct packed {
    logic signed [31:0] inc_c_2;
    logic signed [31:0] inc_b_2;
    logic signed [31:0] inc_a_2;
    logic signed [31:0] inc_c_1;
    logic signed [31:0] inc_b_1;
    logic signed [31:0] inc_a_1;
    logic signed [31:0] inc_c_0;
    logic signed [31:0] inc_b_0;
    logic signed [31:0] inc_a_0;
    logic [15:0] reserved0;
    logic [7:0] core;
    logic [1:0] signal1_scope;
    logic [1:0] signal0_scope;
    logic [1:0] wait1_scope;
    logic [1:0] wait0_scope;
    logic [7:0] signal1_count;
    logic [7:0] signal1_id;
    logic [7:0] signal0_count;
    logic [7:0] signal0_id;
    logic [7:0] wait1_count;
    logic [7:0] wait1_id;
    logic [7:0] wait0_count;
    logic [7:0] wait0_id;
    logic [15:0] tag;
    logic [7:0] reserved1;
    logic [7:0] opcode;
  } header_t;

  // nop (control engine): Nothing.
  typedef struct packed {
    logic [607:0] reserved0;
    header_t header;
  } nop_t;
  parameter descriptor_t NopUsed = 1024'h00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // load (load engine): 4-D strided copy from device memory to scratchpad or accumulator, with padding. Addresses: a dram, b local.
  typedef struct packed {
    logic [69:0] reserved0;
    logic [0:0] far_;
    logic [0:0] transpose;
    logic [7:0] group_scale;
    logic [7:0] sparsity;
    logic [7:0] dtype_pair;
    logic [28:0] reserved1;
    logic [2:0] pad_bytes;
    logic [31:0] pad_pattern;
    logic [15:0] pad1_after;
    logic [15:0] pad1_before;
    logic [15:0] pad0_after;
    logic [15:0] pad0_before;
    logic signed [31:0] local_stride2;
    logic signed [31:0] local_stride1;
    logic signed [31:0] local_stride0;
    logic signed [31:0] dram_stride2;
    logic signed [31:0] dram_stride1;
    logic signed [31:0] dram_stride0;
    logic [14:0] reserved2;
    logic [0:0] space;
    logic [15:0] n2;
    logic [15:0] n1;
    logic [15:0] n0;
    logic [31:0] row_bytes;
    logic [31:0] local_addr;
    logic [63:0] dram_addr;
    header_t header;
  } load_t;
  parameter descriptor_t LoadUsed = 1024'h00000000_00000000_03ffffff_00000007_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0001ffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // store (store engine): The same from scratchpad or accumulator to device memory; the padding fields are zero. Addresses: a dram, b local.
  typedef struct packed {
    logic [69:0] reserved0;
    logic [0:0] far_;
    logic [0:0] transpose;
    logic [7:0] group_scale;
    logic [7:0] sparsity;
    logic [7:0] dtype_pair;
    logic [28:0] reserved1;
    logic [2:0] pad_bytes;
    logic [31:0] pad_pattern;
    logic [15:0] pad1_after;
    logic [15:0] pad1_before;
    logic [15:0] pad0_after;
    logic [15:0] pad0_before;
    logic signed [31:0] local_stride2;
    logic signed [31:0] local_stride1;
    logic signed [31:0] local_stride0;
    logic signed [31:0] dram_stride2;
    logic signed [31:0] dram_stride1;
    logic signed [31:0] dram_stride0;
    logic [14:0] reserved2;
    logic [0:0] space;
    logic [15:0] n2;
    logic [15:0] n1;
    logic [15:0] n0;
    logic [31:0] row_bytes;
    logic [31:0] local_addr;
    logic [63:0] dram_addr;
    header_t header;
  } store_t;
  parameter descriptor_t StoreUsed = 1024'h00000000_00000000_03ffffff_00000007_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0001ffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // preload (preload engine): Fill the shadow weights of the array, or pass a matrix down its columns. Addresses: a scratchpad.
  typedef struct packed {
    logic [463:0] reserved0;
    logic signed [15:0] zero_point;
    logic [13:0] reserved1;
    logic [1:0] weights;
    logic [7:0] sparsity;
    logic [1:0] reserved2;
    logic [1:0] dataflow;
    logic [3:0] dtype;
    logic [31:0] row_stride;
    logic [15:0] cols;
    logic [15:0] rows;
    logic [31:0] addr;
    header_t header;
  } preload_t;
  parameter descriptor_t PreloadUsed = 1024'h00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_0000ffff_0003ff3f_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // compute (compute engine): Stream vectors through the array into the accumulators. Addresses: a scratchpad (bytes), b accumulator (rows).
  typedef struct packed {
    logic [175:0] reserved0;
    logic signed [15:0] zero_point;
    logic [23:0] reserved1;
    logic [0:0] swap;
    logic [0:0] accumulate;
    logic [1:0] dataflow;
    logic [3:0] dtype;
    logic signed [31:0] kh_stride;
    logic signed [31:0] kw_stride;
    logic [15:0] kw0;
    logic [15:0] c0;
    logic [15:0] k_w;
    logic [15:0] k_c;
    logic [15:0] cols;
    logic [15:0] rows;
    logic signed [31:0] stride2;
    logic signed [31:0] stride1;
    logic signed [31:0] stride0;
    logic [15:0] acc_stride;
    logic [15:0] m2;
    logic [15:0] m1;
    logic [15:0] m0;
    logic [31:0] acc_row;
    logic [31:0] addr;
    header_t header;
  } compute_t;
  parameter descriptor_t ComputeUsed = 1024'h00000000_00000000_00000000_00000000_00000000_0000ffff_000000ff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // vector (vector engine): A chain of the vector engine. Addresses: a source, b destination, c operand B, the parameters or both.
  typedef struct packed {
    logic [2:0] reserved0;
    logic [1:0] c_steps;
    logic signed [8:0] d_zero;
    logic signed [8:0] b_zero;
    logic signed [8:0] a_zero;
    logic [31:0] clip_hi;
    logic [31:0] clip_lo;
    logic [31:0] param_addr;
    logic [10:0] reserved1;
    logic [1:0] reduce;
    logic [4:0] function_;
    logic [0:0] d_space;
    logic [0:0] a_space;
    logic [3:0] d_dtype;
    logic [3:0] b_dtype;
    logic [3:0] a_dtype;
    logic signed [31:0] win_stride1;
    logic signed [31:0] win_stride0;
    logic [6:0] reserved2;
    logic [1:0] requant;
    logic [1:0] activation;
    logic [2:0] binary;
    logic [1:0] window;
    logic [7:0] win_kw;
    logic [7:0] win_kh;
    logic signed [31:0] b_stride1;
    logic signed [31:0] b_stride0;
    logic signed [31:0] d_stride1;
    logic signed [31:0] d_stride0;
    logic signed [31:0] a_stride1;
    logic signed [31:0] a_stride0;
    logic [10:0] reserved3;
    logic [0:0] out_scaled;
    logic [0:0] b_scaled;
    logic [0:0] b_broadcast;
    logic [0:0] scalar_params;
    logic [0:0] bias;
    logic [15:0] n1;
    logic [15:0] n0;
    logic [15:0] channels;
    logic [31:0] b_addr;
    logic [31:0] dst_addr;
    logic [31:0] src_addr;
    header_t header;
  } vector_t;
  parameter descriptor_t VectorUsed = 1024'h1fffffff_ffffffff_ffffffff_ffffffff_001fffff_ffffffff_ffffffff_01ffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_001fffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // repeat (control engine): Repeat the following descriptors, adding inc_X_level to their addresses at each iteration.
  typedef struct packed {
    logic [557:0] reserved0;
    logic [1:0] level;
    logic [15:0] body;
    logic [31:0] count;
    header_t header;
  } repeat_t;
  parameter descriptor_t RepeatUsed = 1024'h00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_0003ffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // fence (control engine): Drain, then publish the sequence; optionally write a record to device memory and raise the interrupt. Address: a record.
  typedef struct packed {
    logic [478:0] reserved0;
    logic [0:0] irq;
    logic [63:0] record_addr;
    logic [63:0] sequence_;
    header_t header;
  } fence_t;
  parameter descriptor_t FenceUsed = 1024'h00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000001_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

  // sem (control engine): Set, add to or subtract from a semaphore at once (at dispatch).
  typedef struct packed {
    logic [589:0] reserved0;
    logic [1:0] op;
    logic [7:0] value;
    logic [7:0] id;
    header_t header;
  } sem_t;
  parameter descriptor_t SemUsed = 1024'h00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_00000000_0003ffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_0000ffff_ffffffff_ffffffff_ffff00ff;

endpackage
// verilator lint_on UNUSEDPARAM

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GENERATED from configs/contract/npu.yaml - do not edit. Regenerate: contract_gen configs/contract/npu.yaml .
// Contract hash: 0x680fa2b3a0a061d3
// Registers: offset in bytes, lsb and width of fields. Commands: word, lsb and width; 64-bit fields take two words.
// verilator lint_off UNUSEDPARAM
package npu_contract_pkg;

  parameter logic [63:0] ContractHash = 64'h680fa2b3a0a061d3;
  parameter logic [31:0] ContractVersion = 32'h00000001;
  parameter int unsigned DescriptorWords = 32;

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
  parameter logic [31:0] RegIdReset = 32'ha0a061d3;
  parameter logic [11:0] RegIdHiOffset = 12'h004;  // ro, contract hash, high 32 bits
  parameter logic [31:0] RegIdHiReset = 32'h680fa2b3;
  parameter logic [11:0] RegVersionOffset = 12'h008;  // ro, contract version
  parameter logic [31:0] RegVersionReset = 32'h00000001;
  parameter logic [11:0] RegCapArrayOffset = 12'h010;  // ro, systolic array
  parameter int unsigned RegCapArrayRowsLsb = 0;
  parameter int unsigned RegCapArrayRowsWidth = 16;
  parameter int unsigned RegCapArrayColsLsb = 16;
  parameter int unsigned RegCapArrayColsWidth = 16;
  parameter logic [11:0] RegCapScratchpadOffset = 12'h014;  // ro, scratchpad size in KiB
  parameter logic [11:0] RegCapAccumulatorOffset = 12'h018;  // ro, accumulator rows (cols x 4 bytes each)
  parameter logic [11:0] RegCapVectorOffset = 12'h01c;  // ro, vector lanes
  parameter logic [11:0] RegCapSemaphoresOffset = 12'h020;  // ro, semaphores a core
  parameter logic [11:0] RegCapDtypesOffset = 12'h024;  // ro, bit n: dtype n can be multiplied by the array
  parameter logic [11:0] RegCapQueuesOffset = 12'h028;  // ro, engine queue depths
  parameter int unsigned RegCapQueuesLoadLsb = 0;
  parameter int unsigned RegCapQueuesLoadWidth = 6;
  parameter int unsigned RegCapQueuesStoreLsb = 6;
  parameter int unsigned RegCapQueuesStoreWidth = 6;
  parameter int unsigned RegCapQueuesPreloadLsb = 12;
  parameter int unsigned RegCapQueuesPreloadWidth = 6;
  parameter int unsigned RegCapQueuesComputeLsb = 18;
  parameter int unsigned RegCapQueuesComputeWidth = 6;
  parameter int unsigned RegCapQueuesVectorLsb = 24;
  parameter int unsigned RegCapQueuesVectorWidth = 6;
  parameter logic [11:0] RegCapLoopOffset = 12'h02c;  // ro, loop buffer, descriptors
  parameter logic [11:0] RegCapDramLoOffset = 12'h030;  // ro, device memory bytes
  parameter logic [11:0] RegCapDramHiOffset = 12'h034;  // ro, device memory bytes
  parameter logic [11:0] RegCapClockOffset = 12'h038;  // ro, core clock in kHz
  parameter logic [11:0] RegCapCoresOffset = 12'h03c;  // ro, cores and rings
  parameter int unsigned RegCapCoresCoresLsb = 0;
  parameter int unsigned RegCapCoresCoresWidth = 8;
  parameter int unsigned RegCapCoresRingsLsb = 8;
  parameter int unsigned RegCapCoresRingsWidth = 8;
  parameter logic [11:0] RegCtrlOffset = 12'h080;  // rw, control
  parameter logic [31:0] RegCtrlReset = 32'h00000000;
  parameter int unsigned RegCtrlEnableLsb = 0;
  parameter int unsigned RegCtrlEnableWidth = 1;
  parameter int unsigned RegCtrlResetLsb = 1;
  parameter int unsigned RegCtrlResetWidth = 1;
  parameter int unsigned RegCtrlHaltLsb = 2;
  parameter int unsigned RegCtrlHaltWidth = 1;
  parameter int unsigned RegCtrlStepLsb = 3;
  parameter int unsigned RegCtrlStepWidth = 1;
  parameter logic [11:0] RegStatusOffset = 12'h084;  // ro, state
  parameter int unsigned RegStatusBusyLsb = 0;
  parameter int unsigned RegStatusBusyWidth = 1;
  parameter int unsigned RegStatusHaltedLsb = 1;
  parameter int unsigned RegStatusHaltedWidth = 1;
  parameter int unsigned RegStatusErrorLsb = 2;
  parameter int unsigned RegStatusErrorWidth = 1;
  parameter logic [11:0] RegIrqStatusOffset = 12'h088;  // w1c, interrupt causes
  parameter logic [31:0] RegIrqStatusReset = 32'h00000000;
  parameter int unsigned RegIrqStatusFenceLsb = 0;
  parameter int unsigned RegIrqStatusFenceWidth = 1;
  parameter int unsigned RegIrqStatusErrorLsb = 1;
  parameter int unsigned RegIrqStatusErrorWidth = 1;
  parameter logic [11:0] RegIrqEnableOffset = 12'h08c;  // rw, interrupt line = irq_status and irq_enable
  parameter logic [31:0] RegIrqEnableReset = 32'h00000000;
  parameter int unsigned RegIrqEnableFenceLsb = 0;
  parameter int unsigned RegIrqEnableFenceWidth = 1;
  parameter int unsigned RegIrqEnableErrorLsb = 1;
  parameter int unsigned RegIrqEnableErrorWidth = 1;
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
  parameter int unsigned RegWindow0FlagsReadLsb = 0;
  parameter int unsigned RegWindow0FlagsReadWidth = 1;
  parameter int unsigned RegWindow0FlagsWriteLsb = 1;
  parameter int unsigned RegWindow0FlagsWriteWidth = 1;
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
  parameter int unsigned RegWindow1FlagsReadLsb = 0;
  parameter int unsigned RegWindow1FlagsReadWidth = 1;
  parameter int unsigned RegWindow1FlagsWriteLsb = 1;
  parameter int unsigned RegWindow1FlagsWriteWidth = 1;
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

  // Header of every command
  parameter int unsigned HeaderOpcodeWord = 0;
  parameter int unsigned HeaderOpcodeLsb = 0;
  parameter int unsigned HeaderOpcodeWidth = 8;
  parameter int unsigned HeaderTagWord = 0;
  parameter int unsigned HeaderTagLsb = 16;
  parameter int unsigned HeaderTagWidth = 16;
  parameter int unsigned HeaderWait0IdWord = 1;
  parameter int unsigned HeaderWait0IdLsb = 0;
  parameter int unsigned HeaderWait0IdWidth = 8;
  parameter int unsigned HeaderWait0CountWord = 1;
  parameter int unsigned HeaderWait0CountLsb = 8;
  parameter int unsigned HeaderWait0CountWidth = 8;
  parameter int unsigned HeaderWait1IdWord = 1;
  parameter int unsigned HeaderWait1IdLsb = 16;
  parameter int unsigned HeaderWait1IdWidth = 8;
  parameter int unsigned HeaderWait1CountWord = 1;
  parameter int unsigned HeaderWait1CountLsb = 24;
  parameter int unsigned HeaderWait1CountWidth = 8;
  parameter int unsigned HeaderSignal0IdWord = 2;
  parameter int unsigned HeaderSignal0IdLsb = 0;
  parameter int unsigned HeaderSignal0IdWidth = 8;
  parameter int unsigned HeaderSignal0CountWord = 2;
  parameter int unsigned HeaderSignal0CountLsb = 8;
  parameter int unsigned HeaderSignal0CountWidth = 8;
  parameter int unsigned HeaderSignal1IdWord = 2;
  parameter int unsigned HeaderSignal1IdLsb = 16;
  parameter int unsigned HeaderSignal1IdWidth = 8;
  parameter int unsigned HeaderSignal1CountWord = 2;
  parameter int unsigned HeaderSignal1CountLsb = 24;
  parameter int unsigned HeaderSignal1CountWidth = 8;
  parameter int unsigned HeaderWait0ScopeWord = 3;
  parameter int unsigned HeaderWait0ScopeLsb = 0;
  parameter int unsigned HeaderWait0ScopeWidth = 2;
  parameter int unsigned HeaderWait1ScopeWord = 3;
  parameter int unsigned HeaderWait1ScopeLsb = 2;
  parameter int unsigned HeaderWait1ScopeWidth = 2;
  parameter int unsigned HeaderSignal0ScopeWord = 3;
  parameter int unsigned HeaderSignal0ScopeLsb = 4;
  parameter int unsigned HeaderSignal0ScopeWidth = 2;
  parameter int unsigned HeaderSignal1ScopeWord = 3;
  parameter int unsigned HeaderSignal1ScopeLsb = 6;
  parameter int unsigned HeaderSignal1ScopeWidth = 2;
  parameter int unsigned HeaderCoreWord = 3;
  parameter int unsigned HeaderCoreLsb = 8;
  parameter int unsigned HeaderCoreWidth = 8;
  parameter int unsigned HeaderIncA0Word = 4;
  parameter int unsigned HeaderIncA0Lsb = 0;
  parameter int unsigned HeaderIncA0Width = 32;
  parameter int unsigned HeaderIncB0Word = 5;
  parameter int unsigned HeaderIncB0Lsb = 0;
  parameter int unsigned HeaderIncB0Width = 32;
  parameter int unsigned HeaderIncC0Word = 6;
  parameter int unsigned HeaderIncC0Lsb = 0;
  parameter int unsigned HeaderIncC0Width = 32;
  parameter int unsigned HeaderIncA1Word = 7;
  parameter int unsigned HeaderIncA1Lsb = 0;
  parameter int unsigned HeaderIncA1Width = 32;
  parameter int unsigned HeaderIncB1Word = 8;
  parameter int unsigned HeaderIncB1Lsb = 0;
  parameter int unsigned HeaderIncB1Width = 32;
  parameter int unsigned HeaderIncC1Word = 9;
  parameter int unsigned HeaderIncC1Lsb = 0;
  parameter int unsigned HeaderIncC1Width = 32;
  parameter int unsigned HeaderIncA2Word = 10;
  parameter int unsigned HeaderIncA2Lsb = 0;
  parameter int unsigned HeaderIncA2Width = 32;
  parameter int unsigned HeaderIncB2Word = 11;
  parameter int unsigned HeaderIncB2Lsb = 0;
  parameter int unsigned HeaderIncB2Width = 32;
  parameter int unsigned HeaderIncC2Word = 12;
  parameter int unsigned HeaderIncC2Lsb = 0;
  parameter int unsigned HeaderIncC2Width = 32;

  // nop (control engine): Nothing.

  // load (load engine): 4-D strided copy from device memory to scratchpad or accumulator, with padding. Addresses: a dram, b local.
  parameter int unsigned LoadDramAddrWord = 13;
  parameter int unsigned LoadDramAddrLsb = 0;
  parameter int unsigned LoadDramAddrWidth = 64;
  parameter int unsigned LoadLocalAddrWord = 15;
  parameter int unsigned LoadLocalAddrLsb = 0;
  parameter int unsigned LoadLocalAddrWidth = 32;
  parameter int unsigned LoadRowBytesWord = 16;
  parameter int unsigned LoadRowBytesLsb = 0;
  parameter int unsigned LoadRowBytesWidth = 32;
  parameter int unsigned LoadN0Word = 17;
  parameter int unsigned LoadN0Lsb = 0;
  parameter int unsigned LoadN0Width = 16;
  parameter int unsigned LoadN1Word = 17;
  parameter int unsigned LoadN1Lsb = 16;
  parameter int unsigned LoadN1Width = 16;
  parameter int unsigned LoadN2Word = 18;
  parameter int unsigned LoadN2Lsb = 0;
  parameter int unsigned LoadN2Width = 16;
  parameter int unsigned LoadSpaceWord = 18;
  parameter int unsigned LoadSpaceLsb = 16;
  parameter int unsigned LoadSpaceWidth = 1;
  parameter int unsigned LoadDramStride0Word = 19;
  parameter int unsigned LoadDramStride0Lsb = 0;
  parameter int unsigned LoadDramStride0Width = 32;
  parameter int unsigned LoadDramStride1Word = 20;
  parameter int unsigned LoadDramStride1Lsb = 0;
  parameter int unsigned LoadDramStride1Width = 32;
  parameter int unsigned LoadDramStride2Word = 21;
  parameter int unsigned LoadDramStride2Lsb = 0;
  parameter int unsigned LoadDramStride2Width = 32;
  parameter int unsigned LoadLocalStride0Word = 22;
  parameter int unsigned LoadLocalStride0Lsb = 0;
  parameter int unsigned LoadLocalStride0Width = 32;
  parameter int unsigned LoadLocalStride1Word = 23;
  parameter int unsigned LoadLocalStride1Lsb = 0;
  parameter int unsigned LoadLocalStride1Width = 32;
  parameter int unsigned LoadLocalStride2Word = 24;
  parameter int unsigned LoadLocalStride2Lsb = 0;
  parameter int unsigned LoadLocalStride2Width = 32;
  parameter int unsigned LoadPad0BeforeWord = 25;
  parameter int unsigned LoadPad0BeforeLsb = 0;
  parameter int unsigned LoadPad0BeforeWidth = 16;
  parameter int unsigned LoadPad0AfterWord = 25;
  parameter int unsigned LoadPad0AfterLsb = 16;
  parameter int unsigned LoadPad0AfterWidth = 16;
  parameter int unsigned LoadPad1BeforeWord = 26;
  parameter int unsigned LoadPad1BeforeLsb = 0;
  parameter int unsigned LoadPad1BeforeWidth = 16;
  parameter int unsigned LoadPad1AfterWord = 26;
  parameter int unsigned LoadPad1AfterLsb = 16;
  parameter int unsigned LoadPad1AfterWidth = 16;
  parameter int unsigned LoadPadPatternWord = 27;
  parameter int unsigned LoadPadPatternLsb = 0;
  parameter int unsigned LoadPadPatternWidth = 32;
  parameter int unsigned LoadPadBytesWord = 28;
  parameter int unsigned LoadPadBytesLsb = 0;
  parameter int unsigned LoadPadBytesWidth = 3;
  parameter int unsigned LoadDtypePairWord = 29;
  parameter int unsigned LoadDtypePairLsb = 0;
  parameter int unsigned LoadDtypePairWidth = 8;
  parameter int unsigned LoadSparsityWord = 29;
  parameter int unsigned LoadSparsityLsb = 8;
  parameter int unsigned LoadSparsityWidth = 8;
  parameter int unsigned LoadGroupScaleWord = 29;
  parameter int unsigned LoadGroupScaleLsb = 16;
  parameter int unsigned LoadGroupScaleWidth = 8;
  parameter int unsigned LoadTransposeWord = 29;
  parameter int unsigned LoadTransposeLsb = 24;
  parameter int unsigned LoadTransposeWidth = 1;
  parameter int unsigned LoadFarWord = 29;
  parameter int unsigned LoadFarLsb = 25;
  parameter int unsigned LoadFarWidth = 1;

  // store (store engine): The same from scratchpad or accumulator to device memory; the padding fields are zero. Addresses: a dram, b local.
  parameter int unsigned StoreDramAddrWord = 13;
  parameter int unsigned StoreDramAddrLsb = 0;
  parameter int unsigned StoreDramAddrWidth = 64;
  parameter int unsigned StoreLocalAddrWord = 15;
  parameter int unsigned StoreLocalAddrLsb = 0;
  parameter int unsigned StoreLocalAddrWidth = 32;
  parameter int unsigned StoreRowBytesWord = 16;
  parameter int unsigned StoreRowBytesLsb = 0;
  parameter int unsigned StoreRowBytesWidth = 32;
  parameter int unsigned StoreN0Word = 17;
  parameter int unsigned StoreN0Lsb = 0;
  parameter int unsigned StoreN0Width = 16;
  parameter int unsigned StoreN1Word = 17;
  parameter int unsigned StoreN1Lsb = 16;
  parameter int unsigned StoreN1Width = 16;
  parameter int unsigned StoreN2Word = 18;
  parameter int unsigned StoreN2Lsb = 0;
  parameter int unsigned StoreN2Width = 16;
  parameter int unsigned StoreSpaceWord = 18;
  parameter int unsigned StoreSpaceLsb = 16;
  parameter int unsigned StoreSpaceWidth = 1;
  parameter int unsigned StoreDramStride0Word = 19;
  parameter int unsigned StoreDramStride0Lsb = 0;
  parameter int unsigned StoreDramStride0Width = 32;
  parameter int unsigned StoreDramStride1Word = 20;
  parameter int unsigned StoreDramStride1Lsb = 0;
  parameter int unsigned StoreDramStride1Width = 32;
  parameter int unsigned StoreDramStride2Word = 21;
  parameter int unsigned StoreDramStride2Lsb = 0;
  parameter int unsigned StoreDramStride2Width = 32;
  parameter int unsigned StoreLocalStride0Word = 22;
  parameter int unsigned StoreLocalStride0Lsb = 0;
  parameter int unsigned StoreLocalStride0Width = 32;
  parameter int unsigned StoreLocalStride1Word = 23;
  parameter int unsigned StoreLocalStride1Lsb = 0;
  parameter int unsigned StoreLocalStride1Width = 32;
  parameter int unsigned StoreLocalStride2Word = 24;
  parameter int unsigned StoreLocalStride2Lsb = 0;
  parameter int unsigned StoreLocalStride2Width = 32;
  parameter int unsigned StorePad0BeforeWord = 25;
  parameter int unsigned StorePad0BeforeLsb = 0;
  parameter int unsigned StorePad0BeforeWidth = 16;
  parameter int unsigned StorePad0AfterWord = 25;
  parameter int unsigned StorePad0AfterLsb = 16;
  parameter int unsigned StorePad0AfterWidth = 16;
  parameter int unsigned StorePad1BeforeWord = 26;
  parameter int unsigned StorePad1BeforeLsb = 0;
  parameter int unsigned StorePad1BeforeWidth = 16;
  parameter int unsigned StorePad1AfterWord = 26;
  parameter int unsigned StorePad1AfterLsb = 16;
  parameter int unsigned StorePad1AfterWidth = 16;
  parameter int unsigned StorePadPatternWord = 27;
  parameter int unsigned StorePadPatternLsb = 0;
  parameter int unsigned StorePadPatternWidth = 32;
  parameter int unsigned StorePadBytesWord = 28;
  parameter int unsigned StorePadBytesLsb = 0;
  parameter int unsigned StorePadBytesWidth = 3;
  parameter int unsigned StoreDtypePairWord = 29;
  parameter int unsigned StoreDtypePairLsb = 0;
  parameter int unsigned StoreDtypePairWidth = 8;
  parameter int unsigned StoreSparsityWord = 29;
  parameter int unsigned StoreSparsityLsb = 8;
  parameter int unsigned StoreSparsityWidth = 8;
  parameter int unsigned StoreGroupScaleWord = 29;
  parameter int unsigned StoreGroupScaleLsb = 16;
  parameter int unsigned StoreGroupScaleWidth = 8;
  parameter int unsigned StoreTransposeWord = 29;
  parameter int unsigned StoreTransposeLsb = 24;
  parameter int unsigned StoreTransposeWidth = 1;
  parameter int unsigned StoreFarWord = 29;
  parameter int unsigned StoreFarLsb = 25;
  parameter int unsigned StoreFarWidth = 1;

  // preload (preload engine): Fill the shadow weights of the array. Addresses: a scratchpad.
  parameter int unsigned PreloadAddrWord = 13;
  parameter int unsigned PreloadAddrLsb = 0;
  parameter int unsigned PreloadAddrWidth = 32;
  parameter int unsigned PreloadRowsWord = 14;
  parameter int unsigned PreloadRowsLsb = 0;
  parameter int unsigned PreloadRowsWidth = 16;
  parameter int unsigned PreloadColsWord = 14;
  parameter int unsigned PreloadColsLsb = 16;
  parameter int unsigned PreloadColsWidth = 16;
  parameter int unsigned PreloadRowStrideWord = 15;
  parameter int unsigned PreloadRowStrideLsb = 0;
  parameter int unsigned PreloadRowStrideWidth = 32;
  parameter int unsigned PreloadDtypeWord = 16;
  parameter int unsigned PreloadDtypeLsb = 0;
  parameter int unsigned PreloadDtypeWidth = 4;
  parameter int unsigned PreloadDataflowWord = 16;
  parameter int unsigned PreloadDataflowLsb = 4;
  parameter int unsigned PreloadDataflowWidth = 2;
  parameter int unsigned PreloadSparsityWord = 16;
  parameter int unsigned PreloadSparsityLsb = 8;
  parameter int unsigned PreloadSparsityWidth = 8;
  parameter int unsigned PreloadZeroPointWord = 17;
  parameter int unsigned PreloadZeroPointLsb = 0;
  parameter int unsigned PreloadZeroPointWidth = 16;

  // compute (compute engine): Stream vectors through the array into the accumulators. Addresses: a scratchpad (bytes), b accumulator (rows).
  parameter int unsigned ComputeAddrWord = 13;
  parameter int unsigned ComputeAddrLsb = 0;
  parameter int unsigned ComputeAddrWidth = 32;
  parameter int unsigned ComputeAccRowWord = 14;
  parameter int unsigned ComputeAccRowLsb = 0;
  parameter int unsigned ComputeAccRowWidth = 32;
  parameter int unsigned ComputeM0Word = 15;
  parameter int unsigned ComputeM0Lsb = 0;
  parameter int unsigned ComputeM0Width = 16;
  parameter int unsigned ComputeM1Word = 15;
  parameter int unsigned ComputeM1Lsb = 16;
  parameter int unsigned ComputeM1Width = 16;
  parameter int unsigned ComputeM2Word = 16;
  parameter int unsigned ComputeM2Lsb = 0;
  parameter int unsigned ComputeM2Width = 16;
  parameter int unsigned ComputeAccStrideWord = 16;
  parameter int unsigned ComputeAccStrideLsb = 16;
  parameter int unsigned ComputeAccStrideWidth = 16;
  parameter int unsigned ComputeStride0Word = 17;
  parameter int unsigned ComputeStride0Lsb = 0;
  parameter int unsigned ComputeStride0Width = 32;
  parameter int unsigned ComputeStride1Word = 18;
  parameter int unsigned ComputeStride1Lsb = 0;
  parameter int unsigned ComputeStride1Width = 32;
  parameter int unsigned ComputeStride2Word = 19;
  parameter int unsigned ComputeStride2Lsb = 0;
  parameter int unsigned ComputeStride2Width = 32;
  parameter int unsigned ComputeRowsWord = 20;
  parameter int unsigned ComputeRowsLsb = 0;
  parameter int unsigned ComputeRowsWidth = 16;
  parameter int unsigned ComputeColsWord = 20;
  parameter int unsigned ComputeColsLsb = 16;
  parameter int unsigned ComputeColsWidth = 16;
  parameter int unsigned ComputeKCWord = 21;
  parameter int unsigned ComputeKCLsb = 0;
  parameter int unsigned ComputeKCWidth = 16;
  parameter int unsigned ComputeKWWord = 21;
  parameter int unsigned ComputeKWLsb = 16;
  parameter int unsigned ComputeKWWidth = 16;
  parameter int unsigned ComputeC0Word = 22;
  parameter int unsigned ComputeC0Lsb = 0;
  parameter int unsigned ComputeC0Width = 16;
  parameter int unsigned ComputeKw0Word = 22;
  parameter int unsigned ComputeKw0Lsb = 16;
  parameter int unsigned ComputeKw0Width = 16;
  parameter int unsigned ComputeKwStrideWord = 23;
  parameter int unsigned ComputeKwStrideLsb = 0;
  parameter int unsigned ComputeKwStrideWidth = 32;
  parameter int unsigned ComputeKhStrideWord = 24;
  parameter int unsigned ComputeKhStrideLsb = 0;
  parameter int unsigned ComputeKhStrideWidth = 32;
  parameter int unsigned ComputeDtypeWord = 25;
  parameter int unsigned ComputeDtypeLsb = 0;
  parameter int unsigned ComputeDtypeWidth = 4;
  parameter int unsigned ComputeDataflowWord = 25;
  parameter int unsigned ComputeDataflowLsb = 4;
  parameter int unsigned ComputeDataflowWidth = 2;
  parameter int unsigned ComputeAccumulateWord = 25;
  parameter int unsigned ComputeAccumulateLsb = 6;
  parameter int unsigned ComputeAccumulateWidth = 1;
  parameter int unsigned ComputeSwapWord = 25;
  parameter int unsigned ComputeSwapLsb = 7;
  parameter int unsigned ComputeSwapWidth = 1;
  parameter int unsigned ComputeZeroPointWord = 26;
  parameter int unsigned ComputeZeroPointLsb = 0;
  parameter int unsigned ComputeZeroPointWidth = 16;

  // vector (vector engine): A chain of the vector engine. Addresses: a source, b destination, c operand B.
  parameter int unsigned VectorSrcAddrWord = 13;
  parameter int unsigned VectorSrcAddrLsb = 0;
  parameter int unsigned VectorSrcAddrWidth = 32;
  parameter int unsigned VectorDstAddrWord = 14;
  parameter int unsigned VectorDstAddrLsb = 0;
  parameter int unsigned VectorDstAddrWidth = 32;
  parameter int unsigned VectorBAddrWord = 15;
  parameter int unsigned VectorBAddrLsb = 0;
  parameter int unsigned VectorBAddrWidth = 32;
  parameter int unsigned VectorChannelsWord = 16;
  parameter int unsigned VectorChannelsLsb = 0;
  parameter int unsigned VectorChannelsWidth = 16;
  parameter int unsigned VectorN0Word = 16;
  parameter int unsigned VectorN0Lsb = 16;
  parameter int unsigned VectorN0Width = 16;
  parameter int unsigned VectorN1Word = 17;
  parameter int unsigned VectorN1Lsb = 0;
  parameter int unsigned VectorN1Width = 16;
  parameter int unsigned VectorBiasWord = 17;
  parameter int unsigned VectorBiasLsb = 16;
  parameter int unsigned VectorBiasWidth = 1;
  parameter int unsigned VectorScalarParamsWord = 17;
  parameter int unsigned VectorScalarParamsLsb = 17;
  parameter int unsigned VectorScalarParamsWidth = 1;
  parameter int unsigned VectorBBroadcastWord = 17;
  parameter int unsigned VectorBBroadcastLsb = 18;
  parameter int unsigned VectorBBroadcastWidth = 1;
  parameter int unsigned VectorBScaledWord = 17;
  parameter int unsigned VectorBScaledLsb = 19;
  parameter int unsigned VectorBScaledWidth = 1;
  parameter int unsigned VectorOutScaledWord = 17;
  parameter int unsigned VectorOutScaledLsb = 20;
  parameter int unsigned VectorOutScaledWidth = 1;
  parameter int unsigned VectorAStride0Word = 18;
  parameter int unsigned VectorAStride0Lsb = 0;
  parameter int unsigned VectorAStride0Width = 32;
  parameter int unsigned VectorAStride1Word = 19;
  parameter int unsigned VectorAStride1Lsb = 0;
  parameter int unsigned VectorAStride1Width = 32;
  parameter int unsigned VectorDStride0Word = 20;
  parameter int unsigned VectorDStride0Lsb = 0;
  parameter int unsigned VectorDStride0Width = 32;
  parameter int unsigned VectorDStride1Word = 21;
  parameter int unsigned VectorDStride1Lsb = 0;
  parameter int unsigned VectorDStride1Width = 32;
  parameter int unsigned VectorBStride0Word = 22;
  parameter int unsigned VectorBStride0Lsb = 0;
  parameter int unsigned VectorBStride0Width = 32;
  parameter int unsigned VectorBStride1Word = 23;
  parameter int unsigned VectorBStride1Lsb = 0;
  parameter int unsigned VectorBStride1Width = 32;
  parameter int unsigned VectorWinKhWord = 24;
  parameter int unsigned VectorWinKhLsb = 0;
  parameter int unsigned VectorWinKhWidth = 8;
  parameter int unsigned VectorWinKwWord = 24;
  parameter int unsigned VectorWinKwLsb = 8;
  parameter int unsigned VectorWinKwWidth = 8;
  parameter int unsigned VectorWindowWord = 24;
  parameter int unsigned VectorWindowLsb = 16;
  parameter int unsigned VectorWindowWidth = 2;
  parameter int unsigned VectorBinaryWord = 24;
  parameter int unsigned VectorBinaryLsb = 18;
  parameter int unsigned VectorBinaryWidth = 3;
  parameter int unsigned VectorActivationWord = 24;
  parameter int unsigned VectorActivationLsb = 21;
  parameter int unsigned VectorActivationWidth = 2;
  parameter int unsigned VectorRequantWord = 24;
  parameter int unsigned VectorRequantLsb = 23;
  parameter int unsigned VectorRequantWidth = 2;
  parameter int unsigned VectorWinStride0Word = 25;
  parameter int unsigned VectorWinStride0Lsb = 0;
  parameter int unsigned VectorWinStride0Width = 32;
  parameter int unsigned VectorWinStride1Word = 26;
  parameter int unsigned VectorWinStride1Lsb = 0;
  parameter int unsigned VectorWinStride1Width = 32;
  parameter int unsigned VectorADtypeWord = 27;
  parameter int unsigned VectorADtypeLsb = 0;
  parameter int unsigned VectorADtypeWidth = 4;
  parameter int unsigned VectorBDtypeWord = 27;
  parameter int unsigned VectorBDtypeLsb = 4;
  parameter int unsigned VectorBDtypeWidth = 4;
  parameter int unsigned VectorDDtypeWord = 27;
  parameter int unsigned VectorDDtypeLsb = 8;
  parameter int unsigned VectorDDtypeWidth = 4;
  parameter int unsigned VectorASpaceWord = 27;
  parameter int unsigned VectorASpaceLsb = 12;
  parameter int unsigned VectorASpaceWidth = 1;
  parameter int unsigned VectorDSpaceWord = 27;
  parameter int unsigned VectorDSpaceLsb = 13;
  parameter int unsigned VectorDSpaceWidth = 1;
  parameter int unsigned VectorFunctionWord = 27;
  parameter int unsigned VectorFunctionLsb = 14;
  parameter int unsigned VectorFunctionWidth = 5;
  parameter int unsigned VectorReduceWord = 27;
  parameter int unsigned VectorReduceLsb = 19;
  parameter int unsigned VectorReduceWidth = 2;
  parameter int unsigned VectorParamAddrWord = 28;
  parameter int unsigned VectorParamAddrLsb = 0;
  parameter int unsigned VectorParamAddrWidth = 32;
  parameter int unsigned VectorClipLoWord = 29;
  parameter int unsigned VectorClipLoLsb = 0;
  parameter int unsigned VectorClipLoWidth = 32;
  parameter int unsigned VectorClipHiWord = 30;
  parameter int unsigned VectorClipHiLsb = 0;
  parameter int unsigned VectorClipHiWidth = 32;
  parameter int unsigned VectorAZeroWord = 31;
  parameter int unsigned VectorAZeroLsb = 0;
  parameter int unsigned VectorAZeroWidth = 9;
  parameter int unsigned VectorBZeroWord = 31;
  parameter int unsigned VectorBZeroLsb = 9;
  parameter int unsigned VectorBZeroWidth = 9;
  parameter int unsigned VectorDZeroWord = 31;
  parameter int unsigned VectorDZeroLsb = 18;
  parameter int unsigned VectorDZeroWidth = 9;

  // repeat (control engine): Repeat the following descriptors, adding inc_X_level to their addresses at each iteration.
  parameter int unsigned RepeatCountWord = 13;
  parameter int unsigned RepeatCountLsb = 0;
  parameter int unsigned RepeatCountWidth = 32;
  parameter int unsigned RepeatBodyWord = 14;
  parameter int unsigned RepeatBodyLsb = 0;
  parameter int unsigned RepeatBodyWidth = 16;
  parameter int unsigned RepeatLevelWord = 14;
  parameter int unsigned RepeatLevelLsb = 16;
  parameter int unsigned RepeatLevelWidth = 2;

  // fence (control engine): Drain, then publish the sequence; optionally write a record to device memory and raise the interrupt. Address: a record.
  parameter int unsigned FenceSequenceWord = 13;
  parameter int unsigned FenceSequenceLsb = 0;
  parameter int unsigned FenceSequenceWidth = 64;
  parameter int unsigned FenceRecordAddrWord = 15;
  parameter int unsigned FenceRecordAddrLsb = 0;
  parameter int unsigned FenceRecordAddrWidth = 64;
  parameter int unsigned FenceIrqWord = 17;
  parameter int unsigned FenceIrqLsb = 0;
  parameter int unsigned FenceIrqWidth = 1;

  // sem (control engine): Set, add to or subtract from a semaphore at once (at dispatch).
  parameter int unsigned SemIdWord = 13;
  parameter int unsigned SemIdLsb = 0;
  parameter int unsigned SemIdWidth = 8;
  parameter int unsigned SemValueWord = 13;
  parameter int unsigned SemValueLsb = 8;
  parameter int unsigned SemValueWidth = 8;
  parameter int unsigned SemOpWord = 13;
  parameter int unsigned SemOpLsb = 16;
  parameter int unsigned SemOpWidth = 2;

endpackage
// verilator lint_on UNUSEDPARAM

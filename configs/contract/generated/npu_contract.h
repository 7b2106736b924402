// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GENERATED from configs/contract/npu.yaml - do not edit. Regenerate: contract_gen configs/contract/npu.yaml .
// Contract hash: 0xb03e60efc6c2b248
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "configs/contract/bits.h"

namespace systole::contract {

inline constexpr uint64_t kHash = 0xb03e60efc6c2b248ull;
inline constexpr uint32_t kVersion = 1;
inline constexpr int kDescriptorWords = 32;
inline constexpr int kDescriptorBytes = 128;

enum class Opcode : uint8_t {
  kNop = 0,
  kLoad = 1,
  kStore = 2,
  kPreload = 3,
  kCompute = 4,
  kVector = 5,
  kRepeat = 6,
  kFence = 7,
  kSem = 8,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Opcode value) {
  switch (value) {
    case Opcode::kNop: return "nop";
    case Opcode::kLoad: return "load";
    case Opcode::kStore: return "store";
    case Opcode::kPreload: return "preload";
    case Opcode::kCompute: return "compute";
    case Opcode::kVector: return "vector";
    case Opcode::kRepeat: return "repeat";
    case Opcode::kFence: return "fence";
    case Opcode::kSem: return "sem";
  }
  return "?";
}
constexpr bool is_valid(Opcode value) { return name(value)[0] != '?'; }

enum class Engine : uint8_t {
  kLoad = 0,
  kStore = 1,
  kPreload = 2,
  kCompute = 3,
  kVector = 4,
  kControl = 5,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Engine value) {
  switch (value) {
    case Engine::kLoad: return "load";
    case Engine::kStore: return "store";
    case Engine::kPreload: return "preload";
    case Engine::kCompute: return "compute";
    case Engine::kVector: return "vector";
    case Engine::kControl: return "control";
  }
  return "?";
}
constexpr bool is_valid(Engine value) { return name(value)[0] != '?'; }

enum class Dtype : uint8_t {
  kI8 = 0,
  kU8 = 1,
  kI32 = 2,
  kBf16 = 3,
  kF32 = 4,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Dtype value) {
  switch (value) {
    case Dtype::kI8: return "i8";
    case Dtype::kU8: return "u8";
    case Dtype::kI32: return "i32";
    case Dtype::kBf16: return "bf16";
    case Dtype::kF32: return "f32";
  }
  return "?";
}
constexpr bool is_valid(Dtype value) { return name(value)[0] != '?'; }

enum class Space : uint8_t {
  kScratchpad = 0,
  kAccumulator = 1,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Space value) {
  switch (value) {
    case Space::kScratchpad: return "scratchpad";
    case Space::kAccumulator: return "accumulator";
  }
  return "?";
}
constexpr bool is_valid(Space value) { return name(value)[0] != '?'; }

enum class Far : uint8_t {
  kDram = 0,
  kScratchpad = 1,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Far value) {
  switch (value) {
    case Far::kDram: return "dram";
    case Far::kScratchpad: return "scratchpad";
  }
  return "?";
}
constexpr bool is_valid(Far value) { return name(value)[0] != '?'; }

enum class Dataflow : uint8_t {
  kWeightStationary = 0,
  kOutputStationary = 1,
  kInputStationary = 2,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Dataflow value) {
  switch (value) {
    case Dataflow::kWeightStationary: return "weight_stationary";
    case Dataflow::kOutputStationary: return "output_stationary";
    case Dataflow::kInputStationary: return "input_stationary";
  }
  return "?";
}
constexpr bool is_valid(Dataflow value) { return name(value)[0] != '?'; }

enum class Weights : uint8_t {
  kSame = 0,
  kI8 = 1,
  kI4 = 2,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Weights value) {
  switch (value) {
    case Weights::kSame: return "same";
    case Weights::kI8: return "i8";
    case Weights::kI4: return "i4";
  }
  return "?";
}
constexpr bool is_valid(Weights value) { return name(value)[0] != '?'; }

enum class Scope : uint8_t {
  kLocal = 0,
  kCore = 1,
  kDevice = 2,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Scope value) {
  switch (value) {
    case Scope::kLocal: return "local";
    case Scope::kCore: return "core";
    case Scope::kDevice: return "device";
  }
  return "?";
}
constexpr bool is_valid(Scope value) { return name(value)[0] != '?'; }

enum class WindowOp : uint8_t {
  kNone = 0,
  kMax = 1,
  kSum = 2,
  kMac = 3,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(WindowOp value) {
  switch (value) {
    case WindowOp::kNone: return "none";
    case WindowOp::kMax: return "max";
    case WindowOp::kSum: return "sum";
    case WindowOp::kMac: return "mac";
  }
  return "?";
}
constexpr bool is_valid(WindowOp value) { return name(value)[0] != '?'; }

enum class BinaryOp : uint8_t {
  kNone = 0,
  kAdd = 1,
  kSub = 2,
  kMul = 3,
  kMin = 4,
  kMax = 5,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(BinaryOp value) {
  switch (value) {
    case BinaryOp::kNone: return "none";
    case BinaryOp::kAdd: return "add";
    case BinaryOp::kSub: return "sub";
    case BinaryOp::kMul: return "mul";
    case BinaryOp::kMin: return "min";
    case BinaryOp::kMax: return "max";
  }
  return "?";
}
constexpr bool is_valid(BinaryOp value) { return name(value)[0] != '?'; }

enum class Activation : uint8_t {
  kNone = 0,
  kRelu = 1,
  kClip = 2,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Activation value) {
  switch (value) {
    case Activation::kNone: return "none";
    case Activation::kRelu: return "relu";
    case Activation::kClip: return "clip";
  }
  return "?";
}
constexpr bool is_valid(Activation value) { return name(value)[0] != '?'; }

enum class Function : uint8_t {
  kNone = 0,
  kExp = 1,
  kLog = 2,
  kReciprocal = 3,
  kRsqrt = 4,
  kSqrt = 5,
  kErf = 6,
  kTanh = 7,
  kSigmoid = 8,
  kSilu = 9,
  kGeluErf = 10,
  kGeluTanh = 11,
  kHardSwish = 12,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Function value) {
  switch (value) {
    case Function::kNone: return "none";
    case Function::kExp: return "exp";
    case Function::kLog: return "log";
    case Function::kReciprocal: return "reciprocal";
    case Function::kRsqrt: return "rsqrt";
    case Function::kSqrt: return "sqrt";
    case Function::kErf: return "erf";
    case Function::kTanh: return "tanh";
    case Function::kSigmoid: return "sigmoid";
    case Function::kSilu: return "silu";
    case Function::kGeluErf: return "gelu_erf";
    case Function::kGeluTanh: return "gelu_tanh";
    case Function::kHardSwish: return "hard_swish";
  }
  return "?";
}
constexpr bool is_valid(Function value) { return name(value)[0] != '?'; }

enum class Reduce : uint8_t {
  kNone = 0,
  kSum = 1,
  kMax = 2,
  kMin = 3,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Reduce value) {
  switch (value) {
    case Reduce::kNone: return "none";
    case Reduce::kSum: return "sum";
    case Reduce::kMax: return "max";
    case Reduce::kMin: return "min";
  }
  return "?";
}
constexpr bool is_valid(Reduce value) { return name(value)[0] != '?'; }

enum class Requant : uint8_t {
  kNone = 0,
  kOnnx = 1,
  kTflite = 2,
  kScale = 3,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(Requant value) {
  switch (value) {
    case Requant::kNone: return "none";
    case Requant::kOnnx: return "onnx";
    case Requant::kTflite: return "tflite";
    case Requant::kScale: return "scale";
  }
  return "?";
}
constexpr bool is_valid(Requant value) { return name(value)[0] != '?'; }

enum class CSteps : uint8_t {
  kB = 0,
  kParams = 1,
  kBoth = 2,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(CSteps value) {
  switch (value) {
    case CSteps::kB: return "b";
    case CSteps::kParams: return "params";
    case CSteps::kBoth: return "both";
  }
  return "?";
}
constexpr bool is_valid(CSteps value) { return name(value)[0] != '?'; }

enum class SemOp : uint8_t {
  kSet = 0,
  kAdd = 1,
  kSub = 2,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(SemOp value) {
  switch (value) {
    case SemOp::kSet: return "set";
    case SemOp::kAdd: return "add";
    case SemOp::kSub: return "sub";
  }
  return "?";
}
constexpr bool is_valid(SemOp value) { return name(value)[0] != '?'; }

enum class ErrorCode : uint8_t {
  kNone = 0,
  kBadOpcode = 1,
  kReservedBits = 2,
  kUnsupported = 3,
  kBadOperand = 4,
  kDmaFault = 5,
  kSemUnderflow = 6,
  kSemOverflow = 7,
  kWatchdog = 8,
  kRing = 9,
  kLoop = 10,
};
// The contract's name of a value; "?" where it has none.
constexpr const char* name(ErrorCode value) {
  switch (value) {
    case ErrorCode::kNone: return "none";
    case ErrorCode::kBadOpcode: return "bad_opcode";
    case ErrorCode::kReservedBits: return "reserved_bits";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kBadOperand: return "bad_operand";
    case ErrorCode::kDmaFault: return "dma_fault";
    case ErrorCode::kSemUnderflow: return "sem_underflow";
    case ErrorCode::kSemOverflow: return "sem_overflow";
    case ErrorCode::kWatchdog: return "watchdog";
    case ErrorCode::kRing: return "ring";
    case ErrorCode::kLoop: return "loop";
  }
  return "?";
}
constexpr bool is_valid(ErrorCode value) { return name(value)[0] != '?'; }

// Byte offsets in BAR0; per register with fields, a namespace of lsb and mask (in place) of each.
namespace reg {
inline constexpr uint32_t kId = 0x000;
inline constexpr uint32_t kIdHi = 0x004;
inline constexpr uint32_t kVersion = 0x008;
inline constexpr uint32_t kCapArray = 0x010;
inline constexpr uint32_t kCapScratchpad = 0x014;
inline constexpr uint32_t kCapAccumulator = 0x018;
inline constexpr uint32_t kCapVector = 0x01c;
inline constexpr uint32_t kCapSemaphores = 0x020;
inline constexpr uint32_t kCapDtypes = 0x024;
inline constexpr uint32_t kCapQueues = 0x028;
inline constexpr uint32_t kCapLoop = 0x02c;
inline constexpr uint32_t kCapDramLo = 0x030;
inline constexpr uint32_t kCapDramHi = 0x034;
inline constexpr uint32_t kCapClock = 0x038;
inline constexpr uint32_t kCapCores = 0x03c;
inline constexpr uint32_t kCapDataflows = 0x040;
inline constexpr uint32_t kCapWeights = 0x044;
inline constexpr uint32_t kCtrl = 0x080;
inline constexpr uint32_t kStatus = 0x084;
inline constexpr uint32_t kIrqStatus = 0x088;
inline constexpr uint32_t kIrqEnable = 0x08c;
inline constexpr uint32_t kErrorCode = 0x090;
inline constexpr uint32_t kErrorAddrLo = 0x094;
inline constexpr uint32_t kErrorAddrHi = 0x098;
inline constexpr uint32_t kErrorSeq = 0x09c;
inline constexpr uint32_t kErrorEngine = 0x0a0;
inline constexpr uint32_t kWatchdog = 0x0a4;
inline constexpr uint32_t kFenceLo = 0x0a8;
inline constexpr uint32_t kFenceHi = 0x0ac;
inline constexpr uint32_t kRingBaseLo = 0x100;
inline constexpr uint32_t kRingBaseHi = 0x104;
inline constexpr uint32_t kRingSize = 0x108;
inline constexpr uint32_t kRingHead = 0x10c;
inline constexpr uint32_t kRingTail = 0x110;
inline constexpr uint32_t kWindow0BaseLo = 0x200;
inline constexpr uint32_t kWindow0BaseHi = 0x204;
inline constexpr uint32_t kWindow0LimitLo = 0x208;
inline constexpr uint32_t kWindow0LimitHi = 0x20c;
inline constexpr uint32_t kWindow0Flags = 0x210;
inline constexpr uint32_t kWindow1BaseLo = 0x220;
inline constexpr uint32_t kWindow1BaseHi = 0x224;
inline constexpr uint32_t kWindow1LimitLo = 0x228;
inline constexpr uint32_t kWindow1LimitHi = 0x22c;
inline constexpr uint32_t kWindow1Flags = 0x230;
inline constexpr uint32_t kPerfCyclesLo = 0x300;
inline constexpr uint32_t kPerfCyclesHi = 0x304;
inline constexpr uint32_t kPerfMacsLo = 0x308;
inline constexpr uint32_t kPerfMacsHi = 0x30c;
inline constexpr uint32_t kPerfDramReadLo = 0x310;
inline constexpr uint32_t kPerfDramReadHi = 0x314;
inline constexpr uint32_t kPerfDramWriteLo = 0x318;
inline constexpr uint32_t kPerfDramWriteHi = 0x31c;
inline constexpr uint32_t kPerfCommandsLo = 0x320;
inline constexpr uint32_t kPerfCommandsHi = 0x324;
inline constexpr uint32_t kPerfOverflowLo = 0x328;
inline constexpr uint32_t kPerfOverflowHi = 0x32c;
inline constexpr uint32_t kPerfStartLo = 0x330;
inline constexpr uint32_t kPerfStartHi = 0x334;
namespace cap_array {
inline constexpr int kRowsLsb = 0;
inline constexpr uint32_t kRowsMask = 0x0000ffff;
inline constexpr int kColsLsb = 16;
inline constexpr uint32_t kColsMask = 0xffff0000;
}  // namespace cap_array
namespace cap_queues {
inline constexpr int kLoadLsb = 0;
inline constexpr uint32_t kLoadMask = 0x0000003f;
inline constexpr int kStoreLsb = 6;
inline constexpr uint32_t kStoreMask = 0x00000fc0;
inline constexpr int kPreloadLsb = 12;
inline constexpr uint32_t kPreloadMask = 0x0003f000;
inline constexpr int kComputeLsb = 18;
inline constexpr uint32_t kComputeMask = 0x00fc0000;
inline constexpr int kVectorLsb = 24;
inline constexpr uint32_t kVectorMask = 0x3f000000;
}  // namespace cap_queues
namespace cap_cores {
inline constexpr int kCoresLsb = 0;
inline constexpr uint32_t kCoresMask = 0x000000ff;
inline constexpr int kRingsLsb = 8;
inline constexpr uint32_t kRingsMask = 0x0000ff00;
inline constexpr int kStrideLsb = 16;
inline constexpr uint32_t kStrideMask = 0x00ff0000;
}  // namespace cap_cores
namespace ctrl {
inline constexpr int kEnableLsb = 0;
inline constexpr uint32_t kEnableMask = 0x00000001;
inline constexpr int kResetLsb = 1;
inline constexpr uint32_t kResetMask = 0x00000002;
inline constexpr int kHaltLsb = 2;
inline constexpr uint32_t kHaltMask = 0x00000004;
inline constexpr int kStepLsb = 3;
inline constexpr uint32_t kStepMask = 0x00000008;
}  // namespace ctrl
namespace status {
inline constexpr int kBusyLsb = 0;
inline constexpr uint32_t kBusyMask = 0x00000001;
inline constexpr int kHaltedLsb = 1;
inline constexpr uint32_t kHaltedMask = 0x00000002;
inline constexpr int kErrorLsb = 2;
inline constexpr uint32_t kErrorMask = 0x00000004;
}  // namespace status
namespace irq_status {
inline constexpr int kFenceLsb = 0;
inline constexpr uint32_t kFenceMask = 0x00000001;
inline constexpr int kErrorLsb = 1;
inline constexpr uint32_t kErrorMask = 0x00000002;
}  // namespace irq_status
namespace irq_enable {
inline constexpr int kFenceLsb = 0;
inline constexpr uint32_t kFenceMask = 0x00000001;
inline constexpr int kErrorLsb = 1;
inline constexpr uint32_t kErrorMask = 0x00000002;
}  // namespace irq_enable
namespace window0_flags {
inline constexpr int kReadLsb = 0;
inline constexpr uint32_t kReadMask = 0x00000001;
inline constexpr int kWriteLsb = 1;
inline constexpr uint32_t kWriteMask = 0x00000002;
}  // namespace window0_flags
namespace window1_flags {
inline constexpr int kReadLsb = 0;
inline constexpr uint32_t kReadMask = 0x00000001;
inline constexpr int kWriteLsb = 1;
inline constexpr uint32_t kWriteMask = 0x00000002;
}  // namespace window1_flags
}  // namespace reg

struct FieldInfo {
  const char* name;
  int word, lsb, bits;
  bool is_signed;
};
enum class Access : uint8_t { kReadOnly, kReadWrite, kWriteOneToClear, kWriteOnly };
struct RegisterInfo {
  const char* name;
  uint32_t offset;
  Access access;
  bool has_reset;  // false: the instance decides (capabilities, counters)
  uint32_t reset;
  uint32_t mask;   // bits that exist; the others read as zero and ignore writes
  std::span<const FieldInfo> fields;
};

inline constexpr FieldInfo kFieldsOfCapArrayRegister[] = {{"rows", 0, 0, 16, false}, {"cols", 0, 16, 16, false}, };
inline constexpr FieldInfo kFieldsOfCapQueuesRegister[] = {{"load", 0, 0, 6, false}, {"store", 0, 6, 6, false}, {"preload", 0, 12, 6, false}, {"compute", 0, 18, 6, false}, {"vector", 0, 24, 6, false}, };
inline constexpr FieldInfo kFieldsOfCapCoresRegister[] = {{"cores", 0, 0, 8, false}, {"rings", 0, 8, 8, false}, {"stride", 0, 16, 8, false}, };
inline constexpr FieldInfo kFieldsOfCtrlRegister[] = {{"enable", 0, 0, 1, false}, {"reset", 0, 1, 1, false}, {"halt", 0, 2, 1, false}, {"step", 0, 3, 1, false}, };
inline constexpr FieldInfo kFieldsOfStatusRegister[] = {{"busy", 0, 0, 1, false}, {"halted", 0, 1, 1, false}, {"error", 0, 2, 1, false}, };
inline constexpr FieldInfo kFieldsOfIrqStatusRegister[] = {{"fence", 0, 0, 1, false}, {"error", 0, 1, 1, false}, };
inline constexpr FieldInfo kFieldsOfIrqEnableRegister[] = {{"fence", 0, 0, 1, false}, {"error", 0, 1, 1, false}, };
inline constexpr FieldInfo kFieldsOfWindow0FlagsRegister[] = {{"read", 0, 0, 1, false}, {"write", 0, 1, 1, false}, };
inline constexpr FieldInfo kFieldsOfWindow1FlagsRegister[] = {{"read", 0, 0, 1, false}, {"write", 0, 1, 1, false}, };
inline constexpr RegisterInfo kRegisters[] = {
    {"id", 0x000, Access::kReadOnly, true, 0xc6c2b248, 0xffffffff, {}},
    {"id_hi", 0x004, Access::kReadOnly, true, 0xb03e60ef, 0xffffffff, {}},
    {"version", 0x008, Access::kReadOnly, true, 0x00000001, 0xffffffff, {}},
    {"cap_array", 0x010, Access::kReadOnly, false, 0x00000000, 0xffffffff, kFieldsOfCapArrayRegister},
    {"cap_scratchpad", 0x014, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_accumulator", 0x018, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_vector", 0x01c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_semaphores", 0x020, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_dtypes", 0x024, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_queues", 0x028, Access::kReadOnly, false, 0x00000000, 0x3fffffff, kFieldsOfCapQueuesRegister},
    {"cap_loop", 0x02c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_dram_lo", 0x030, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_dram_hi", 0x034, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_clock", 0x038, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_cores", 0x03c, Access::kReadOnly, false, 0x00000000, 0x00ffffff, kFieldsOfCapCoresRegister},
    {"cap_dataflows", 0x040, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"cap_weights", 0x044, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"ctrl", 0x080, Access::kReadWrite, true, 0x00000000, 0x0000000f, kFieldsOfCtrlRegister},
    {"status", 0x084, Access::kReadOnly, false, 0x00000000, 0x00000007, kFieldsOfStatusRegister},
    {"irq_status", 0x088, Access::kWriteOneToClear, true, 0x00000000, 0x00000003, kFieldsOfIrqStatusRegister},
    {"irq_enable", 0x08c, Access::kReadWrite, true, 0x00000000, 0x00000003, kFieldsOfIrqEnableRegister},
    {"error_code", 0x090, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"error_addr_lo", 0x094, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"error_addr_hi", 0x098, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"error_seq", 0x09c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"error_engine", 0x0a0, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"watchdog", 0x0a4, Access::kReadWrite, true, 0x00989680, 0xffffffff, {}},
    {"fence_lo", 0x0a8, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"fence_hi", 0x0ac, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"ring_base_lo", 0x100, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"ring_base_hi", 0x104, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"ring_size", 0x108, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"ring_head", 0x10c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"ring_tail", 0x110, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window0_base_lo", 0x200, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window0_base_hi", 0x204, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window0_limit_lo", 0x208, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window0_limit_hi", 0x20c, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window0_flags", 0x210, Access::kReadWrite, true, 0x00000000, 0x00000003, kFieldsOfWindow0FlagsRegister},
    {"window1_base_lo", 0x220, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window1_base_hi", 0x224, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window1_limit_lo", 0x228, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window1_limit_hi", 0x22c, Access::kReadWrite, true, 0x00000000, 0xffffffff, {}},
    {"window1_flags", 0x230, Access::kReadWrite, true, 0x00000000, 0x00000003, kFieldsOfWindow1FlagsRegister},
    {"perf_cycles_lo", 0x300, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_cycles_hi", 0x304, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_macs_lo", 0x308, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_macs_hi", 0x30c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_dram_read_lo", 0x310, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_dram_read_hi", 0x314, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_dram_write_lo", 0x318, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_dram_write_hi", 0x31c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_commands_lo", 0x320, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_commands_hi", 0x324, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_overflow_lo", 0x328, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_overflow_hi", 0x32c, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_start_lo", 0x330, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
    {"perf_start_hi", 0x334, Access::kReadOnly, false, 0x00000000, 0xffffffff, {}},
};

struct Descriptor {
  std::array<uint32_t, kDescriptorWords> words{};
  bool operator==(const Descriptor&) const = default;
};

struct Header {
  Opcode opcode{};
  uint32_t tag{};
  uint32_t wait0_id{};
  uint32_t wait0_count{};
  uint32_t wait1_id{};
  uint32_t wait1_count{};
  uint32_t signal0_id{};
  uint32_t signal0_count{};
  uint32_t signal1_id{};
  uint32_t signal1_count{};
  Scope wait0_scope{};
  Scope wait1_scope{};
  Scope signal0_scope{};
  Scope signal1_scope{};
  uint32_t core{};
  int32_t inc_a_0{};
  int32_t inc_b_0{};
  int32_t inc_c_0{};
  int32_t inc_a_1{};
  int32_t inc_b_1{};
  int32_t inc_c_1{};
  int32_t inc_a_2{};
  int32_t inc_b_2{};
  int32_t inc_c_2{};
  bool operator==(const Header&) const = default;
};

// As written, also where no command has this number: is_valid says so.
inline Opcode opcode(const Descriptor& d) { return static_cast<Opcode>(get_bits(d.words.data(), 0, 0, 8)); }

inline void put_header(Descriptor& d, const Header& header, Opcode code) {
  uint32_t* w = d.words.data();
  put_bits(w, 0, 0, 8, static_cast<uint64_t>(code));
  put_bits(w, 0, 16, 16, header.tag);
  put_bits(w, 1, 0, 8, header.wait0_id);
  put_bits(w, 1, 8, 8, header.wait0_count);
  put_bits(w, 1, 16, 8, header.wait1_id);
  put_bits(w, 1, 24, 8, header.wait1_count);
  put_bits(w, 2, 0, 8, header.signal0_id);
  put_bits(w, 2, 8, 8, header.signal0_count);
  put_bits(w, 2, 16, 8, header.signal1_id);
  put_bits(w, 2, 24, 8, header.signal1_count);
  put_bits(w, 3, 0, 2, static_cast<uint64_t>(header.wait0_scope));
  put_bits(w, 3, 2, 2, static_cast<uint64_t>(header.wait1_scope));
  put_bits(w, 3, 4, 2, static_cast<uint64_t>(header.signal0_scope));
  put_bits(w, 3, 6, 2, static_cast<uint64_t>(header.signal1_scope));
  put_bits(w, 3, 8, 8, header.core);
  put_signed(w, 4, 0, 32, header.inc_a_0);
  put_signed(w, 5, 0, 32, header.inc_b_0);
  put_signed(w, 6, 0, 32, header.inc_c_0);
  put_signed(w, 7, 0, 32, header.inc_a_1);
  put_signed(w, 8, 0, 32, header.inc_b_1);
  put_signed(w, 9, 0, 32, header.inc_c_1);
  put_signed(w, 10, 0, 32, header.inc_a_2);
  put_signed(w, 11, 0, 32, header.inc_b_2);
  put_signed(w, 12, 0, 32, header.inc_c_2);
}

inline Header decode_header(const Descriptor& d) {
  const uint32_t* w = d.words.data();
  Header h;
  h.opcode = static_cast<Opcode>(get_bits(w, 0, 0, 8));
  h.tag = static_cast<uint32_t>(get_bits(w, 0, 16, 16));
  h.wait0_id = static_cast<uint32_t>(get_bits(w, 1, 0, 8));
  h.wait0_count = static_cast<uint32_t>(get_bits(w, 1, 8, 8));
  h.wait1_id = static_cast<uint32_t>(get_bits(w, 1, 16, 8));
  h.wait1_count = static_cast<uint32_t>(get_bits(w, 1, 24, 8));
  h.signal0_id = static_cast<uint32_t>(get_bits(w, 2, 0, 8));
  h.signal0_count = static_cast<uint32_t>(get_bits(w, 2, 8, 8));
  h.signal1_id = static_cast<uint32_t>(get_bits(w, 2, 16, 8));
  h.signal1_count = static_cast<uint32_t>(get_bits(w, 2, 24, 8));
  h.wait0_scope = static_cast<Scope>(get_bits(w, 3, 0, 2));
  h.wait1_scope = static_cast<Scope>(get_bits(w, 3, 2, 2));
  h.signal0_scope = static_cast<Scope>(get_bits(w, 3, 4, 2));
  h.signal1_scope = static_cast<Scope>(get_bits(w, 3, 6, 2));
  h.core = static_cast<uint32_t>(get_bits(w, 3, 8, 8));
  h.inc_a_0 = static_cast<int32_t>(get_signed(w, 4, 0, 32));
  h.inc_b_0 = static_cast<int32_t>(get_signed(w, 5, 0, 32));
  h.inc_c_0 = static_cast<int32_t>(get_signed(w, 6, 0, 32));
  h.inc_a_1 = static_cast<int32_t>(get_signed(w, 7, 0, 32));
  h.inc_b_1 = static_cast<int32_t>(get_signed(w, 8, 0, 32));
  h.inc_c_1 = static_cast<int32_t>(get_signed(w, 9, 0, 32));
  h.inc_a_2 = static_cast<int32_t>(get_signed(w, 10, 0, 32));
  h.inc_b_2 = static_cast<int32_t>(get_signed(w, 11, 0, 32));
  h.inc_c_2 = static_cast<int32_t>(get_signed(w, 12, 0, 32));
  return h;
}

// Nothing.
struct Nop {
  Header header{.opcode = Opcode::kNop};
  bool operator==(const Nop&) const = default;
};
inline Descriptor encode(const Nop& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kNop);
  return d;
}
inline Nop decode_nop(const Descriptor& d) {
  Nop v;
  v.header = decode_header(d);
  return v;
}

// 4-D strided copy from device memory to scratchpad or accumulator, with padding. Addresses: a dram, b local.
struct Load {
  Header header{.opcode = Opcode::kLoad};
  uint64_t dram_addr{};
  uint32_t local_addr{};  // bytes; accumulator: byte address, row = cols x 4 bytes
  uint32_t row_bytes{};
  uint32_t n0{};
  uint32_t n1{};
  uint32_t n2{};
  Space space{};
  int32_t dram_stride0{};
  int32_t dram_stride1{};
  int32_t dram_stride2{};
  int32_t local_stride0{};
  int32_t local_stride1{};
  int32_t local_stride2{};
  uint32_t pad0_before{};
  uint32_t pad0_after{};
  uint32_t pad1_before{};
  uint32_t pad1_after{};
  uint32_t pad_pattern{};  // repeats from each row's first byte
  uint32_t pad_bytes{};  // pattern length: 1, 2 or 4; 0 without padding
  uint32_t dtype_pair{};  // conversion on the way; zero or unsupported
  uint32_t sparsity{};  // N:M metadata; zero or unsupported
  uint32_t group_scale{};  // zero or unsupported
  uint32_t transpose{};  // zero or unsupported
  Far far{};
  bool operator==(const Load&) const = default;
};
inline Descriptor encode(const Load& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kLoad);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 64, v.dram_addr);
  put_bits(w, 15, 0, 32, v.local_addr);
  put_bits(w, 16, 0, 32, v.row_bytes);
  put_bits(w, 17, 0, 16, v.n0);
  put_bits(w, 17, 16, 16, v.n1);
  put_bits(w, 18, 0, 16, v.n2);
  put_bits(w, 18, 16, 1, static_cast<uint64_t>(v.space));
  put_signed(w, 19, 0, 32, v.dram_stride0);
  put_signed(w, 20, 0, 32, v.dram_stride1);
  put_signed(w, 21, 0, 32, v.dram_stride2);
  put_signed(w, 22, 0, 32, v.local_stride0);
  put_signed(w, 23, 0, 32, v.local_stride1);
  put_signed(w, 24, 0, 32, v.local_stride2);
  put_bits(w, 25, 0, 16, v.pad0_before);
  put_bits(w, 25, 16, 16, v.pad0_after);
  put_bits(w, 26, 0, 16, v.pad1_before);
  put_bits(w, 26, 16, 16, v.pad1_after);
  put_bits(w, 27, 0, 32, v.pad_pattern);
  put_bits(w, 28, 0, 3, v.pad_bytes);
  put_bits(w, 29, 0, 8, v.dtype_pair);
  put_bits(w, 29, 8, 8, v.sparsity);
  put_bits(w, 29, 16, 8, v.group_scale);
  put_bits(w, 29, 24, 1, v.transpose);
  put_bits(w, 29, 25, 1, static_cast<uint64_t>(v.far));
  return d;
}
inline Load decode_load(const Descriptor& d) {
  Load v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.dram_addr = static_cast<uint64_t>(get_bits(w, 13, 0, 64));
  v.local_addr = static_cast<uint32_t>(get_bits(w, 15, 0, 32));
  v.row_bytes = static_cast<uint32_t>(get_bits(w, 16, 0, 32));
  v.n0 = static_cast<uint32_t>(get_bits(w, 17, 0, 16));
  v.n1 = static_cast<uint32_t>(get_bits(w, 17, 16, 16));
  v.n2 = static_cast<uint32_t>(get_bits(w, 18, 0, 16));
  v.space = static_cast<Space>(get_bits(w, 18, 16, 1));
  v.dram_stride0 = static_cast<int32_t>(get_signed(w, 19, 0, 32));
  v.dram_stride1 = static_cast<int32_t>(get_signed(w, 20, 0, 32));
  v.dram_stride2 = static_cast<int32_t>(get_signed(w, 21, 0, 32));
  v.local_stride0 = static_cast<int32_t>(get_signed(w, 22, 0, 32));
  v.local_stride1 = static_cast<int32_t>(get_signed(w, 23, 0, 32));
  v.local_stride2 = static_cast<int32_t>(get_signed(w, 24, 0, 32));
  v.pad0_before = static_cast<uint32_t>(get_bits(w, 25, 0, 16));
  v.pad0_after = static_cast<uint32_t>(get_bits(w, 25, 16, 16));
  v.pad1_before = static_cast<uint32_t>(get_bits(w, 26, 0, 16));
  v.pad1_after = static_cast<uint32_t>(get_bits(w, 26, 16, 16));
  v.pad_pattern = static_cast<uint32_t>(get_bits(w, 27, 0, 32));
  v.pad_bytes = static_cast<uint32_t>(get_bits(w, 28, 0, 3));
  v.dtype_pair = static_cast<uint32_t>(get_bits(w, 29, 0, 8));
  v.sparsity = static_cast<uint32_t>(get_bits(w, 29, 8, 8));
  v.group_scale = static_cast<uint32_t>(get_bits(w, 29, 16, 8));
  v.transpose = static_cast<uint32_t>(get_bits(w, 29, 24, 1));
  v.far = static_cast<Far>(get_bits(w, 29, 25, 1));
  return v;
}

// The same from scratchpad or accumulator to device memory; the padding fields are zero. Addresses: a dram, b local.
struct Store {
  Header header{.opcode = Opcode::kStore};
  uint64_t dram_addr{};
  uint32_t local_addr{};  // bytes; accumulator: byte address, row = cols x 4 bytes
  uint32_t row_bytes{};
  uint32_t n0{};
  uint32_t n1{};
  uint32_t n2{};
  Space space{};
  int32_t dram_stride0{};
  int32_t dram_stride1{};
  int32_t dram_stride2{};
  int32_t local_stride0{};
  int32_t local_stride1{};
  int32_t local_stride2{};
  uint32_t pad0_before{};
  uint32_t pad0_after{};
  uint32_t pad1_before{};
  uint32_t pad1_after{};
  uint32_t pad_pattern{};  // repeats from each row's first byte
  uint32_t pad_bytes{};  // pattern length: 1, 2 or 4; 0 without padding
  uint32_t dtype_pair{};  // conversion on the way; zero or unsupported
  uint32_t sparsity{};  // N:M metadata; zero or unsupported
  uint32_t group_scale{};  // zero or unsupported
  uint32_t transpose{};  // zero or unsupported
  Far far{};
  bool operator==(const Store&) const = default;
};
inline Descriptor encode(const Store& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kStore);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 64, v.dram_addr);
  put_bits(w, 15, 0, 32, v.local_addr);
  put_bits(w, 16, 0, 32, v.row_bytes);
  put_bits(w, 17, 0, 16, v.n0);
  put_bits(w, 17, 16, 16, v.n1);
  put_bits(w, 18, 0, 16, v.n2);
  put_bits(w, 18, 16, 1, static_cast<uint64_t>(v.space));
  put_signed(w, 19, 0, 32, v.dram_stride0);
  put_signed(w, 20, 0, 32, v.dram_stride1);
  put_signed(w, 21, 0, 32, v.dram_stride2);
  put_signed(w, 22, 0, 32, v.local_stride0);
  put_signed(w, 23, 0, 32, v.local_stride1);
  put_signed(w, 24, 0, 32, v.local_stride2);
  put_bits(w, 25, 0, 16, v.pad0_before);
  put_bits(w, 25, 16, 16, v.pad0_after);
  put_bits(w, 26, 0, 16, v.pad1_before);
  put_bits(w, 26, 16, 16, v.pad1_after);
  put_bits(w, 27, 0, 32, v.pad_pattern);
  put_bits(w, 28, 0, 3, v.pad_bytes);
  put_bits(w, 29, 0, 8, v.dtype_pair);
  put_bits(w, 29, 8, 8, v.sparsity);
  put_bits(w, 29, 16, 8, v.group_scale);
  put_bits(w, 29, 24, 1, v.transpose);
  put_bits(w, 29, 25, 1, static_cast<uint64_t>(v.far));
  return d;
}
inline Store decode_store(const Descriptor& d) {
  Store v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.dram_addr = static_cast<uint64_t>(get_bits(w, 13, 0, 64));
  v.local_addr = static_cast<uint32_t>(get_bits(w, 15, 0, 32));
  v.row_bytes = static_cast<uint32_t>(get_bits(w, 16, 0, 32));
  v.n0 = static_cast<uint32_t>(get_bits(w, 17, 0, 16));
  v.n1 = static_cast<uint32_t>(get_bits(w, 17, 16, 16));
  v.n2 = static_cast<uint32_t>(get_bits(w, 18, 0, 16));
  v.space = static_cast<Space>(get_bits(w, 18, 16, 1));
  v.dram_stride0 = static_cast<int32_t>(get_signed(w, 19, 0, 32));
  v.dram_stride1 = static_cast<int32_t>(get_signed(w, 20, 0, 32));
  v.dram_stride2 = static_cast<int32_t>(get_signed(w, 21, 0, 32));
  v.local_stride0 = static_cast<int32_t>(get_signed(w, 22, 0, 32));
  v.local_stride1 = static_cast<int32_t>(get_signed(w, 23, 0, 32));
  v.local_stride2 = static_cast<int32_t>(get_signed(w, 24, 0, 32));
  v.pad0_before = static_cast<uint32_t>(get_bits(w, 25, 0, 16));
  v.pad0_after = static_cast<uint32_t>(get_bits(w, 25, 16, 16));
  v.pad1_before = static_cast<uint32_t>(get_bits(w, 26, 0, 16));
  v.pad1_after = static_cast<uint32_t>(get_bits(w, 26, 16, 16));
  v.pad_pattern = static_cast<uint32_t>(get_bits(w, 27, 0, 32));
  v.pad_bytes = static_cast<uint32_t>(get_bits(w, 28, 0, 3));
  v.dtype_pair = static_cast<uint32_t>(get_bits(w, 29, 0, 8));
  v.sparsity = static_cast<uint32_t>(get_bits(w, 29, 8, 8));
  v.group_scale = static_cast<uint32_t>(get_bits(w, 29, 16, 8));
  v.transpose = static_cast<uint32_t>(get_bits(w, 29, 24, 1));
  v.far = static_cast<Far>(get_bits(w, 29, 25, 1));
  return v;
}

// Fill the shadow weights of the array, or pass a matrix down its columns. Addresses: a scratchpad.
struct Preload {
  Header header{.opcode = Opcode::kPreload};
  uint32_t addr{};
  uint32_t rows{};
  uint32_t cols{};
  uint32_t row_stride{};
  Dtype dtype{};
  Dataflow dataflow{};
  uint32_t sparsity{};  // zero or unsupported
  Weights weights{};  // how an element is stored
  int32_t zero_point{};
  bool operator==(const Preload&) const = default;
};
inline Descriptor encode(const Preload& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kPreload);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 32, v.addr);
  put_bits(w, 14, 0, 16, v.rows);
  put_bits(w, 14, 16, 16, v.cols);
  put_bits(w, 15, 0, 32, v.row_stride);
  put_bits(w, 16, 0, 4, static_cast<uint64_t>(v.dtype));
  put_bits(w, 16, 4, 2, static_cast<uint64_t>(v.dataflow));
  put_bits(w, 16, 8, 8, v.sparsity);
  put_bits(w, 16, 16, 2, static_cast<uint64_t>(v.weights));
  put_signed(w, 17, 0, 16, v.zero_point);
  return d;
}
inline Preload decode_preload(const Descriptor& d) {
  Preload v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.addr = static_cast<uint32_t>(get_bits(w, 13, 0, 32));
  v.rows = static_cast<uint32_t>(get_bits(w, 14, 0, 16));
  v.cols = static_cast<uint32_t>(get_bits(w, 14, 16, 16));
  v.row_stride = static_cast<uint32_t>(get_bits(w, 15, 0, 32));
  v.dtype = static_cast<Dtype>(get_bits(w, 16, 0, 4));
  v.dataflow = static_cast<Dataflow>(get_bits(w, 16, 4, 2));
  v.sparsity = static_cast<uint32_t>(get_bits(w, 16, 8, 8));
  v.weights = static_cast<Weights>(get_bits(w, 16, 16, 2));
  v.zero_point = static_cast<int32_t>(get_signed(w, 17, 0, 16));
  return v;
}

// Stream vectors through the array into the accumulators. Addresses: a scratchpad (bytes), b accumulator (rows).
struct Compute {
  Header header{.opcode = Opcode::kCompute};
  uint32_t addr{};
  uint32_t acc_row{};
  uint32_t m0{};
  uint32_t m1{};
  uint32_t m2{};
  uint32_t acc_stride{};  // rows; 1 for consecutive
  int32_t stride0{};
  int32_t stride1{};
  int32_t stride2{};
  uint32_t rows{};
  uint32_t cols{};
  uint32_t k_c{};  // elements a tap
  uint32_t k_w{};  // taps a kernel row
  uint32_t c0{};
  uint32_t kw0{};
  int32_t kw_stride{};
  int32_t kh_stride{};
  Dtype dtype{};
  Dataflow dataflow{};
  uint32_t accumulate{};
  uint32_t swap{};  // take the shadow weights; else keep the active ones
  int32_t zero_point{};
  bool operator==(const Compute&) const = default;
};
inline Descriptor encode(const Compute& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kCompute);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 32, v.addr);
  put_bits(w, 14, 0, 32, v.acc_row);
  put_bits(w, 15, 0, 16, v.m0);
  put_bits(w, 15, 16, 16, v.m1);
  put_bits(w, 16, 0, 16, v.m2);
  put_bits(w, 16, 16, 16, v.acc_stride);
  put_signed(w, 17, 0, 32, v.stride0);
  put_signed(w, 18, 0, 32, v.stride1);
  put_signed(w, 19, 0, 32, v.stride2);
  put_bits(w, 20, 0, 16, v.rows);
  put_bits(w, 20, 16, 16, v.cols);
  put_bits(w, 21, 0, 16, v.k_c);
  put_bits(w, 21, 16, 16, v.k_w);
  put_bits(w, 22, 0, 16, v.c0);
  put_bits(w, 22, 16, 16, v.kw0);
  put_signed(w, 23, 0, 32, v.kw_stride);
  put_signed(w, 24, 0, 32, v.kh_stride);
  put_bits(w, 25, 0, 4, static_cast<uint64_t>(v.dtype));
  put_bits(w, 25, 4, 2, static_cast<uint64_t>(v.dataflow));
  put_bits(w, 25, 6, 1, v.accumulate);
  put_bits(w, 25, 7, 1, v.swap);
  put_signed(w, 26, 0, 16, v.zero_point);
  return d;
}
inline Compute decode_compute(const Descriptor& d) {
  Compute v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.addr = static_cast<uint32_t>(get_bits(w, 13, 0, 32));
  v.acc_row = static_cast<uint32_t>(get_bits(w, 14, 0, 32));
  v.m0 = static_cast<uint32_t>(get_bits(w, 15, 0, 16));
  v.m1 = static_cast<uint32_t>(get_bits(w, 15, 16, 16));
  v.m2 = static_cast<uint32_t>(get_bits(w, 16, 0, 16));
  v.acc_stride = static_cast<uint32_t>(get_bits(w, 16, 16, 16));
  v.stride0 = static_cast<int32_t>(get_signed(w, 17, 0, 32));
  v.stride1 = static_cast<int32_t>(get_signed(w, 18, 0, 32));
  v.stride2 = static_cast<int32_t>(get_signed(w, 19, 0, 32));
  v.rows = static_cast<uint32_t>(get_bits(w, 20, 0, 16));
  v.cols = static_cast<uint32_t>(get_bits(w, 20, 16, 16));
  v.k_c = static_cast<uint32_t>(get_bits(w, 21, 0, 16));
  v.k_w = static_cast<uint32_t>(get_bits(w, 21, 16, 16));
  v.c0 = static_cast<uint32_t>(get_bits(w, 22, 0, 16));
  v.kw0 = static_cast<uint32_t>(get_bits(w, 22, 16, 16));
  v.kw_stride = static_cast<int32_t>(get_signed(w, 23, 0, 32));
  v.kh_stride = static_cast<int32_t>(get_signed(w, 24, 0, 32));
  v.dtype = static_cast<Dtype>(get_bits(w, 25, 0, 4));
  v.dataflow = static_cast<Dataflow>(get_bits(w, 25, 4, 2));
  v.accumulate = static_cast<uint32_t>(get_bits(w, 25, 6, 1));
  v.swap = static_cast<uint32_t>(get_bits(w, 25, 7, 1));
  v.zero_point = static_cast<int32_t>(get_signed(w, 26, 0, 16));
  return v;
}

// A chain of the vector engine. Addresses: a source, b destination, c operand B, the parameters or both.
struct Vector {
  Header header{.opcode = Opcode::kVector};
  uint32_t src_addr{};  // bytes in a_space
  uint32_t dst_addr{};  // bytes in d_space
  uint32_t b_addr{};  // bytes in the scratchpad
  uint32_t channels{};
  uint32_t n0{};
  uint32_t n1{};
  uint32_t bias{};
  uint32_t scalar_params{};
  uint32_t b_broadcast{};
  uint32_t b_scaled{};
  uint32_t out_scaled{};
  int32_t a_stride0{};
  int32_t a_stride1{};
  int32_t d_stride0{};
  int32_t d_stride1{};
  int32_t b_stride0{};
  int32_t b_stride1{};
  uint32_t win_kh{};
  uint32_t win_kw{};
  WindowOp window{};
  BinaryOp binary{};
  Activation activation{};
  Requant requant{};
  int32_t win_stride0{};
  int32_t win_stride1{};
  Dtype a_dtype{};
  Dtype b_dtype{};
  Dtype d_dtype{};
  Space a_space{};
  Space d_space{};
  Function function{};
  Reduce reduce{};
  uint32_t param_addr{};
  uint32_t clip_lo{};
  uint32_t clip_hi{};
  int32_t a_zero{};
  int32_t b_zero{};
  int32_t d_zero{};
  CSteps c_steps{};  // what inc_c is added to
  bool operator==(const Vector&) const = default;
};
inline Descriptor encode(const Vector& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kVector);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 32, v.src_addr);
  put_bits(w, 14, 0, 32, v.dst_addr);
  put_bits(w, 15, 0, 32, v.b_addr);
  put_bits(w, 16, 0, 16, v.channels);
  put_bits(w, 16, 16, 16, v.n0);
  put_bits(w, 17, 0, 16, v.n1);
  put_bits(w, 17, 16, 1, v.bias);
  put_bits(w, 17, 17, 1, v.scalar_params);
  put_bits(w, 17, 18, 1, v.b_broadcast);
  put_bits(w, 17, 19, 1, v.b_scaled);
  put_bits(w, 17, 20, 1, v.out_scaled);
  put_signed(w, 18, 0, 32, v.a_stride0);
  put_signed(w, 19, 0, 32, v.a_stride1);
  put_signed(w, 20, 0, 32, v.d_stride0);
  put_signed(w, 21, 0, 32, v.d_stride1);
  put_signed(w, 22, 0, 32, v.b_stride0);
  put_signed(w, 23, 0, 32, v.b_stride1);
  put_bits(w, 24, 0, 8, v.win_kh);
  put_bits(w, 24, 8, 8, v.win_kw);
  put_bits(w, 24, 16, 2, static_cast<uint64_t>(v.window));
  put_bits(w, 24, 18, 3, static_cast<uint64_t>(v.binary));
  put_bits(w, 24, 21, 2, static_cast<uint64_t>(v.activation));
  put_bits(w, 24, 23, 2, static_cast<uint64_t>(v.requant));
  put_signed(w, 25, 0, 32, v.win_stride0);
  put_signed(w, 26, 0, 32, v.win_stride1);
  put_bits(w, 27, 0, 4, static_cast<uint64_t>(v.a_dtype));
  put_bits(w, 27, 4, 4, static_cast<uint64_t>(v.b_dtype));
  put_bits(w, 27, 8, 4, static_cast<uint64_t>(v.d_dtype));
  put_bits(w, 27, 12, 1, static_cast<uint64_t>(v.a_space));
  put_bits(w, 27, 13, 1, static_cast<uint64_t>(v.d_space));
  put_bits(w, 27, 14, 5, static_cast<uint64_t>(v.function));
  put_bits(w, 27, 19, 2, static_cast<uint64_t>(v.reduce));
  put_bits(w, 28, 0, 32, v.param_addr);
  put_bits(w, 29, 0, 32, v.clip_lo);
  put_bits(w, 30, 0, 32, v.clip_hi);
  put_signed(w, 31, 0, 9, v.a_zero);
  put_signed(w, 31, 9, 9, v.b_zero);
  put_signed(w, 31, 18, 9, v.d_zero);
  put_bits(w, 31, 27, 2, static_cast<uint64_t>(v.c_steps));
  return d;
}
inline Vector decode_vector(const Descriptor& d) {
  Vector v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.src_addr = static_cast<uint32_t>(get_bits(w, 13, 0, 32));
  v.dst_addr = static_cast<uint32_t>(get_bits(w, 14, 0, 32));
  v.b_addr = static_cast<uint32_t>(get_bits(w, 15, 0, 32));
  v.channels = static_cast<uint32_t>(get_bits(w, 16, 0, 16));
  v.n0 = static_cast<uint32_t>(get_bits(w, 16, 16, 16));
  v.n1 = static_cast<uint32_t>(get_bits(w, 17, 0, 16));
  v.bias = static_cast<uint32_t>(get_bits(w, 17, 16, 1));
  v.scalar_params = static_cast<uint32_t>(get_bits(w, 17, 17, 1));
  v.b_broadcast = static_cast<uint32_t>(get_bits(w, 17, 18, 1));
  v.b_scaled = static_cast<uint32_t>(get_bits(w, 17, 19, 1));
  v.out_scaled = static_cast<uint32_t>(get_bits(w, 17, 20, 1));
  v.a_stride0 = static_cast<int32_t>(get_signed(w, 18, 0, 32));
  v.a_stride1 = static_cast<int32_t>(get_signed(w, 19, 0, 32));
  v.d_stride0 = static_cast<int32_t>(get_signed(w, 20, 0, 32));
  v.d_stride1 = static_cast<int32_t>(get_signed(w, 21, 0, 32));
  v.b_stride0 = static_cast<int32_t>(get_signed(w, 22, 0, 32));
  v.b_stride1 = static_cast<int32_t>(get_signed(w, 23, 0, 32));
  v.win_kh = static_cast<uint32_t>(get_bits(w, 24, 0, 8));
  v.win_kw = static_cast<uint32_t>(get_bits(w, 24, 8, 8));
  v.window = static_cast<WindowOp>(get_bits(w, 24, 16, 2));
  v.binary = static_cast<BinaryOp>(get_bits(w, 24, 18, 3));
  v.activation = static_cast<Activation>(get_bits(w, 24, 21, 2));
  v.requant = static_cast<Requant>(get_bits(w, 24, 23, 2));
  v.win_stride0 = static_cast<int32_t>(get_signed(w, 25, 0, 32));
  v.win_stride1 = static_cast<int32_t>(get_signed(w, 26, 0, 32));
  v.a_dtype = static_cast<Dtype>(get_bits(w, 27, 0, 4));
  v.b_dtype = static_cast<Dtype>(get_bits(w, 27, 4, 4));
  v.d_dtype = static_cast<Dtype>(get_bits(w, 27, 8, 4));
  v.a_space = static_cast<Space>(get_bits(w, 27, 12, 1));
  v.d_space = static_cast<Space>(get_bits(w, 27, 13, 1));
  v.function = static_cast<Function>(get_bits(w, 27, 14, 5));
  v.reduce = static_cast<Reduce>(get_bits(w, 27, 19, 2));
  v.param_addr = static_cast<uint32_t>(get_bits(w, 28, 0, 32));
  v.clip_lo = static_cast<uint32_t>(get_bits(w, 29, 0, 32));
  v.clip_hi = static_cast<uint32_t>(get_bits(w, 30, 0, 32));
  v.a_zero = static_cast<int32_t>(get_signed(w, 31, 0, 9));
  v.b_zero = static_cast<int32_t>(get_signed(w, 31, 9, 9));
  v.d_zero = static_cast<int32_t>(get_signed(w, 31, 18, 9));
  v.c_steps = static_cast<CSteps>(get_bits(w, 31, 27, 2));
  return v;
}

// Repeat the following descriptors, adding inc_X_level to their addresses at each iteration.
struct Repeat {
  Header header{.opcode = Opcode::kRepeat};
  uint32_t count{};
  uint32_t body{};
  uint32_t level{};
  bool operator==(const Repeat&) const = default;
};
inline Descriptor encode(const Repeat& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kRepeat);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 32, v.count);
  put_bits(w, 14, 0, 16, v.body);
  put_bits(w, 14, 16, 2, v.level);
  return d;
}
inline Repeat decode_repeat(const Descriptor& d) {
  Repeat v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.count = static_cast<uint32_t>(get_bits(w, 13, 0, 32));
  v.body = static_cast<uint32_t>(get_bits(w, 14, 0, 16));
  v.level = static_cast<uint32_t>(get_bits(w, 14, 16, 2));
  return v;
}

// Drain, then publish the sequence; optionally write a record to device memory and raise the interrupt. Address: a record.
struct Fence {
  Header header{.opcode = Opcode::kFence};
  uint64_t sequence{};
  uint64_t record_addr{};  // 0: none; else 64 bytes: sequence, cycles, macs, dram_read, dram_write, commands, overflow, 0 as u64
  uint32_t irq{};
  bool operator==(const Fence&) const = default;
};
inline Descriptor encode(const Fence& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kFence);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 64, v.sequence);
  put_bits(w, 15, 0, 64, v.record_addr);
  put_bits(w, 17, 0, 1, v.irq);
  return d;
}
inline Fence decode_fence(const Descriptor& d) {
  Fence v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.sequence = static_cast<uint64_t>(get_bits(w, 13, 0, 64));
  v.record_addr = static_cast<uint64_t>(get_bits(w, 15, 0, 64));
  v.irq = static_cast<uint32_t>(get_bits(w, 17, 0, 1));
  return v;
}

// Set, add to or subtract from a semaphore at once (at dispatch).
struct Sem {
  Header header{.opcode = Opcode::kSem};
  uint32_t id{};
  uint32_t value{};
  SemOp op{};
  bool operator==(const Sem&) const = default;
};
inline Descriptor encode(const Sem& v) {
  Descriptor d;
  put_header(d, v.header, Opcode::kSem);
  uint32_t* w = d.words.data();
  put_bits(w, 13, 0, 8, v.id);
  put_bits(w, 13, 8, 8, v.value);
  put_bits(w, 13, 16, 2, static_cast<uint64_t>(v.op));
  return d;
}
inline Sem decode_sem(const Descriptor& d) {
  Sem v;
  v.header = decode_header(d);
  const uint32_t* w = d.words.data();
  v.id = static_cast<uint32_t>(get_bits(w, 13, 0, 8));
  v.value = static_cast<uint32_t>(get_bits(w, 13, 8, 8));
  v.op = static_cast<SemOp>(get_bits(w, 13, 16, 2));
  return v;
}

inline constexpr FieldInfo kFieldsOfHeader[] = {
    {"opcode", 0, 0, 8, false},
    {"tag", 0, 16, 16, false},
    {"wait0_id", 1, 0, 8, false},
    {"wait0_count", 1, 8, 8, false},
    {"wait1_id", 1, 16, 8, false},
    {"wait1_count", 1, 24, 8, false},
    {"signal0_id", 2, 0, 8, false},
    {"signal0_count", 2, 8, 8, false},
    {"signal1_id", 2, 16, 8, false},
    {"signal1_count", 2, 24, 8, false},
    {"wait0_scope", 3, 0, 2, false},
    {"wait1_scope", 3, 2, 2, false},
    {"signal0_scope", 3, 4, 2, false},
    {"signal1_scope", 3, 6, 2, false},
    {"core", 3, 8, 8, false},
    {"inc_a_0", 4, 0, 32, true},
    {"inc_b_0", 5, 0, 32, true},
    {"inc_c_0", 6, 0, 32, true},
    {"inc_a_1", 7, 0, 32, true},
    {"inc_b_1", 8, 0, 32, true},
    {"inc_c_1", 9, 0, 32, true},
    {"inc_a_2", 10, 0, 32, true},
    {"inc_b_2", 11, 0, 32, true},
    {"inc_c_2", 12, 0, 32, true},
};
inline constexpr FieldInfo kFieldsOfLoad[] = {
    {"dram_addr", 13, 0, 64, false},
    {"local_addr", 15, 0, 32, false},
    {"row_bytes", 16, 0, 32, false},
    {"n0", 17, 0, 16, false},
    {"n1", 17, 16, 16, false},
    {"n2", 18, 0, 16, false},
    {"space", 18, 16, 1, false},
    {"dram_stride0", 19, 0, 32, true},
    {"dram_stride1", 20, 0, 32, true},
    {"dram_stride2", 21, 0, 32, true},
    {"local_stride0", 22, 0, 32, true},
    {"local_stride1", 23, 0, 32, true},
    {"local_stride2", 24, 0, 32, true},
    {"pad0_before", 25, 0, 16, false},
    {"pad0_after", 25, 16, 16, false},
    {"pad1_before", 26, 0, 16, false},
    {"pad1_after", 26, 16, 16, false},
    {"pad_pattern", 27, 0, 32, false},
    {"pad_bytes", 28, 0, 3, false},
    {"dtype_pair", 29, 0, 8, false},
    {"sparsity", 29, 8, 8, false},
    {"group_scale", 29, 16, 8, false},
    {"transpose", 29, 24, 1, false},
    {"far", 29, 25, 1, false},
};
inline constexpr FieldInfo kFieldsOfStore[] = {
    {"dram_addr", 13, 0, 64, false},
    {"local_addr", 15, 0, 32, false},
    {"row_bytes", 16, 0, 32, false},
    {"n0", 17, 0, 16, false},
    {"n1", 17, 16, 16, false},
    {"n2", 18, 0, 16, false},
    {"space", 18, 16, 1, false},
    {"dram_stride0", 19, 0, 32, true},
    {"dram_stride1", 20, 0, 32, true},
    {"dram_stride2", 21, 0, 32, true},
    {"local_stride0", 22, 0, 32, true},
    {"local_stride1", 23, 0, 32, true},
    {"local_stride2", 24, 0, 32, true},
    {"pad0_before", 25, 0, 16, false},
    {"pad0_after", 25, 16, 16, false},
    {"pad1_before", 26, 0, 16, false},
    {"pad1_after", 26, 16, 16, false},
    {"pad_pattern", 27, 0, 32, false},
    {"pad_bytes", 28, 0, 3, false},
    {"dtype_pair", 29, 0, 8, false},
    {"sparsity", 29, 8, 8, false},
    {"group_scale", 29, 16, 8, false},
    {"transpose", 29, 24, 1, false},
    {"far", 29, 25, 1, false},
};
inline constexpr FieldInfo kFieldsOfPreload[] = {
    {"addr", 13, 0, 32, false},
    {"rows", 14, 0, 16, false},
    {"cols", 14, 16, 16, false},
    {"row_stride", 15, 0, 32, false},
    {"dtype", 16, 0, 4, false},
    {"dataflow", 16, 4, 2, false},
    {"sparsity", 16, 8, 8, false},
    {"weights", 16, 16, 2, false},
    {"zero_point", 17, 0, 16, true},
};
inline constexpr FieldInfo kFieldsOfCompute[] = {
    {"addr", 13, 0, 32, false},
    {"acc_row", 14, 0, 32, false},
    {"m0", 15, 0, 16, false},
    {"m1", 15, 16, 16, false},
    {"m2", 16, 0, 16, false},
    {"acc_stride", 16, 16, 16, false},
    {"stride0", 17, 0, 32, true},
    {"stride1", 18, 0, 32, true},
    {"stride2", 19, 0, 32, true},
    {"rows", 20, 0, 16, false},
    {"cols", 20, 16, 16, false},
    {"k_c", 21, 0, 16, false},
    {"k_w", 21, 16, 16, false},
    {"c0", 22, 0, 16, false},
    {"kw0", 22, 16, 16, false},
    {"kw_stride", 23, 0, 32, true},
    {"kh_stride", 24, 0, 32, true},
    {"dtype", 25, 0, 4, false},
    {"dataflow", 25, 4, 2, false},
    {"accumulate", 25, 6, 1, false},
    {"swap", 25, 7, 1, false},
    {"zero_point", 26, 0, 16, true},
};
inline constexpr FieldInfo kFieldsOfVector[] = {
    {"src_addr", 13, 0, 32, false},
    {"dst_addr", 14, 0, 32, false},
    {"b_addr", 15, 0, 32, false},
    {"channels", 16, 0, 16, false},
    {"n0", 16, 16, 16, false},
    {"n1", 17, 0, 16, false},
    {"bias", 17, 16, 1, false},
    {"scalar_params", 17, 17, 1, false},
    {"b_broadcast", 17, 18, 1, false},
    {"b_scaled", 17, 19, 1, false},
    {"out_scaled", 17, 20, 1, false},
    {"a_stride0", 18, 0, 32, true},
    {"a_stride1", 19, 0, 32, true},
    {"d_stride0", 20, 0, 32, true},
    {"d_stride1", 21, 0, 32, true},
    {"b_stride0", 22, 0, 32, true},
    {"b_stride1", 23, 0, 32, true},
    {"win_kh", 24, 0, 8, false},
    {"win_kw", 24, 8, 8, false},
    {"window", 24, 16, 2, false},
    {"binary", 24, 18, 3, false},
    {"activation", 24, 21, 2, false},
    {"requant", 24, 23, 2, false},
    {"win_stride0", 25, 0, 32, true},
    {"win_stride1", 26, 0, 32, true},
    {"a_dtype", 27, 0, 4, false},
    {"b_dtype", 27, 4, 4, false},
    {"d_dtype", 27, 8, 4, false},
    {"a_space", 27, 12, 1, false},
    {"d_space", 27, 13, 1, false},
    {"function", 27, 14, 5, false},
    {"reduce", 27, 19, 2, false},
    {"param_addr", 28, 0, 32, false},
    {"clip_lo", 29, 0, 32, false},
    {"clip_hi", 30, 0, 32, false},
    {"a_zero", 31, 0, 9, true},
    {"b_zero", 31, 9, 9, true},
    {"d_zero", 31, 18, 9, true},
    {"c_steps", 31, 27, 2, false},
};
inline constexpr FieldInfo kFieldsOfRepeat[] = {
    {"count", 13, 0, 32, false},
    {"body", 14, 0, 16, false},
    {"level", 14, 16, 2, false},
};
inline constexpr FieldInfo kFieldsOfFence[] = {
    {"sequence", 13, 0, 64, false},
    {"record_addr", 15, 0, 64, false},
    {"irq", 17, 0, 1, false},
};
inline constexpr FieldInfo kFieldsOfSem[] = {
    {"id", 13, 0, 8, false},
    {"value", 13, 8, 8, false},
    {"op", 13, 16, 2, false},
};
struct CommandInfo {
  const char* name;
  Opcode opcode;
  Engine engine;
  std::array<uint32_t, kDescriptorWords> used;  // bits that fields name, the header's among them
  std::span<const FieldInfo> fields;            // without the header's
};
inline constexpr CommandInfo kCommands[] = {
    {"nop", Opcode::kNop, Engine::kControl,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x00000000, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,},
     {}},
    {"load", Opcode::kLoad, Engine::kLoad,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0x0001ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x00000007, 0x03ffffff, 0x00000000, 0x00000000,},
     kFieldsOfLoad},
    {"store", Opcode::kStore, Engine::kStore,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0x0001ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x00000007, 0x03ffffff, 0x00000000, 0x00000000,},
     kFieldsOfStore},
    {"preload", Opcode::kPreload, Engine::kPreload,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0x0003ff3f, 0x0000ffff, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,},
     kFieldsOfPreload},
    {"compute", Opcode::kCompute, Engine::kCompute,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0x000000ff, 0x0000ffff, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,},
     kFieldsOfCompute},
    {"vector", Opcode::kVector, Engine::kVector,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0x001fffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0x01ffffff, 0xffffffff, 0xffffffff, 0x001fffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1fffffff,},
     kFieldsOfVector},
    {"repeat", Opcode::kRepeat, Engine::kControl,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x0003ffff, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,},
     kFieldsOfRepeat},
    {"fence", Opcode::kFence, Engine::kControl,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0x00000001, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,},
     kFieldsOfFence},
    {"sem", Opcode::kSem, Engine::kControl,
     {0xffff00ff, 0xffffffff, 0xffffffff, 0x0000ffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x0003ffff, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
      0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,},
     kFieldsOfSem},
};

// Null where no command has this opcode.
constexpr const CommandInfo* find_command(Opcode code) {
  for (const CommandInfo& command : kCommands) {
    if (command.opcode == code) return &command;
  }
  return nullptr;
}

constexpr Engine engine_of(Opcode code) {
  const CommandInfo* command = find_command(code);
  return command ? command->engine : Engine::kControl;
}

// By the descriptor's opcode; of an unknown opcode nothing is reserved.
inline bool reserved_bits_clear(const Descriptor& d) {
  const CommandInfo* command = find_command(opcode(d));
  if (!command) return true;
  for (int i = 0; i < kDescriptorWords; ++i) {
    if (d.words[i] & ~command->used[i]) return false;
  }
  return true;
}

// Calls f with the decoded command's struct; false, and no call, for an unknown opcode.
template <typename F>
bool visit(const Descriptor& d, F&& f) {
  switch (opcode(d)) {
    case Opcode::kNop: std::forward<F>(f)(decode_nop(d)); return true;
    case Opcode::kLoad: std::forward<F>(f)(decode_load(d)); return true;
    case Opcode::kStore: std::forward<F>(f)(decode_store(d)); return true;
    case Opcode::kPreload: std::forward<F>(f)(decode_preload(d)); return true;
    case Opcode::kCompute: std::forward<F>(f)(decode_compute(d)); return true;
    case Opcode::kVector: std::forward<F>(f)(decode_vector(d)); return true;
    case Opcode::kRepeat: std::forward<F>(f)(decode_repeat(d)); return true;
    case Opcode::kFence: std::forward<F>(f)(decode_fence(d)); return true;
    case Opcode::kSem: std::forward<F>(f)(decode_sem(d)); return true;
  }
  return false;
}

}  // namespace systole::contract

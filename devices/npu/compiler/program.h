// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A compiled command list: contract descriptors whose device addresses are still to be filled in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "hal/buffer.h"

namespace systole::npu {

enum class Target : uint8_t {
  kBuffer,     // Program::buffers[index]: its device address
  kSlot,       // slot `index` of the command list: device address + offset of the view bound at submit
  kConstants,  // Program::constants, placed by the driver at a multiple of kConstantAlignment
  kScratch,    // scratch_bytes of device memory, at a multiple of kConstantAlignment
  kRecords,    // 64 bytes for each op, in op order: where its FENCE writes its record
  kOnChip,     // not device memory but the scratchpad, at the offset: never a relocation
};

inline constexpr int64_t kConstantAlignment = 4096;

// The 64-bit address field of descriptors[descriptor] (dram_addr of LOAD and STORE, record_addr of FENCE: both are
// called by name in patch_address) becomes base(target, index) + offset.
struct Relocation {
  uint32_t descriptor = 0;
  Target target = Target::kBuffer;
  int32_t index = 0;
  int64_t offset = 0;  // bytes
};

// Overwrites the 64-bit address field of a LOAD, STORE or FENCE; aborts for any other command.
void patch_address(contract::Descriptor& descriptor, uint64_t address);

// Addresses of that target and index lie so many bytes further on.
struct Move {
  Target target = Target::kBuffer;
  int32_t index = 0;
  int64_t bytes = 0;
};

// The commands of one HAL command. The last one is its FENCE, whose sequence is the op's index + 1: the driver adds the
// count of fences that it submitted before (patch_fence). An op of no elements is its FENCE alone. Ops that differ in
// tag and addresses alone have one range of descriptors and relocations: expand() makes each one's.
struct OpRange {
  uint32_t first = 0;                                 // descriptor index
  uint32_t last = 0;                                  // the FENCE
  std::vector<Move> moves;                            // of the relocations, first match; empty: the range is its own
  uint16_t tag = 0;                                   // header.tag of the range's commands: op index mod 65536
  std::string name;                                   // the OpCall's name, or "copy_bytes", "fill_bytes"
  std::string kind;                                   // "matmul", "conv2d", ..., "copy_bytes", "fill_bytes"
  std::string plan;                                   // one line for reports: tile sizes and path chosen
  int64_t macs = 0;                                   // useful multiply-accumulates
  int64_t dram_read_bytes = 0, dram_write_bytes = 0;  // planned traffic, before bursts are rounded
  int64_t on_chip_bytes = 0;                          // moved within the scratchpad instead, for resident tensors
  int64_t scratchpad_bytes = 0;                       // in use by this op, beside resident tensors
  int64_t resident_bytes = 0;                         // of tensors that are kept while it runs
  int64_t accumulator_rows = 0;
};

// Sets the FENCE's sequence and whether it raises the interrupt; aborts for any other command.
void patch_fence(contract::Descriptor& descriptor, uint64_t sequence, bool irq);

// Immutable after compile. Keeps the buffers that it reads and writes alive.
struct Program {
  std::vector<contract::Descriptor> descriptors;
  std::vector<Relocation> relocations;  // ascending by descriptor, at most one each
  std::vector<std::shared_ptr<Buffer>> buffers;
  // Packed weights, parameters; written once to device memory before the first run. Without values there is only their
  // size.
  std::vector<std::byte> constants;
  int64_t constant_bytes = 0;
  bool values = true;
  int64_t scratch_bytes = 0;
  std::vector<OpRange> ops;  // ranges follow one another, but those with moves
  int64_t scratchpad_high_water_bytes = 0;
  int64_t accumulator_high_water_rows = 0;
};

// Appends the commands of an op, their addresses not filled in, and the relocations, whose descriptors count from the
// first that is there already.
void expand(const Program& program, size_t op, std::vector<contract::Descriptor>& commands,
            std::vector<Relocation>& relocations);
// The same program with a range for each op.
Program flat(Program program);

}  // namespace systole::npu

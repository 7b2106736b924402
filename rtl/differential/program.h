// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A command program with the memory that it starts from: plain data, and a text file.
//
//   systole-program 1
//   npu 4x4                             # 4x4, 8x8, a preset or a YAML file, with the lines `set KEY=VALUE` after it
//   watchdog 20000
//   expects_error                       # where one command is wrong
//   fill 0x58000 4096 f32 17            # address, bytes, what kind of values, seed
//   load tag=3 signal0_id=5 signal0_count=1 dram_addr=0x58000 row_bytes=64 n0=1 n1=1 n2=1
//   raw 0x000000ee 0x0 ...              # a descriptor that no command is encoded as; trailing zeros may be left out
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"

namespace systole::differential {

// Device memory of every program. Window 0 is what may be written, window 1 (constants) may only be read.
inline constexpr uint64_t kDramBytes = 512 * 1024, kRecords = 0x10000, kData = 0x14000, kConstants = 0x58000;
inline constexpr uint32_t kRingDescriptors = 512;  // from address 0 on

enum class Values : uint8_t { kBytes, kI32, kF32, kBf16, kScale, kShift };  // kScale: f32, and a Q31 multiplier
const char* name(Values kind);

struct Fill {
  uint64_t address = 0, bytes = 0;
  Values kind = Values::kBytes;
  uint64_t seed = 0;
};

struct Program {
  std::string npu;                    // what it was made for
  std::vector<std::string> settings;  // KEY=VALUE
  uint32_t watchdog = 20000;
  bool expects_error = false;  // then the interpreter, which knows none, has no say
  std::vector<Fill> fills;
  std::vector<contract::Descriptor> commands;  // the last one a FENCE with an interrupt, unless it fails before
};

// What device memory holds before the program runs, kDramBytes of it; the ring with its commands too.
std::vector<std::byte> initial_memory(const Program& program);

// A command as a line of the text: its name and the fields that are not zero.
std::string to_text(const contract::Descriptor& command);
std::string to_text(const Program& program);
// False, and "NAME:LINE: expected ..., got ..." in `error`, where the text is no program.
bool from_text(const std::string& text, const std::string& name, Program& program, std::string& error);

// A small NPU with every feature: "4x4" or "8x8"; false for another name.
bool small_spec(const std::string& name, spec::NpuSpec& spec);
// The spec with the memory of programs; "" or why it can't run them.
std::string adapt(spec::NpuSpec& spec);

}  // namespace systole::differential

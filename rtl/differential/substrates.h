// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What runs a program: the model and the RTL, through their registers alone, and the interpreter of the command set.
// Each is used for program after program, with a reset before each. One caller at a time.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rtl/differential/program.h"
#include "sim/npu.h"

namespace systole::differential {

// A command of a queue; cycles counted from the doorbell.
struct CommandTimes {
  uint64_t index = 0;     // in order of dispatch, of those that completed
  uint64_t sequence = 0;  // ring index
  int engine = 0;
  uint64_t dispatch = 0, issue = 0, port_free = 0, complete = 0;
};

// Cycles by cause (docs/timing.md, section 9), by the tag of the command that they are charged to.
using Causes = std::map<uint16_t, std::array<uint64_t, sim::kCauses>>;
Causes causes_of(const sim::Stats& stats);

struct Outcome {
  std::string problem;            // "", or why there is no result: a deadlock, a read of what was never written
  bool racing = false;            // the model's race check found something; `problem` says what
  bool nan_bits_read = false;     // the values hang on the bits of a NaN, which are free
  std::vector<std::byte> memory;  // of the device, afterwards
  std::vector<bool> free;         // by byte of it; empty: none. Bits of a NaN, or counters of a fence record
  std::vector<std::pair<const char*, uint32_t>> registers;  // all that can be read; none: the substrate has none
  bool timed = false;                                       // the substrate has time
  std::vector<CommandTimes> commands;                       // by index
  Causes causes;                                            // since reset
  uint64_t cycles = 0;                                      // from the doorbell to the last fence or error
};

class Substrate {
 public:
  virtual ~Substrate() = default;
  virtual const char* name() const = 0;
  virtual Outcome run(const Program& program) = 0;
  // The next program's signals go to this file, from `cycle` after the doorbell on; false where that can't be.
  virtual bool waves(const std::string& file, uint64_t cycle) {
    (void)file, (void)cycle;
    return false;
  }
};

// Null and a sentence in `error` where the spec can't be built.
std::unique_ptr<Substrate> make_model(const spec::NpuSpec& spec, bool race_check, std::string& error);
std::unique_ptr<Substrate> make_interpreter(const spec::NpuSpec& spec);

struct RtlOptions {
  std::string sources;  // the folder rtl/
  std::string cache;    // rtl::BuildRequest's
  bool waves = false;   // able to write them
};
enum class Missing { kNothing, kVerilator, kUnsupported, kFailed };
// Verilates where the library isn't there yet: a minute.
std::unique_ptr<Substrate> make_rtl(const spec::NpuSpec& spec, const RtlOptions& options, Missing& missing,
                                    std::string& error);

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "rtl/differential/substrates.h"
#include "rtl/interpreter/interpreter.h"

namespace systole::differential {
namespace {

class InterpreterSubstrate final : public Substrate {
 public:
  explicit InterpreterSubstrate(const spec::NpuSpec& spec) : spec_(spec) {}
  const char* name() const override { return "interpreter"; }
  Outcome run(const Program& program) override {
    Outcome outcome;
    reference::Interpreter machine(spec_, kDramBytes, ++order_);
    machine.dram() = initial_memory(program);
    outcome.problem = machine.run(program.commands);
    outcome.nan_bits_read = machine.nan_bits_read();
    outcome.memory = machine.dram();
    outcome.free.assign(kDramBytes, false);
    for (size_t at = kRecords; at < kDramBytes; ++at)
      outcome.free[at] = at < kData ? at % 64 >= 8 : machine.part_of_nan(at);
    return outcome;
  }

 private:
  spec::NpuSpec spec_;
  uint32_t order_ = 0;  // another choice among the engines for every program
};

}  // namespace

std::unique_ptr<Substrate> make_interpreter(const spec::NpuSpec& spec) {
  return std::make_unique<InterpreterSubstrate>(spec);
}

}  // namespace systole::differential

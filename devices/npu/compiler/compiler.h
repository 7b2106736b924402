// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From HAL command lists to the tiled commands of configs/contract/npu.yaml, for any NPU that a spec describes.
#pragma once

#include "configs/spec/npu_spec.h"
#include "devices/npu/compiler/program.h"
#include "devices/npu/compiler/rendezvous.h"
#include "devices/npu/compiler/residency.h"
#include "hal/command_list.h"
#include "hal/device.h"
#include "hal/op.h"

namespace systole::npu {

// Stateless after construction: every method may be called from any thread.
class Compiler {
 public:
  // residency: what may be in the scratchpad from op to op. values: constants are read and packed; without, their
  // places are kept, and the program has the same cycles.
  explicit Compiler(const spec::NpuSpec& spec, Residency residency = Residency::kTensors, bool values = true)
      : spec_(spec), residency_(residency), values_(values) {}

  // Whether compile takes the op, with any of its inputs frozen or not. It runs the same planning as compile.
  Support supports(const OpDesc& op) const;

  // Frozen inputs are read now and packed into Program::constants; every other operand is addressed at run time.
  // kUnsupported with the reason supports gives, kOutOfMemory with both sizes where a tile fits no memory.
  Result<Program> compile(const CommandList& list) const;
  // The same for all cores, a program each, with as many ops: each op is shared out, and all cores begin it together.
  // Of several cores, tensors don't stay in the scratchpad between ops.
  Result<std::vector<Program>> compile_for_cores(const CommandList& list) const;

  const spec::NpuSpec& spec() const { return spec_; }

 private:
  Result<Program> compile(std::span<const Command> commands, const spec::NpuSpec& spec, Residency residency,
                          const Rendezvous& rendezvous) const;

  spec::NpuSpec spec_;
  Residency residency_;
  bool values_;
};

}  // namespace systole::npu

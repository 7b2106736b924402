// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tensors that stay in the scratchpad from the op that makes them to the last that reads them, and weights that come
// there while the op before is running.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "devices/npu/compiler/lower.h"
#include "hal/command_list.h"

namespace systole::npu {

// One op, planned beside what is resident while it runs.
struct PlacedOp {
  std::unique_ptr<LoweredOp> lowered;  // null: not an op
  std::vector<int64_t> on_chip;        // by input, then the output: scratchpad byte, or -1
  int64_t resident_bytes = 0;          // of all that is kept while it runs
  int64_t room = 0;                    // scratchpad bytes below them; 0: all
  size_t next = 0;                     // the command whose first weights come while this one runs; 0: none
};

enum class Residency : uint8_t { kOff, kTensors, kWeights, kBoth };

// One entry a command. Tensors are kept, greedily, where the planned traffic of the ops between shrinks and their
// estimated cycles do not grow; then weights may come ahead where no plan changes by it. The status of the first op
// that can't be lowered, with its index.
struct Placement {
  std::vector<PlacedOp> ops;
  Status status;
  size_t failed = 0;
};
Placement place_ops(std::span<const Command> commands, const spec::NpuSpec& spec, Residency what);

}  // namespace systole::npu

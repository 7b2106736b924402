// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A compiled command list: what compile.cpp makes of commands and executable.cpp runs.
#pragma once

#include <memory>
#include <vector>

#include "devices/gpu/core.h"
#include "devices/gpu/gpu_buffer.h"
#include "hal/command_list.h"
#include "hal/device.h"

namespace systole::gpu {

// Memory known at compile, or of what is bound to a slot at run.
struct Place {
  Memory* memory = nullptr;
  int slot = -1;
  int64_t offset = 0;  // bytes; of a slot, from what is bound
};

struct ReadyLaunch {
  std::shared_ptr<Kernel> kernel;
  Grid grid;
  std::vector<Place> operands;
  std::vector<std::byte> params;
};

struct Step {
  Command command;  // keeps its buffers
  std::vector<ReadyLaunch> launches;
  Place source, target;  // of a copy; the second of a fill as well
  ProfileRecord record;  // all but the times
};

struct CompiledList {
  std::vector<Step> steps;
  std::vector<int64_t> slot_alignments;              // bytes, of what is bound to each
  std::vector<std::shared_ptr<Memory>> host_memory;  // uploaded or imported
  std::vector<std::shared_ptr<Constant>> constants;
  std::vector<Block> blocks;  // scratch, and weights packed anew at every run
};

// Uploads constants, builds kernels, packs weights. kUnsupported for memory that is not the device's.
Result<CompiledList> compile_list(const std::shared_ptr<Core>& core, ConstantCache& constants, const CommandList& list);

std::shared_ptr<Executable> make_executable(std::shared_ptr<Core> core, std::shared_ptr<ConstantCache> constants,
                                            CompiledList compiled);

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One command list shared out over the cores of an NPU: each op becomes the same op on slices of its operands.
#pragma once

#include <span>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "hal/command_list.h"

namespace systole::npu {

// [core][command]: a list for each core, of as many commands as there are. All shares of a command together write what
// it writes; those of one command may run at the same time, those of the next need all of them. A core without a share
// has a fill of no elements. An op is cut along one axis of its output, the one whose greatest share is planned to take
// the fewest cycles, or not at all.
std::vector<std::vector<Command>> share_out(std::span<const Command> commands, const spec::NpuSpec& spec);

// What one core plans with: its part of the memory's rate.
spec::NpuSpec share_of(const spec::NpuSpec& spec);

}  // namespace systole::npu

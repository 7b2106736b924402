// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A compiled program as bytes: the golden command stream of a list, with what is still to be filled in.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "devices/npu/compiler/program.h"
#include "hal/command_list.h"

namespace systole::npu {

// Buffers are written as their places among those of the list, in the order in which its commands name them.
std::vector<std::byte> write_image(const Program& program, const CommandList& list, const spec::NpuSpec& spec);

// kUnsupported for another contract or hardware, with both hashes; kDataLoss for bytes that are no program: every
// count, number and command is checked against what is there. What addresses a command is given at last is for the
// device's windows to judge.
Result<Program> read_image(std::span<const std::byte> image, const CommandList& list, const spec::NpuSpec& spec);

}  // namespace systole::npu

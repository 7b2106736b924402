// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Plain bytes: copy_bytes and fill_bytes of command lists.
#pragma once

#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// Copies `bytes` from the call's input to its output, or fills the output where pattern_bytes is 1, 2 or 4.
Lowered lower_bytes(int64_t bytes, uint32_t pattern, int pattern_bytes, const spec::NpuSpec& spec);

}  // namespace systole::npu

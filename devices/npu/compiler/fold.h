// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Finds loops in a stream of commands: runs of blocks that differ only by constant address increments become REPEATs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "devices/npu/compiler/emitter.h"

namespace systole::npu {

inline constexpr int kRepeatLevels = 3;

// One pass over items[from, end). A body, with the loops in it, has at most `loop_buffer` items; loops nest at most
// kRepeatLevels deep. `repeat(count, body, level)` gives the form of a REPEAT. Unrolling the result gives the same stream.
void fold_once(std::vector<Item>& items, size_t from, size_t loop_buffer, const std::vector<Form>& forms,
               std::vector<Steps>& steps, const std::function<uint32_t(uint32_t, uint32_t, int)>& repeat);

}  // namespace systole::npu

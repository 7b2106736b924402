// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where in an op's commands there is time to load what the next op begins with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "devices/npu/compiler/emitter.h"

namespace systole::npu {

// Between two loads of the op's own, or behind its last: before the item there.
struct LoadGap {
  size_t at = 0;
  int64_t room = 0;  // bytes for which there is time from there to the op's end while nothing of its own is loaded
};

// From the last to the first, from an estimate of when each command begins and ends. Items before `from` are loops
// already, and left alone. There is one at least.
std::vector<LoadGap> load_gaps(const std::vector<Item>& items, size_t from, const std::vector<Form>& forms,
                               const spec::NpuSpec& spec);

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Semaphores inside a loop: one for each pair of commands that has to be ordered, forward within an iteration,
// backward to a later one with as many counts beforehand as iterations may overlap.
#pragma once

#include <utility>
#include <vector>

#include "rtl/differential/footprint.h"

namespace systole::differential {

struct LoopOrder {
  std::vector<contract::Descriptor> commands;          // the REPEAT and its body, with waits and signals
  std::vector<std::pair<uint32_t, uint32_t>> credits;  // semaphore, count before the loop, and again after it
};

// `loop` is a REPEAT with its body, loops in it among them. False where slots, semaphores or counts don't suffice.
bool order_loop(const std::vector<contract::Descriptor>& loop, const spec::NpuSpec& spec,
                const std::vector<uint32_t>& semaphores, LoopOrder& order);

}  // namespace systole::differential

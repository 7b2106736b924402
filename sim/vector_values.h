// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The values of a VECTOR command: the contract's numbered steps, a pixel at a time, channels side by side.
#pragma once

#include <cstdint>

#include "sim/local_memory.h"
#include "sim/vector_shape.h"

namespace systole::sim {

// `lanes` orders a reduction.
void run_vector_chain(const contract::Vector& command, uint64_t lanes, LocalMemory& scratchpad,
                      LocalMemory& accumulators);

}  // namespace systole::sim

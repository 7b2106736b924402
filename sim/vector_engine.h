// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector engine: one-pass chains at a fixed rate (docs/timing.md, section 5).
#pragma once

#include <memory>

#include "configs/spec/npu_spec.h"
#include "sim/engine_model.h"
#include "sim/local_memory.h"

namespace systole::sim {

std::unique_ptr<EngineModel> make_vector_engine(const spec::NpuSpec& spec, LocalMemory& scratchpad,
                                                LocalMemory& accumulators, bool functional);

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The two engines of the array: PRELOAD fills the shadow weights, COMPUTE streams vectors. One timer, one array.
#pragma once

#include <memory>

#include "sim/array_port.h"
#include "sim/array_timer.h"
#include "sim/engine_model.h"

namespace systole::sim {

struct ArrayContext {
  const spec::NpuSpec& spec;
  ArrayTimer& timer;
  ArrayPort* values;  // null: cycles only
  LocalMemory& scratchpad;
  LocalMemory& accumulators;
  bool& active_is_bf16;  // type of the weights in the array
  bool& shadow_is_bf16;
};

std::unique_ptr<EngineModel> make_preload_engine(ArrayContext context);
std::unique_ptr<EngineModel> make_compute_engine(ArrayContext context);

}  // namespace systole::sim

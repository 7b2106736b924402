// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The two engines of the array: PRELOAD fills the shadow weights, COMPUTE streams vectors. One timer, one array.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "sim/array_port.h"
#include "sim/array_timer.h"
#include "sim/engine_model.h"

namespace systole::sim {

struct ArrayState {
  bool active_is_bf16 = false, shadow_is_bf16 = false;  // type of the weights
  std::optional<contract::Preload> matrix;              // of an output-stationary PRELOAD whose COMPUTE is to come
};

struct ArrayContext {
  const spec::NpuSpec& spec;
  ArrayTimer& timer;
  ArrayPort* values;  // null: cycles only
  LocalMemory& scratchpad;
  LocalMemory& accumulators;
  ArrayState& state;
  // An output-stationary PRELOAD ends with its COMPUTE: told when that issues.
  std::function<void(uint64_t port_free, uint64_t complete)> preload_ends;
};

Box matrix_box(const contract::Preload& command);  // what it reads of the scratchpad
std::unique_ptr<EngineModel> make_preload_engine(ArrayContext context);
std::unique_ptr<EngineModel> make_compute_engine(ArrayContext context);

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The array's values by the kernels of hal/numeric.
#pragma once

#include <memory>

#include "configs/spec/npu_spec.h"
#include "sim/array_port.h"

namespace systole::sim {

std::unique_ptr<ArrayPort> make_functional_array(const spec::ArraySpec& spec);

}  // namespace systole::sim

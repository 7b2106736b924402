// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Values for weights that a model file does not hold: seeded, the same on every machine, and such that activations keep
// their variance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Whether input `index` of operator `type` is a weight in every network, never data.
bool is_weight_position(const std::string& type, size_t index);

// Gives data to value `id`, whose shape is known: variance 2/fan_in for weights of convolutions and matrix products,
// near 1 for a batch norm's scale and variance, small for the rest. Reads through Identity nodes to find the use. The
// values depend on `seed` and the value's name only.
Status synthesize_weight(Graph& graph, ValueId id, uint64_t seed);

// `count` numbers of mean 0 and variance 1 from sums of four 16-bit uniforms: integer arithmetic and one rounding.
std::vector<float> seeded_normal(uint64_t seed, const std::string& name, int64_t count);

}  // namespace systole::graph

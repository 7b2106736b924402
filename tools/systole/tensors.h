// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Inputs and outputs of a run as files, and seeded inputs where no file is given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "hal/status.h"

namespace systole::cli {

// `files`: "name=FILE". What has no file gets seeded values: floats of unit variance, 8-bit integers over their range,
// other integers from 0 to 99, or to the last entry of the table they index. kInvalidArgument names the input where
// type, shape or name disagree. values = false: the device computes none, and what is resident there is left alone.
Result<graph::TensorMap> make_inputs(const graph::Graph& graph, const std::vector<std::string>& files, uint64_t seed,
                                     bool values = true);

// Writes DIRECTORY/NAME.npy; characters that make no file name become '_'.
Status dump_outputs(const graph::TensorMap& outputs, const std::string& directory);

}  // namespace systole::cli

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One op by name and shapes, as `bench --op` takes it.
#pragma once

#include <string>
#include <vector>

#include "hal/device.h"
#include "hal/op.h"

namespace systole::cli {

// `shapes`: "1x64x56x56,64x64x3x3", the op's inputs; images of rank 4 are channels-last. `attributes`: "stride=2".
// kInvalidArgument says what was expected.
Result<OpDesc> parse_op(const std::string& name, const std::string& shapes, const std::string& type,
                        const std::vector<std::string>& attributes);
std::string op_help();  // every name with the inputs and attributes it takes

// A list that runs the ops in order, with memory of its own; operands from the second on of ops with weights are
// constants, and an op's first input is what the one before it gave where the two are equally described: that tensor
// may stay on chip. Values are small and finite.
Result<std::shared_ptr<CommandList>> record_ops(const std::shared_ptr<Device>& device, const std::vector<OpDesc>& ops);

}  // namespace systole::cli

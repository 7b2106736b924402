// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One op on one device with operands made from a seed: what the op tests and the differential tests run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hal/device.h"
#include "hal/op.h"
#include "tests/conformance/op_values.h"

namespace systole::conformance {

// Inputs marked constant are given as frozen kConstant buffers, as a model's weights are.
struct OpCase {
  OpDesc desc;
  std::vector<bool> constant;  // by input; missing: false
  uint64_t seed = 1;
  int64_t offset = 0;  // bytes before every operand in its buffer
};

std::vector<Bytes> random_inputs(const OpCase& op_case);

// The call with memory: inputs in device buffers, constants frozen, outputs of a pattern with some bytes behind them.
OpCall make_call(Device& device, const OpCase& op_case, const std::vector<Bytes>& inputs);

// The outputs' spans. Everything between record and read-back is checked on the way, and that nothing beside the
// elements was written.
Result<std::vector<Bytes>> run_case(std::shared_ptr<Device> device, const OpCase& op_case,
                                    const std::vector<Bytes>& inputs, Profile* profile = nullptr);

// "" when the device's outputs are within the bound of tests/tolerance.h of ref's; else the first difference.
// Throws NotSupported where the device refuses, after checking that it refuses honestly.
std::string compare_with_ref(std::shared_ptr<Device> device, std::shared_ptr<Device> ref, const OpCase& op_case);

}  // namespace systole::conformance

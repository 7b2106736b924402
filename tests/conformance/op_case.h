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
#include "tests/conformance/memory.h"

namespace systole::conformance {

// Inputs marked constant are given as frozen kConstant buffers, as a model's weights are.
struct OpCase {
  OpDesc desc;
  std::vector<bool> constant;  // by input; missing: false
  uint64_t seed = 1;
  int64_t offset = 0;  // bytes before every operand in its buffer
};

// Random content for a description: floats in [-1, 1] that the type holds exactly, integers over their whole range
// (i32: of a bias, +-10000), booleans. Gaps of strided tensors are zero.
Bytes random_operand(const TensorDesc& desc, uint64_t seed);
// Magnitudes instead: the same floats, positive.
Bytes magnitudes(const TensorDesc& desc, Bytes content);
std::vector<Bytes> random_inputs(const OpCase& op_case);

// The call with memory: inputs in device buffers, constants frozen, outputs zeroed.
OpCall make_call(Device& device, const OpCase& op_case, const std::vector<Bytes>& inputs);

// The outputs' spans. Everything between record and read-back is checked on the way.
Result<std::vector<Bytes>> run_case(std::shared_ptr<Device> device, const OpCase& op_case,
                                    const std::vector<Bytes>& inputs, Profile* profile = nullptr);

// The elements in row-major order, as doubles (stored values of integers).
std::vector<double> elements(const TensorDesc& desc, const Bytes& content);

// "" when the device's outputs are within the bound of tests/tolerance.h of ref's; else the first difference.
// Throws NotSupported where the device refuses, after checking that it refuses honestly.
std::string compare_with_ref(std::shared_ptr<Device> device, std::shared_ptr<Device> ref, const OpCase& op_case);

}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops compiled for an NPU and run by the interpreter, beside the same ops on the reference device.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "devices/npu/compiler/compiler.h"
#include "hal/device.h"

namespace systole::npu::testing {

struct Case {
  OpDesc op;
  std::vector<bool> constant;  // by input: frozen host memory, as a model's weights are; missing: false
  std::vector<int64_t> at;     // by input: its byte in one buffer, which all share; empty: each has its own
};

std::shared_ptr<Device> reference();
spec::NpuSpec preset(const std::string& name);

std::shared_ptr<const Quantization> quantized(float scale, int32_t zero);
std::shared_ptr<const Quantization> quantized_channels(std::mt19937& random, int64_t channels, float scale,
                                                       int32_t zero, int axis);
// NHWC strides with `gap` bytes (a multiple of the element) behind every pixel: a slice of a concatenation.
TensorDesc image(DType type, Shape shape, std::shared_ptr<const Quantization> quant = nullptr, int64_t gap = 0);

struct Outcome {
  std::string error;  // "" when every order of engines gave the reference's values
  size_t descriptors = 0;
  uint64_t commands = 0;
  Program program;
};
// Runs the case once on the reference and, in `orders` different orders of the engines, on the interpreter. Integers
// must agree to the bit, gaps between elements must stay untouched, floats lie within the bound of a sum of `terms`
// terms.
Outcome check(const Case& test, const spec::NpuSpec& spec, uint32_t seed, int orders = 3, int64_t terms = 1);
// The same with every wait on one semaphore taken out of the program: its error is expected not to be "".
Outcome check_without(int semaphore, const Case& test, const spec::NpuSpec& spec, uint32_t seed, int orders,
                      int64_t terms = 1);

// copy_bytes of `bytes` from an odd offset and fill_bytes of the rest with a pattern, in one list, against the
// reference.
std::string check_bytes(int64_t bytes, const spec::NpuSpec& spec, int pattern_bytes);

}  // namespace systole::npu::testing

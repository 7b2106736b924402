// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Devices and random op cases of the cpu tests.
#pragma once

#include <random>

#include "devices/cpu/cpu_device.h"
#include "devices/ref/ref_device.h"
#include "hal/queue.h"
#include "hal/registry.h"
#include "tests/conformance/op_case.h"
#include "tests/conformance/suite.h"

namespace systole::tests {

// Fails the test by an exception where the URI doesn't open.
std::shared_ptr<Device> open_device(const std::string& uri);

using conformance::OpCase;
// 8-bit operands with zero points; weights per channel or not, of either sign, with zero points at times; y i8, u8 or
// i32.
OpCase random_integer_conv(uint64_t seed);
OpCase random_integer_matmul(uint64_t seed);
// f32 or bf16.
OpCase random_float_conv(uint64_t seed);
// f32, with strided and broadcast batches and every activation.
OpCase random_float_matmul(uint64_t seed);

}  // namespace systole::tests

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operands from a seed, and reading them back, for every element type.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hal/tensor.h"
#include "tests/conformance/memory.h"

namespace systole::conformance {

// Calls visit(byte offset, whether the high half of that byte) for every element in row-major order; whole bytes have
// no halves.
void for_each_element(const TensorDesc& desc, const std::function<void(int64_t, bool)>& visit);

// Random content for a description: floats in [-1, 1] that f16 and bf16 hold exactly (f32 with digits beyond), integers
// of up to 16 bits over their whole range, wider ones mostly +-10000 with a few of their whole range, booleans. Gaps of
// strided tensors are zero.
Bytes random_operand(const TensorDesc& desc, uint64_t seed);
// Magnitudes instead: the same floats, positive; integers too where asked (i8 and i4: -128 and -8 become 127 and 7).
Bytes magnitudes(const TensorDesc& desc, Bytes content, bool of_integers);

// The elements in row-major order, as doubles (stored values of integers).
std::vector<double> elements(const TensorDesc& desc, const Bytes& content);
// True where no byte outside the elements differs.
bool gaps_are_equal(const TensorDesc& desc, Bytes a, Bytes b);

}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What happens to a sum of products before it is stored: Epilogue of hal/op.h.
#pragma once

#include <vector>

#include "devices/ref/elements.h"
#include "devices/ref/functions.h"
#include "devices/ref/kernels.h"

namespace systole::ref {

// Bounds in stored values of a quantized tensor that an activation clamps to.
IntegerRange clamp_range(const TensorDesc& y, Activation activation, float low, float high);

// Stores the sums of a row-major y; the channel of element i is i / inner % channels. Inputs are those of the op.
// T: float or double; uint32_t holds i32 sums, which wrap.
template <typename T>
void store_sums(const Epilogue& epilogue, Tensors inputs, const HostTensor& y, std::vector<T> sums, int64_t inner,
                int64_t channels);

}  // namespace systole::ref

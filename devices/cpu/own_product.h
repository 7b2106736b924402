// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The products of onednn.h from hal/numeric's kernels: for f64, for machines and shapes without a oneDNN kernel, and
// where oneDNN is switched off. f32 sums run in the contract's order. y is f32, or f64 for f64.
#pragma once

#include "devices/cpu/onednn.h"
#include "devices/cpu/workers.h"

namespace systole::cpu {

// Types: f32 or f64.
std::unique_ptr<Product> own_conv(const ConvSpec& spec, const Workers& workers);
std::unique_ptr<Product> own_matmul(const MatmulSpec& spec, const Workers& workers);

}  // namespace systole::cpu

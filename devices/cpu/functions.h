// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The functions of Unary and of Activation over a row of floats or doubles, in place.
#pragma once

#include <cstdint>

#include "hal/op.h"

namespace systole::cpu {

void apply_unary(const Unary& op, float* row, int64_t count);
void apply_unary(const Unary& op, double* row, int64_t count);

// The same function by its other name.
Unary function_of(Activation activation, float low, float high);

// Rows `stride` floats apart.
void activate_rows(Activation activation, float low, float high, float* row, int64_t rows, int64_t stride,
                   int64_t count);
void activate(Activation activation, float low, float high, float* row, int64_t count);
void activate(Activation activation, float low, float high, double* row, int64_t count);

}  // namespace systole::cpu

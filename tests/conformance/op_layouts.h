// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The ways in which the elements of a tensor may lie.
#pragma once

#include "tests/conformance/op_cases.h"

namespace systole::conformance {

enum class Lie {
  kDense,         // row-major
  kChannelsLast,  // rank 4; others lie dense
  kReversed,      // the first axis innermost; 4-bit types lie dense
  kGaps,          // a window of a larger row-major tensor
  kBroadcast,     // kDense, but the first axis has stride 0: inputs only
};

// A description of that type and shape that lies that way.
TensorDesc lying(DType dtype, const Shape& shape, Lie lie, QuantPtr quant = nullptr);

}  // namespace systole::conformance

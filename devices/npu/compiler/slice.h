// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An op on a range of its output's positions along one axis.
#pragma once

#include <optional>

#include "hal/op.h"

namespace systole::npu {

// The call that writes positions [first, first + count), count > 0, of `axis` of the output, on views of the same
// buffers: padding, groups and the keys of a causal mask are the range's. None where the axis can't be cut.
std::optional<OpCall> sliced(const OpCall& call, int axis, int64_t first, int64_t count);

// Ranges along the axis begin at multiples of it: whole groups of a convolution, whole bytes of packed elements;
// else 1.
int64_t slice_granule(const OpCall& call, int axis);

}  // namespace systole::npu

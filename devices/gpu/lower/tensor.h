// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ways to compute on tensor cores (kernels/warp.cl), the likely best first; none where the device has none, or the
// types are not theirs.
#pragma once

#include "devices/gpu/lower/product.h"

namespace systole::gpu {

std::vector<Candidate> tensor_attention(AttentionParams p, const OpDesc& desc, const Facts& facts);

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ways to compute on tensor cores (kernels/warp.cl), the likely best first; none where the device has none, or the
// types are not theirs.
#pragma once

#include "devices/gpu/lower/product.h"

namespace systole::gpu {

// Whether sums of k products are as exact on tensor cores as they have to be. fp8 is added up to some 14 bits between
// f32 sums: an error of about 2^-13 of the products' magnitudes, which is less than what is allowed from 2,048 products
// on, or where y is rounded to fewer bits.
inline bool tensor_sums_suffice(const OpDesc& desc, int64_t k) {
  const DType x = desc.inputs[0].dtype, y = desc.outputs[0].dtype;
  return !is_float(x) || byte_size(x) > 1 || k >= 2048 || (y != DType::kF32 && y != DType::kF16);
}

std::vector<Candidate> tensor_attention(AttentionParams p, const OpDesc& desc, const Facts& facts);
// `block`: a launch of kernels/block.cl without the macros that say of what size blocks are, `op`: all but launches.
std::vector<Candidate> tensor_blocks(TileParams p, Launch block, LoweredOp op, const OpDesc& desc, const Facts& facts);

}  // namespace systole::gpu

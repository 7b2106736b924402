// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention: what its kernels share.
#pragma once

#include "devices/gpu/lower/product.h"

namespace systole::gpu {

// As every kernel of attention gets it.
struct AttentionLaunch {
  AttentionParams params{};
  std::vector<OperandRef> operands;  // y, q, k, v, mask, table of pages: q for what there is not
  std::vector<std::byte> constants;  // the table
  int64_t batches() const { return params.lines / params.queries; }
};

// Few queries and many keys, of graphics processors (kernels/attend_row.cl): none where they are more than kFewQueries,
// or their columns too many.
inline constexpr int64_t kFewQueries = 16;
std::vector<Candidate> attend_rows(const AttentionLaunch& attention, const Facts& facts);

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/matrices.h"

namespace systole::cpu {
namespace {

Shape leading(const TensorDesc& desc) { return {desc.shape.begin(), desc.shape.end() - 2}; }

// Which matrix of a tensor with these leading axes goes with matrix `i` of y.
int64_t matching(const Shape& lead, const Shape& y_lead, int64_t i) {
  int64_t index = 0, step = 1;
  for (size_t axis = y_lead.size(); axis-- > 0; i /= y_lead[axis]) {
    const size_t missing = y_lead.size() - lead.size();
    if (axis < missing) break;
    const int64_t extent = lead[axis - missing];
    index += extent == 1 ? 0 : i % y_lead[axis] * step;
    step *= extent;
  }
  return index;
}

}  // namespace

Matrices matrices_of(const Matmul& op, const TensorDesc& a, const TensorDesc& w, const TensorDesc& y) {
  const size_t rank = y.shape.size(), a_rank = a.shape.size();
  Matrices result;
  result.m = y.shape[rank - 2];
  result.n = y.shape[rank - 1];
  result.k = a.shape[a_rank - (op.transpose_a ? 2 : 1)];
  const Shape y_lead = leading(y), a_lead = leading(a), w_lead = leading(w);
  const int64_t count = element_count(y_lead);
  result.w_count = element_count(w_lead);
  if (result.w_count == 1 && !op.transpose_a) {
    result.m *= count;
    result.batches = {{0, 0, 0}};
    return result;
  }
  for (int64_t i = 0; i < count; ++i)
    result.batches.push_back({matching(a_lead, y_lead, i), matching(w_lead, y_lead, i), i});
  return result;
}

}  // namespace systole::cpu

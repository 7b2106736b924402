// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/attention_mask.h"

#include <algorithm>

#include "graph/constants.h"

namespace systole::graph {
namespace {

// Extent `from_end` of a shape, counted from the last; 1 beyond its rank.
int64_t extent(const Shape& shape, size_t from_end) {
  return shape.size() >= from_end ? shape[shape.size() - from_end] : 1;
}

// Calls look(number, query, key) for every stored number; stops where it says no.
template <typename Look>
bool every(const Value& mask, Look look) {
  const auto numbers = constant_reals(mask);
  const int64_t rows = extent(mask.shape, 2), columns = extent(mask.shape, 1);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (!look(numbers[i], at / columns % rows, at % columns)) return false;
  }
  return true;
}

bool whole(const Value& mask, int64_t queries, int64_t keys) {
  return (extent(mask.shape, 2) == queries || queries == 1) && (extent(mask.shape, 1) == keys || keys == 1);
}

}  // namespace

MaskKind kind_of_added(const Value& mask, int64_t queries, int64_t keys) {
  if (every(mask, [](double number, int64_t, int64_t) { return number == 0; })) return MaskKind::kNothing;
  if (!whole(mask, queries, keys) || queries > keys) return MaskKind::kOther;
  const bool causal = every(mask, [&](double number, int64_t s, int64_t t) {
    return t <= s + keys - queries ? number == 0 : number <= kHidden;
  });
  return causal ? MaskKind::kCausal : MaskKind::kOther;
}

MaskKind kind_of_condition(const Value& condition, bool seen, int64_t queries, int64_t keys) {
  if (every(condition, [&](double number, int64_t, int64_t) { return (number != 0) == seen; }))
    return MaskKind::kNothing;
  if (!whole(condition, queries, keys) || queries > keys) return MaskKind::kOther;
  const bool causal = every(condition, [&](double number, int64_t s, int64_t t) {
    return ((number != 0) == seen) == (t <= s + keys - queries);
  });
  return causal ? MaskKind::kCausal : MaskKind::kOther;
}

bool every_row_sees(const Value& condition, bool seen, int64_t keys) {
  const auto numbers = constant_reals(condition);
  const auto columns = static_cast<size_t>(extent(condition.shape, 1));
  if (columns != static_cast<size_t>(keys) && columns != 1) return false;
  for (size_t row = 0; row + columns <= numbers.size(); row += columns) {
    bool any = false;
    for (size_t i = 0; i < columns; ++i) any = any || (numbers[row + i] != 0) == seen;
    if (!any) return false;
  }
  return true;
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Constant masks of attention scores.
#pragma once

#include "graph/ir.h"

namespace systole::graph {

// A number that no score outweighs in a softmax: its exponential against any other is zero in f32.
inline constexpr double kHidden = -1e4;
// A number that swallows every score it is added to: finite and infinite masks, and rows that are hidden whole, mean
// the same added as they mean put in the score's place.
inline constexpr double kSwallows = -1e30;

enum class MaskKind : uint8_t {
  kNothing,  // every score is seen as it is
  kCausal,   // key t is seen by query s up to t = s + (keys - queries), the others are hidden
  kOther,
};
// Of numbers that are added to the scores.
MaskKind kind_of_added(const Value& mask, int64_t queries, int64_t keys);
// Of a condition (kBool): where it is `seen` the score is kept.
MaskKind kind_of_condition(const Value& condition, bool seen, int64_t queries, int64_t keys);
// Every query sees at least one key.
bool every_row_sees(const Value& condition, bool seen, int64_t keys);

}  // namespace systole::graph

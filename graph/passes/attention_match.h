// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What attention looks like in an export. Between its two products stand scales, masks and reshapes of the leading axes
// (windows, beams).
#pragma once

#include <optional>
#include <vector>

#include "graph/passes/pattern.h"

namespace systole::graph {

struct AttentionMask {
  ValueId value = kAbsent;      // added; or, with `condition`, the fill
  ValueId condition = kAbsent;  // where it is `seen`, the score stays
  bool seen = true;
  Shape lead;  // of the scores it meets
};

struct AttentionMatch {
  size_t first = 0, second = 0;  // the two matmuls
  double scale = 1;
  bool causal = false;
  std::vector<AttentionMask> masks;
  Shape wide;  // leading axes of the fused op
};

inline Shape lead_of(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

// The attention around `softmax`; empty where what stands there is something else.
std::optional<AttentionMatch> match_attention(Pattern& pattern, const Node& softmax);

}  // namespace systole::graph

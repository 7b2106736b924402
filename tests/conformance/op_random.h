// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops at random from a seed: valid ones, and ones with something broken.
#pragma once

#include <random>

#include "tests/conformance/op_case.h"

namespace systole::conformance {

using Random = std::mt19937_64;

inline int64_t below(Random& random, int64_t end) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(end));
}
inline int64_t between(Random& random, int64_t least, int64_t most) { return least + below(random, most - least + 1); }
inline bool one_in(Random& random, int64_t many) { return below(random, many) == 0; }

inline constexpr size_t kOpKinds = std::variant_size_v<Op>;

// A valid case of the op at that place of the variant, of ranks 0 to 6 and extents 0 to 40, in any layout, with types
// that the op defines, some operands constant, at an offset.
OpCase random_case(size_t op, Random& random);
// The same with one thing wrong or odd: a rank, an extent, a stride, a type, a quantization, an attribute, an operand
// too many or too few, a size that overflows. Some are still valid.
OpDesc broken(OpDesc desc, Random& random);

}  // namespace systole::conformance

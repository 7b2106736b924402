// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_layouts.h"

#include <algorithm>

namespace systole::conformance {

TensorDesc lying(DType dtype, const Shape& shape, Lie lie, QuantPtr quant) {
  TensorDesc desc = row_major(dtype, shape, quant);
  if (shape.empty()) return desc;
  switch (lie) {
    case Lie::kDense:
      return desc;
    case Lie::kChannelsLast:
      return shape.size() == 4 && bit_width(dtype) >= 8 ? channels_last(dtype, shape, quant) : desc;
    case Lie::kReversed: {
      if (bit_width(dtype) < 8) return desc;
      Shape reversed(shape.rbegin(), shape.rend());
      desc.strides = row_major_strides(dtype, reversed);
      std::reverse(desc.strides.begin(), desc.strides.end());
      return desc;
    }
    case Lie::kGaps: {
      Shape larger = shape;
      for (int64_t& extent : larger) ++extent;
      desc.strides = row_major_strides(dtype, larger);
      return desc;
    }
    case Lie::kBroadcast:
      if (shape.size() > 1 || bit_width(dtype) >= 8) desc.strides[0] = 0;
      return desc;
  }
  return desc;
}

}  // namespace systole::conformance

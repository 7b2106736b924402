// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops over rows (softmax, norms, reductions) as chains of vector commands: tiles of whole rows lie in the scratchpad
// with their intermediates, so that each element is read and written once in device memory.
#pragma once

#include <vector>

#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// What a pass reads and writes: the tile of x; an f32 of its shape; one f32 a row (two of them); y; a constant.
enum class RowPlace : int { kX, kWide, kFirst, kSecond, kY, kConstant, kNothing };

struct RowPass {
  contract::Vector command;  // operation and flags; types, addresses, sizes and strides are filled in
  RowPlace a = RowPlace::kX, b = RowPlace::kNothing, d = RowPlace::kY;
  int param = -1;     // index into RowChain::params of what lies at param_addr
  int constant = -1;  // kConstant: index into RowChain::params
};

// f32 parameters, loaded once: content known at compile, or input `input` (a dense f32 tensor).
struct RowParam {
  std::vector<float> content;
  int input = -1;
  int64_t count = 1;
};

struct RowAxis {
  int64_t extent = 1, x = 0, y = 0;  // byte strides
};

struct RowChain {
  std::vector<RowAxis> elements, lines;  // innermost first; a row is all of `elements`
  contract::Dtype x_type{}, y_type{};
  bool reduces = false;  // y has one element a row
  std::vector<RowPass> passes;
  std::vector<RowParam> params;
  int64_t length() const;
};

// Splits the axes of x into those of a row and the others, joined where both tensors allow it. y has x's shape, or
// extent 1 along the row's axes.
RowChain row_chain(const TensorDesc& x, const TensorDesc& y, const std::vector<int>& row_axes);

Lowered make_row_op(RowChain chain, const spec::NpuSpec& spec);

}  // namespace systole::npu

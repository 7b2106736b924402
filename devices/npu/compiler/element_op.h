// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Chains of vector commands over tiles of elements: what elementwise ops become.
#pragma once

#include <vector>

#include "devices/npu/compiler/element_space.h"
#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// Operands of a step: those of the space (y 0, a 1, b 2, the intermediate 3), or a constant.
inline constexpr int kY = 0, kA = 1, kB = 2, kBetween = 3, kConstant = 4, kNothing = -1;

// One vector command a tile, the same for all but sizes and addresses. Reads `a` and, for a binary command, `b`.
struct ElementStep {
  contract::Vector command;
  int a = kA, b = kNothing, d = kY;
};

struct ElementChain {
  ElementSpace space;
  std::vector<ElementStep> steps;
  std::vector<size_t> inputs = {0};  // inputs of the op in the order of the space's operands
  std::vector<float> params;         // at param_addr
  float constant = 0;                // kConstant: an f32 beside the parameters
  bool has_constant = false;
};

// kOutOfMemory where not even one element fits.
Lowered make_element_op(ElementChain chain, const spec::NpuSpec& spec);

}  // namespace systole::npu

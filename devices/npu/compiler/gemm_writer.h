// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A planned Gemm as commands.
#pragma once

#include <cstddef>
#include <vector>

#include "devices/npu/compiler/constants.h"
#include "devices/npu/compiler/emitter.h"
#include "devices/npu/compiler/gemm.h"

namespace systole::npu {

// Operands at run time, and the values of the constant ones.
struct GemmMemory {
  DramAddress x, y, residual;
  DramAddress w, bias;                       // where not constant; bias has 4 bytes a channel
  std::vector<std::byte> w_bytes;            // constant_weights
  std::vector<uint32_t> bias_words;          // constant_bias, one an output channel
  std::vector<uint32_t> requant1, requant2;  // P1 and P2, one an output channel
};

void write_gemm(const Gemm& gemm, const GemmPlan& plan, const GemmMemory& memory, const spec::NpuSpec& spec,
                Constants& constants, Emitter& emitter);
// Constant blocks of w that the plan's ahead_slots take, in the order of their use; of the memory it reads w_bytes
// only. Then write_gemm takes the first constants.ahead.count of them as loaded.
std::vector<Emitter::Block> blocks_ahead(const Gemm& gemm, const GemmPlan& plan, const GemmMemory& memory,
                                         const spec::NpuSpec& spec, Constants& constants);

}  // namespace systole::npu

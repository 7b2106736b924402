// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD and COMPUTE of the interpreter.
#include <algorithm>

#include "rtl/interpreter/interpreter.h"

namespace systole::reference {

using contract::Dtype;
using contract::Space;

void Interpreter::run_preload(const Pending& p) {
  const contract::Preload c = contract::decode_preload(p.descriptor);
  const int64_t rows = spec_.array.rows, cols = spec_.array.cols, addr = c.addr + p.add[0];
  if (c.rows == 0 || c.rows > rows || c.cols == 0 || c.cols > cols || c.sparsity ||
      c.dataflow != contract::Dataflow::kWeightStationary)
    return fail("preload fields");
  const int64_t es = c.dtype == Dtype::kBf16 ? 2 : 1;
  std::fill(shadow_.begin(), shadow_.end(), 0.0);
  shadow_bf16_ = c.dtype == Dtype::kBf16;
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t j = 0; j < c.cols; ++j) {
      const int64_t at = addr + r * c.row_stride + j * es;
      shadow_[static_cast<size_t>(r * cols + j)] =
          shadow_bf16_ ? real(Space::kScratchpad, at, c.dtype)
                       : static_cast<double>(integer(Space::kScratchpad, at, c.dtype) - c.zero_point);
    }
  }
  shadow_full_ = true;
}

void Interpreter::run_compute(const Pending& p) {
  const contract::Compute c = contract::decode_compute(p.descriptor);
  const int64_t array_cols = spec_.array.cols, addr = c.addr + p.add[0], acc_row = c.acc_row + p.add[1];
  if (c.m0 == 0 || c.m1 == 0 || c.m2 == 0 || c.rows == 0 || c.rows > static_cast<uint32_t>(spec_.array.rows) ||
      c.cols == 0 || c.cols > array_cols || c.k_c == 0 || c.k_w == 0)
    return fail("compute fields");
  if (c.swap) active_ = shadow_, weights_bf16_ = shadow_bf16_, shadow_full_ = false;
  const bool bf16 = c.dtype == Dtype::kBf16;
  if (bf16 != weights_bf16_) return fail("operand types of a compute");
  const int64_t es = bf16 ? 2 : 1;
  std::vector<double> vector(c.rows);
  int64_t m = 0;
  for (int64_t m2 = 0; m2 < c.m2; ++m2) {
    for (int64_t m1 = 0; m1 < c.m1; ++m1) {
      for (int64_t m0 = 0; m0 < c.m0; ++m0, ++m) {
        int64_t ci = c.c0, kw = c.kw0, kh = 0;
        for (int64_t r = 0; r < c.rows; ++r) {
          const int64_t at =
              addr + m0 * c.stride0 + m1 * c.stride1 + m2 * c.stride2 + kh * c.kh_stride + kw * c.kw_stride + ci * es;
          vector[static_cast<size_t>(r)] =
              bf16 ? real(Space::kScratchpad, at, c.dtype)
                   : static_cast<double>(integer(Space::kScratchpad, at, c.dtype) - c.zero_point);
          if (++ci == c.k_c) {
            ci = 0;
            if (++kw == c.k_w) kw = 0, ++kh;
          }
        }
        for (int64_t j = 0; j < c.cols; ++j) {
          const int64_t at = ((acc_row + m * c.acc_stride) * array_cols + j) * 4;
          if (bf16) {
            float sum = 0;
            for (int64_t r = 0; r < c.rows; ++r)
              sum += static_cast<float>(vector[static_cast<size_t>(r)]) *
                     static_cast<float>(active_[static_cast<size_t>(r * array_cols + j)]);
            if (c.accumulate) sum = real(Space::kAccumulator, at, Dtype::kF32) + sum;
            write_f32(Space::kAccumulator, at, sum);
          } else {
            uint32_t sum = c.accumulate ? static_cast<uint32_t>(read(Space::kAccumulator, at, 4)) : 0;
            for (int64_t r = 0; r < c.rows; ++r) {
              sum += static_cast<uint32_t>(static_cast<int64_t>(vector[static_cast<size_t>(r)]) *
                                           static_cast<int64_t>(active_[static_cast<size_t>(r * array_cols + j)]));
            }
            write(Space::kAccumulator, at, 4, sum);
          }
        }
        macs_ += uint64_t{c.rows} * c.cols;
      }
    }
  }
}

}  // namespace systole::reference

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From i32 sums to what an integer product stores: bias, requantization, clamp.
#pragma once

#include <vector>

#include "devices/cpu/quantized.h"
#include "hal/numeric/requantize.h"
#include "hal/op.h"

namespace systole::cpu {

class IntegerFinish {
 public:
  // `channels`: of y in all.
  IntegerFinish(const Epilogue& epilogue, const TensorDesc& x, const TensorDesc& w, const TensorDesc& y,
                int64_t channels);

  // sums[i] + bias[i] of channels first, first + 1, ... into y, `stride` bytes apart. `sums` is overwritten.
  void row(int32_t* sums, const int32_t* bias, int64_t first, int64_t count, std::byte* y, int64_t stride) const;

 private:
  RequantMode mode_;
  DType y_;
  int32_t zero_ = 0, low_ = 0, high_ = 0;
  std::vector<float> multipliers_;
  std::vector<int32_t> q31_, shifts_;
};

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/numeric/requantize.h"

namespace systole::numeric {

Q31Multiplier q31_multiplier(double real) {
  if (real == 0.0) return {};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  int64_t q31 = static_cast<int64_t>(std::round(fraction * 2147483648.0));
  if (q31 == int64_t{1} << 31) {
    q31 /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  return {static_cast<int32_t>(q31), shift};
}

Q31Multiplier tflite_multiplier(float x_scale, float w_scale, float y_scale) {
  return q31_multiplier(static_cast<double>(x_scale) * static_cast<double>(w_scale) / static_cast<double>(y_scale));
}

}  // namespace systole::numeric

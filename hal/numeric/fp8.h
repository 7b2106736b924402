// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// 8-bit floats of the OCP specification (OFP8, 2023): e4m3 (no infinity, largest 448) and e5m2 (IEEE-like). Conversion
// from f32 rounds to nearest even and saturates: beyond the largest finite value it gives that value, as OCP's
// saturating mode.
#pragma once

#include <cstdint>

namespace systole::numeric {

struct F8E4M3 {
  uint8_t bits = 0;
};
struct F8E5M2 {
  uint8_t bits = 0;
};

float to_f32(F8E4M3 value);
float to_f32(F8E5M2 value);
F8E4M3 to_f8e4m3(float value);
F8E5M2 to_f8e5m2(float value);

}  // namespace systole::numeric

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// bfloat16: storage, and exact conversion. Rounds to nearest even; NaN stays a quiet NaN; subnormals are kept.
#pragma once

#include <bit>
#include <cstdint>

namespace systole::numeric {

struct BF16 {
  uint16_t bits = 0;
};

inline float to_f32(BF16 value) { return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16); }

inline BF16 to_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<uint16_t>((bits >> 16) | 0x40u)};
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

inline float round_to_bf16(float value) { return to_f32(to_bf16(value)); }

}  // namespace systole::numeric

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Bit fields in arrays of 32-bit words: what the generated encoders and decoders stand on.
#pragma once

#include <cassert>
#include <cstdint>

namespace systole::contract {

constexpr uint64_t low_mask(int bits) { return bits >= 64 ? ~0ull : (1ull << bits) - 1; }

// A field of up to 32 bits inside words[word], or of 64 bits in words[word] (low half) and words[word + 1].
constexpr uint64_t get_bits(const uint32_t* words, int word, int lsb, int bits) {
  if (bits > 32) return words[word] | static_cast<uint64_t>(words[word + 1]) << 32;
  return (words[word] >> lsb) & low_mask(bits);
}

constexpr int64_t get_signed(const uint32_t* words, int word, int lsb, int bits) {
  const uint64_t sign = 1ull << (bits - 1);
  return static_cast<int64_t>((get_bits(words, word, lsb, bits) ^ sign) - sign);
}

// The field's bits must be zero before.
constexpr void put_bits(uint32_t* words, int word, int lsb, int bits, uint64_t value) {
  assert((value & ~low_mask(bits)) == 0 && "value does not fit its field");
  if (bits > 32) {
    words[word] = static_cast<uint32_t>(value);
    words[word + 1] = static_cast<uint32_t>(value >> 32);
  } else {
    words[word] |= static_cast<uint32_t>(value & low_mask(bits)) << lsb;
  }
}

constexpr void put_signed(uint32_t* words, int word, int lsb, int bits, int64_t value) {
  assert(value >= -static_cast<int64_t>(1ull << (bits - 1)) && value <= static_cast<int64_t>(low_mask(bits - 1)) &&
         "value does not fit its field");
  put_bits(words, word, lsb, bits, static_cast<uint64_t>(value) & low_mask(bits));
}

}  // namespace systole::contract

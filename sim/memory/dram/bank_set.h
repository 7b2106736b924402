// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A set of banks of one channel.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace systole::memory::dram {

inline constexpr int kMaxBanks = 256;  // a channel

class BankSet {
 public:
  static constexpr int kWords = kMaxBanks / 64;
  void set(int bank) { words_[bank / 64] |= uint64_t{1} << bank % 64; }
  void clear(int bank) { words_[bank / 64] &= ~(uint64_t{1} << bank % 64); }
  bool has(int bank) const { return words_[bank / 64] >> bank % 64 & 1; }
  uint64_t word(int index) const { return words_[index]; }
  bool operator==(const BankSet&) const = default;

 private:
  std::array<uint64_t, kWords> words_{};
};

// Calls each(bank) for the banks of a word of some set expression.
template <class Each>
inline void for_each_bank(int word, uint64_t bits, Each each) {
  for (; bits != 0; bits &= bits - 1) each(word * 64 + std::countr_zero(bits));
}

}  // namespace systole::memory::dram

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The instructions of kernels/warp.cl for a host compiler. Which lane holds which elements is "PTX ISA"'s (9.7.14,
// matrix fragments for mma.m16n8k16 and mma.m16n8k32; ldmatrix), formula by formula. What hardware leaves undefined or
// refuses ends the process.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <vector>

inline void double_require(bool met, const char* what) {
  if (met) return;
  std::fprintf(stderr, "CUDA's double: %s\n", what);
  std::abort();
}

// --- ldmatrix .x4

struct DoubleRows {
  const char* row;
  unsigned* to;
};
template <bool kTransposed>
void double_load_lanes(void* const* lanes) {
  for (int matrix = 0; matrix < 4; ++matrix) {
    for (int lane = 0; lane < 32; ++lane) {
      unsigned short pair[2];
      for (int i = 0; i < 2; ++i) {
        const int row = kTransposed ? lane % 4 * 2 + i : lane / 4, column = kTransposed ? lane / 4 : lane % 4 * 2 + i;
        const char* from = static_cast<DoubleRows*>(lanes[8 * matrix + row])->row;
        std::memcpy(&pair[i], from + 2 * column, 2);
      }
      std::memcpy(&static_cast<DoubleRows*>(lanes[lane])->to[matrix], pair, 4);
    }
  }
}
inline void double_load_matrices(unsigned* to, unsigned long long row) {
  double_require(row % 16 == 0, "a row of ldmatrix lies at no multiple of 16");
  DoubleRows mine{reinterpret_cast<const char*>(row), to};
  double_thread.together(double_load_lanes<false>, &mine);
}
inline void double_load_transposed(unsigned* to, unsigned long long row) {
  double_require(row % 16 == 0, "a row of ldmatrix lies at no multiple of 16");
  DoubleRows mine{reinterpret_cast<const char*>(row), to};
  double_thread.together(double_load_lanes<true>, &mine);
}

// --- mma

template <typename Sum>
struct DoubleFragments {
  Sum* sums;
  const unsigned *a, *b;
};
// Element i of a lane's: its row and column, of a, b and c. kWide: elements of 32 bits.
template <int kWide>
struct DoubleLayout;
template <>
struct DoubleLayout<2> {  // m16n8k16, of 16 bits
  static constexpr int kDepth = 16;
  static int a_row(int lane, int i) { return i < 2 || (4 <= i && i < 6) ? lane / 4 : lane / 4 + 8; }
  static int a_column(int lane, int i) { return i < 4 ? lane % 4 * 2 + (i & 1) : lane % 4 * 2 + (i & 1) + 8; }
  static int b_row(int lane, int i) { return i < 2 ? lane % 4 * 2 + (i & 1) : lane % 4 * 2 + (i & 1) + 8; }
};
template <>
struct DoubleLayout<4> {  // m16n8k32, of 8 bits
  static constexpr int kDepth = 32;
  static int a_row(int lane, int i) { return i < 4 || (8 <= i && i < 12) ? lane / 4 : lane / 4 + 8; }
  static int a_column(int lane, int i) { return i < 8 ? lane % 4 * 4 + (i & 3) : lane % 4 * 4 + (i & 3) + 16; }
  static int b_row(int lane, int i) { return i < 4 ? lane % 4 * 4 + (i & 3) : lane % 4 * 4 + (i & 3) + 16; }
};
inline int double_c_row(int lane, int i) { return i < 2 ? lane / 4 : lane / 4 + 8; }
inline int double_c_column(int lane, int i) { return lane % 4 * 2 + (i & 1); }

// Sums are taken in Wide and rounded once.
template <typename Sum, typename Wide, int kWide, auto kElement>
void double_multiply_lanes(void* const* lanes) {
  using Layout = DoubleLayout<kWide>;
  using Fragments = DoubleFragments<Sum>;
  Wide a[16][Layout::kDepth], b[Layout::kDepth][8];
  for (int lane = 0; lane < 32; ++lane) {
    const auto* mine = static_cast<const Fragments*>(lanes[lane]);
    for (int i = 0; i < 4 * kWide; ++i)
      a[Layout::a_row(lane, i)][Layout::a_column(lane, i)] = kElement(mine->a[i / kWide], i % kWide);
    for (int i = 0; i < 2 * kWide; ++i) b[Layout::b_row(lane, i)][lane / 4] = kElement(mine->b[i / kWide], i % kWide);
  }
  for (int lane = 0; lane < 32; ++lane) {
    Sum* sums = static_cast<const Fragments*>(lanes[lane])->sums;
    for (int i = 0; i < 4; ++i) {
      Wide sum = sums[i];
      for (int k = 0; k < Layout::kDepth; ++k) sum += a[double_c_row(lane, i)][k] * b[k][double_c_column(lane, i)];
      sums[i] = static_cast<Sum>(sum);
    }
  }
}

inline double double_of_bf16(unsigned pair, int i) {
  return __uint_as_float((i == 0 ? pair << 16 : pair & 0xffff0000u));
}
inline double double_of_f16(unsigned pair, int i) {
  const unsigned half = pair >> 16 * i & 0xffffu, exponent = half >> 10 & 31u, mantissa = half & 1023u;
  const double magnitude = exponent == 31  ? (mantissa != 0 ? NAN : INFINITY)
                           : exponent == 0 ? std::ldexp(mantissa, -24)
                                           : std::ldexp(1024 + mantissa, static_cast<int>(exponent) - 25);
  return (half & 0x8000u) != 0 ? -magnitude : magnitude;
}
inline double double_of_e4m3(unsigned four, int i) {
  const unsigned byte = four >> 8 * i & 255u, exponent = byte >> 3 & 15u, mantissa = byte & 7u;
  const double magnitude = (byte & 127u) == 127u ? NAN
                           : exponent == 0       ? std::ldexp(mantissa, -9)
                                                 : std::ldexp(8 + mantissa, static_cast<int>(exponent) - 10);
  return (byte & 0x80u) != 0 ? -magnitude : magnitude;
}
inline long long double_of_i8(unsigned four, int i) { return static_cast<signed char>(four >> 8 * i); }

inline void double_multiply_f16(float* sums, const unsigned* a, const unsigned* b) {
  DoubleFragments<float> mine{sums, a, b};
  double_thread.together(double_multiply_lanes<float, double, 2, double_of_f16>, &mine);
}
inline void double_multiply_bf16(float* sums, const unsigned* a, const unsigned* b) {
  DoubleFragments<float> mine{sums, a, b};
  double_thread.together(double_multiply_lanes<float, double, 2, double_of_bf16>, &mine);
}
inline void double_multiply_e4m3(float* sums, const unsigned* a, const unsigned* b) {
  DoubleFragments<float> mine{sums, a, b};
  double_thread.together(double_multiply_lanes<float, double, 4, double_of_e4m3>, &mine);
}
inline void double_multiply_i8(int* sums, const unsigned* a, const unsigned* b) {
  DoubleFragments<int> mine{sums, a, b};
  double_thread.together(double_multiply_lanes<int, long long, 4, double_of_i8>, &mine);
}

// --- shfl.bfly

struct DoubleExchange {
  unsigned value, result;
  int mask;
};
inline void double_exchange_lanes(void* const* lanes) {
  for (int lane = 0; lane < 32; ++lane) {
    auto* mine = static_cast<DoubleExchange*>(lanes[lane]);
    mine->result = static_cast<DoubleExchange*>(lanes[lane ^ mine->mask])->value;
  }
}
inline unsigned double_exchanged(unsigned value, int mask) {
  DoubleExchange mine{value, 0, mask};
  double_thread.together(double_exchange_lanes, &mine);
  return mine.result;
}

// --- cp.async: done when its thread waits for it, and no earlier.

struct DoubleCopy {
  unsigned long long to;
  const unsigned char* from;
  int bytes;
};
struct DoubleCopies {
  DoubleIndex block{~0u, 0, 0};
  std::vector<DoubleCopy> open;
  std::vector<std::vector<DoubleCopy>> groups;
};
inline DoubleCopies& double_copies() {
  static DoubleCopies all[1024];
  DoubleCopies& mine = all[threadIdx.x];
  if (std::memcmp(&mine.block, &blockIdx, sizeof mine.block) != 0) mine = {blockIdx, {}, {}};
  return mine;
}
inline void double_copy_16(unsigned long long to, const unsigned char* from, int bytes) {
  double_require(to % 16 == 0 && reinterpret_cast<unsigned long long>(from) % 16 == 0, "cp.async at no multiple of 16");
  double_require(bytes == 0 || bytes == 16, "cp.async of a part");
  double_copies().open.push_back({to, from, bytes});
}
inline void double_commit_copies() {
  DoubleCopies& mine = double_copies();
  mine.groups.push_back(std::exchange(mine.open, {}));
}
inline void double_wait_for_copies(int groups) {
  DoubleCopies& mine = double_copies();
  while (mine.groups.size() > static_cast<size_t>(groups)) {
    for (const DoubleCopy& each : mine.groups.front()) {
      void* to = reinterpret_cast<void*>(each.to);
      std::memset(to, 0, 16);
      if (each.bytes != 0) std::memcpy(to, each.from, 16);
    }
    mine.groups.erase(mine.groups.begin());
  }
}

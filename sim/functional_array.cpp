// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/functional_array.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "hal/numeric/bf16.h"
#include "hal/numeric/gemm.h"

namespace systole::sim {
namespace {

constexpr size_t kBlock = 256;  // vectors gathered at a time

float widen_bf16(const std::byte* at) {
  numeric::BF16 value;
  std::memcpy(&value, at, sizeof value);
  return numeric::to_f32(value);
}

// The whole block into accumulator rows `stride` elements apart; how many i32 additions wrapped.
uint64_t product(int64_t count, int64_t cols, int64_t rows, const int16_t* vectors, const int16_t* weights,
                 int64_t pitch, int32_t* to, int64_t stride, numeric::Accumulate mode) {
  return static_cast<uint64_t>(numeric::gemm_i16(count, cols, rows, vectors, rows, weights, pitch, to, stride, mode));
}
uint64_t product(int64_t count, int64_t cols, int64_t rows, const float* vectors, const float* weights, int64_t pitch,
                 float* to, int64_t stride, numeric::Accumulate mode) {
  numeric::gemm_f32(count, cols, rows, vectors, rows, weights, pitch, to, stride, mode);
  for (int64_t m = 0; m < count; ++m)  // which NaN a CPU gives is its own affair; the NPU's is 7fc00000
    for (int64_t n = 0; n < cols; ++n) {
      float& sum = to[m * stride + n];
      sum = sum != sum ? std::numeric_limits<float>::quiet_NaN() : sum;
    }
  return 0;
}

template <typename T>
void widen_bytes(const std::byte* from, int64_t count, int zero_point, int16_t* to) {
  const T* p = reinterpret_cast<const T*>(from);
  for (int64_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(p[i] - zero_point);
}

// Elements as the array multiplies them: integers less their zero point, bf16 as f32.
void widen(contract::Dtype dtype, const std::byte* from, int64_t count, int zero_point, int16_t* to) {
  if (dtype == contract::Dtype::kI8)
    widen_bytes<int8_t>(from, count, zero_point, to);
  else
    widen_bytes<uint8_t>(from, count, zero_point, to);
}
void widen(contract::Dtype, const std::byte* from, int64_t count, int, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = widen_bf16(from + 2 * i);
}

// A row of PRELOAD's matrix.
template <typename T>
void widen(const contract::Preload& p, const std::byte* row, T* to) {
  if (p.weights == contract::Weights::kSame) return widen(p.dtype, row, p.cols, p.zero_point, to);
  for (int64_t j = 0; j < p.cols; ++j) to[j] = static_cast<T>(stored_integer(p, row, j) - p.zero_point);
}

struct Weights {
  std::vector<int16_t> integers;
  std::vector<float> floats;
};

class FunctionalArray final : public ArrayPort {
 public:
  explicit FunctionalArray(const spec::ArraySpec& spec)
      : rows_(static_cast<size_t>(spec.rows)), cols_(static_cast<size_t>(spec.cols)) {
    reset();
  }

  void reset() override {
    shadow_.integers.assign(rows_ * cols_, 0);
    shadow_.floats.assign(rows_ * cols_, 0);
    active_ = shadow_;
  }
  void swap() override { std::swap(active_, shadow_); }

  void preload(const contract::Preload& p, const LocalMemory& scratchpad) override {
    if (p.dtype == contract::Dtype::kBf16)
      fill(p, scratchpad, shadow_.floats);
    else
      fill(p, scratchpad, shadow_.integers);
  }

  uint64_t compute(const contract::Compute& p, const Gather& gather, const LocalMemory& scratchpad,
                   LocalMemory& accumulators) override {
    if (p.dtype == contract::Dtype::kBf16)
      return stream<float, float>(p, gather, scratchpad, accumulators, active_.floats);
    return stream<int16_t, int32_t>(p, gather, scratchpad, accumulators, active_.integers);
  }

  uint64_t multiply(const contract::Preload& matrix, const contract::Compute& p, const Gather& gather,
                    const LocalMemory& scratchpad, LocalMemory& accumulators) override {
    if (p.dtype == contract::Dtype::kBf16)
      return sum_over_vectors<float, float>(matrix, p, gather, scratchpad, accumulators);
    return sum_over_vectors<int16_t, int32_t>(matrix, p, gather, scratchpad, accumulators);
  }

 private:
  template <typename T>
  void fill(const contract::Preload& p, const LocalMemory& scratchpad, std::vector<T>& to) {
    std::fill(to.begin(), to.end(), T{0});
    for (uint32_t r = 0; r < p.rows; ++r)
      widen(p, scratchpad.at(int64_t{p.addr} + int64_t{r} * p.row_stride), &to[r * cols_]);
  }

  // The p.rows elements of the vector at `base`.
  template <typename T>
  static void collect(const contract::Compute& p, const Gather& gather, const LocalMemory& scratchpad, int64_t base,
                      T* to) {
    for (const Gather::Segment& s : gather.segments()) {
      const int64_t count = s.bytes / element_size(p.dtype);
      widen(p.dtype, scratchpad.at(base + s.offset), count, p.zero_point, to);
      to += count;
    }
  }

  template <typename T, typename Sum>
  uint64_t sum_over_vectors(const contract::Preload& matrix, const contract::Compute& p, const Gather& gather,
                            const LocalMemory& scratchpad, LocalMemory& accumulators) {
    static thread_local std::vector<T> vector, left, right;
    const auto steps = static_cast<int64_t>(gather.vectors());
    const auto pitch = static_cast<int64_t>(cols_);
    vector.resize(p.rows);
    left.resize(p.rows * gather.vectors());  // row by row, as the product takes it
    right.assign(gather.vectors() * cols_, T{0});
    int64_t step = 0;
    gather.each_vector([&](int64_t base) {
      collect(p, gather, scratchpad, base, vector.data());
      for (uint32_t r = 0; r < p.rows; ++r) left[static_cast<size_t>(r * steps + step)] = vector[r];
      widen(matrix, scratchpad.at(matrix.addr + step * int64_t{matrix.row_stride}),
            &right[static_cast<size_t>(step) * cols_]);
      ++step;
    });
    const auto mode = p.accumulate ? numeric::Accumulate::kAddTile : numeric::Accumulate::kOverwrite;
    auto* to = reinterpret_cast<Sum*>(accumulators.at(static_cast<int64_t>(p.acc_row * cols_ * sizeof(Sum))));
    return product(p.rows, p.cols, steps, left.data(), right.data(), pitch, to, pitch * p.acc_stride, mode);
  }

  template <typename T, typename Sum>
  uint64_t stream(const contract::Compute& p, const Gather& gather, const LocalMemory& scratchpad,
                  LocalMemory& accumulators, const std::vector<T>& weights) {
    static thread_local std::vector<T> block;
    block.resize(kBlock * p.rows);
    const auto pitch = static_cast<int64_t>(cols_);
    const auto mode = p.accumulate ? numeric::Accumulate::kAddTile : numeric::Accumulate::kOverwrite;
    uint64_t overflow = 0, first = 0;
    size_t held = 0;
    auto flush = [&] {
      const uint64_t row = p.acc_row + first * p.acc_stride;
      auto* to = reinterpret_cast<Sum*>(accumulators.at(static_cast<int64_t>(row * cols_ * sizeof(Sum))));
      overflow += product(static_cast<int64_t>(held), p.cols, p.rows, block.data(), weights.data(), pitch, to,
                          pitch * p.acc_stride, mode);
      first += held;
      held = 0;
    };
    gather.each_vector([&](int64_t base) {
      collect(p, gather, scratchpad, base, &block[held * p.rows]);
      if (++held == kBlock) flush();
    });
    if (held) flush();
    return overflow;
  }

  size_t rows_, cols_;
  Weights active_, shadow_;
};

}  // namespace

std::unique_ptr<ArrayPort> make_functional_array(const spec::ArraySpec& spec) {
  return std::make_unique<FunctionalArray>(spec);
}

}  // namespace systole::sim

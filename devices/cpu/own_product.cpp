// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/own_product.h"

#include <algorithm>
#include <vector>

#include "hal/numeric/gemm.h"

namespace systole::cpu {
namespace {

constexpr int64_t kRows = 64;  // of a task

void multiply(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb, float* c,
              int64_t ldc) {
  numeric::gemm_f32(m, n, k, a, lda, b, ldb, c, ldc, numeric::Accumulate::kOverwrite);
}

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
              int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    double* row = c + i * ldc;
    std::fill_n(row, n, 0.0);
    for (int64_t p = 0; p < k; ++p) {
      for (int64_t j = 0; j < n; ++j) row[j] += a[i * lda + p] * b[p * ldb + j];
    }
  }
}

template <typename T>
void add_bias(const T* bias, int64_t rows, int64_t columns, T* y, int64_t stride) {
  if (bias == nullptr) return;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) y[i * stride + j] += bias[j];
  }
}

// rows x columns to columns x rows.
template <typename T>
void transpose(const T* from, int64_t rows, int64_t columns, T* to) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
  }
}

template <typename T>
class OwnMatmul final : public Product {
 public:
  OwnMatmul(const MatmulSpec& spec, const Workers& workers) : s_(spec), workers_(workers) {}

  size_t packed_bytes() const override { return static_cast<size_t>(s_.k * s_.n) * sizeof(T); }
  void pack(const void* weights, void* packed) const override {
    const T* from = static_cast<const T*>(weights);
    if (s_.transpose_b)
      transpose(from, s_.n, s_.k, static_cast<T*>(packed));
    else
      std::copy_n(from, s_.k * s_.n, static_cast<T*>(packed));
  }

  void run(const void* x, const void* weights, const void* bias, void* y) const override {
    const T *a = static_cast<const T*>(x), *w = static_cast<const T*>(weights);
    std::vector<T> upright;
    if (!s_.packed && s_.transpose_b) {
      upright.resize(static_cast<size_t>(s_.k * s_.n));
      transpose(w, s_.n, s_.k, upright.data());
      w = upright.data();
    }
    std::vector<T> turned;
    if (s_.transpose_a) {
      turned.resize(static_cast<size_t>(s_.m * s_.k));
      transpose(a, s_.k, s_.m, turned.data());
      a = turned.data();
    }
    T* out = static_cast<T*>(y);
    workers_.each((s_.m + kRows - 1) / kRows, [&](int64_t task) {
      const int64_t first = task * kRows, rows = std::min(kRows, s_.m - first);
      multiply(rows, s_.n, s_.k, a + first * s_.k, s_.k, w, s_.n, out + first * s_.n, s_.n);
      add_bias(static_cast<const T*>(bias), rows, s_.n, out + first * s_.n, s_.n);
    });
  }

 private:
  MatmulSpec s_;
  Workers workers_;
};

// Rows of taps (kh, kw, c ascending) times a matrix of weights, group by group.
template <typename T>
class OwnConv final : public Product {
 public:
  OwnConv(const ConvSpec& spec, const Workers& workers)
      : s_(spec),
        workers_(workers),
        group_c_(s_.c / s_.groups),
        group_o_(s_.o / s_.groups),
        depth_(s_.kh * s_.kw * group_c_) {}

  size_t packed_bytes() const override { return static_cast<size_t>(s_.groups * depth_ * group_o_) * sizeof(T); }

  // By group: (kh, kw, c) x o.
  void pack(const void* weights, void* packed) const override {
    const T* from = static_cast<const T*>(weights);
    T* to = static_cast<T*>(packed);
    const int64_t taps = s_.kh * s_.kw;
    for (int64_t o = 0; o < s_.o; ++o) {
      T* group = to + o / group_o_ * depth_ * group_o_;
      for (int64_t c = 0; c < group_c_; ++c) {
        for (int64_t t = 0; t < taps; ++t)
          group[(t * group_c_ + c) * group_o_ + o % group_o_] = from[(o * group_c_ + c) * taps + t];
      }
    }
  }

  void run(const void* x, const void* weights, const void* bias, void* y) const override {
    const int64_t pixels = s_.n * s_.oh * s_.ow, tasks = (pixels + kRows - 1) / kRows;
    workers_.each(tasks * s_.groups, [&](int64_t task) {
      const int64_t group = task % s_.groups, first = task / s_.groups * kRows, rows = std::min(kRows, pixels - first);
      std::vector<T> taps(static_cast<size_t>(rows * depth_), T(0));
      for (int64_t i = 0; i < rows; ++i)
        gather(static_cast<const T*>(x) + group * group_c_, first + i, taps.data() + i * depth_);
      T* out = static_cast<T*>(y) + first * s_.o + group * group_o_;
      multiply(rows, group_o_, depth_, taps.data(), depth_, static_cast<const T*>(weights) + group * depth_ * group_o_,
               group_o_, out, s_.o);
      add_bias(bias ? static_cast<const T*>(bias) + group * group_o_ : nullptr, rows, group_o_, out, s_.o);
    });
  }

 private:
  // The taps of one position of y; those outside x stay as they are.
  void gather(const T* x, int64_t pixel, T* taps) const {
    const int64_t ow = pixel % s_.ow, oh = pixel / s_.ow % s_.oh, n = pixel / s_.ow / s_.oh;
    for (int64_t kh = 0; kh < s_.kh; ++kh) {
      const int64_t h = oh * s_.stride_h + kh * s_.dilation_h - s_.pad_top;
      if (h < 0 || h >= s_.h) continue;
      for (int64_t kw = 0; kw < s_.kw; ++kw) {
        const int64_t w = ow * s_.stride_w + kw * s_.dilation_w - s_.pad_left;
        if (w < 0 || w >= s_.w) continue;
        std::copy_n(x + ((n * s_.h + h) * s_.w + w) * s_.c, group_c_, taps + (kh * s_.kw + kw) * group_c_);
      }
    }
  }

  ConvSpec s_;
  Workers workers_;
  int64_t group_c_, group_o_, depth_;
};

}  // namespace

std::unique_ptr<Product> own_conv(const ConvSpec& spec, const Workers& workers) {
  if (spec.type == DType::kF64) return std::make_unique<OwnConv<double>>(spec, workers);
  return std::make_unique<OwnConv<float>>(spec, workers);
}

std::unique_ptr<Product> own_matmul(const MatmulSpec& spec, const Workers& workers) {
  if (spec.type == DType::kF64) return std::make_unique<OwnMatmul<double>>(spec, workers);
  return std::make_unique<OwnMatmul<float>>(spec, workers);
}

}  // namespace systole::cpu

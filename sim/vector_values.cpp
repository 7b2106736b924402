// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/vector_values.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "hal/numeric/bf16.h"
#include "hal/numeric/requantize.h"
#include "sim/functions.h"
#include "sim/gather.h"

namespace systole::sim {
namespace {

using contract::Activation;
using contract::BinaryOp;
using contract::Dtype;
using contract::Requant;
using contract::WindowOp;

class Chain {
 public:
  Chain(const contract::Vector& v, uint64_t lanes, LocalMemory& scratchpad, LocalMemory& accumulators)
      : v_(v),
        lanes_(lanes),
        shape_(vector_shape(v)),
        scratchpad_(scratchpad),
        source_(v.a_space == contract::Space::kScratchpad ? scratchpad : accumulators),
        destination_(v.d_space == contract::Space::kScratchpad ? scratchpad : accumulators),
        n_(v.channels),
        stored_(v.reduce == contract::Reduce::kNone ? n_ : 1),
        vi_(n_),
        vf_(n_),
        wi_(n_),
        wf_(n_),
        bias_(n_),
        scale_(n_),
        shift_(n_) {
    read_params();
  }

  void run() {
    for (uint32_t i1 = 0; i1 < v_.n1; ++i1)
      for (uint32_t i0 = 0; i0 < v_.n0; ++i0) {
        integer_ = is_integer(v_.a_dtype);
        window(v_.src_addr + int64_t{i1} * v_.a_stride1 + int64_t{i0} * v_.a_stride0);
        if (v_.bias) add_bias();
        requantize();
        if (v_.binary != BinaryOp::kNone) binary(v_.b_addr + int64_t{i1} * v_.b_stride1 + int64_t{i0} * v_.b_stride0);
        if (v_.function != contract::Function::kNone)
          for (float& x : vf_) x = evaluate(v_.function, x);
        reduce();
        scale_out();
        activate();
        store(destination_.at(v_.dst_addr + int64_t{i1} * v_.d_stride1 + int64_t{i0} * v_.d_stride0));
      }
  }

 private:
  // P1 and P2 spread over the channels; bit patterns, typed where they are used.
  void read_params() {
    auto read = [&](int64_t offset, bool single, std::vector<uint32_t>& to) {
      if (offset < 0) return;
      std::memcpy(to.data(), scratchpad_.at(v_.param_addr + offset), (single ? 1 : n_) * 4);
      if (single) std::fill(to.begin(), to.end(), to[0]);
    };
    read(shape_.bias, false, bias_);
    read(shape_.scale, v_.scalar_params, scale_);
    read(shape_.shift, v_.scalar_params, shift_);
    std::vector<uint32_t> one(1);
    read(shape_.b_scale, true, one);
    b_scale_ = std::bit_cast<float>(one[0]);
    read(shape_.out_scale, true, one);
    out_scale_ = std::bit_cast<float>(one[0]);
  }

  template <typename T, typename V>
  static void widen(const std::byte* from, size_t n, V zero, V* to) {
    for (size_t c = 0; c < n; ++c) {
      T x;
      std::memcpy(&x, from + c * sizeof(T), sizeof(T));
      to[c] = static_cast<V>(x) - zero;
    }
  }

  // n elements as i32 (integers, 8-bit ones less zero) or f32 (floats); true when as i32.
  static bool read(const std::byte* from, Dtype dtype, size_t n, int32_t zero, int32_t* vi, float* vf) {
    switch (dtype) {
      case Dtype::kI8:
        widen<int8_t>(from, n, zero, vi);
        return true;
      case Dtype::kU8:
        widen<uint8_t>(from, n, zero, vi);
        return true;
      case Dtype::kI32:
        std::memcpy(vi, from, n * 4);
        return true;
      case Dtype::kF32:
        std::memcpy(vf, from, n * 4);
        return false;
      case Dtype::kBf16:
        break;
    }
    for (size_t c = 0; c < n; ++c) {
      uint16_t bits;
      std::memcpy(&bits, from + 2 * c, 2);
      vf[c] = numeric::to_f32(numeric::BF16{bits});
    }
    return false;
  }

  void window(int64_t address) {
    if (v_.window == WindowOp::kNone) {
      read(source_.at(address), v_.a_dtype, n_, v_.a_zero, vi_.data(), vf_.data());
      return;
    }
    const bool max = v_.window == WindowOp::kMax;
    if (!max) {
      std::fill(vi_.begin(), vi_.end(), 0);
      std::fill(vf_.begin(), vf_.end(), 0.0f);
    }
    std::vector<int32_t>& xi = window_i_;
    std::vector<float>& xf = window_f_;
    xi.resize(n_);
    xf.resize(n_);
    for (uint32_t kh = 0; kh < v_.win_kh; ++kh)
      for (uint32_t kw = 0; kw < v_.win_kw; ++kw) {
        const int64_t at = address + int64_t{kh} * v_.win_stride1 + int64_t{kw} * v_.win_stride0;
        read(source_.at(at), v_.a_dtype, n_, v_.a_zero, xi.data(), xf.data());
        if (v_.window == WindowOp::kMac) weigh(kh * v_.win_kw + kw, xi, xf);
        const bool first = kh == 0 && kw == 0;
        if (max && first) {
          vi_.swap(xi);
          vf_.swap(xf);
        } else if (integer_) {
          for (size_t c = 0; c < n_; ++c) vi_[c] = max ? std::max(vi_[c], xi[c]) : numeric::wrapping_add(vi_[c], xi[c]);
        } else {
          for (size_t c = 0; c < n_; ++c) vf_[c] = max ? std::max(vf_[c], xf[c]) : vf_[c] + xf[c];
        }
      }
  }

  void weigh(uint32_t position, std::vector<int32_t>& xi, std::vector<float>& xf) {
    const int64_t at = v_.b_addr + int64_t{position} * v_.b_stride0;
    read(scratchpad_.at(at), v_.b_dtype, n_, v_.b_zero, wi_.data(), wf_.data());
    if (integer_)
      for (size_t c = 0; c < n_; ++c) xi[c] = numeric::wrapping_mul(xi[c], wi_[c]);
    else
      for (size_t c = 0; c < n_; ++c) xf[c] *= wf_[c];
  }

  void add_bias() {
    if (integer_)
      for (size_t c = 0; c < n_; ++c) vi_[c] = numeric::wrapping_add(vi_[c], static_cast<int32_t>(bias_[c]));
    else
      for (size_t c = 0; c < n_; ++c) vf_[c] += std::bit_cast<float>(bias_[c]);
  }

  void requantize() {
    switch (v_.requant) {
      case Requant::kNone:
        return;
      case Requant::kOnnx:
        for (size_t c = 0; c < n_; ++c)
          vi_[c] = numeric::round_half_even(static_cast<float>(vi_[c]) * std::bit_cast<float>(scale_[c]));
        return;
      case Requant::kTflite:
        for (size_t c = 0; c < n_; ++c)
          vi_[c] =
              numeric::requantize_tflite(vi_[c], {static_cast<int32_t>(scale_[c]), static_cast<int32_t>(shift_[c])});
        return;
      case Requant::kScale:
        to_float();
        for (size_t c = 0; c < n_; ++c) vf_[c] *= std::bit_cast<float>(scale_[c]);
        return;
    }
  }

  void to_float() {
    if (integer_)
      for (size_t c = 0; c < n_; ++c) vf_[c] = static_cast<float>(vi_[c]);
    integer_ = false;
  }

  template <typename V, typename Add, typename Sub, typename Mul>
  void apply(std::vector<V>& v, const std::vector<V>& w, Add add, Sub sub, Mul mul) {
    switch (v_.binary) {
      case BinaryOp::kNone:
        return;
      case BinaryOp::kAdd:
        for (size_t c = 0; c < n_; ++c) v[c] = add(v[c], w[c]);
        return;
      case BinaryOp::kSub:
        for (size_t c = 0; c < n_; ++c) v[c] = sub(v[c], w[c]);
        return;
      case BinaryOp::kMul:
        for (size_t c = 0; c < n_; ++c) v[c] = mul(v[c], w[c]);
        return;
      case BinaryOp::kMin:
        for (size_t c = 0; c < n_; ++c) v[c] = std::min(v[c], w[c]);
        return;
      case BinaryOp::kMax:
        for (size_t c = 0; c < n_; ++c) v[c] = std::max(v[c], w[c]);
        return;
    }
  }

  void binary(int64_t address) {
    const size_t count = v_.b_broadcast ? 1 : n_;
    const bool ints = read(scratchpad_.at(address), v_.b_dtype, count, v_.b_zero, wi_.data(), wf_.data());
    if (v_.b_broadcast) {
      std::fill(wi_.begin(), wi_.end(), wi_[0]);
      std::fill(wf_.begin(), wf_.end(), wf_[0]);
    }
    if (integer_) {
      apply(vi_, wi_, numeric::wrapping_add, numeric::wrapping_sub, numeric::wrapping_mul);
      return;
    }
    if (ints)
      for (size_t c = 0; c < n_; ++c) wf_[c] = static_cast<float>(wi_[c]);
    if (ints && v_.b_scaled)
      for (size_t c = 0; c < n_; ++c) wf_[c] *= b_scale_;
    apply(
        vf_, wf_, [](float a, float b) { return a + b; }, [](float a, float b) { return a - b; },
        [](float a, float b) { return a * b; });
  }

  template <typename V, typename Combine>
  void fold(std::vector<V>& v, V identity, Combine combine) {
    std::vector<V> partial(std::bit_ceil(lanes_), identity);
    for (size_t c = 0; c < n_; ++c) partial[c % lanes_] = combine(partial[c % lanes_], v[c]);
    for (size_t h = partial.size() / 2; h > 0; h /= 2)
      for (size_t l = 0; l < h; ++l) partial[l] = combine(partial[l], partial[l + h]);
    v[0] = partial[0];
  }

  void reduce() {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    switch (v_.reduce) {
      case contract::Reduce::kNone:
        return;
      case contract::Reduce::kSum:
        return integer_ ? fold(vi_, 0, numeric::wrapping_add) : fold(vf_, 0.0f, [](float a, float b) { return a + b; });
      case contract::Reduce::kMax:
        return integer_
                   ? fold(vi_, std::numeric_limits<int32_t>::min(), [](int32_t a, int32_t b) { return a < b ? b : a; })
                   : fold(vf_, -kInfinity, [](float a, float b) { return a < b ? b : a; });
      case contract::Reduce::kMin:
        return integer_
                   ? fold(vi_, std::numeric_limits<int32_t>::max(), [](int32_t a, int32_t b) { return b < a ? b : a; })
                   : fold(vf_, kInfinity, [](float a, float b) { return b < a ? b : a; });
    }
  }

  void scale_out() {
    if (!v_.out_scaled || integer_ || !is_integer(v_.d_dtype)) return;
    for (size_t c = 0; c < stored_; ++c) vi_[c] = numeric::round_half_even(vf_[c] * out_scale_);
    integer_ = true;
  }

  void activate() {
    const bool byte = is_byte(v_.d_dtype);
    if (byte && v_.d_zero)
      for (size_t c = 0; c < stored_; ++c)
        vi_[c] = numeric::saturate(int64_t{vi_[c]} + v_.d_zero, std::numeric_limits<int32_t>::min(),
                                   std::numeric_limits<int32_t>::max());
    if (v_.activation == Activation::kRelu) {
      const int32_t floor = byte ? v_.d_zero : 0;
      for (size_t c = 0; c < stored_ && integer_; ++c) vi_[c] = std::max(vi_[c], floor);
      for (size_t c = 0; c < stored_ && !integer_; ++c) vf_[c] = std::max(vf_[c], 0.0f);
    } else if (v_.activation == Activation::kClip) {
      const int32_t lo = static_cast<int32_t>(v_.clip_lo), hi = static_cast<int32_t>(v_.clip_hi);
      const float flo = std::bit_cast<float>(v_.clip_lo), fhi = std::bit_cast<float>(v_.clip_hi);
      for (size_t c = 0; c < stored_ && integer_; ++c) vi_[c] = std::min(std::max(vi_[c], lo), hi);
      for (size_t c = 0; c < stored_ && !integer_; ++c) vf_[c] = std::min(std::max(vf_[c], flo), fhi);
    }
  }

  void store(std::byte* to) {
    switch (v_.d_dtype) {
      case Dtype::kI8:
        for (size_t c = 0; c < stored_; ++c) to[c] = std::byte(std::clamp(vi_[c], -128, 127));
        return;
      case Dtype::kU8:
        for (size_t c = 0; c < stored_; ++c) to[c] = std::byte(std::clamp(vi_[c], 0, 255));
        return;
      case Dtype::kI32:
        std::memcpy(to, vi_.data(), stored_ * 4);
        return;
      case Dtype::kF32:
        to_float();
        std::memcpy(to, vf_.data(), stored_ * 4);
        return;
      case Dtype::kBf16:
        break;
    }
    to_float();
    for (size_t c = 0; c < stored_; ++c) {
      const uint16_t bits = numeric::to_bf16(vf_[c]).bits;
      std::memcpy(to + 2 * c, &bits, 2);
    }
  }

  const contract::Vector& v_;
  uint64_t lanes_;
  VectorShape shape_;
  LocalMemory &scratchpad_, &source_, &destination_;
  size_t n_, stored_;  // channels before and after the reduction
  bool integer_ = true;
  std::vector<int32_t> vi_;
  std::vector<float> vf_;
  std::vector<int32_t> wi_, window_i_;
  std::vector<float> wf_, window_f_;
  std::vector<uint32_t> bias_, scale_, shift_;
  float b_scale_ = 1, out_scale_ = 1;
};

}  // namespace

void run_vector_chain(const contract::Vector& command, uint64_t lanes, LocalMemory& scratchpad,
                      LocalMemory& accumulators) {
  Chain(command, lanes, scratchpad, accumulators).run();
}

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "devices/cpu/exponential.h"
#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/tile.h"
#include "devices/cpu/tile_operands.h"
#include "hal/numeric/gemm.h"

namespace systole::cpu {
namespace {

constexpr int64_t kQueries = 64;  // of one task

void multiply(int64_t m, int64_t n, int64_t k, const float* a, const float* b, int64_t ldb, float* c, int64_t ldc) {
  numeric::gemm_f32(m, n, k, a, k, b, ldb, c, ldc, numeric::Accumulate::kOverwrite);
}
void multiply(int64_t m, int64_t n, int64_t k, const double* a, const double* b, int64_t ldb, double* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    std::fill(c + i * ldc, c + i * ldc + n, 0.0);
    for (int64_t l = 0; l < k; ++l)
      for (int64_t j = 0; j < n; ++j) c[i * ldc + j] += a[i * k + l] * b[l * ldb + j];
  }
}

// Scores become probabilities; those from `seen` on become zero.
template <typename T>
void soften(T* scores, int64_t seen, int64_t keys) {
  T largest = seen > 0 ? scores[0] : T(0), sum = 0;
  for (int64_t t = 1; t < seen; ++t) largest = largest < scores[t] ? scores[t] : largest;
  for (int64_t t = 0; t < seen; ++t) scores[t] = fast_exp(scores[t] - largest);
  for (int64_t t = 0; t < seen; ++t) sum += scores[t];
  const T inverse = T(1) / sum;
  for (int64_t t = 0; t < seen; ++t) scores[t] *= inverse;
  std::fill(scores + std::max<int64_t>(seen, 0), scores + keys, T(0));
}

class AttentionKernel final : public OpKernel {
 public:
  AttentionKernel(const Attention& op, const OpCall& call, const Context& context)
      : op_(op), workers_(context.workers), y_(call.outputs[0].desc) {
    for (const TensorView& view : call.inputs) in_.push_back(view.desc);
    const size_t rank = y_.shape.size();
    queries_ = y_.shape[rank - 2], width_ = y_.shape[rank - 1], depth_ = in_[0].shape.back();
    keys_ = in_[1].shape[in_[1].shape.size() - 2];
    Shape lead = y_.shape;
    lead[rank - 2] = lead[rank - 1] = 1;
    std::vector<Strides> strides{y_.strides};
    for (size_t i = 0; i < in_.size(); ++i) {
      TensorDesc& desc = in_[i];
      Shape wide = lead;
      wide[rank - 2] = i == 0 || i == 3 ? queries_ : keys_;
      wide[rank - 1] = i == 3 ? keys_ : desc.shape.back();
      desc.strides = broadcast_strides(desc, wide);
      desc.shape = wide;
      strides.push_back(desc.strides);
    }
    nest_ = make_nest(lead, strides);
  }

  Status run(Tensors inputs, Tensors outputs) override {
    if (y_.dtype == DType::kF64)
      all<double>(inputs, outputs[0].data);
    else
      all<float>(inputs, outputs[0].data);
    return {};
  }

 private:
  int64_t row_stride(const TensorDesc& desc) const { return desc.strides[desc.strides.size() - 2]; }

  template <typename T>
  void all(Tensors inputs, std::byte* y) {
    const int64_t blocks = (queries_ + kQueries - 1) / kQueries;
    workers_.each(nest_.rows * nest_.length * blocks, [&](int64_t task) {
      const int64_t batch = task / blocks, first = task % blocks * kQueries;
      int64_t at[kMaxOperands];
      nest_.offsets(batch / nest_.length, at);
      for (size_t i = 0; i < nest_.inner.size(); ++i) at[i] += batch % nest_.length * nest_.inner[i];
      block<T>(inputs, y, at, first, std::min(kQueries, queries_ - first));
    });
  }

  template <typename T>
  void load(const TensorDesc& desc, const std::byte* data, int64_t rows, int64_t columns, std::vector<T>& to) const {
    to.resize(static_cast<size_t>(rows * columns));
    for (int64_t r = 0; r < rows; ++r)
      load_row(desc.dtype, data + r * row_stride(desc), desc.strides.back(), columns, to.data() + r * columns);
  }

  template <typename T>
  void block(Tensors inputs, std::byte* y, const int64_t* at, int64_t first, int64_t count) const {
    thread_local std::vector<T> q, k, v, scores, mask, out;
    load(in_[0], inputs[0].data + at[1] + first * row_stride(in_[0]), count, depth_, q);
    k.resize(static_cast<size_t>(depth_ * keys_));  // transposed
    for (int64_t d = 0; d < depth_; ++d)
      load_row(in_[1].dtype, inputs[1].data + at[2] + d * in_[1].strides.back(), row_stride(in_[1]), keys_,
               k.data() + d * keys_);
    load(in_[2], inputs[2].data + at[3], keys_, width_, v);
    scores.resize(static_cast<size_t>(count * keys_)), out.resize(static_cast<size_t>(count * width_));
    multiply(count, keys_, depth_, q.data(), k.data(), keys_, scores.data(), keys_);
    for (T& score : scores) score *= static_cast<T>(op_.scale);
    for (int64_t s = 0; s < count; ++s) {
      T* row = scores.data() + s * keys_;
      if (op_.mask) {
        mask.resize(static_cast<size_t>(keys_));
        load_row(in_[3].dtype, inputs[3].data + at[4] + (first + s) * row_stride(in_[3]), in_[3].strides.back(), keys_,
                 mask.data());
        for (int64_t t = 0; t < keys_; ++t) row[t] += mask[static_cast<size_t>(t)];
      }
      const int64_t seen = op_.causal ? std::clamp<int64_t>(first + s + keys_ - queries_ + 1, 0, keys_) : keys_;
      soften(row, seen, keys_);
    }
    multiply(count, width_, keys_, scores.data(), v.data(), width_, out.data(), width_);
    for (int64_t s = 0; s < count; ++s)
      store_row(y_.dtype, y + at[0] + (first + s) * row_stride(y_), y_.strides.back(), width_, out.data() + s * width_);
  }

  Attention op_;
  Workers workers_;
  TensorDesc y_;
  std::vector<TensorDesc> in_;  // broadcast to y's leading axes; mask to queries by keys, too
  Nest nest_;                   // y, then the inputs
  int64_t queries_ = 0, keys_ = 0, depth_ = 0, width_ = 0;
};

}  // namespace

Kernel make_kernel(const Attention& op, const OpCall& call, const Context& context) {
  if (call.outputs[0].desc.elements() == 0) return as_kernel([](Tensors, const HostTensor&) {});
  const bool wide = call.outputs[0].desc.dtype == DType::kF64;
  if (context.onednn && tile_kernels() && !wide) return tile_attention(op, call, context);
  return std::unique_ptr<OpKernel>(std::make_unique<AttentionKernel>(op, call, context));
}

}  // namespace systole::cpu

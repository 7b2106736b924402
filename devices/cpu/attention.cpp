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

// Scores become probabilities times `scale`; those from `seen` on become zero.
template <typename T>
void soften(T* scores, int64_t seen, int64_t keys, T scale) {
  T largest = seen > 0 ? scores[0] : T(0), sum = 0;
  for (int64_t t = 1; t < seen; ++t) largest = largest < scores[t] ? scores[t] : largest;
  for (int64_t t = 0; t < seen; ++t) scores[t] = fast_exp(scores[t] - largest);
  for (int64_t t = 0; t < seen; ++t) sum += scores[t];
  const T inverse = scale / sum;
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
    for (T& score : scores) score *= static_cast<T>(op_.scale * in_[1].tensor_scale());
    for (int64_t s = 0; s < count; ++s) {
      T* row = scores.data() + s * keys_;
      if (op_.mask) {
        mask.resize(static_cast<size_t>(keys_));
        load_row(in_[3].dtype, inputs[3].data + at[4] + (first + s) * row_stride(in_[3]), in_[3].strides.back(), keys_,
                 mask.data());
        for (int64_t t = 0; t < keys_; ++t) row[t] += mask[static_cast<size_t>(t)];
      }
      const int64_t seen = op_.causal ? std::clamp<int64_t>(first + s + keys_ - queries_ + 1, 0, keys_) : keys_;
      soften(row, seen, keys_, static_cast<T>(in_[2].tensor_scale()));
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

// The pages of keys and values, copied one by one to where the kernel of dense ones reads them.
class PagedAttention final : public OpKernel {
 public:
  static Kernel make(const Attention& op, OpCall call, const Context& context) {
    auto made = std::make_unique<PagedAttention>();
    made->op_ = op;
    Attention dense = op;
    dense.pages.clear();
    for (size_t i = 1; i < 3; ++i) {
      Pages& p = made->pages_[i - 1];
      p.lies = call.inputs[i].desc;
      Shape shape = p.lies.shape;
      shape[0] = call.outputs[0].desc.shape[0], shape[shape.size() - 2] = op.keys;
      p.dense = row_major(p.lies.dtype, shape, p.lies.quant);
      p.data.resize(static_cast<size_t>(p.dense.span_bytes()));
      call.inputs[i].desc = p.dense;
      const int64_t block = p.block(), rest = op.keys % block;
      SYSTOLE_ASSIGN_OR_RETURN(p.whole, p.mover(std::min(block, op.keys), context));
      if (rest != 0) {
        SYSTOLE_ASSIGN_OR_RETURN(p.last, p.mover(rest, context));
      }
    }
    call.op = dense;
    SYSTOLE_ASSIGN_OR_RETURN(made->kernel_, make_kernel(dense, call, context));
    return std::unique_ptr<OpKernel>(std::move(made));
  }

  Status run(Tensors inputs, Tensors outputs) override {
    std::vector<HostTensor> operands(inputs.begin(), inputs.end());
    for (size_t i = 1; i < 3; ++i) {
      Pages& p = pages_[i - 1];
      SYSTOLE_RETURN_IF_ERROR(p.gather(op_, inputs[i].data));
      operands[i] = {p.data.data(), &p.dense};
    }
    return kernel_->run(operands, outputs);
  }

 private:
  struct Pages {
    TensorDesc lies, dense;
    std::vector<std::byte> data;
    std::unique_ptr<OpKernel> whole, last;  // copy a page, and the last one of a request where it is not full

    int64_t block() const { return lies.shape[lies.shape.size() - 2]; }
    static TensorDesc rows_of(TensorDesc desc, int64_t rows) {
      desc.shape[0] = 1, desc.shape[desc.shape.size() - 2] = rows;
      return desc;
    }
    Kernel mover(int64_t rows, const Context& context) const {
      OpCall copy{Copy{}, {TensorView{}}, {TensorView{}}, "page"};
      copy.inputs[0].desc = rows_of(lies, rows), copy.outputs[0].desc = rows_of(dense, rows);
      return make_kernel(Copy{}, copy, context);
    }
    Status gather(const Attention& op, std::byte* from) {
      const int64_t blocks = (op.keys + block() - 1) / block();
      for (size_t i = 0; i < op.pages.size(); ++i) {
        const int64_t request = static_cast<int64_t>(i) / blocks, first = static_cast<int64_t>(i) % blocks * block();
        const int64_t rows = std::min(block(), op.keys - first);
        const TensorDesc source = rows_of(lies, rows), target = rows_of(dense, rows);
        const HostTensor page{from + op.pages[i] * lies.strides[0], &source};
        const HostTensor to{data.data() + request * dense.strides[0] + first * dense.strides[dense.strides.size() - 2],
                            &target};
        SYSTOLE_RETURN_IF_ERROR((rows == block() || !last ? whole : last)->run({&page, 1}, {&to, 1}));
      }
      return {};
    }
  };

  Attention op_;
  Pages pages_[2];
  std::unique_ptr<OpKernel> kernel_;
};

}  // namespace

Kernel make_kernel(const Attention& op, const OpCall& call, const Context& context) {
  if (call.outputs[0].desc.elements() == 0) return as_kernel([](Tensors, const HostTensor&) {});
  if (!op.pages.empty()) return PagedAttention::make(op, call, context);
  const bool wide = call.outputs[0].desc.dtype == DType::kF64;
  if (context.onednn && tile_kernels() && !wide) return tile_attention(op, call, context);
  return std::unique_ptr<OpKernel>(std::make_unique<AttentionKernel>(op, call, context));
}

}  // namespace systole::cpu

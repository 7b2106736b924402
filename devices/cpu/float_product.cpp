// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/float_product.h"

#include "devices/cpu/functions.h"
#include "devices/cpu/rows.h"

namespace systole::cpu {
namespace {

// y = activation(sums * scale + bias + residual), converted. Sums may be y itself; scale and bias are those of integer
// weights, an f32 a column.
class Finish {
 public:
  Finish() = default;
  Finish(const Epilogue& epilogue, const TensorDesc& y, DType sums, const Strides& sum_strides,
         const TensorDesc* residual, const Quantization* weights)
      : epilogue_(epilogue), sums_(sums), y_(y.dtype), residual_(residual ? residual->dtype : DType::kF32) {
    std::vector<Strides> operands{y.strides, sum_strides, residual ? residual->strides : y.strides};
    if (weights) {
      const auto column = static_cast<int>(y.shape.size()) - 1;
      operands.push_back(table_strides(y.shape.size(), weights->per_channel() ? column : -1, 4));
      operands.push_back(table_strides(y.shape.size(), column, 4));
      scale_ = weights->scale;
    }
    nest_ = make_nest(y.shape, operands);
  }

  void operator()(const Workers& workers, const std::byte* sums, const std::byte* residual, const std::byte* bias,
                  std::byte* y) const {
    for_blocks(workers, nest_, [&](const int64_t* at, int64_t count) {
      if (sums_ == DType::kF64)
        block<double>(at, sums, residual, bias, y, count);
      else
        block<float>(at, sums, residual, bias, y, count);
    });
  }

 private:
  template <typename T>
  void block(const int64_t* at, const std::byte* sums, const std::byte* residual, const std::byte* bias, std::byte* y,
             int64_t count) const {
    T row[kBlock], other[kBlock];
    load_row(sums_, sums + at[1], nest_.inner[1], count, row);
    if (!scale_.empty()) {
      load_row(DType::kF32, reinterpret_cast<const std::byte*>(scale_.data()) + at[3], nest_.inner[3], count, other);
      for (int64_t i = 0; i < count; ++i) row[i] *= other[i];
      if (bias != nullptr) {
        load_row(DType::kF32, bias + at[4], nest_.inner[4], count, other);
        for (int64_t i = 0; i < count; ++i) row[i] += other[i];
      }
    }
    if (residual != nullptr) {
      load_row(residual_, residual + at[2], nest_.inner[2], count, other);
      for (int64_t i = 0; i < count; ++i) row[i] += other[i];
    }
    activate(epilogue_.activation, epilogue_.clip_lo, epilogue_.clip_hi, row, count);
    store_row(y_, y + at[0], nest_.inner[0], count, row);
  }

  Epilogue epilogue_;
  std::vector<float> scale_;
  DType sums_ = DType::kF32, y_ = DType::kF32, residual_ = DType::kF32;
  Nest nest_;
};

class FloatKernel final : public OpKernel {
 public:
  // `weights`: the frozen content, or null where it may change.
  FloatKernel(const Epilogue& epilogue, const OpCall& call, FloatPlan plan, const Context& context,
              const std::byte* weights)
      : plan_(std::move(plan)), context_(context), epilogue_(epilogue) {
    const TensorDesc &x = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
    empty_ = y.elements() == 0;
    x_ = Stage(x, plan_.type, plan_.x_order);
    weights_ = Stage(w, plan_.type, row_major_order(w.shape.size()));
    if (epilogue.bias) bias_ = Stage(call.inputs[2].desc, call.inputs[2].desc.dtype, {0});
    const Strides dense = dense_strides(plan_.out, y.shape, plan_.y_order);
    direct_ = plan_.out == y.dtype && same_layout(y.shape, y.strides, dense);
    const Quantization* integers = w.quant.get();
    scaled_ = integers != nullptr;
    finishes_ = !direct_ || epilogue.residual || epilogue.activation != Activation::kNone || scaled_;
    sum_bytes_ = static_cast<size_t>(bytes_for(plan_.out, y.elements()));
    y_bytes_ = y.span_bytes();
    residual_bytes_ = epilogue.residual ? call.inputs.back().desc.span_bytes() : 0;
    const TensorDesc* residual = epilogue.residual ? &call.inputs.back().desc : nullptr;
    finish_ = Finish(epilogue, y, plan_.out, dense, residual, integers);
    if (!plan_.packed || empty_) return;
    if (weights != nullptr)
      pack_frozen(call.inputs[1], weights);
    else
      packed_ = std::make_unique<Packed>(stride() * static_cast<size_t>(plan_.weight_matrices));
  }

  Status run(Tensors inputs, Tensors outputs) override {
    if (empty_) return {};
    context_.workers.claim();
    const Workers& workers = context_.workers;
    const std::byte* x = x_(workers, inputs[0].data);
    const std::byte* weights = frozen_ ? frozen_->data() : weights_(workers, inputs[1].data);
    if (packed_) {
      pack(weights, packed_->data());
      weights = packed_->data();
    }
    const std::byte* bias = epilogue_.bias ? bias_(workers, inputs[2].data) : nullptr;
    const std::byte* residual = epilogue_.residual ? inputs.back().data : nullptr;
    std::byte* sums = sums_at(outputs[0].data, residual);
    multiply(x, weights, scaled_ ? nullptr : bias, sums);
    if (finishes_) finish_(workers, sums, residual, bias, outputs[0].data);
    return {};
  }

 private:
  size_t stride() const { return (plan_.product->packed_bytes() + 63) / 64 * 64; }

  // y itself, unless the residual lies there too.
  std::byte* sums_at(std::byte* y, const std::byte* residual) {
    const bool overlaps = residual != nullptr && residual < y + y_bytes_ && y < residual + residual_bytes_;
    if (direct_ && !overlaps) return y;
    if (!sums_) sums_ = std::make_unique<Packed>(sum_bytes_);
    return sums_->data();
  }

  void pack(const std::byte* dense, std::byte* packed) const {
    const int64_t bytes = weights_.bytes() / plan_.weight_matrices;
    for (int64_t i = 0; i < plan_.weight_matrices; ++i)
      plan_.product->pack(dense + i * bytes, packed + static_cast<size_t>(i) * stride());
  }

  void pack_frozen(const TensorView& view, const std::byte* data) {
    frozen_ = context_.packs->get(view, plan_.form, [&] {
      context_.workers.claim();
      auto packed = std::make_unique<Packed>(stride() * static_cast<size_t>(plan_.weight_matrices));
      Stage stage(view.desc, plan_.type, row_major_order(view.desc.shape.size()));  // its copy is freed here
      pack(stage(context_.workers, data), packed->data());
      return packed;
    });
  }

  void multiply(const std::byte* x, const std::byte* weights, const std::byte* bias, std::byte* y) const {
    const int64_t size = byte_size(plan_.type), out = byte_size(plan_.out);
    const auto matrix = static_cast<int64_t>(stride());
    auto one = [&](const FloatPlan::Batch& batch) {
      const int64_t w =
          plan_.packed ? batch.weights * matrix : batch.weights * (weights_.bytes() / plan_.weight_matrices);
      plan_.product->run(x + batch.x * size, weights + w, bias, y + batch.y * out);
    };
    if (!runs_batches_at_once(plan_, context_)) {
      for (const auto& batch : plan_.batches) one(batch);
      return;
    }
    context_.workers.each(static_cast<int64_t>(plan_.batches.size()),
                          [&](int64_t i) { one(plan_.batches[static_cast<size_t>(i)]); });
  }

  FloatPlan plan_;
  Context context_;
  Epilogue epilogue_;
  bool empty_ = false, direct_ = false, finishes_ = false, scaled_ = false;  // scaled_: integer weights
  size_t sum_bytes_ = 0;
  int64_t y_bytes_ = 0, residual_bytes_ = 0;
  Stage x_, weights_, bias_;
  Finish finish_;
  std::shared_ptr<const Packed> frozen_;
  std::unique_ptr<Packed> packed_, sums_;
};

}  // namespace

DType product_type(DType type, const Context& context) {
  if (type == DType::kF64) return type;
  return type == DType::kBF16 && context.onednn && context.onednn_bf16 ? type : DType::kF32;
}

DType product_output(const Epilogue& epilogue, DType type, const TensorDesc& y, const std::vector<size_t>& order) {
  if (type == DType::kF64) return type;
  const bool plain = same_layout(y.shape, y.strides, dense_strides(y.dtype, y.shape, order));
  // A residual is added, and a function applied, before the rounding to bf16; relu and clip commute with it.
  const bool rounds_last = !epilogue.residual && epilogue.activation <= Activation::kClip;
  return type == DType::kBF16 && y.dtype == DType::kBF16 && plain && rounds_last ? DType::kBF16 : DType::kF32;
}

Kernel float_kernel(const Epilogue& epilogue, const OpCall& call, FloatPlan plan, const Context& context) {
  const std::byte* weights = nullptr;
  if (is_frozen(call.inputs[1])) {
    SYSTOLE_ASSIGN_OR_RETURN(weights, host_address(call.inputs[1]));
  }
  return std::unique_ptr<OpKernel>(std::make_unique<FloatKernel>(epilogue, call, std::move(plan), context, weights));
}

}  // namespace systole::cpu

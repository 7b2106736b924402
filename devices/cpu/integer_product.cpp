// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/integer_product.h"

#include <algorithm>

namespace systole::cpu {
namespace {

constexpr int64_t kRows = 64;  // multiplied at once: with their sums they stay in the second-level cache

// Of one thread.
struct Buffers {
  std::vector<uint8_t> bytes;
  std::vector<int16_t> wide;
  std::vector<int32_t> sums;
};
Buffers& buffers() {
  thread_local Buffers instance;
  return instance;
}

class IntegerKernel final : public OpKernel {
 public:
  IntegerKernel(const Epilogue& epilogue, const OpCall& call, std::unique_ptr<RowSource> source, Stage stage,
                WeightShape shape, int64_t channels, const Context& context)
      : context_(context),
        source_(std::move(source)),
        stage_(std::move(stage)),
        k_(shape.k),
        n_(shape.n),
        finish_(epilogue, call.inputs[0].desc, call.inputs[1].desc, call.outputs[0].desc, channels),
        weights_(call, std::move(shape), std::clamp<int64_t>(source_->rows(), 1, kRows),
                 (source_->rows() + kRows - 1) / kRows * source_->matrices(), context) {
    if (epilogue.bias) bias_ = Stage(call.inputs[2].desc, DType::kI32, {0});
    has_bias_ = epilogue.bias;
  }

  void pack_frozen(const TensorView& view, const std::byte* data) {
    frozen_ = context_.packs->get(view, weights_.form(), [&] {
      auto packed = std::make_unique<Packed>(weights_.packed_bytes());
      weights_.pack(data, packed->data());
      return packed;
    });
  }

  Status run(Tensors inputs, Tensors outputs) override {
    context_.workers.claim();
    const Workers& workers = context_.workers;
    const std::byte* packed = frozen_ ? frozen_->data() : nullptr;
    if (packed == nullptr) {
      if (!packed_) packed_ = std::make_unique<Packed>(weights_.packed_bytes());
      weights_.pack(inputs[1].data, packed_->data());
      packed = packed_->data();
    }
    const std::byte* x = stage_(workers, inputs[0].data);
    const auto* bias = has_bias_ ? reinterpret_cast<const int32_t*>(bias_(workers, inputs[2].data)) : nullptr;
    const int64_t chunks = (source_->rows() + weights_.rows() - 1) / weights_.rows();
    workers.each(chunks * source_->matrices() * weights_.blocks(), [&](int64_t task) {
      const int64_t block = task % weights_.blocks(), chunk = task / weights_.blocks();
      run_chunk(chunk / chunks, chunk % chunks * weights_.rows(), block, x, packed, bias, outputs[0].data);
    });
    return {};
  }

 private:
  void run_chunk(int64_t matrix, int64_t first, int64_t block, const std::byte* x, const std::byte* packed,
                 const int32_t* bias, std::byte* y) {
    const int64_t rows = std::min(weights_.rows(), source_->rows() - first), columns = weights_.block_columns();
    const int64_t first_column = block * columns, count = std::min(columns, n_ - first_column),
                  w = source_->weights(matrix);
    Buffers& own = buffers();
    own.sums.resize(static_cast<size_t>(weights_.rows() * columns));
    const void* left = gather(own, matrix, first, rows, x);
    weights_.multiply(left, packed, w, block, own.sums.data());
    const int64_t channel = source_->target(matrix, first).channel + first_column;
    std::vector<int32_t> added(weights_.correction(packed, w) + first_column,
                               weights_.correction(packed, w) + first_column + count);
    for (int64_t j = 0; j < count && bias != nullptr; ++j)
      added[static_cast<size_t>(j)] = numeric::wrapping_add(added[static_cast<size_t>(j)], bias[channel + j]);
    for (int64_t i = 0; i < rows; ++i) {
      const RowSource::Target target = source_->target(matrix, first + i);
      finish_.row(own.sums.data() + i * columns, added.data(), channel, count,
                  y + target.offset + first_column * target.stride, target.stride);
    }
  }

  // Rows beyond the last hold what was there: their sums are not stored.
  const void* gather(Buffers& own, int64_t matrix, int64_t first, int64_t rows, const std::byte* x) const {
    const auto size = static_cast<size_t>(weights_.rows() * k_);
    if (weights_.stored_bytes()) {
      own.bytes.resize(size);
      for (int64_t i = 0; i < rows; ++i) source_->gather_bytes(x, matrix, first + i, own.bytes.data() + i * k_);
      return own.bytes.data();
    }
    own.wide.resize(size);
    for (int64_t i = 0; i < rows; ++i) source_->gather_wide(x, matrix, first + i, own.wide.data() + i * k_);
    return own.wide.data();
  }

  Context context_;
  std::unique_ptr<RowSource> source_;
  Stage stage_, bias_;
  bool has_bias_ = false;
  int64_t k_, n_;
  IntegerFinish finish_;
  IntegerWeights weights_;
  std::shared_ptr<const Packed> frozen_;
  std::unique_ptr<Packed> packed_;
};

}  // namespace

Kernel integer_kernel(const Epilogue& epilogue, const OpCall& call, std::unique_ptr<RowSource> source, Stage stage,
                      WeightShape shape, int64_t channels, const Context& context) {
  auto kernel = std::make_unique<IntegerKernel>(epilogue, call, std::move(source), std::move(stage), std::move(shape),
                                                channels, context);
  if (is_frozen(call.inputs[1])) {
    SYSTOLE_ASSIGN_OR_RETURN(const std::byte* data, host_address(call.inputs[1]));
    kernel->pack_frozen(call.inputs[1], data);
  }
  return std::unique_ptr<OpKernel>(std::move(kernel));
}

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/integer_weights.h"

#include <algorithm>

#include "devices/cpu/nest.h"
#include "devices/cpu/quantized.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/stage.h"
#include "hal/numeric/gemm.h"
#include "hal/numeric/requantize.h"

namespace systole::cpu {
namespace {

size_t aligned(int64_t bytes) { return static_cast<size_t>((bytes + 63) / 64 * 64); }

// oneDNN multiplies i8 or u8 by i8 without a zero point.
bool fits_onednn(const TensorDesc& w) {
  if (w.dtype != DType::kI8) return false;
  return !w.quant ||
         std::all_of(w.quant->zero_point.begin(), w.quant->zero_point.end(), [](int32_t zero) { return zero == 0; });
}

}  // namespace

IntegerWeights::IntegerWeights(const OpCall& call, WeightShape shape, int64_t rows, int64_t row_tasks,
                               const Context& context)
    : workers_(context.workers), w_(call.inputs[1].desc), shape_(std::move(shape)), rows_(rows), columns_(shape_.n) {
  const TensorDesc& x = call.inputs[0].desc;
  if (x.quant) x_zero_ = x.quant->zero_point[0];
  constexpr int64_t kNarrowest = 64;  // columns of a block
  if (row_tasks < context.workers.threads() && shape_.n > kNarrowest) {
    const int64_t wanted = (context.workers.threads() + row_tasks - 1) / std::max<int64_t>(row_tasks, 1);
    columns_ = std::min(shape_.n, ((shape_.n + wanted - 1) / wanted + kNarrowest - 1) / kNarrowest * kNarrowest);
    blocks_ = (shape_.n + columns_ - 1) / columns_;
  }
  const bool empty = shape_.k * shape_.n * shape_.matrices * rows == 0;
  if (context.onednn && context.onednn_integers && fits_onednn(w_) && !empty) {
    Workers(1).claim();  // multiply() is called inside each()
    product_ = onednn_matmul({x.dtype, DType::kI8, DType::kI32, rows, columns_, shape_.k});
  }
  stride_ = product_ ? aligned(static_cast<int64_t>(product_->packed_bytes())) : aligned(shape_.k * columns_ * 2);
}

size_t IntegerWeights::header() const { return aligned(shape_.matrices * shape_.n * 4); }
size_t IntegerWeights::packed_bytes() const {
  return header() + stride_ * static_cast<size_t>(shape_.matrices * blocks_);
}

const std::byte* IntegerWeights::at(const std::byte* packed, int64_t matrix, int64_t block) const {
  return packed + header() + stride_ * static_cast<size_t>(matrix * blocks_ + block);
}

const int32_t* IntegerWeights::correction(const std::byte* packed, int64_t matrix) const {
  return reinterpret_cast<const int32_t*>(packed) + matrix * shape_.n;
}

std::string IntegerWeights::form() const {
  return std::string(product_ ? "onednn" : "own") + " integers, zero point " + std::to_string(x_zero_) + ", " +
         w_.to_string() + " as " + to_string(Shape{shape_.matrices, rows_, shape_.k, shape_.n, columns_});
}

// Dense row-major, less the zero points.
std::vector<int16_t> IntegerWeights::values(const std::byte* data) const {
  std::vector<int16_t> result(static_cast<size_t>(w_.elements()));
  const QuantTable table(w_);
  const Strides dense = dense_strides(DType::kI16, w_.shape, row_major_order(w_.shape.size()));
  const Nest nest = make_nest(w_.shape, {dense, w_.strides, table.strides});
  for_blocks(workers_, nest, [&](const int64_t* at, int64_t count) {
    int32_t row[kBlock];
    load_row(w_.dtype, data + at[1], nest.inner[1], count, row);
    for (int64_t i = 0; i < count; ++i) row[i] -= zero_at(table, at[2], nest.inner[2], i);
    store_row(DType::kI16, reinterpret_cast<std::byte*>(result.data()) + at[0], nest.inner[0], count, row);
  });
  return result;
}

void IntegerWeights::pack(const std::byte* data, std::byte* packed) const {
  const std::vector<int16_t> dense = values(data);
  auto* corrections = reinterpret_cast<int32_t*>(packed);
  std::fill_n(corrections, shape_.matrices * shape_.n, 0);
  std::vector<int8_t> bytes(product_ ? static_cast<size_t>(shape_.k * columns_) : 0);
  for (int64_t i = 0; i < shape_.matrices * blocks_; ++i) {
    const int64_t matrix = i / blocks_, first = i % blocks_ * columns_, count = std::min(columns_, shape_.n - first);
    std::byte* target = const_cast<std::byte*>(at(packed, matrix, i % blocks_));
    auto* wide = reinterpret_cast<int16_t*>(target);
    std::fill(bytes.begin(), bytes.end(), int8_t{0});
    if (!product_) std::fill_n(wide, shape_.k * columns_, int16_t{0});
    for (int64_t p = 0; p < shape_.k; ++p) {
      for (int64_t j = 0; j < count; ++j) {
        const int16_t value = dense[static_cast<size_t>(shape_.index(matrix, p, first + j))];
        if (!product_) {
          wide[p * columns_ + j] = value;
          continue;
        }
        bytes[static_cast<size_t>(p * columns_ + j)] = static_cast<int8_t>(value);
        // sum (x - zero) * w = sum x * w - zero * sum w
        int32_t& sum = corrections[matrix * shape_.n + first + j];
        sum = numeric::wrapping_add(sum, -x_zero_ * value);
      }
    }
    if (product_) product_->pack(bytes.data(), target);
  }
}

void IntegerWeights::multiply(const void* left, const std::byte* packed, int64_t matrix, int64_t block,
                              int32_t* sums) const {
  const std::byte* weights = at(packed, matrix, block);
  if (product_) return product_->run(left, weights, nullptr, sums);
  numeric::gemm_i16(rows_, columns_, shape_.k, static_cast<const int16_t*>(left), shape_.k,
                    reinterpret_cast<const int16_t*>(weights), columns_, sums, columns_,
                    numeric::Accumulate::kOverwrite);
}

}  // namespace systole::cpu

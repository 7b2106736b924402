// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// PRELOAD and COMPUTE of the interpreter.
#include <algorithm>

#include "rtl/interpreter/interpreter.h"

namespace systole::reference {

using contract::Dataflow;
using contract::Dtype;
using contract::Space;

bool Interpreter::can_widen(const contract::Preload& c) const {
  const std::string& types = spec_.array.weight_types;
  if (c.weights == contract::Weights::kI8) return c.dtype == Dtype::kBf16 && (types == "i8" || types == "i4");
  if (c.weights == contract::Weights::kI4) return (c.dtype == Dtype::kBf16 || c.dtype == Dtype::kI8) && types == "i4";
  return c.weights == contract::Weights::kSame;
}

// Element j of the row of PRELOAD's matrix at `row`, less the zero point.
double Interpreter::matrix_element(const contract::Preload& c, int64_t row, int64_t j) {
  switch (c.weights) {
    case contract::Weights::kI8:
      return static_cast<double>(integer(Space::kScratchpad, row + j, Dtype::kI8));
    case contract::Weights::kI4: {
      const int64_t byte = integer(Space::kScratchpad, row + j / 2, Dtype::kU8), four = j % 2 ? byte / 16 : byte % 16;
      return static_cast<double>((four > 7 ? four - 16 : four) - c.zero_point);
    }
    default:
      break;
  }
  if (c.dtype == Dtype::kBf16) return real(Space::kScratchpad, row + 2 * j, c.dtype);
  return static_cast<double>(integer(Space::kScratchpad, row + j, c.dtype) - c.zero_point);
}

void Interpreter::run_preload(const Pending& p) {
  const contract::Preload c = contract::decode_preload(p.descriptor);
  const bool stays = c.dataflow == Dataflow::kOutputStationary && spec_.array.output_stationary();
  const int64_t rows = spec_.array.rows, cols = spec_.array.cols, addr = c.addr + p.add[0];
  if (c.rows == 0 || (!stays && c.rows > rows) || c.cols == 0 || c.cols > cols || c.sparsity ||
      (!stays && c.dataflow != Dataflow::kWeightStationary) || !can_widen(c))
    return fail("preload fields");
  if (stays) {
    matrix_ = p;
    return;
  }
  std::fill(shadow_.begin(), shadow_.end(), 0.0);
  shadow_bf16_ = c.dtype == Dtype::kBf16;
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t j = 0; j < c.cols; ++j)
      shadow_[static_cast<size_t>(r * cols + j)] = matrix_element(c, addr + r * c.row_stride, j);
  }
  shadow_full_ = true;
}

// The elements of the vector at `base`, from the first one on.
std::vector<double> Interpreter::vector(const contract::Compute& c, int64_t base) {
  const int64_t es = c.dtype == Dtype::kBf16 ? 2 : 1;
  std::vector<double> elements;
  int64_t ci = c.c0, kw = c.kw0, kh = 0;
  for (int64_t r = 0; r < c.rows; ++r) {
    const int64_t at = base + kh * c.kh_stride + kw * c.kw_stride + ci * es;
    elements.push_back(c.dtype == Dtype::kBf16
                           ? real(Space::kScratchpad, at, c.dtype)
                           : static_cast<double>(integer(Space::kScratchpad, at, c.dtype) - c.zero_point));
    if (++ci == c.k_c) {
      ci = 0;
      if (++kw == c.k_w) kw = 0, ++kh;
    }
  }
  return elements;
}

// One sum of products, in the order given, to an accumulator.
void Interpreter::store_sum(const contract::Compute& c, int64_t row, int64_t column, const std::vector<double>& left,
                            const std::vector<double>& right) {
  const int64_t at = (row * spec_.array.cols + column) * 4;
  if (c.dtype == Dtype::kBf16) {
    float sum = 0;
    for (size_t k = 0; k < left.size(); ++k) sum += static_cast<float>(left[k]) * static_cast<float>(right[k]);
    if (c.accumulate) sum = real(Space::kAccumulator, at, Dtype::kF32) + sum;
    write_f32(Space::kAccumulator, at, sum);
    return;
  }
  uint32_t sum = c.accumulate ? static_cast<uint32_t>(read(Space::kAccumulator, at, 4)) : 0;
  for (size_t k = 0; k < left.size(); ++k)
    sum += static_cast<uint32_t>(static_cast<int64_t>(left[k]) * static_cast<int64_t>(right[k]));
  write(Space::kAccumulator, at, 4, sum);
}

void Interpreter::run_compute(const Pending& p) {
  const contract::Compute c = contract::decode_compute(p.descriptor);
  const int64_t array_cols = spec_.array.cols, addr = c.addr + p.add[0], acc_row = c.acc_row + p.add[1];
  if (c.m0 == 0 || c.m1 == 0 || c.m2 == 0 || c.rows == 0 || c.rows > static_cast<uint32_t>(spec_.array.rows) ||
      c.cols == 0 || c.cols > array_cols || c.k_c == 0 || c.k_w == 0)
    return fail("compute fields");
  std::vector<std::vector<double>> vectors;
  for (int64_t m2 = 0; m2 < c.m2; ++m2)
    for (int64_t m1 = 0; m1 < c.m1; ++m1)
      for (int64_t m0 = 0; m0 < c.m0; ++m0)
        vectors.push_back(vector(c, addr + m0 * c.stride0 + m1 * c.stride1 + m2 * c.stride2));
  macs_ += vectors.size() * c.rows * c.cols;
  const bool bf16 = c.dtype == Dtype::kBf16;
  std::vector<double> column;
  if (c.dataflow != Dataflow::kOutputStationary) {
    if (c.swap) active_ = shadow_, weights_bf16_ = shadow_bf16_, shadow_full_ = false;
    if (bf16 != weights_bf16_) return fail("operand types of a compute");
    for (size_t m = 0; m < vectors.size(); ++m) {
      for (int64_t j = 0; j < c.cols; ++j) {
        column.clear();
        for (int64_t r = 0; r < c.rows; ++r) column.push_back(active_[static_cast<size_t>(r * array_cols + j)]);
        store_sum(c, acc_row + static_cast<int64_t>(m) * c.acc_stride, j, vectors[m], column);
      }
    }
    return;
  }
  const contract::Preload b = contract::decode_preload(matrix_->descriptor);
  if (bf16 != (b.dtype == Dtype::kBf16) || b.rows != vectors.size() || c.swap || (c.acc_stride == 0 && c.rows > 1))
    return fail("fields of an output-stationary compute");
  const int64_t matrix = b.addr + matrix_->add[0];
  for (int64_t j = 0; j < c.cols; ++j) {
    column.clear();
    for (int64_t s = 0; s < b.rows; ++s)
      column.push_back(j < b.cols ? matrix_element(b, matrix + s * b.row_stride, j) : 0.0);
    for (int64_t r = 0; r < c.rows; ++r) {
      std::vector<double> steps;
      for (const std::vector<double>& v : vectors) steps.push_back(v[static_cast<size_t>(r)]);
      store_sum(c, acc_row + r * c.acc_stride, j, steps, column);
    }
  }
  take_and_give(contract::decode_preload(matrix_->descriptor).header, false);
  matrix_.reset();
}

}  // namespace systole::reference

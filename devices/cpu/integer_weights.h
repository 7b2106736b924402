// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Weights of integer products, prepared for oneDNN's kernel or for hal/numeric's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "devices/cpu/kernels.h"
#include "devices/cpu/onednn.h"

namespace systole::cpu {

// `matrices` matrices of k x n, as their op orders them.
struct WeightShape {
  int64_t matrices, k, n;
  // Index in the dense row-major w of row p, column j of matrix m.
  std::function<int64_t(int64_t m, int64_t p, int64_t j)> index;
};

class IntegerWeights {
 public:
  // `rows`: of the left operand given to multiply() at once. `row_tasks`: how many such there are; columns are cut into
  // blocks where that leaves threads idle.
  IntegerWeights(const OpCall& call, WeightShape shape, int64_t rows, int64_t row_tasks, const Context& context);

  // oneDNN's: the left operand is stored bytes. Otherwise i16, less the zero point.
  bool stored_bytes() const { return product_ != nullptr; }
  int64_t rows() const { return rows_; }
  int64_t blocks() const { return blocks_; }
  int64_t block_columns() const { return columns_; }  // the last block may hold fewer of y

  // Prepared form of the weights at `data`, in memory of packed_bytes().
  size_t packed_bytes() const;
  void pack(const std::byte* data, std::byte* packed) const;
  std::string form() const;

  // What is added to the sums of a matrix besides the bias: n values.
  const int32_t* correction(const std::byte* packed, int64_t matrix) const;
  // rows() x block_columns() sums of one block; `left` is rows() x k, dense.
  void multiply(const void* left, const std::byte* packed, int64_t matrix, int64_t block, int32_t* sums) const;
  // The k x n values of the first matrix less their zero points, where neither oneDNN's form nor blocks were chosen.
  const int16_t* wide(const std::byte* packed) const { return reinterpret_cast<const int16_t*>(at(packed, 0, 0)); }

 private:
  std::vector<int16_t> values(const std::byte* data) const;
  size_t header() const;
  const std::byte* at(const std::byte* packed, int64_t matrix, int64_t block) const;

  Workers workers_;
  TensorDesc w_;
  WeightShape shape_;
  int64_t rows_, blocks_ = 1, columns_;
  int32_t x_zero_ = 0;
  size_t stride_ = 0;  // bytes of a block
  std::unique_ptr<Product> product_;
};

}  // namespace systole::cpu

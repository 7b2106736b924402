// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "devices/cpu/integer_product.h"
#include "devices/cpu/matrices.h"

namespace systole::cpu {
namespace {

// Byte offset of element `index` of a row-major shape.
int64_t offset_of(const Shape& shape, const Strides& strides, int64_t index) {
  int64_t offset = 0;
  for (size_t axis = shape.size(); axis-- > 0; index /= shape[axis]) offset += index % shape[axis] * strides[axis];
  return offset;
}

// x is dense, m x k by matrix.
class MatmulRows final : public RowSource {
 public:
  MatmulRows(Matrices matrices, const TensorDesc& a, const TensorDesc& y)
      : matrices_(std::move(matrices)),
        y_(y),
        signed_(a.dtype == DType::kI8),
        zero_(a.quant ? a.quant->zero_point[0] : 0) {}

  int64_t rows() const override { return matrices_.m; }
  int64_t matrices() const override { return static_cast<int64_t>(matrices_.batches.size()); }
  int64_t weights(int64_t matrix) const override { return batch(matrix).w; }

  void gather_bytes(const std::byte* x, int64_t matrix, int64_t row, uint8_t* values) const override {
    std::memcpy(values, at(x, matrix, row), static_cast<size_t>(matrices_.k));
  }
  void gather_wide(const std::byte* x, int64_t matrix, int64_t row, int16_t* values) const override {
    const std::byte* from = at(x, matrix, row);
    for (int64_t i = 0; i < matrices_.k; ++i) {
      const int stored = signed_ ? static_cast<int8_t>(from[i]) : static_cast<int>(from[i]);
      values[i] = static_cast<int16_t>(stored - zero_);
    }
  }

  Target target(int64_t matrix, int64_t row) const override {
    const int64_t stride = y_.strides.back();
    if (matrices_.n == 0) return {0, stride, 0};
    return {offset_of(y_.shape, y_.strides, (batch(matrix).y * matrices_.m + row) * matrices_.n), stride, 0};
  }

 private:
  const Matrices::Batch& batch(int64_t matrix) const { return matrices_.batches[static_cast<size_t>(matrix)]; }
  const std::byte* at(const std::byte* x, int64_t matrix, int64_t row) const {
    return x + (batch(matrix).a * matrices_.m + row) * matrices_.k;
  }

  Matrices matrices_;
  TensorDesc y_;
  bool signed_;
  int32_t zero_;
};

}  // namespace

Kernel integer_matmul(const Matmul& op, const OpCall& call, const Context& context) {
  const TensorDesc &a = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  const Matrices matrices = matrices_of(op, a, w, y);
  std::vector<size_t> order = row_major_order(a.shape.size());
  if (op.transpose_a) std::swap(order[order.size() - 1], order[order.size() - 2]);
  const int64_t k = matrices.k, n = matrices.n;
  WeightShape shape{matrices.w_count, k, n, [=, turned = op.transpose_b](int64_t matrix, int64_t p, int64_t j) {
                      return matrix * k * n + (turned ? j * k + p : p * n + j);
                    }};
  return integer_kernel(op.epilogue, call, std::make_unique<MatmulRows>(matrices, a, y), Stage(a, a.dtype, order),
                        std::move(shape), n, context);
}

}  // namespace systole::cpu

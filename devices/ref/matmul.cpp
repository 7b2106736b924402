// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/ref/epilogue.h"
#include "devices/ref/products.h"

namespace systole::ref {
namespace {

// The two last axes of `desc`, in the order of the product.
TensorDesc matrix_of(const TensorDesc& desc) {
  TensorDesc matrix{desc.dtype, {}, {}, desc.quant};
  size_t rank = desc.shape.size();
  for (size_t axis = rank - 2; axis < rank; ++axis) {
    matrix.shape.push_back(desc.shape[axis]);
    matrix.strides.push_back(desc.strides[axis]);
  }
  if (desc.quant && desc.quant->per_channel()) {
    auto quant = std::make_shared<Quantization>(*desc.quant);
    quant->axis -= static_cast<int>(rank) - 2;
    matrix.quant = quant;
  }
  return matrix;
}

// Byte offset of every matrix of `desc` when its leading axes are broadcast to `leading`, row-major.
std::vector<int64_t> matrix_offsets(const TensorDesc& desc, const Shape& leading) {
  TensorDesc batch{
      desc.dtype, {desc.shape.begin(), desc.shape.end() - 2}, {desc.strides.begin(), desc.strides.end() - 2}, nullptr};
  TensorDesc wide = broadcast_to(batch, leading);
  std::vector<int64_t> offsets;
  for (int64_t i = 0; i < element_count(leading); ++i) {
    int64_t rest = i, offset = 0;
    for (size_t axis = leading.size(); axis-- > 0;) {
      offset += rest % leading[axis] * wide.strides[axis];
      rest /= leading[axis];
    }
    offsets.push_back(offset);
  }
  return offsets;
}

template <typename T>
void multiply(const Matmul& op, Tensors inputs, const HostTensor& y) {
  using Order = std::vector<size_t>;
  TensorDesc a_desc = matrix_of(*inputs[0].desc), w_desc = matrix_of(*inputs[1].desc);
  Order a_order = op.transpose_a ? Order{1, 0} : Order{0, 1};
  Order w_order = op.transpose_b ? Order{1, 0} : Order{0, 1};
  int64_t m = a_desc.shape[a_order[0]], depth = a_desc.shape[a_order[1]], n = w_desc.shape[w_order[1]];
  Shape leading(y.desc->shape.begin(), y.desc->shape.end() - 2);
  std::vector<int64_t> a_offsets = matrix_offsets(*inputs[0].desc, leading),
                       w_offsets = matrix_offsets(*inputs[1].desc, leading);

  std::vector<T> sums(static_cast<size_t>(y.desc->elements()), T(0));
  std::vector<T> w;
  for (size_t b = 0; b < a_offsets.size(); ++b) {
    std::vector<T> a = factors<T>(inputs[0].data + a_offsets[b], a_desc, a_order);
    if (b == 0 || w_offsets[b] != w_offsets[b - 1]) w = factors<T>(inputs[1].data + w_offsets[b], w_desc, w_order);
    T* out = sums.data() + static_cast<int64_t>(b) * m * n;
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t k = 0; k < depth; ++k)
        add_scaled(out + i * n, w.data() + k * n, a[static_cast<size_t>(i * depth + k)], n);
    }
  }
  store_sums(op.epilogue, inputs, y, std::move(sums), 1, n);
}

}  // namespace

void run(const Matmul& op, Tensors inputs, const HostTensor& y) {
  DType type = inputs[0].desc->dtype;
  if (type == DType::kF64) return multiply<double>(op, inputs, y);
  if (is_float(type)) return multiply<float>(op, inputs, y);
  multiply<uint32_t>(op, inputs, y);
}

}  // namespace systole::ref

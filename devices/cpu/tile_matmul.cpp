// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/nest.h"
#include "devices/cpu/tile_operands.h"
#include "devices/cpu/tile_product.h"

namespace systole::cpu {
namespace {

constexpr int64_t kWorthPacking = 4;  // rows: fewer do not pay for packing weights that may change

class TileMatmul final : public OpKernel {
 public:
  TileMatmul(TileProduct product, TileOperands operands)
      : product_(std::move(product)), operands_(std::move(operands)) {}

  Status run(Tensors inputs, Tensors outputs) override {
    product_.run(floats(inputs[0].data), operands_.weights(inputs), operands_.bias(inputs),
                 operands_.residual(inputs, outputs[0]), floats(outputs[0].data));
    return {};
  }

 private:
  TileProduct product_;
  TileOperands operands_;
};

Shape leading(const TensorDesc& desc) { return {desc.shape.begin(), desc.shape.end() - 2}; }
// Floats between rows; a single row has none.
int64_t row_of(const TensorDesc& desc) {
  const size_t rank = desc.shape.size();
  return desc.shape[rank - 2] > 1 ? desc.strides[rank - 2] / 4 : desc.shape[rank - 1];
}
bool columns_adjoin(const TensorDesc& desc) { return desc.shape.back() == 1 || desc.strides.back() == 4; }

Strides leading_strides(const TensorDesc& desc, const Shape& lead) {
  TensorDesc outer = desc;
  outer.shape.resize(desc.shape.size() - 2);
  outer.strides.resize(outer.shape.size());
  return broadcast_strides(outer, lead);
}

// The matrices of w that a packed buffer holds, by their offset in floats.
std::vector<int64_t> weight_offsets(const TensorDesc& w) {
  const Shape lead = leading(w);
  std::vector<int64_t> offsets{0};
  for (size_t axis = 0; axis < lead.size(); ++axis) {
    std::vector<int64_t> longer;
    for (int64_t base : offsets)
      for (int64_t i = 0; i < lead[axis]; ++i) longer.push_back(base + i * w.strides[axis] / 4);
    offsets = std::move(longer);
  }
  return offsets;
}

// Batches that share w and lie row after row become rows of one matrix.
TileShape shape_of(const OpCall& call, const Epilogue& epilogue, int64_t k) {
  const TensorDesc &a = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  const TensorDesc& residual = epilogue.residual ? call.inputs.back().desc : y;
  const Shape lead = leading(y), w_lead = leading(w);
  TileShape shape;
  shape.columns = y.shape.back();
  shape.length = y.shape[y.shape.size() - 2];
  shape.x_row = row_of(a), shape.y_row = row_of(y), shape.residual_row = row_of(residual);
  shape.taps = {0}, shape.run = k;
  Strides packed(w_lead.size());  // which matrix of w
  int64_t count = 1;
  for (size_t axis = w_lead.size(); axis-- > 0; count *= w_lead[axis]) packed[axis] = count;
  const Strides which = broadcast_strides({DType::kF32, w_lead, packed, nullptr}, lead);
  Nest nest =
      make_nest(lead, {leading_strides(y, lead), leading_strides(a, lead), leading_strides(residual, lead), which});
  const int64_t rows = shape.length * 4;
  shape.segments = {{0, 0, 0}};
  const bool follow = nest.inner[0] == rows * shape.y_row && nest.inner[1] == rows * shape.x_row &&
                      nest.inner[2] == rows * shape.residual_row;
  if (nest.inner[3] == 0 && follow) {
    shape.length *= nest.length;
    nest.length = 1;
  }
  for (int64_t i = 0; i < nest.rows * nest.length; ++i) {
    int64_t at[kMaxOperands];
    nest.offsets(i / nest.length, at);
    for (size_t operand = 0; operand < 4; ++operand) at[operand] += i % nest.length * nest.inner[operand];
    shape.matrices.push_back({at[1] / 4, at[0] / 4, at[2] / 4, 0, at[3]});
  }
  return shape;
}

}  // namespace

Kernel tile_matmul(const Matmul& op, const OpCall& call, const Context& context) {
  const TensorDesc &a = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  if (op.transpose_a || !tiles_take(op.epilogue, call, context)) return std::unique_ptr<OpKernel>();
  if (!columns_adjoin(a) || !columns_adjoin(y)) return std::unique_ptr<OpKernel>();
  if (op.epilogue.residual && !columns_adjoin(call.inputs.back().desc)) return std::unique_ptr<OpKernel>();
  const int64_t k = a.shape.back(), columns = y.shape.back(), rank = w.rank();
  const TileShape shape = shape_of(call, op.epilogue, k);
  if (!is_frozen(call.inputs[1]) && shape.length < kWorthPacking) return std::unique_ptr<OpKernel>();
  const int64_t one = packed_floats(k, columns);
  int64_t row = w.strides[static_cast<size_t>(rank - 2)] / 4, column = w.strides[static_cast<size_t>(rank - 1)] / 4;
  if (op.transpose_b) std::swap(row, column);
  auto pack = [=, offsets = weight_offsets(w), workers = context.workers](const float* data, float* packed) {
    workers.each(static_cast<int64_t>(offsets.size()), [&](int64_t i) {
      pack_panels(data + offsets[static_cast<size_t>(i)], k, columns, row, column, packed + i * one);
    });
  };
  const std::string form = "tile matmul " + to_string(w.shape) + (op.transpose_b ? " transposed" : "");
  const int64_t size = one * element_count(leading(w));
  SYSTOLE_ASSIGN_OR_RETURN(TileOperands operands,
                           TileOperands::make(op.epilogue, call, context, form, size, std::move(pack)));
  return std::unique_ptr<OpKernel>(std::make_unique<TileMatmul>(
      TileProduct(shape, op.epilogue, context.workers, tile_kernels()), std::move(operands)));
}

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/lower/library.h"

#include <algorithm>

#include "devices/gpu/lower/tensor.h"

namespace systole::gpu {
namespace {

constexpr int64_t kMostParts = 64;  // launches of the library's a part of an op may take
constexpr int64_t kAlign = 256;     // of memory within scratch: what cuBLASLt asks of its workspace

int64_t aligned(int64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Strides in bytes. Nothing where neither rows nor columns lie as one, or where they overlap.
std::optional<MatrixSpec> matrix(DType type, int64_t rows, int64_t columns, int64_t row, int64_t column) {
  const int64_t size = byte_size(type);
  if (rows == 1) row = columns > 1 && column == size ? columns * size : size;
  if (columns == 1) column = row == size ? rows * size : size;
  if (row % size != 0 || column % size != 0) return std::nullopt;
  row /= size, column /= size;
  if (column == 1 && row >= columns) return MatrixSpec{type, row, 1, 0};
  if (row == 1 && column >= rows) return MatrixSpec{type, 1, column, 0};
  return std::nullopt;
}

enum { kY, kA, kW, kResidual };  // by which MatmulParams counts lead_stride

int64_t extents(const MatmulParams& p) {
  int64_t count = 1;
  for (int axis = 0; axis < p.lead_rank; ++axis) count *= p.lead[axis];
  return count;
}

void drop_axis(MatmulParams& p, int axis) {
  --p.lead_rank;
  for (; axis < p.lead_rank; ++axis) {
    p.lead[axis] = p.lead[axis + 1];
    for (auto& strides : p.lead_stride) strides[axis] = strides[axis + 1];
  }
}

// Axes that all lie as rows do become rows; those of one position go.
void fold(MatmulParams& p) {
  for (int axis = p.lead_rank; axis-- > 0;) {
    if (p.lead[axis] == 1) {
      drop_axis(p, axis);
      continue;
    }
    const auto follows = [&](int o, int64_t row) { return p.m == 1 || p.lead_stride[o][axis] == p.m * row; };
    if (p.lead_stride[kW][axis] != 0 || !follows(kY, p.y_stride[0]) || !follows(kA, p.a_stride[0]) ||
        (p.finish.has_residual && !follows(kResidual, p.residual_stride[0])))
      continue;
    if (p.m == 1) {
      p.y_stride[0] = p.lead_stride[kY][axis];
      p.a_stride[0] = p.lead_stride[kA][axis];
      p.residual_stride[0] = p.lead_stride[kResidual][axis];
    }
    p.m *= p.lead[axis];
    drop_axis(p, axis);
  }
}

OperandRef moved(OperandRef ref, int64_t bytes) {
  ref.offset += bytes;
  return ref;
}

}  // namespace

LibraryProduct::LibraryProduct(const OpDesc& desc, const Epilogue& epilogue, Finish finish, const Facts& facts,
                               int algorithm)
    : desc_(desc), epilogue_(epilogue), facts_(facts), algorithm_(algorithm), finish_(std::move(finish)) {}

bool LibraryProduct::suits(const OpDesc& desc, const Facts& facts) {
  const TensorDesc &a = desc.inputs[0], &w = desc.inputs[1], &y = desc.outputs[0];
  if (a.dtype == DType::kI8 && w.dtype == DType::kI8) {
    bool zeros = true;
    if (w.quant)
      for (int32_t zero : w.quant->zero_point) zeros = zeros && zero == 0;
    return zeros && facts.library.narrow_types;
  }
  return a.dtype == w.dtype && is_float(a.dtype) && a.dtype != DType::kF64 && y.dtype != DType::kF64 &&
         (a.dtype == DType::kF32 || facts.library.narrow_types);
}

int64_t LibraryProduct::reserve(int64_t bytes) {
  const int64_t at = reserved_;
  reserved_ += aligned(bytes);
  op_.scratch_bytes = std::max(op_.scratch_bytes, reserved_);
  return at;
}

bool LibraryProduct::prepare_weights(const TensorDesc& from, const TensorDesc& to) {
  const TensorDesc plain_from{from.dtype, from.shape, from.strides, nullptr};
  const TensorDesc plain_to{to.dtype, to.shape, to.strides, nullptr};
  auto copy = lower_op(Copy{}, {Copy{}, {plain_from}, {plain_to}, desc_.name}, facts_);
  if (!copy.ok()) return false;
  for (Launch& launch : copy->launches) {
    for (OperandRef& each : launch.operands)
      each = each.kind == OperandRef::Kind::kOutput ? prepared() : OperandRef{each.kind, 1, each.offset};
    op_.prepare.push_back(std::move(launch));
  }
  op_.prepared_bytes = aligned(to.span_bytes());
  return true;
}

// What of the epilogue the library computes as the HAL means it. Its bias is of y's type, which is f32 here; its
// activations are computed of f32 sums, GELU with an approximation that bf16 alone does not show.
LibraryProduct::Fused LibraryProduct::fused(const MatmulParams& p, const MatrixSpec& y,
                                            const std::optional<MatrixSpec>& residual) const {
  const DType a_type = desc_.inputs[0].dtype, y_type = desc_.outputs[0].dtype;
  Fused none;
  if (!is_float(a_type)) {
    none.all = y_type == DType::kI32 && !epilogue_.bias && p.a_zero == 0;
    return none;
  }
  const bool writes_y = y_type == DType::kF32 || (y_type == a_type && byte_size(a_type) == 2);
  const bool activates = epilogue_.activation == Activation::kNone || epilogue_.activation == Activation::kRelu ||
                         (epilogue_.activation == Activation::kGeluTanh && y_type == DType::kBF16);
  const bool plain = !epilogue_.bias && !epilogue_.residual && epilogue_.activation == Activation::kNone;
  if (!writes_y || !activates || !(plain || facts_.library.epilogues)) return none;
  if (epilogue_.bias && (y_type != DType::kF32 || y.column != 1 || p.n == 1 || p.finish.bias_stride != 4)) return none;
  if (epilogue_.residual && (!residual || residual->type != y_type || (residual->row == 1) != (y.row == 1)))
    return none;
  return {true, epilogue_.bias, epilogue_.residual};
}

void LibraryProduct::add_column_sums(const MatmulParams& p, const OperandRef& w) {
  column_sums_ = op_.prepared_bytes;
  op_.prepared_bytes += aligned(p.n * 4);
  Launch launch;
  launch.program = "library";
  launch.entry = "column_sums";
  launch.macros = domain_macros(DType::kI8);
  launch.grid = line_grid(p.n, facts_);
  launch.operands = {{OperandRef::Kind::kPrepared, 0, *column_sums_}, w};
  launch.set_params(p);
  op_.prepare.push_back(std::move(launch));
}

void LibraryProduct::finish(MatmulParams p, const OperandRef& y, const OperandRef& sums, const OperandRef& residual) {
  const int64_t inner = p.y_stride[0] < p.y_stride[1] ? p.m : p.n, outer = p.m * p.n / inner;
  p.run = facts_.is_cpu ? std::min<int64_t>(inner, 64) : 1;
  p.chunks = (inner + p.run - 1) / p.run;
  p.items = extents(p) * outer * p.chunks;
  Launch launch;
  launch.program = "library";
  launch.entry = "finish_sums";
  launch.macros = domain_macros(desc_.inputs[0].dtype);
  launch.grid = line_grid(p.items, facts_);
  const OperandRef column_sums = {OperandRef::Kind::kPrepared, 0, column_sums_.value_or(0)};
  launch.operands = {y, sums, column_sums_ ? column_sums : sums, finish_.bias, residual, constants()};
  launch.set_params(p);
  op_.launches.push_back(std::move(launch));
}

bool LibraryProduct::add(MatmulParams p, const OperandRef& y, const OperandRef& a, const OperandRef& w,
                         const OperandRef& residual) {
  const DType a_type = desc_.inputs[0].dtype, y_type = desc_.outputs[0].dtype;
  if (p.k == 0 || !tensor_sums_suffice(desc_, p.k)) return false;
  fold(p);
  const bool integers = !is_float(a_type);
  const auto a_matrix = matrix(a_type, p.m, p.k, p.a_stride[0], p.a_stride[1]);
  const auto w_matrix = matrix(a_type, p.k, p.n, p.w_stride[0], p.w_stride[1]);
  const auto y_matrix = matrix(y_type, p.m, p.n, p.y_stride[0], p.y_stride[1]);
  std::optional<MatrixSpec> residual_matrix;
  if (epilogue_.residual)
    residual_matrix = matrix(desc_.inputs.back().dtype, p.m, p.n, p.residual_stride[0], p.residual_stride[1]);
  if (!a_matrix || !w_matrix) return false;
  if (wants_k_innermost(a_type) && ((p.k > 1 && a_matrix->column != 1) || (p.k > 1 && w_matrix->row != 1)))
    return false;
  if (integers && p.a_zero != 0 && !column_sums_) {
    for (int axis = 0; axis < p.lead_rank; ++axis)
      if (p.lead_stride[kW][axis] != 0) return false;
    add_column_sums(p, w);
  }
  const Fused direct = y_matrix ? fused(p, *y_matrix, residual_matrix) : Fused{};
  // Sums are left where y will be, where they fit there and nothing else is read from there.
  const bool in_place = !direct.all && y_matrix && byte_size(y_type) == 4 && !epilogue_.residual;
  const DType sum_type = integers ? DType::kI32 : DType::kF32;
  MatmulParams sums = p;  // with the sums for a
  OperandRef to = y;
  ProductSpec spec;
  spec.workspace_bytes = std::min(facts_.library.workspace_bytes, aligned(64 * p.m * p.n * extents(p)));
  if (direct.all || in_place) {
    spec.y = *y_matrix;
    spec.y.type = in_place ? sum_type : y_type;
    std::copy(p.y_stride, p.y_stride + 2, sums.a_stride);
    std::copy(p.lead_stride[kY], p.lead_stride[kY] + GPU_RANK, sums.lead_stride[kA]);
  } else {
    const bool down = p.y_stride[0] < p.y_stride[1];
    sums.a_stride[0] = down ? 4 : 4 * p.n;
    sums.a_stride[1] = down ? 4 * p.m : 4;
    int64_t stride = 4 * p.m * p.n;
    for (int axis = p.lead_rank; axis-- > 0; stride *= p.lead[axis]) sums.lead_stride[kA][axis] = stride;
    spec.y = *matrix(sum_type, p.m, p.n, sums.a_stride[0], sums.a_stride[1]);
    to = scratch(reserved_ + spec.workspace_bytes);
    op_.scratch_bytes = std::max(op_.scratch_bytes, to.offset + stride);
  }
  op_.scratch_bytes = std::max(op_.scratch_bytes, reserved_ + spec.workspace_bytes);
  spec.m = p.m, spec.n = p.n, spec.k = p.k;
  spec.a = *a_matrix;
  spec.b = *w_matrix;
  if (direct.residual) spec.residual = *residual_matrix;
  spec.has_bias = direct.bias;
  spec.has_residual = direct.residual;
  if (direct.all && !integers) spec.activation = epilogue_.activation;
  spec.algorithm = algorithm_;
  // The longest axis is the library's batch, the others are launches of their own.
  const int batch = static_cast<int>(std::max_element(p.lead, p.lead + p.lead_rank) - p.lead);
  if (p.lead_rank > 0) {
    spec.batch = p.lead[batch];
    const auto step = [&](const MatmulParams& of, int o, MatrixSpec& m) {
      m.batch = of.lead_stride[o][batch] / byte_size(m.type);
    };
    step(sums, kA, spec.y);
    step(p, kA, spec.a);
    step(p, kW, spec.b);
    if (direct.residual) step(p, kResidual, spec.residual);
  }
  const int64_t parts = extents(p) / spec.batch;
  if (parts > kMostParts) return false;
  for (int64_t part = 0; part < parts; ++part) {
    int64_t rest = part, at[4] = {};
    for (int axis = p.lead_rank; axis-- > 0;) {
      if (axis == batch) continue;
      const int64_t index = rest % p.lead[axis];
      rest /= p.lead[axis];
      at[kY] += index * sums.lead_stride[kA][axis];
      for (int o : {kA, kW, kResidual}) at[o] += index * p.lead_stride[o][axis];
    }
    Launch launch;
    launch.product = spec;
    launch.operands = {moved(to, at[kY]),
                       moved(a, at[kA]),
                       moved(w, at[kW]),
                       direct.residual ? moved(residual, at[kResidual]) : to,
                       direct.bias ? finish_.bias : to,
                       spec.workspace_bytes > 0 ? scratch(reserved_) : to};
    op_.launches.push_back(std::move(launch));
  }
  if (!direct.all) finish(sums, y, to, epilogue_.residual ? residual : y);
  return true;
}

std::optional<LoweredOp> LibraryProduct::finished() {
  op_.constants = std::move(finish_.constants);
  return std::move(op_);
}

namespace {

std::optional<LoweredOp> library_matmul(const Matmul& op, const OpDesc& desc, const Facts& facts, int algorithm) {
  auto finish = finish_of(op.epilogue, desc);
  if (!finish.ok()) return std::nullopt;
  const Finish parts = *finish;
  LibraryProduct product(desc, op.epilogue, std::move(finish).value(), facts, algorithm);
  OpDesc read = desc;
  OperandRef w = input(1);
  TensorDesc& weights = read.inputs[1];
  const size_t rank = weights.shape.size(), k_axis = rank - (op.transpose_b ? 1 : 2),
               n_axis = rank - (op.transpose_b ? 2 : 1);
  const bool lies = matrix(weights.dtype, weights.shape[k_axis], weights.shape[n_axis], weights.strides[k_axis],
                           weights.strides[n_axis])
                        .has_value();
  const bool along_k = weights.shape[k_axis] == 1 || weights.strides[k_axis] == byte_size(weights.dtype);
  if (!lies || (LibraryProduct::wants_k_innermost(weights.dtype) && !along_k)) {
    TensorDesc dense = row_major(weights.dtype, weights.shape, weights.quant);
    dense.strides[k_axis] = byte_size(weights.dtype);
    dense.strides[n_axis] = weights.shape[k_axis] * dense.strides[k_axis];
    if (!product.prepare_weights(weights, dense)) return std::nullopt;
    weights = dense;
    w = prepared();
  }
  const auto p = matmul_params(op, read, read.inputs[0], parts.params);
  if (!p.ok() || !product.add(*p, output(), input(0), w, parts.residual)) return std::nullopt;
  return product.finished();
}

}  // namespace

void append_library_candidates(const OpDesc& op, const Facts& facts, std::vector<Candidate>& all) {
  const auto* matmul = std::get_if<Matmul>(&op.op);
  const auto* conv = std::get_if<Conv2d>(&op.op);
  if (facts.library.name.empty() || (matmul == nullptr && conv == nullptr) || !LibraryProduct::suits(op, facts)) return;
  for (int algorithm = 0; algorithm < facts.library.algorithms; ++algorithm) {
    std::optional<LoweredOp> lowered =
        matmul != nullptr ? library_matmul(*matmul, op, facts, algorithm) : library_conv(*conv, op, facts, algorithm);
    if (!lowered) return;
    all.push_back({"library " + std::to_string(algorithm), std::move(*lowered)});
  }
}

}  // namespace systole::gpu

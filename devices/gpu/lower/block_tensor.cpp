// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by blocks on tensor cores (kernels/block_tensor.cl).
#include <algorithm>

#include "devices/gpu/lower/tensor.h"

namespace systole::gpu {
namespace {

// Of kernels/block_tensor.cl: warps of 16 rows or a multiple, and of 16 columns or a multiple. Registers bound them: 64
// rows by 64 columns a warp.
struct TensorShape {
  int64_t rows, columns, warps_m, warps_n;
  int64_t items() const { return warps_m * warps_n * 32; }
  int64_t local_bytes() const { return 3 * (rows + columns) * 64; }  // what its end needs is less
  std::string name() const {
    return "tensor " + std::to_string(rows) + "x" + std::to_string(columns) + " by " +
           std::to_string(warps_m * warps_n);
  }
};
constexpr TensorShape kShapes[] = {{128, 128, 2, 2}, {128, 128, 2, 4}, {128, 64, 2, 2}, {64, 128, 2, 2},
                                   {64, 64, 2, 2},   {32, 64, 1, 4},   {16, 64, 1, 4}};
constexpr size_t kMostCandidates = 3;
constexpr int kAlongK = 1;  // of kernels/chunks.cl

int64_t blocks_of(int64_t extent, int64_t block) { return (extent + block - 1) / block; }

// As in blocks.cpp, where moving counts for more: products are fast.
int64_t cost_of(const TensorShape& shape, int64_t groups, const Facts& facts) {
  constexpr int64_t kMove = 64;
  const int64_t rounds = blocks_of(groups, std::max(facts.compute_units, 1));
  return rounds * (shape.rows * shape.columns + kMove * (shape.rows + shape.columns));
}

// X_ALONG of kernels/chunks.cl: the next row lies nearer than the next channel.
bool lies_along_rows(const TileParams& p) { return p.x_stride[0] > p.x_stride[2]; }

bool has_tensor_types(const TileParams& p, const OpDesc& desc, const Facts& facts) {
  const DType x = desc.inputs[0].dtype, w = desc.inputs[1].dtype;
  const auto is_byte = [](DType type) { return type == DType::kI8 || type == DType::kU8; };
  if (is_byte(x)) return is_byte(w);
  if (x == DType::kF8E4M3)
    return w == x && facts.tensor_f8 && !lies_along_rows(p) &&
           tensor_sums_suffice(desc, p.channels * p.kernel_h * p.kernel_w);
  return w == x && (x == DType::kF16 || x == DType::kBF16);
}

// Whether 16 bytes of the weights are read at once, in the order in which local memory has them.
bool lies_well(const TileParams& p, int64_t size) {
  const bool along_k = p.w_stride[1] == size;
  if (!along_k && (size == 1 || p.w_stride[0] != size)) return false;
  bool aligned = p.w_stride[along_k ? 0 : 1] % 16 == 0;
  if (p.kernel_h > 1) aligned = aligned && p.w_stride[2] % 16 == 0;
  if (p.kernel_w > 1) aligned = aligned && p.w_stride[3] % 16 == 0;
  for (int axis = 0; axis < p.lead_rank; ++axis) aligned = aligned && p.lead_stride[2][axis] % 16 == 0;
  return aligned;
}

// Has `op` lay the weights along k, taps and channels of a column one behind another, and `p` read them so. False where
// there is no such copy.
bool pack_weights(TileParams& p, DType type, const Facts& facts, LoweredOp& op) {
  TensorDesc from{type, {}, {}, nullptr};
  for (int axis = 0; axis < p.lead_rank; ++axis) {
    if (p.lead_stride[2][axis] == 0) continue;
    from.shape.push_back(p.lead[axis]);
    from.strides.push_back(p.lead_stride[2][axis]);
  }
  for (auto [extent, stride] : {std::pair{p.columns, p.w_stride[0]},
                                {gpu_i64{p.kernel_h}, p.w_stride[2]},
                                {gpu_i64{p.kernel_w}, p.w_stride[3]},
                                {p.channels, p.w_stride[1]}}) {
    from.shape.push_back(extent);
    from.strides.push_back(stride);
  }
  TensorDesc to = row_major(type, from.shape);
  const size_t column = to.shape.size() - 4;
  int64_t next = (to.strides[column] + 15) / 16 * 16;
  for (size_t axis = column + 1; axis-- > 0;) {
    to.strides[axis] = next;
    next *= to.shape[axis];
  }
  auto copy = lower_op(Copy{}, {Copy{}, {from}, {to}, "weights"}, facts);
  if (!copy.ok()) return false;
  for (Launch& launch : copy->launches) {
    for (OperandRef& each : launch.operands)
      each = each.kind == OperandRef::Kind::kOutput ? prepared() : OperandRef{each.kind, 1, each.offset};
    op.prepare.push_back(std::move(launch));
  }
  op.prepared_bytes = next;
  for (auto [i, axis] : {std::pair{0, column}, {1, column + 3}, {2, column + 1}, {3, column + 2}})
    p.w_stride[i] = to.strides[axis];
  size_t lead = 0;
  for (int axis = 0; axis < p.lead_rank; ++axis)
    if (p.lead_stride[2][axis] != 0) p.lead_stride[2][axis] = to.strides[lead++];
  return true;
}

}  // namespace

std::vector<Candidate> tensor_blocks(TileParams p, Launch block, LoweredOp op, const OpDesc& desc, const Facts& facts) {
  const int64_t rows = p.out_height * p.out_width;
  if (!facts.tensor_cores || !has_tensor_types(p, desc, facts) || rows == 1) return {};
  const DType type = desc.inputs[1].dtype;
  block.program = block.entry = "block_tensor";
  if (!lies_well(p, byte_size(type))) {
    if (!pack_weights(p, type, facts, op)) return {};
    block.operands[2] = prepared();
    *std::find_if(block.macros.begin(), block.macros.end(),
                  [](const auto& each) { return each.first == "W_ALONG"; }) = {"W_ALONG", std::to_string(kAlongK)};
  }
  int64_t batches = 1;
  for (int axis = 0; axis < p.lead_rank; ++axis) batches *= p.lead[axis];
  const auto groups = [&](const TensorShape& shape) {
    return batches * blocks_of(rows, shape.rows) * blocks_of(p.columns, shape.columns);
  };
  // What is turned, or gathered along rows, takes registers of its own, fp8 too: 64 x 64 sums of a warp leave none.
  const bool takes_more = lies_along_rows(p) || desc.inputs[0].dtype == DType::kF8E4M3;
  std::vector<TensorShape> shapes;
  for (const TensorShape& shape : kShapes) {
    const bool fits = shape.local_bytes() <= std::min(facts.local_bytes, kStaticLocalBytes);
    const int64_t sums = shape.rows * shape.columns / shape.items();
    if (fits && !(takes_more && sums > 64)) shapes.push_back(shape);
  }
  std::stable_sort(shapes.begin(), shapes.end(), [&](const TensorShape& a, const TensorShape& b) {
    return cost_of(a, groups(a), facts) < cost_of(b, groups(b), facts);
  });
  shapes.resize(std::min(shapes.size(), mac_count(desc) >= kTunedMacs ? kMostCandidates : 1));
  std::vector<Candidate> all;
  for (const TensorShape& shape : shapes) {
    Launch launch = block;
    for (auto [name, value] : {std::pair{"TENSOR_CORES", int64_t{1}},
                               {"BM", shape.rows},
                               {"BN", shape.columns},
                               {"WARPS_M", shape.warps_m},
                               {"WARPS_N", shape.warps_n}})
      launch.macros.emplace_back(name, std::to_string(value));
    p.row_blocks = blocks_of(rows, shape.rows);
    p.panels = blocks_of(p.columns, shape.columns);
    launch.grid.group[0] = shape.items();
    launch.grid.items[0] = groups(shape) * shape.items();
    launch.set_params(p);
    all.push_back({shape.name(), op});
    all.back().lowered.launches.push_back(std::move(launch));
  }
  return all;
}

}  // namespace systole::gpu

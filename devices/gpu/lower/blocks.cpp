// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by blocks in local memory, of graphics processors (kernels/block.cl): x and weights as they lie.
#include <algorithm>

#include "devices/gpu/lower/product.h"
#include "devices/gpu/lower/tensor.h"

namespace systole::gpu {
namespace {

// Of kernels/block.cl. A slice's chunks are a multiple of the work-items for either operand, and work-items one of
// units / 4 and of rows / 4 and columns / 4.
struct BlockShape {
  int64_t rows, columns, units, item_rows, item_columns;
  int64_t items() const { return rows / item_rows * (columns / item_columns); }
  int64_t local_bytes() const {
    const int64_t slices = 2 * units * (rows + columns + 8), stage = 16 * items();
    return 4 * std::max(slices, stage);
  }
  std::string name() const {
    return "block " + std::to_string(rows) + "x" + std::to_string(columns) + "x" + std::to_string(units);
  }
};
constexpr BlockShape kShapes[] = {{128, 128, 8, 8, 8}, {128, 128, 16, 8, 8}, {128, 64, 16, 8, 4}, {64, 128, 16, 4, 8},
                                  {64, 64, 16, 4, 4},  {32, 64, 16, 4, 4},   {16, 64, 16, 4, 4}};
constexpr size_t kMostCandidates = 4;
constexpr int64_t kRowItems = 128;  // of kernels/row.cl

constexpr int kAlongK = 1, kAlongRows = 2, kAlongColumns = 3;  // of kernels/block.cl

int64_t blocks_of(int64_t extent, int64_t block) { return (extent + block - 1) / block; }

// What a block costs beside others, by the time of a multiplication: its own and its operands' way to local memory, as
// often as the device is filled with work-groups.
int64_t cost_of(const BlockShape& shape, int64_t groups, const Facts& facts) {
  constexpr int64_t kMove = 24;
  const int64_t rounds = blocks_of(groups, std::max(facts.compute_units, 1));
  return rounds * (shape.rows * shape.columns + kMove * (shape.rows + shape.columns));
}

bool has_zero(const TensorDesc& desc) {
  if (!desc.quant) return desc.dtype == DType::kU8;
  const int32_t none = desc.dtype == DType::kU8 ? 128 : 0;
  return std::any_of(desc.quant->zero_point.begin(), desc.quant->zero_point.end(),
                     [&](int32_t zero) { return zero != none; });
}

// Rows of pixels that follow one another in every operand become one.
void merge_rows(TileParams& p) {
  const auto follow = [&](const gpu_i64* strides) { return strides[1] == p.out_width * strides[2]; };
  if (p.out_height == 1 || !follow(p.y_stride) || !follow(p.x_stride) ||
      (p.finish.has_residual && !follow(p.residual_stride)))
    return;
  p.out_width = p.width = p.out_width * p.out_height;
  p.out_height = p.height = 1;
}

}  // namespace

bool worth_blocks(const OpDesc& desc, int64_t columns) {
  const DType x = desc.inputs[0].dtype, w = desc.inputs[1].dtype;
  const bool bytes = bit_width(x) == 8 && bit_width(w) <= 8;
  return x != DType::kF64 && w != DType::kF64 && (is_float(x) || bytes) && columns >= 8 && mac_count(desc) >= 16384 &&
         element_count(desc.outputs[0].shape) < INT32_MAX && mac_count(desc) / columns < int64_t{1} << 40;
}

std::vector<Candidate> block_candidates(Tiles tiles, const OpDesc& desc, Finish finish, const Facts& facts) {
  const TensorDesc &x = desc.inputs[0], &w = desc.inputs[1];
  TileParams& p = tiles.params;
  std::copy(std::begin(tiles.pack.w_stride), std::end(tiles.pack.w_stride), std::begin(p.w_stride));
  p.x_zero = zero_of(x);
  const bool has_windows = p.kernel_h * p.kernel_w * p.stride_h * p.stride_w != 1 || p.pad_top != 0 ||
                           p.pad_left != 0 || p.out_height != p.height || p.out_width != p.width;
  if (!has_windows) merge_rows(p);
  LoweredOp op;
  op.constants = std::move(finish.constants);
  Launch launch;
  launch.program = launch.entry = "block";
  launch.operands = {output(), input(0), input(1), finish.bias, finish.residual, constants()};
  const auto define = [&](const char* name, int64_t value) { launch.macros.emplace_back(name, std::to_string(value)); };
  define("X_TYPE", type_number(x.dtype));
  define("W_TYPE", type_number(w.dtype));
  define("X_ALONG", p.x_stride[0] <= p.x_stride[2] ? kAlongK : kAlongRows);
  define("W_ALONG", p.w_stride[1] < p.w_stride[0] ? kAlongK : kAlongRows);
  define("Y_ALONG", p.y_stride[0] <= p.y_stride[2] ? kAlongColumns : kAlongRows);
  if (has_windows) define("IMAGE", 1);
  if (!is_float(x.dtype)) {
    define("INTEGERS", 1);
    if (has_zero(x)) define("X_ZERO", 1);
    if (has_zero(w)) define("W_ZERO", 1);
  }
  int64_t batches = 1;
  for (int axis = 0; axis < p.lead_rank; ++axis) batches *= p.lead[axis];
  const int64_t rows = p.out_height * p.out_width;
  const auto groups = [&](const BlockShape& shape) {
    return batches * blocks_of(rows, shape.rows) * blocks_of(p.columns, shape.columns);
  };
  std::vector<BlockShape> shapes;
  for (const BlockShape& shape : kShapes)
    if (shape.items() <= facts.most_work_items && shape.local_bytes() <= std::min(facts.local_bytes, kStaticLocalBytes))
      shapes.push_back(shape);
  std::stable_sort(shapes.begin(), shapes.end(), [&](const BlockShape& a, const BlockShape& b) {
    return cost_of(a, groups(a), facts) < cost_of(b, groups(b), facts);
  });
  const size_t most = mac_count(desc) >= kTunedMacs ? kMostCandidates : 1;
  std::vector<Candidate> all;
  if (rows == 1 && !has_windows && kRowItems <= facts.most_work_items) {
    const bool along_k = p.w_stride[1] < p.w_stride[0];
    Launch own = launch;
    own.program = own.entry = "row";
    *std::find_if(own.macros.begin(), own.macros.end(), [](const auto& each) { return each.first == "X_ALONG"; }) = {
        "X_ALONG", std::to_string(kAlongK)};
    p.panels = blocks_of(p.columns, along_k ? 8 : 32);
    own.grid.group[0] = kRowItems;
    own.grid.items[0] = batches * p.panels * kRowItems;
    own.set_params(p);
    all.push_back({"row", op});
    all.back().lowered.launches.push_back(std::move(own));
    if (most == 1) return all;
  }
  std::vector<Candidate> tensors = tensor_blocks(p, launch, op, desc, facts);
  if (!tensors.empty() && most == 1) shapes.clear();
  std::move(tensors.begin(), tensors.end(), std::back_inserter(all));
  for (size_t i = 0; i < std::min(shapes.size(), most); ++i) {
    const BlockShape& shape = shapes[i];
    Candidate candidate{shape.name(), op};
    Launch own = launch;
    for (auto [name, value] : {std::pair{"BM", shape.rows},
                               {"BN", shape.columns},
                               {"BKU", shape.units},
                               {"TM", shape.item_rows},
                               {"TN", shape.item_columns},
                               {"THREADS", shape.items()}})
      own.macros.emplace_back(name, std::to_string(value));
    p.row_blocks = blocks_of(rows, shape.rows);
    p.panels = blocks_of(p.columns, shape.columns);
    own.grid.group[0] = shape.items();
    own.grid.items[0] = groups(shape) * shape.items();
    own.set_params(p);
    candidate.lowered.launches.push_back(std::move(own));
    all.push_back(std::move(candidate));
  }
  return all;
}

}  // namespace systole::gpu

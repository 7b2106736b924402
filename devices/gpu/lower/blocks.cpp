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
  int64_t parts = 1;  // of the sums, to be joined
  int64_t items() const { return rows / item_rows * (columns / item_columns); }
  int64_t local_bytes() const {
    const int64_t slices = 2 * units * (rows + columns + 8), stage = 16 * items();
    return 4 * std::max(slices, stage);
  }
  std::string name() const {
    return (parts > 1 ? "split block " : "block ") + std::to_string(rows) + "x" + std::to_string(columns) + "x" +
           std::to_string(units);
  }
};
constexpr BlockShape kShapes[] = {{128, 128, 8, 8, 8}, {128, 128, 16, 8, 8}, {128, 64, 16, 8, 4}, {64, 128, 16, 4, 8},
                                  {64, 64, 16, 4, 4},  {32, 64, 16, 4, 4},   {16, 64, 16, 4, 4}};
constexpr size_t kMostCandidates = 4;
constexpr int64_t kRowItems = 128;  // of kernels/row.cl

constexpr int kAlongK = 1, kAlongRows = 2, kAlongColumns = 3;  // of kernels/block.cl

int64_t blocks_of(int64_t extent, int64_t block) { return (extent + block - 1) / block; }

// What blocks cost beside others, by the time of a multiplication: their own and their operands' way to local memory,
// as often as the device is filled with work-groups; a launch to join their parts.
int64_t cost_of(const BlockShape& shape, int64_t groups, int64_t depth, const Facts& facts) {
  constexpr int64_t kMove = 24, kJoin = 500'000;
  const int64_t rounds = blocks_of(groups * shape.parts, std::max(facts.compute_units, 1));
  return rounds * (shape.rows * shape.columns + kMove * (shape.rows + shape.columns)) * (depth / shape.parts) +
         (shape.parts > 1 ? kJoin : 0);
}

// In how many parts `groups` work-groups' sums become at most `most` work-groups': a power of two, of whole slices of
// every kernel's and of 256 products at least; 1 where k has no such part.
int64_t parts_of(const TileParams& p, int64_t groups, int64_t most) {
  constexpr int64_t kLeastProducts = 256, kSlice = 64;
  int64_t parts = 1;
  while (groups * parts * 2 <= most && p.channels % (parts * 2 * kSlice) == 0 &&
         p.channels / (parts * 2) * p.kernel_h * p.kernel_w >= kLeastProducts && p.lead_rank < GPU_RANK)
    parts *= 2;
  return parts;
}

int64_t batches_of(const TileParams& p) {
  int64_t batches = 1;
  for (int axis = 0; axis < p.lead_rank; ++axis) batches *= p.lead[axis];
  return batches;
}

// The product's parts as further batches, whose sums go to scratch as kernels/join.cl has them.
TileParams parts_as_batches(TileParams p, int64_t parts, bool integers) {
  const int64_t rows = p.out_height * p.out_width;
  int64_t next = 4 * rows * p.columns;
  for (int axis = p.lead_rank; axis-- > 0; next *= p.lead[axis]) p.lead_stride[0][axis] = next;
  p.channels /= parts;
  p.y_stride[0] = 4, p.y_stride[1] = 4 * p.out_width * p.columns, p.y_stride[2] = 4 * p.columns;
  FinishParams sums{};
  sums.channel_step = p.finish.channel_step;
  sums.y_type = integers ? GPU_I32 : GPU_F32;
  p.finish = sums;
  const int64_t strides[] = {next, p.channels * p.x_stride[0], p.channels * p.w_stride[1], 0, 0};
  for (int o = 0; o < 5; ++o) p.lead_stride[o][p.lead_rank] = strides[o];
  p.lead[p.lead_rank++] = parts;
  return p;
}

// Makes `product`, whose sums go to scratch, and the launch that joins them of what `op` is so far.
void add_split(TileParams p, int64_t parts, Launch product, const Finish& finish, const Facts& facts, LoweredOp& op) {
  const bool integers = std::any_of(product.macros.begin(), product.macros.end(),
                                    [](const auto& each) { return each.first == "INTEGERS"; });
  product.operands[0] = scratch();
  op.launches.push_back(std::move(product));
  p.row_blocks = parts;
  p.items = batches_of(p) * p.out_height * p.out_width * p.columns;
  op.scratch_bytes = 4 * parts * p.items;
  Launch join;
  join.program = join.entry = "join";
  if (integers) join.macros.emplace_back("INTEGERS", "1");
  join.grid = line_grid(p.items, facts);
  join.operands = {output(), scratch(), finish.bias, finish.residual, constants()};
  join.set_params(p);
  op.launches.push_back(std::move(join));
}

void set_macro(Launch& launch, const char* name, int64_t value) {
  for (auto& each : launch.macros)
    if (each.first == name) each.second = std::to_string(value);
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
  const int64_t batches = batches_of(p), rows = p.out_height * p.out_width;
  const auto groups = [&](const BlockShape& shape) {
    return batches * blocks_of(rows, shape.rows) * blocks_of(p.columns, shape.columns);
  };
  const size_t most = mac_count(desc) >= kTunedMacs ? kMostCandidates : 1;
  std::vector<BlockShape> shapes;
  for (BlockShape shape : kShapes) {
    if (shape.items() > facts.most_work_items || shape.local_bytes() > std::min(facts.local_bytes, kStaticLocalBytes))
      continue;
    shapes.push_back(shape);
    shape.parts = most > 1 ? parts_of(p, groups(shape), 2 * facts.compute_units) : 1;
    if (shape.parts > 1) shapes.push_back(shape);
  }
  const auto cost = [&](const BlockShape& shape) {
    return cost_of(shape, groups(shape), p.channels * p.kernel_h * p.kernel_w, facts);
  };
  std::stable_sort(shapes.begin(), shapes.end(),
                   [&](const BlockShape& a, const BlockShape& b) { return cost(a) < cost(b); });
  std::vector<Candidate> all;
  const auto add = [&](std::string name, Launch own, int64_t parts, int64_t own_groups, int64_t items) {
    Candidate candidate{std::move(name), op};
    own.grid.group[0] = items;
    own.grid.items[0] = own_groups * parts * items;
    if (parts > 1) {
      set_macro(own, "Y_ALONG", kAlongColumns);
      own.set_params(parts_as_batches(p, parts, !is_float(x.dtype)));
      add_split(p, parts, std::move(own), finish, facts, candidate.lowered);
    } else {
      own.set_params(p);
      candidate.lowered.launches.push_back(std::move(own));
    }
    all.push_back(std::move(candidate));
  };
  if (rows == 1 && !has_windows && kRowItems <= facts.most_work_items) {
    Launch own = launch;
    own.program = own.entry = "row";
    set_macro(own, "X_ALONG", kAlongK);
    p.panels = blocks_of(p.columns, p.w_stride[1] < p.w_stride[0] ? 8 : 32);
    // They are small: eight to a compute unit.
    const int64_t parts = most > 1 ? parts_of(p, batches * p.panels, 8 * facts.compute_units) : 1;
    if (parts > 1) add("split row", own, parts, batches * p.panels, kRowItems);
    add("row", std::move(own), 1, batches * p.panels, kRowItems);
    if (most == 1) return all;
  }
  std::vector<Candidate> tensors = tensor_blocks(p, launch, op, desc, facts);
  if (!tensors.empty() && most == 1) shapes.clear();
  std::move(tensors.begin(), tensors.end(), std::back_inserter(all));
  for (size_t i = 0; i < std::min(shapes.size(), most); ++i) {
    const BlockShape& shape = shapes[i];
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
    add(shape.name(), std::move(own), shape.parts, groups(shape), shape.items());
  }
  return all;
}

}  // namespace systole::gpu

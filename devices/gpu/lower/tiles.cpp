// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by tiles in registers, of host threads: weights packed to panels of f32, the image converted to f32 first
// where it is of another type. i32 sums are exact in f32 for as many products as their types allow, and added up then.
#include <algorithm>
#include <numeric>

#include "devices/gpu/lower/product.h"

namespace systole::gpu {
namespace {

constexpr int64_t kColumns = kPanelColumns;
constexpr int64_t kHotMacs = 1 << 21;
constexpr int64_t kRows = 12;  // a multiple of the rows of its tiles

// y, x, w, residual, first column of a further axis of `lead`.
void add_lead(Tiles& t, int64_t extent, const int64_t (&strides)[5]) {
  TileParams& p = t.params;
  p.lead[p.lead_rank] = extent;
  for (int o = 0; o < 5; ++o) p.lead_stride[o][p.lead_rank] = strides[o];
  ++p.lead_rank;
}

int64_t largest_magnitude(const TensorDesc& desc) {
  const IntegerRange range = integer_range(desc.dtype);
  int64_t largest = 0;
  const std::vector<int32_t> none{0};
  for (int32_t zero : desc.quant ? desc.quant->zero_point : none)
    largest = std::max({largest, range.high - zero, zero - range.low});
  return largest;
}

// What a product of one row, bound by what it reads, has its weights packed as; others have f32.
DType stored_type(const TensorDesc& w) {
  if (is_float(w.dtype)) return byte_size(w.dtype) == 2 ? w.dtype : DType::kF32;
  const IntegerRange range = integer_range(w.dtype);
  const std::vector<int32_t> none{0};
  const auto& zeros = w.quant ? w.quant->zero_point : none;
  const bool fits = std::all_of(zeros.begin(), zeros.end(),
                                [&](int32_t zero) { return range.low - zero >= -128 && range.high - zero < 128; });
  return fits ? DType::kI8 : DType::kF32;
}

// The launches that make x f32 in scratch.
Status widen(const OpDesc& desc, const TensorDesc& wide, const Facts& facts, LoweredOp& op) {
  TensorDesc x = desc.inputs[0];
  if (!is_float(x.dtype)) {
    const Quantization plain{{1.0f}, {zero_of(x)}, -1};
    x.quant = std::make_shared<const Quantization>(plain);
  }
  SYSTOLE_ASSIGN_OR_RETURN(LoweredOp cast, lower_op(Cast{}, {Cast{}, {x}, {wide}, desc.name}, facts));
  const auto from = static_cast<int64_t>(op.constants.size());
  for (Launch& launch : cast.launches) {
    for (OperandRef& each : launch.operands) {
      if (each.kind == OperandRef::Kind::kOutput) each = scratch();
      if (each.kind == OperandRef::Kind::kConstants) each.offset += from;
    }
    op.launches.push_back(std::move(launch));
  }
  op.constants.insert(op.constants.end(), cast.constants.begin(), cast.constants.end());
  op.scratch_bytes = wide.span_bytes();
  return {};
}

}  // namespace

int64_t packed_bytes(const PackParams& pack) {
  return pack.items / std::max<int64_t>(pack.chunks, 1) * pack.channels * kColumns * pack.element_bytes;
}

Launch pack_launch(PackParams& pack, TileParams& p, DType type, DType stored, const Facts& facts) {
  // Batches of the weights: the axes of `lead` along which they differ.
  int64_t batches = 1;
  std::vector<int> axes;
  for (int axis = 0; axis < p.lead_rank; ++axis)
    if (p.lead_stride[2][axis] != 0 || p.lead_stride[4][axis] != 0) axes.push_back(axis);
  const int64_t taps = int64_t{p.kernel_h} * p.kernel_w;
  p.panels = (p.columns + kColumns - 1) / kColumns;
  pack.element_bytes = static_cast<int>(byte_size(stored));
  p.panel_bytes = taps * p.channels * kColumns * pack.element_bytes;
  for (size_t i = axes.size(); i-- > 0;) {
    const int axis = axes[i];
    pack.lead[i] = p.lead[axis];
    pack.lead_stride[0][i] = p.lead_stride[2][axis];
    pack.lead_stride[1][i] = p.lead_stride[4][axis];
    p.lead_stride[2][axis] = batches * p.panels * p.panel_bytes;
    batches *= p.lead[axis];
  }
  pack.lead_rank = static_cast<int>(axes.size());
  pack.panels = p.panels;
  pack.channels = p.channels;
  pack.columns = p.columns;
  pack.kernel_h = p.kernel_h;
  pack.kernel_w = p.kernel_w;
  pack.channel_step = p.finish.channel_step;
  pack.run = facts.is_cpu ? std::min<int64_t>(p.channels, 64) : 1;
  pack.chunks = (p.channels + pack.run - 1) / std::max<int64_t>(pack.run, 1);
  pack.items = batches * p.panels * taps * pack.chunks;
  Launch launch;
  launch.program = launch.entry = "pack";
  launch.macros = {{"NR", std::to_string(kColumns)},
                   {"TYPE", std::to_string(type_number(type))},
                   {"STORED", std::to_string(type_number(stored))}};
  launch.grid = line_grid(pack.items, facts);
  launch.operands = {prepared(), input(1), constants()};
  launch.set_params(pack);
  return launch;
}

bool is_depthwise(const OpDesc& desc) {
  const auto* conv = std::get_if<Conv2d>(&desc.op);
  if (conv == nullptr || desc.inputs[0].dtype == DType::kF64) return false;
  const Shape& w = desc.inputs[1].shape;
  return conv->groups == w[0] && w[1] == 1 && w[2] * w[3] <= 128;  // so many products of 8 bits are exact in f32
}

bool worth_tiles(const OpDesc& desc, int64_t columns) {
  if (is_depthwise(desc)) return mac_count(desc) >= 16384;
  return desc.inputs[0].dtype != DType::kF64 && columns >= 8 && mac_count(desc) >= 16384;
}

TensorDesc tiled_operand(const OpDesc& op) {
  const TensorDesc& desc = op.inputs[0];
  TensorDesc result{DType::kF32, desc.shape, desc.strides, nullptr};
  if (is_depthwise(op)) {
    const bool as_one = desc.dtype == DType::kF32 && (desc.strides[1] == 4 || desc.shape[1] == 1);
    return as_one ? desc : channels_last(DType::kF32, desc.shape);
  }
  if (desc.dtype == DType::kF32) return desc;
  std::vector<size_t> order(desc.shape.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return desc.strides[a] > desc.strides[b]; });
  int64_t next = byte_size(DType::kF32);
  for (size_t i = order.size(); i-- > 0;) {
    result.strides[order[i]] = next;
    next *= desc.shape[order[i]];
  }
  return result;
}

Tiles matmul_tiles(const MatmulParams& m) {
  Tiles t;
  TileParams& p = t.params;
  p.finish = m.finish;
  p.height = p.out_height = 1;
  p.width = p.out_width = m.m;
  p.channels = m.k;
  p.columns = m.n;
  p.kernel_h = p.kernel_w = p.stride_h = p.stride_w = p.dilation_h = p.dilation_w = 1;
  p.y_stride[0] = m.y_stride[1], p.y_stride[2] = m.y_stride[0];
  p.x_stride[0] = m.a_stride[1], p.x_stride[2] = m.a_stride[0];
  p.residual_stride[0] = m.residual_stride[1], p.residual_stride[2] = m.residual_stride[0];
  for (int axis = 0; axis < m.lead_rank; ++axis) {
    const auto stride = [&](int operand) { return m.lead_stride[operand][axis]; };
    if (axis + 1 == m.lead_rank && stride(2) == 0) {  // rows too
      p.height = p.out_height = m.lead[axis];
      p.y_stride[1] = stride(0), p.x_stride[1] = stride(1), p.residual_stride[1] = stride(3);
    } else {
      add_lead(t, m.lead[axis], {stride(0), stride(1), stride(2), stride(3), 0});
    }
  }
  t.pack.w_stride[0] = m.w_stride[1];
  t.pack.w_stride[1] = m.w_stride[0];
  return t;
}

Tiles conv_tiles(const ConvParams& c, int64_t images, int64_t groups) {
  Tiles t;
  TileParams& p = t.params;
  p.finish = c.finish;
  p.height = c.height, p.width = c.width;
  p.out_height = c.y.extent[2], p.out_width = c.y.extent[3];
  p.channels = c.group_in;
  p.columns = c.group_out;
  p.kernel_h = c.kernel_h, p.kernel_w = c.kernel_w;
  p.stride_h = c.stride_h, p.stride_w = c.stride_w;
  p.dilation_h = c.dilation_h, p.dilation_w = c.dilation_w;
  p.pad_top = c.pad_top, p.pad_left = c.pad_left;
  for (int i = 0; i < 3; ++i) {
    p.y_stride[i] = c.y.stride[i + 1];
    p.x_stride[i] = c.x_stride[i + 1];
    p.residual_stride[i] = c.residual_stride[i + 1];
  }
  add_lead(t, images, {c.y.stride[0], c.x_stride[0], 0, c.residual_stride[0], 0});
  add_lead(t, groups,
           {c.group_out * c.y.stride[1], c.group_in * c.x_stride[1], groups > 1 ? c.group_out * c.w_stride[0] : 0,
            c.group_out * c.residual_stride[1], groups > 1 ? c.group_out : 0});
  for (int i = 0; i < 4; ++i) t.pack.w_stride[i] = c.w_stride[i];
  return t;
}

Tiles depthwise_tiles(const ConvParams& c, int64_t images) {
  ConvParams one = c;  // a single group of one input channel
  one.group_in = 1;
  one.group_out = c.y.extent[1];
  Tiles t = conv_tiles(one, images, 1);
  t.depthwise = true;
  return t;
}

Result<std::vector<Candidate>> lower_tiles(Tiles tiles, const OpDesc& desc, Finish finish, const Facts& facts) {
  const TensorDesc &x = desc.inputs[0], &w = desc.inputs[1], &y = desc.outputs[0];
  TileParams& p = tiles.params;
  const bool integers = !is_float(x.dtype);
  LoweredOp op;
  op.constants = std::move(finish.constants);
  const bool one_row = p.out_height * p.out_width == 1 && !tiles.depthwise;
  const DType stored = one_row ? stored_type(w) : DType::kF32;
  op.prepare.push_back(pack_launch(tiles.pack, p, w.dtype, stored, facts));
  op.prepared_bytes = packed_bytes(tiles.pack);
  OperandRef image = input(0);
  const TensorDesc wide = tiled_operand(desc);
  if (x.dtype != DType::kF32 || wide.strides != x.strides) {
    SYSTOLE_RETURN_IF_ERROR(widen(desc, wide, facts, op));
    image = scratch();
  }
  if (integers) p.chunk = static_cast<int>((1 << 24) / (largest_magnitude(x) * largest_magnitude(w)));
  const int64_t rows = p.out_height * p.out_width;
  const int64_t tile_rows = rows == 1 ? 1 : kRows;
  int64_t batches = 1;
  for (int axis = 0; axis < p.lead_rank; ++axis) batches *= p.lead[axis];
  p.block = 4 * tile_rows;
  while (p.block > tile_rows && batches * p.panels * ((rows + p.block - 1) / p.block) < 8 * facts.compute_units)
    p.block -= tile_rows;
  p.row_blocks = (rows + p.block - 1) / p.block;
  p.items = batches * p.panels * p.row_blocks;
  const int64_t y_size = byte_size(y.dtype);
  const bool y_is_dense = p.y_stride[0] == y_size && (!p.finish.has_residual || p.residual_stride[0] == y_size);
  Launch launch;
  launch.program = "tile";
  launch.macros.emplace_back("HOST_VECTORS", "1");
  launch.entry = tiles.depthwise ? "depthwise" : "tile";
  launch.macros.emplace_back("STORED", std::to_string(type_number(stored)));
  if (integers) launch.macros.emplace_back("INTEGERS", "1");
  if (rows == 1) launch.macros.emplace_back("ONE_ROW", "1");
  // Programs of their own are for what takes time.
  const bool hot = mac_count(desc) >= kHotMacs;
  for (auto [name, value, member] : {std::tuple{"BIAS", p.finish.has_bias, "has_bias"},
                                     {"RESIDUAL", p.finish.has_residual, "has_residual"},
                                     {"ACTIVATION", integers ? 0 : p.finish.activation, "activation"},
                                     {"TFLITE", integers ? p.finish.tflite : 0, "tflite"},
                                     {"Y_TYPE", p.finish.y_type, "y_type"}})
    launch.macros.emplace_back(name, hot ? std::to_string(value) : std::string("p.finish.") + member);
  launch.macros.emplace_back("Y_STEP", std::to_string(hot && y_is_dense ? y_size : 0));
  launch.grid = line_grid(p.items, facts);
  launch.operands = {output(), image, prepared(), finish.bias, finish.residual, constants()};
  launch.set_params(p);
  op.launches.push_back(std::move(launch));
  return std::vector<Candidate>{{"host tiles", std::move(op)}};
}

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/lower/attention.h"

#include <algorithm>

#include "devices/gpu/lower/tensor.h"

namespace systole::gpu {
namespace {

constexpr int64_t kMostColumns = 256;  // of queries and values in an item's own memory
constexpr int64_t kShared = 8;         // SHARE of kernels/attend.cl

// Packs input `index` to scratch from `to` on: rows of `channels`, columns of `columns`. Updates its strides and says
// its panels' bytes.
int64_t pack_input(AttentionParams& p, int index, int64_t to, int64_t columns, int64_t channels, DType type,
                   const Facts& facts, LoweredOp& op) {
  const int operand = index + 1;
  const bool keys = index == 1;
  TileParams tile{};
  PackParams pack{};
  tile.lead_rank = p.lead_rank;
  std::copy(std::begin(p.lead), std::end(p.lead), std::begin(tile.lead));
  std::copy(std::begin(p.lead_stride[operand]), std::end(p.lead_stride[operand]), std::begin(tile.lead_stride[2]));
  tile.kernel_h = tile.kernel_w = 1;
  tile.columns = columns;
  tile.channels = channels;
  pack.w_stride[0] = keys ? p.row_stride[operand] : p.column_stride[operand];
  pack.w_stride[1] = keys ? p.column_stride[operand] : p.row_stride[operand];
  Launch launch = pack_launch(pack, tile, type, DType::kF32, facts);
  launch.operands = {scratch(to), input(index), constants()};
  op.launches.push_back(std::move(launch));
  op.scratch_bytes = to + packed_bytes(pack);
  std::copy(std::begin(tile.lead_stride[2]), std::end(tile.lead_stride[2]), std::begin(p.lead_stride[operand]));
  return tile.panel_bytes;
}

// By tiles in registers, of host threads.
LoweredOp attend(AttentionLaunch attention, const OpDesc& desc, const Facts& facts) {
  AttentionParams& p = attention.params;
  const DType type = desc.inputs[1].dtype;
  LoweredOp op;
  op.constants.resize(sizeof(GpuChannel));
  p.k_panel = pack_input(p, 1, 0, p.keys, p.depth, type, facts, op);
  const int64_t values = op.scratch_bytes;
  p.v_panel = pack_input(p, 2, values, p.width, p.keys, type, facts, op);
  const int64_t share = p.queries == 1 ? 1 : kShared;
  p.blocks = (p.queries + share - 1) / share;
  p.lines = p.lines / p.queries * p.blocks;
  int64_t columns = 64;
  while (columns < std::max(p.depth, p.width)) columns *= 2;
  Launch launch;
  launch.program = launch.entry = "attend";
  launch.macros = {{"HOST_VECTORS", "1"}, {"DEPTH", std::to_string(columns)}, {"TYPE", std::to_string(p.type)}};
  if (share == 1) launch.macros.emplace_back("ONE_ROW", "1");
  launch.grid = line_grid(p.lines, facts);
  launch.operands = {output(), input(0), scratch(0), scratch(values), attention.operands[4]};
  launch.set_params(p);
  op.launches.push_back(std::move(launch));
  return op;
}

// By blocks of queries and keys in local memory (kernels/attend_block.cl), of graphics processors: the likely best
// first, none where local memory or work-groups are too small.
std::vector<Candidate> attend_blocks(AttentionLaunch attention, const OpDesc& desc, const Facts& facts) {
  AttentionParams& p = attention.params;
  constexpr int64_t keys = 32, pitch = keys + 4, most_width = 8 * keys;  // of sums in registers
  const int64_t depth = (p.depth + 3) / 4 * 4, width = (p.width + keys - 1) / keys * keys;
  const int64_t batches = attention.batches();
  const auto items = [&](int64_t queries) { return queries / 4 * (keys / 4); };
  const auto blocks = [&](int64_t queries) { return (p.queries + queries - 1) / queries; };
  const auto fills = [&](int64_t queries) { return batches * blocks(queries) >= facts.compute_units; };
  std::vector<int64_t> sizes;
  for (int64_t queries : {64, 32, 16}) {
    const int64_t floats =
        (depth + keys) * (queries + 4) + std::max(depth * pitch, keys * (width + 4)) + queries * (keys / 4 + 1);
    const bool fits = width <= most_width && items(queries) <= facts.most_work_items &&
                      4 * floats <= std::min(facts.local_bytes, kStaticLocalBytes);
    if (fits && (queries == 16 || p.queries > queries / 2)) sizes.push_back(queries);
  }
  // The largest that leaves no part of the device idle, else the smallest.
  std::reverse(std::stable_partition(sizes.begin(), sizes.end(), fills), sizes.end());
  if (mac_count(desc) < kTunedMacs && !sizes.empty()) sizes.resize(1);
  std::vector<Candidate> all;
  for (int64_t queries : sizes) {
    p.blocks = blocks(queries);
    Launch launch;
    launch.program = launch.entry = "attend_block";
    for (auto [name, value] : {std::pair{"BQ", queries},
                               {"KEYS", keys},
                               {"DEPTH", depth},
                               {"WIDTH", width},
                               {"TYPE", int64_t{p.type}},
                               {"KEY_TYPE", int64_t{p.key_type}}})
      launch.macros.emplace_back(name, std::to_string(value));
    launch.grid.group[0] = items(queries);
    launch.grid.items[0] = batches * p.blocks * items(queries);
    launch.operands = attention.operands;
    launch.set_params(p);
    all.push_back({"attend " + std::to_string(queries), {}});
    all.back().lowered.constants = attention.constants;
    all.back().lowered.launches.push_back(std::move(launch));
  }
  return all;
}

// The axes before the last two, for a nest.
TensorDesc lead_of(const TensorDesc& desc) {
  return {DType::kF32, Shape(desc.shape.begin(), desc.shape.end() - 2),
          std::vector<int64_t>(desc.strides.begin(), desc.strides.end() - 2), nullptr};
}

Result<AttentionLaunch> attention_launch(const Attention& op, const OpDesc& desc) {
  const TensorDesc &q = desc.inputs[0], &k = desc.inputs[1], &v = desc.inputs[2], &y = desc.outputs[0];
  const TensorDesc& mask = op.mask ? desc.inputs[3] : y;
  const size_t rank = q.shape.size();
  AttentionLaunch all;
  AttentionParams& p = all.params;
  p.queries = q.shape[rank - 2];
  p.keys = op.key_count(k);
  p.depth = q.shape[rank - 1];
  p.width = y.shape[rank - 1];
  const TensorDesc* operands[] = {&y, &q, &k, &v, &mask};
  std::vector<TensorDesc> leads;
  for (size_t o = 0; o < std::size(operands); ++o) {
    const TensorDesc& each = *operands[o];
    const size_t own = each.shape.size();
    p.row_stride[o] = each.shape[own - 2] == 1 ? 0 : each.strides[own - 2];
    p.column_stride[o] = each.shape[own - 1] == 1 ? 0 : each.strides[own - 1];
    leads.push_back(lead_of(each));
  }
  leads.push_back(leads[0]);
  const bool in_pages = !op.pages.empty();
  if (in_pages) {  // the pages of a request's lie anywhere, their numbers one behind another
    if (p.keys > INT32_MAX) return Status(Code::kUnsupported, "attention: more than 2^31 - 1 keys in pages");
    p.page_keys = k.shape[rank - 2];
    for (size_t i = 0; i < 2; ++i) {
      p.page_stride[i] = operands[2 + i]->strides[0];
      leads[2 + i].shape[0] = 1;
    }
    leads[5].shape.assign(rank - 2, 1);
    leads[5].shape[0] = q.shape[0];
    leads[5].strides.assign(rank - 2, 0);
    leads[5].strides[0] = (p.keys - 1) / p.page_keys + 1;
    for (int page : op.pages) append_constant(all.constants, static_cast<int32_t>(page));
  }
  std::vector<const TensorDesc*> lead_operands;
  for (const TensorDesc& each : leads) lead_operands.push_back(&each);
  const Nest nest = make_nest(lead_operands);
  if (nest.extents.size() > GPU_RANK) return too_many_axes(desc);
  p.lead_rank = static_cast<int>(nest.extents.size());
  for (size_t axis = 0; axis < nest.extents.size(); ++axis) {
    p.lead[axis] = nest.extents[axis];
    for (size_t o = 0; o < leads.size(); ++o) p.lead_stride[o][axis] = nest.strides[o][axis];
  }
  p.lines = nest.count() * p.queries;
  p.type = type_number(q.dtype);
  p.key_type = type_number(k.dtype);
  p.has_mask = op.mask;
  if (op.mask) p.mask_type = type_number(mask.dtype);
  p.causal = op.causal;
  p.scale = op.scale * k.tensor_scale();
  p.value_scale = v.tensor_scale();
  all.operands = {output(), input(0), input(1), input(2), input(op.mask ? 3 : 0), in_pages ? constants() : input(0)};
  return all;
}

}  // namespace

Result<std::vector<Candidate>> lower_op(const Attention& op, const OpDesc& desc, const Facts& facts) {
  SYSTOLE_ASSIGN_OR_RETURN(AttentionLaunch attention, attention_launch(op, desc));
  const AttentionParams& p = attention.params;
  const bool worth_kernels = desc.inputs[0].dtype != DType::kF64 && mac_count(desc) >= 16384;
  if (facts.is_cpu && worth_kernels && op.pages.empty() && std::max(p.depth, p.width) <= kMostColumns)
    return std::vector<Candidate>{{"host tiles", attend(std::move(attention), desc, facts)}};
  if (!facts.is_cpu && worth_kernels) {
    std::vector<Candidate> all = attend_rows(attention, facts);
    const auto append = [&](std::vector<Candidate> more) {
      if (all.empty() || mac_count(desc) >= kTunedMacs) std::move(more.begin(), more.end(), std::back_inserter(all));
    };
    append(tensor_attention(p, desc, facts));
    append(attend_blocks(attention, desc, facts));
    if (!all.empty()) return all;
  }
  Launch launch;
  launch.program = launch.entry = "attention";
  launch.macros = domain_macros(desc.inputs[0].dtype);
  launch.grid = line_grid(p.lines, facts);
  launch.operands = attention.operands;
  launch.set_params(p);
  LoweredOp result;
  result.launches.push_back(std::move(launch));
  result.constants = std::move(attention.constants);
  return std::vector<Candidate>{{"general", std::move(result)}};
}

}  // namespace systole::gpu

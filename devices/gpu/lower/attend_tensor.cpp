// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention on tensor cores (kernels/attend_tensor.cl).
#include <algorithm>

#include "devices/gpu/lower/tensor.h"

namespace systole::gpu {
namespace {

// Of kernels/attend_tensor.cl, for queries and values of up to so many columns. Registers bound them: a lane holds 32
// to 128 sums and as many elements of queries.
struct AttendShape {
  int64_t columns, warps, tiles, keys;
  int64_t queries() const { return warps * tiles * 16; }
};
constexpr AttendShape kShapes[] = {{64, 4, 2, 64},  {64, 4, 1, 64},  {64, 2, 1, 64}, {128, 8, 1, 64},
                                   {128, 4, 1, 64}, {128, 2, 1, 64}, {256, 4, 1, 32}};

}  // namespace

std::vector<Candidate> tensor_attention(AttentionParams p, const OpDesc& desc, const Facts& facts) {
  if (!facts.tensor_cores || (p.type != GPU_F16 && p.type != GPU_BF16) || p.key_type != p.type || p.page_keys > 0 ||
      p.queries < 2 || std::max(p.queries, p.keys) >= 1 << 30)
    return {};
  const int64_t depth = (p.depth + 15) / 16 * 16, width = (p.width + 15) / 16 * 16, columns = std::max(depth, width);
  int64_t most_columns = 0;
  for (const AttendShape& shape : kShapes)
    if (most_columns == 0 && columns <= shape.columns) most_columns = shape.columns;
  const int64_t batches = p.lines / p.queries;
  const auto blocks = [&](const AttendShape& shape) { return (p.queries + shape.queries() - 1) / shape.queries(); };
  std::vector<AttendShape> shapes;
  for (const AttendShape& shape : kShapes) {
    const int64_t local = std::max(shape.keys * (2 * depth + 2 * width + 32), shape.queries() * (2 * depth + 16));
    if (shape.columns == most_columns && local <= std::min(facts.local_bytes, kStaticLocalBytes))
      shapes.push_back(shape);
  }
  // The largest that leaves no part of the device idle, else the smallest.
  const auto fills = [&](const AttendShape& shape) { return batches * blocks(shape) >= facts.compute_units; };
  std::reverse(std::stable_partition(shapes.begin(), shapes.end(), fills), shapes.end());
  if (mac_count(desc) < kTunedMacs && !shapes.empty()) shapes.resize(1);
  std::vector<Candidate> all;
  for (const AttendShape& shape : shapes) {
    p.blocks = blocks(shape);
    Launch launch;
    launch.program = launch.entry = "attend_tensor";
    for (auto [name, value] : {std::pair{"TENSOR_CORES", int64_t{1}},
                               {"TYPE", int64_t{p.type}},
                               {"DEPTH", depth},
                               {"WIDTH", width},
                               {"KEYS", shape.keys},
                               {"WARPS", shape.warps},
                               {"TILES", shape.tiles},
                               {"MASK", int64_t{p.has_mask}}})
      launch.macros.emplace_back(name, std::to_string(value));
    launch.grid.group[0] = shape.warps * 32;
    launch.grid.items[0] = batches * p.blocks * shape.warps * 32;
    launch.operands = {output(), input(0), input(1), input(2), input(p.has_mask ? 3 : 0)};
    launch.set_params(p);
    all.push_back({"tensor attend " + std::to_string(shape.queries()), {}});
    all.back().lowered.launches.push_back(std::move(launch));
  }
  return all;
}

}  // namespace systole::gpu

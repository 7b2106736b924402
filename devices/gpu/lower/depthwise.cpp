// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions of graphics processors (kernels/depthwise.cl).
#include <algorithm>

#include "devices/gpu/lower/product.h"

namespace systole::gpu {
namespace {

constexpr int64_t kMostTaps = 49;  // in registers

// Pixels of a work-group, of a work-item, and the group's channels.
struct DepthwiseTile {
  int64_t high, wide, rows, channels;
  int64_t items() const { return channels * wide * (high / rows); }
  std::string name() const {
    return "depthwise " + std::to_string(high) + "x" + std::to_string(wide) + "x" + std::to_string(channels);
  }
};
constexpr DepthwiseTile kChannelsLast[] = {{8, 8, 8, 32}, {8, 4, 8, 32}, {4, 4, 4, 32}, {4, 4, 4, 8}};
constexpr DepthwiseTile kPlanes[] = {{32, 32, 8, 1}, {16, 16, 4, 2}, {8, 8, 4, 8}};

int64_t steps_of(int64_t extent, int64_t step) { return (extent + step - 1) / step; }

}  // namespace

std::vector<Candidate> depthwise_candidates(Tiles tiles, const OpDesc& desc, const Finish& finish, const Facts& facts) {
  const DType x = desc.inputs[0].dtype, w = desc.inputs[1].dtype;
  TileParams& p = tiles.params;
  const int64_t taps = int64_t{p.kernel_h} * p.kernel_w, images = p.lead[0];
  if (w == DType::kF64 || (!is_float(x) && bit_width(x) != 8) || taps > kMostTaps ||
      element_count(desc.inputs[0].shape) >= INT32_MAX || element_count(desc.outputs[0].shape) >= INT32_MAX)
    return {};
  const bool channels_last = p.x_stride[0] < p.x_stride[2];
  const auto extent = [](int64_t outputs, int64_t stride, int64_t kernel, int64_t dilation) {
    return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
  };
  const auto seen = [&](const DepthwiseTile& tile) {
    return tile.channels * extent(tile.high, p.stride_h, p.kernel_h, p.dilation_h) *
           extent(tile.wide, p.stride_w, p.kernel_w, p.dilation_w);
  };
  const auto spots = [&](const DepthwiseTile& tile) {
    return steps_of(p.out_height, tile.high) * steps_of(p.out_width, tile.wide);
  };
  const auto groups = [&](const DepthwiseTile& tile) {
    return images * spots(tile) * steps_of(p.columns, tile.channels);
  };
  // By the time of a multiplication: a load of x, as often as the device is filled with work-groups.
  const auto cost = [&](const DepthwiseTile& tile) {
    constexpr int64_t kLoad = 8;
    return steps_of(groups(tile), std::max(facts.compute_units, 1)) *
           (kLoad * seen(tile) + tile.channels * tile.high * tile.wide * taps);
  };
  std::vector<DepthwiseTile> fitting;
  for (const DepthwiseTile& tile : channels_last ? std::span<const DepthwiseTile>(kChannelsLast) : kPlanes)
    if (tile.items() <= facts.most_work_items && 4 * seen(tile) <= std::min(facts.local_bytes, kStaticLocalBytes))
      fitting.push_back(tile);
  std::stable_sort(fitting.begin(), fitting.end(),
                   [&](const DepthwiseTile& a, const DepthwiseTile& b) { return cost(a) < cost(b); });
  std::copy(std::begin(tiles.pack.w_stride), std::end(tiles.pack.w_stride), std::begin(p.w_stride));
  p.x_zero = zero_of(desc.inputs[0]);
  std::vector<Candidate> all;
  for (const DepthwiseTile& tile : fitting) {
    Launch launch;
    launch.program = launch.entry = "depthwise";
    for (auto [name, value] : {std::pair<const char*, int64_t>{"X_TYPE", type_number(x)},
                               {"W_TYPE", type_number(w)},
                               {"CB", tile.channels},
                               {"TH", tile.high},
                               {"TW", tile.wide},
                               {"ROWS", tile.rows},
                               {"KH", p.kernel_h},
                               {"KW", p.kernel_w},
                               {"SH", p.stride_h},
                               {"SW", p.stride_w},
                               {"DH", p.dilation_h},
                               {"DW", p.dilation_w}})
      launch.macros.emplace_back(name, std::to_string(value));
    if (!is_float(x)) launch.macros.emplace_back("INTEGERS", "1");
    if (channels_last) launch.macros.emplace_back("CHANNELS_LAST", "1");
    p.row_blocks = spots(tile);
    p.panels = steps_of(p.columns, tile.channels);
    launch.grid.group[0] = tile.items();
    launch.grid.items[0] = groups(tile) * tile.items();
    launch.operands = {output(), input(0), input(1), finish.bias, finish.residual, constants()};
    launch.set_params(p);
    Candidate candidate{tile.name(), {}};
    candidate.lowered.constants = finish.constants;
    candidate.lowered.launches.push_back(std::move(launch));
    all.push_back(std::move(candidate));
  }
  return all;
}

}  // namespace systole::gpu

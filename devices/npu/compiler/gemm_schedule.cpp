// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/gemm_schedule.h"

#include <algorithm>

namespace systole::npu {
namespace {

// Loads ahead may take commands out of loops. So many are fetched one by one then, each from a row of device memory
// that the next load opens again.
constexpr double kCommands = 64;

double load_bytes(const Gemm& g, const GemmPlan& p, Operand operand, const GemmSteps& all, const Step& step) {
  const VectorBlock& v = all.vectors[static_cast<size_t>(step.vectors)];
  const ColumnBlock& n = all.columns[static_cast<size_t>(step.columns)];
  const ChannelBlock& c = all.channels[static_cast<size_t>(step.channels)];
  switch (operand) {
    case Operand::kX:
      return static_cast<double>(v.n * std::min(g.in_h, v.h * g.stride_h + g.kernel_h - 1) *
                                 std::min(g.in_w, v.w * g.stride_w + g.kernel_w - 1) * c.channels * size_of(g.x_type));
    case Operand::kW: {
      const auto [begin, end] = weight_rows(g, p, c, step);
      return static_cast<double>((end - begin) * g.weight_bytes(n.columns));
    }
    case Operand::kParams:
      return static_cast<double>((p.all_params ? g.columns : n.columns) * 4 * g.params());
    case Operand::kResidual:
      return static_cast<double>(v.vectors() * n.columns * size_of(g.residual_type));
  }
  return 0;
}

double load_cycles(const Gemm& g, const GemmPlan& p, const spec::NpuSpec& s, Operand operand, const GemmSteps& all,
                   const Step& step) {
  const bool on_chip = (operand == Operand::kX && g.x_on_chip) || (operand == Operand::kResidual && g.residual_on_chip);
  const double dram = s.dram.bytes_per_second / static_cast<double>(s.clock.hz);
  return load_bytes(g, p, operand, all, step) / (on_chip ? s.dma.bytes_per_cycle : dram);
}

// With so many blocks of w there at the start: loads one after the other, each as soon as its slot is free, beside the
// steps that wait for them.
double gemm_cycles(const Gemm& g, const GemmPlan& p, const spec::NpuSpec& s, int ahead) {
  const GemmSteps all = gemm_steps(g, p, s.array.rows, s.array.cols, ahead);
  const int interval = g.x_type == contract::Dtype::kBf16 ? s.array.bf16_interval : s.array.int8_interval;
  const double fill = s.array.rows / std::max(1.0, static_cast<double>(s.array.weight_rows_per_cycle));
  std::vector<double> done(all.steps.size());
  double loaded = 0, now = 0;
  size_t next = 0;
  for (size_t i = 0; i < all.steps.size(); ++i) {
    const Step& step = all.steps[i];
    double ready = 0;
    for (; next < all.loads.size() && all.loads[next].step <= static_cast<int64_t>(i); ++next) {
      const LoadEvent& load = all.loads[next];
      if (load.after >= 0) loaded = std::max(loaded, done[static_cast<size_t>(load.after)]);
      loaded += load_cycles(g, p, s, load.operand, all, step);
      ready = loaded;
    }
    const int64_t columns = all.columns[static_cast<size_t>(step.columns)].columns;
    const auto tiles = static_cast<double>((step.tile1 - step.tile0) * ceil_div(columns, s.array.cols));
    const auto vectors = static_cast<double>(all.vectors[static_cast<size_t>(step.vectors)].vectors());
    now = done[i] = std::max(now, ready) + tiles * std::max(vectors * interval, fill);
  }
  return now;
}

}  // namespace

std::pair<int64_t, int64_t> weight_rows(const Gemm& g, const GemmPlan& p, const ChannelBlock& c, const Step& step) {
  if (!p.weight_tiles) return {0, g.kernel_h * g.kernel_w * g.channels};
  const RowTile& last = c.tiles[static_cast<size_t>(step.tile1 - 1)];
  return {c.k_first + c.tiles[static_cast<size_t>(step.tile0)].first, c.k_first + last.first + last.rows};
}

size_t useful_blocks(const Gemm& g, const GemmPlan& p, const spec::NpuSpec& s, const GemmSteps& all) {
  const double none = gemm_cycles(g, p, s, 0);
  double best = kCommands * s.dram.row_miss_cycles / std::max(1, s.dram.channels);
  size_t count = 0;
  for (size_t some = all.ahead.size(); some > 0; some /= 2) {
    double load = 0;
    for (size_t i = 0; i < some; ++i)
      load += load_cycles(g, p, s, Operand::kW, all, all.steps[static_cast<size_t>(all.ahead[i])]);
    const double gain = none - gemm_cycles(g, p, s, static_cast<int>(some)) - load / 2;
    if (gain > best) best = gain, count = some;
  }
  return count;
}

}  // namespace systole::npu

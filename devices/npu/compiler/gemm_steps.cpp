// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/gemm_steps.h"

#include <algorithm>

namespace systole::npu {
namespace {

// The slots of one operand, filled in turn.
class Ring {
 public:
  Ring(Operand operand, int slots)
      : operand_(operand), block_(static_cast<size_t>(slots), -1), last_use_(static_cast<size_t>(slots), -1) {}

  // The first `count` blocks need no load: those of the ring's first slots, or of slots behind it.
  void begin_with(int count, bool behind) {
    ahead_ = static_cast<size_t>(count), base_ = behind ? static_cast<int32_t>(block_.size()) : 0;
    if (!behind) next_ = count % static_cast<int>(block_.size());
  }

  // `step` uses `block`; what is missing becomes a load.
  void use(int64_t block, int64_t step, GemmSteps& all) {
    const int k = static_cast<int>(operand_);
    auto kept = std::find(first_.begin(), first_.end(), block);
    if (kept != first_.end() || first_.size() < ahead_) {
      if (kept == first_.end()) kept = first_.insert(kept, block), all.ahead.push_back(step);
      all.steps[static_cast<size_t>(step)].slot[static_cast<size_t>(k)] =
          base_ + static_cast<int32_t>(kept - first_.begin());
      return;
    }
    auto found = std::find(block_.begin(), block_.end(), block);
    if (found == block_.end()) {
      found = block_.begin() + next_;
      next_ = (next_ + 1) % static_cast<int>(block_.size());
      const size_t slot = static_cast<size_t>(found - block_.begin());
      const int64_t after = last_use_[slot];
      if (after >= 0)
        all.steps[static_cast<size_t>(after)].releases[static_cast<size_t>(k)] = true,
        all.reused[static_cast<size_t>(k)] = true;
      all.loads.push_back({operand_, step, after, false});
      all.steps[static_cast<size_t>(step)].loads[static_cast<size_t>(k)] = true;
      block_[slot] = block;
    }
    const size_t slot = static_cast<size_t>(found - block_.begin());
    last_use_[slot] = step;
    all.steps[static_cast<size_t>(step)].slot[static_cast<size_t>(k)] = static_cast<int32_t>(slot);
  }

 private:
  Operand operand_;
  std::vector<int64_t> block_, last_use_;
  int next_ = 0;
  std::vector<int64_t> first_;
  size_t ahead_ = 0;
  int32_t base_ = 0;
};

void make_blocks(const Gemm& g, const GemmPlan& p, int64_t array_rows, int64_t array_columns, GemmSteps& all) {
  for (int64_t n = 0; n < g.batch; n += p.tile_n) {
    for (int64_t h = 0; h < g.out_h; h += p.tile_h) {
      for (int64_t w = 0; w < g.out_w; w += p.tile_w) {
        all.vectors.push_back({n, std::min(p.tile_n, g.batch - n), h, std::min(p.tile_h, g.out_h - h), w,
                               std::min(p.tile_w, g.out_w - w)});
      }
    }
  }
  const int64_t columns = p.column_tiles * array_columns;
  for (int64_t j = 0; j < g.columns; j += columns) all.columns.push_back({j, std::min(columns, g.columns - j)});
  for (int64_t c = 0; c < g.channels; c += p.channel_block) {
    ChannelBlock block{c, std::min(p.channel_block, g.channels - c), c * g.kernel_h * g.kernel_w, {}};
    const int64_t k = g.kernel_h * g.kernel_w * block.channels;
    for (int64_t r = 0; r < k; r += array_rows) block.tiles.push_back({r, std::min(array_rows, k - r)});
    all.channels.push_back(std::move(block));
  }
}

// Of w in one block of columns.
int64_t blocks_of_columns(const Gemm& g, const GemmPlan& p, int64_t array_rows) {
  int64_t blocks = 0;
  for (int64_t c = 0; p.weight_tiles && c < g.channels; c += p.channel_block) {
    const int64_t k = g.kernel_h * g.kernel_w * std::min(p.channel_block, g.channels - c);
    blocks += ceil_div(ceil_div(k, array_rows), p.weight_tiles);
  }
  return std::max<int64_t>(1, blocks);
}

bool shares_weights(const Gemm& g) {  // all groups
  return !g.w_group.empty() &&
         std::all_of(g.w_group.begin(), g.w_group.end(), [&](int64_t offset) { return offset == g.w_group[0]; });
}

}  // namespace

int64_t weight_blocks(const Gemm& g, const GemmPlan& p, int64_t array_rows, int64_t array_columns) {
  return (shares_weights(g) ? 1 : g.groups) * ceil_div(g.columns, p.column_tiles * array_columns) *
         blocks_of_columns(g, p, array_rows);
}

GemmSteps gemm_steps(const Gemm& g, const GemmPlan& p, int64_t array_rows, int64_t array_columns, int ahead) {
  GemmSteps all;
  make_blocks(g, p, array_rows, array_columns, all);
  Ring x(Operand::kX, p.x_slots), w(Operand::kW, p.w_slots), params(Operand::kParams, p.param_slots),
      out(Operand::kResidual, p.out_slots);
  w.begin_with(ahead, p.ahead_base != p.w_base);
  int64_t out_block = 0;
  const auto m_count = static_cast<int64_t>(all.vectors.size()), n_count = static_cast<int64_t>(all.columns.size());
  const auto c_count = static_cast<int64_t>(all.channels.size());
  const int64_t w_blocks = blocks_of_columns(g, p, array_rows);
  const bool shared = shares_weights(g);
  const auto visit = [&](int64_t group, int64_t m, int64_t n) {
    int64_t w_block = 0;
    const size_t begin = all.steps.size();
    for (int64_t c = 0; c < c_count; ++c) {
      const auto tiles = static_cast<int64_t>(all.channels[static_cast<size_t>(c)].tiles.size());
      const int64_t part = p.weight_tiles ? p.weight_tiles : tiles;
      for (int64_t t = 0; t < tiles; t += part, w_block += p.weight_tiles ? 1 : 0) {
        Step step;
        step.group = group, step.vectors = static_cast<int32_t>(m), step.columns = static_cast<int32_t>(n);
        step.channels = static_cast<int32_t>(c);
        step.tile0 = static_cast<int32_t>(t), step.tile1 = static_cast<int32_t>(std::min(tiles, t + part));
        all.steps.push_back(step);
        const auto index = static_cast<int64_t>(all.steps.size()) - 1;
        if (g.params() && !p.all_params) params.use(group * n_count + n, index, all);
        w.use(((shared ? 0 : group) * n_count + n) * w_blocks + w_block, index, all);
        x.use((group * m_count + m) * c_count + c, index, all);
      }
    }
    all.steps[begin].first = true;
    all.steps.back().last = true;
    const auto end = static_cast<int64_t>(all.steps.size()) - 1;
    const int64_t slot = out_block++ % p.out_slots;
    for (size_t s = begin; s < all.steps.size(); ++s)
      all.steps[s].slot[static_cast<size_t>(Operand::kResidual)] = static_cast<int32_t>(slot);
    if (p.all_params) params.use(0, end, all);
    if (g.has_residual) out.use(out_block, end, all);
  };
  for (int64_t group = 0; group < g.groups; ++group) {
    const int64_t outer = p.columns_outer ? n_count : m_count, inner = p.columns_outer ? m_count : n_count;
    for (int64_t i = 0; i < outer; ++i) {
      for (int64_t j = 0; j < inner; ++j) p.columns_outer ? visit(group, j, i) : visit(group, i, j);
    }
  }
  for (LoadEvent& load : all.loads) load.waits = all.reused[static_cast<size_t>(load.operand)];
  return all;
}

}  // namespace systole::npu

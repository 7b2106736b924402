// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The search over tile sizes: least estimated cycles of array, vector engine and device memory, whichever is slowest.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "devices/npu/compiler/gemm.h"

namespace systole::npu {
namespace {

// Weights of the estimate that ranks plans, in cycles or shares. Chosen by trial on ResNet-50's layers, not derived;
// they never reach a report.
constexpr double kSustained = 0.8;         // of the peak bandwidth, with row misses and turnarounds
constexpr double kTileOverhead = 4.0;      // between one COMPUTE and the next
constexpr double kFetchCost = 4.0;         // of a command that is not in a loop, even where memory has time for it
constexpr double kImperfectOverlap = 0.1;  // share of the work beside the bottleneck that shows
constexpr double kBlockOverhead = 30.0;    // of handing accumulators over
constexpr double kParamsShare = 1.0 / 16;  // of the scratchpad, that all parameters may take

int64_t operand_align(const spec::NpuSpec& spec) { return std::max<int64_t>(64, spec.scratchpad.line_bytes); }

struct MTile {
  int64_t n = 1, h = 1, w = 1;
};

class Search {
 public:
  Search(const Gemm& gemm, const spec::NpuSpec& spec)
      : g_(gemm), s_(spec), rows_(spec.array.rows), cols_(spec.array.cols) {
    line_ = std::max(spec.scratchpad.line_bytes, 4);
    dram_per_cycle_ = spec.dram.bytes_per_second / static_cast<double>(spec.clock.hz);
    es_x_ = size_of(g_.x_type), es_w_ = g_.weight_size(), es_y_ = size_of(g_.y_type);
    es_r_ = g_.has_residual ? size_of(g_.residual_type) : 0;
    column_tiles_ = ceil_div(g_.columns, cols_);
    taps_ = g_.kernel_h * g_.kernel_w;
  }

  Result<GemmPlan> best() {
    const std::vector<MTile> tiles = m_tiles();
    const int64_t most = std::min<int64_t>(column_tiles_, std::max(1, s_.core.vector_queue));
    // Large tiles first, for a bound; then all in their order, so that of equal plans the first one is taken.
    for (auto m = tiles.rbegin(); m != tiles.rend(); ++m) try_columns(*m, most);
    found_ = false;
    for (const MTile& m : tiles)
      for (int64_t nb = 1; nb <= most; ++nb) try_columns(m, nb);
    if (found_) return best_;
    return Status(Code::kOutOfMemory, "no tile of it fits: the smallest needs " + std::to_string(least_bytes_) +
                                          " bytes of scratchpad and " + std::to_string(least_rows_) +
                                          " accumulator rows; the NPU has " + std::to_string(s_.scratchpad.bytes) +
                                          " bytes and " + std::to_string(s_.accumulator.rows) + " rows");
  }

 private:
  static std::set<int64_t> parts_of(int64_t extent, int64_t most) {
    std::set<int64_t> sizes;
    const int64_t fewest = ceil_div(extent, std::max<int64_t>(1, most));
    for (int64_t p = fewest; p <= std::min(extent, fewest + 6); ++p) sizes.insert(ceil_div(extent, p));
    for (int64_t p = std::max<int64_t>(fewest, 1); p <= extent; p = p + std::max<int64_t>(1, p / 3))
      sizes.insert(ceil_div(extent, p));
    return sizes;
  }

  std::vector<MTile> m_tiles() const {
    const int64_t most = std::min<int64_t>(s_.accumulator.rows, 65535);
    std::vector<MTile> tiles;
    for (int64_t w : parts_of(g_.out_w, most)) {
      if (w < g_.out_w) {
        tiles.push_back({1, 1, w});
        if (g_.out_h == 1 || g_.kernel_h == 1) continue;
      }
      for (int64_t h : parts_of(g_.out_h, most / w)) {
        if (h < g_.out_h) {
          tiles.push_back({1, h, w});
        } else {
          for (int64_t n : parts_of(g_.batch, most / (w * h))) tiles.push_back({n, h, w});
        }
      }
    }
    return tiles;
  }

  void try_columns(const MTile& m, int64_t nb) {
    const int64_t vectors = m.n * m.h * m.w;
    least_rows_ = std::min(least_rows_, nb * vectors);
    const int acc_slots = 2 * nb * vectors <= s_.accumulator.rows ? 2 : 1;
    if (acc_slots * nb * vectors > s_.accumulator.rows) return;
    if (least_cycles(m, nb) > bound_) return;
    std::set<int64_t> blocks = {g_.channels};
    for (int64_t p = 2; p <= ceil_div(g_.channels, rows_); p = p < 4 ? p + 1 : p + p / 2) {
      blocks.insert(round_up(ceil_div(g_.channels, p), rows_));
    }
    for (int64_t block : blocks) {
      if (block > 65535) continue;
      const int64_t tiles = ceil_div(taps_ * block, rows_);
      std::set<int64_t> weights = {0};
      for (int64_t p = 1; p <= tiles; p = p < 4 ? p + 1 : p + p / 2) weights.insert(ceil_div(tiles, p));
      for (int64_t w : weights) {
        GemmPlan plan;
        plan.tile_n = m.n, plan.tile_h = m.h, plan.tile_w = m.w;
        plan.column_tiles = nb, plan.channel_block = block, plan.weight_tiles = w, plan.acc_slots = acc_slots;
        layout(plan);
        for (int variant = 0; variant < 8; ++variant) {
          plan.columns_outer = variant & 1, plan.all_x = variant & 2, plan.all_w = variant & 4;
          consider(plan);
        }
      }
    }
  }

  // Sizes of one slot of each operand.
  void layout(GemmPlan& p) const {
    const int64_t in_h = (p.tile_h - 1) * g_.stride_h + (g_.kernel_h - 1) * g_.dilation_h + 1;
    const int64_t in_w = (p.tile_w - 1) * g_.stride_w + (g_.kernel_w - 1) * g_.dilation_w + 1;
    p.x_pixel = p.channel_block * es_x_;
    p.x_row = in_w * p.x_pixel;
    if (in_h > 1) {
      p.x_row = round_up(p.x_row, line_);
      // Rows that one vector gathers lie in different sub-banks.
      const int64_t segment = g_.kernel_w * p.x_pixel;
      if (g_.kernel_h > 1 && segment < rows_ * es_x_) {
        const int64_t lines = ceil_div(segment, line_) + 1;
        const int64_t ways = std::max(1, s_.scratchpad.interleave);
        while ((p.x_row / line_) % ways != lines % ways) p.x_row += line_;
      }
    }
    p.x_image = round_up(in_h * p.x_row, line_);
    p.x_bytes = round_up(p.tile_n * p.x_image, align());
    const int64_t columns = std::min(g_.columns, p.column_tiles * cols_);
    const int64_t k = p.weight_tiles ? std::min(p.weight_tiles * rows_, taps_ * p.channel_block) : taps_ * g_.channels;
    p.w_bytes = round_up(k * g_.weight_bytes(columns), align());
    p.out_bytes = round_up(p.tile_n * p.tile_h * p.tile_w * columns * es_y_, align());
    p.residual_bytes = round_up(p.tile_n * p.tile_h * p.tile_w * columns * es_r_, align());
  }

  int64_t align() const { return operand_align(s_); }

  void consider(GemmPlan p) {
    const int64_t m_blocks = ceil_div(g_.batch, p.tile_n) * ceil_div(g_.out_h, p.tile_h) * ceil_div(g_.out_w, p.tile_w);
    const int64_t n_blocks = ceil_div(column_tiles_, p.column_tiles);
    const int64_t c_blocks = ceil_div(g_.channels, p.channel_block);
    const int64_t tiles = ceil_div(taps_ * p.channel_block, rows_);
    const int64_t w_blocks = p.weight_tiles ? c_blocks * ceil_div(tiles, p.weight_tiles) : 1;
    if (p.weight_tiles == tiles && c_blocks == 1) return;  // the same as all
    const int64_t x_distinct = m_blocks * c_blocks, w_distinct = n_blocks * w_blocks;
    if ((p.all_x || p.all_w) && g_.groups > 1) return;
    if (p.all_x && (x_distinct == 1 || x_distinct > 64)) return;
    if (p.all_w && (w_distinct == 1 || w_distinct > 64)) return;
    double x_loads = static_cast<double>(p.columns_outer ? (x_distinct == 1 ? 1 : n_blocks * x_distinct)
                                                         : (c_blocks == 1 ? m_blocks : m_blocks * n_blocks * c_blocks));
    double w_loads =
        static_cast<double>(p.columns_outer ? (w_blocks == 1 || m_blocks == 1 ? w_distinct : m_blocks * w_distinct)
                                            : (w_distinct == 1 ? 1 : m_blocks * w_distinct));
    if (p.all_x) x_loads = static_cast<double>(x_distinct);
    if (p.all_w) w_loads = static_cast<double>(w_distinct);
    const double groups = static_cast<double>(g_.groups);
    p.weights_once = w_loads == static_cast<double>(w_distinct);
    p.x_slots = p.all_x ? static_cast<int>(x_distinct) : x_loads * groups == 1 ? 1 : 2;
    p.out_slots = 2;
    set_params(p, n_blocks);
    bool placed = false;
    // Slots that divide the blocks of a pass begin every pass alike, which folds better; more of them hide latency.
    const bool long_loads = static_cast<double>(p.w_bytes) > 4.0 * s_.dram.latency_cycles * dram_per_cycle_;
    for (int w_slots : {w_blocks % 4 == 0 || (w_blocks % 3 != 0 && !long_loads) ? 4 : w_blocks % 3 == 0 ? 3 : 2, 2}) {
      p.w_slots = p.all_w ? static_cast<int>(w_distinct) : w_loads * groups == 1 ? 1 : w_slots;
      if (placed = place(p); placed || p.w_slots != w_slots) break;
    }
    if (!placed) {  // less overlap rather than nothing
      if (p.all_x || p.all_w) return;
      p.x_slots = p.w_slots = p.out_slots = 1;
      if (!place(p)) return;
    }
    estimate(p, m_blocks, n_blocks, c_blocks, x_loads, w_loads);
    bound_ = std::min(bound_, p.cycles);
    if (!found_ || p.cycles < best_.cycles) best_ = p, found_ = true;
  }

  // All parameters at once, where a column tile's cost more to ask for than to move, and all take no longer than a
  // latency.
  void set_params(GemmPlan& p, int64_t n_blocks) const {
    const int64_t column = 4 * g_.params(), all = column * g_.columns;
    const double room = static_cast<double>(s_.scratchpad.usable()) * kParamsShare;
    const double most = std::min(room, s_.dram.latency_cycles * dram_per_cycle_);
    p.all_params = all > 0 && g_.groups == 1 && n_blocks > 1 && static_cast<double>(all) <= most &&
                   static_cast<double>(column * cols_) < kFetchCost * dram_per_cycle_;
    p.param_slots = p.all_params ? 1 : 2;
    p.param_bytes = round_up(p.all_params ? all : column * std::min(g_.columns, p.column_tiles * cols_), align());
  }

  // Bytes of device memory.
  double param_traffic(const GemmPlan& p, int64_t m_blocks, int64_t n_blocks) const {
    if (p.all_params) return static_cast<double>(p.param_bytes);
    const int64_t loads = p.columns_outer || n_blocks <= p.param_slots ? n_blocks : m_blocks * n_blocks;
    return static_cast<double>(g_.groups) * moved_bytes(p.param_bytes, loads, 0, s_);
  }

  // No plan of these tiles is estimated to take less: the array alone, where its weights are never waited for.
  double least_cycles(const MTile& m, int64_t nb) const {
    constexpr double kRounding = 1 - 1e-9;
    const int64_t m_blocks = ceil_div(g_.batch, m.n) * ceil_div(g_.out_h, m.h) * ceil_div(g_.out_w, m.w);
    const double groups = static_cast<double>(g_.groups);
    const double average = static_cast<double>(g_.vectors()) / static_cast<double>(m_blocks);
    const double fill = static_cast<double>(ceil_div(rows_, std::max(1, s_.array.weight_rows_per_cycle)));
    const double tiles = groups * static_cast<double>(m_blocks * column_tiles_ * ceil_div(taps_ * g_.channels, rows_));
    const double blocks = groups * static_cast<double>(m_blocks * ceil_div(column_tiles_, nb));
    const double compute = tiles * (std::max(average * interval(), fill) + kTileOverhead) + blocks * kBlockOverhead;
    return compute * (1 + kImperfectOverlap) * kRounding;
  }

  double interval() const {
    return g_.x_type == contract::Dtype::kBf16 ? s_.array.bf16_interval : s_.array.int8_interval;
  }

  bool place(GemmPlan& p) {
    const bool fits = place_gemm(p, s_);
    least_bytes_ = std::min(least_bytes_, p.used_bytes);
    return fits;
  }

  void estimate(GemmPlan& p, int64_t m_blocks, int64_t n_blocks, int64_t c_blocks, double x_loads,
                double w_loads) const {
    const double groups = static_cast<double>(g_.groups);
    const double average = static_cast<double>(g_.vectors()) / static_cast<double>(m_blocks);
    const double fill = static_cast<double>(ceil_div(rows_, std::max(1, s_.array.weight_rows_per_cycle)));
    const int64_t last_channels = g_.channels - (c_blocks - 1) * p.channel_block;
    const int64_t row_tiles =
        (c_blocks - 1) * ceil_div(taps_ * p.channel_block, rows_) + ceil_div(taps_ * last_channels, rows_);
    const double blocks = groups * static_cast<double>(m_blocks * n_blocks);
    const double array_tiles = groups * static_cast<double>(m_blocks * column_tiles_ * row_tiles);
    const double tile = p.separate_banks
                            ? std::max({average * interval(), fill, static_cast<double>(s_.accumulator.rmw_interval)})
                            : average * interval() + fill;
    const double compute = array_tiles * (tile + kTileOverhead) + blocks * kBlockOverhead;
    const int64_t lane_passes = ceil_div(std::min<int64_t>(cols_, g_.columns), std::max(1, s_.vector.lanes));
    const double vector =
        groups * (g_.chained() ? 2.0 : 1.0) * static_cast<double>(column_tiles_ * lane_passes * g_.vectors());
    const double x_size = x_load_bytes(p);
    const double w_size = g_.constant_weights || g_.dense_columns() ? static_cast<double>(p.w_bytes)
                                                                    : moved_bytes(es_w_, p.w_bytes / es_w_, g_.w_c, s_);
    const int64_t columns = std::min(g_.columns, p.column_tiles * cols_);
    const auto rows_of = [&](const ImageStrides& s, int64_t es) {
      if (s.c != es && columns > 1) return moved_bytes(es, g_.vectors() * columns * n_blocks, s.w, s_);
      return moved_bytes(columns * es, g_.vectors() * n_blocks, s.w, s_);
    };
    const double stores = g_.y_on_chip ? 0 : groups * rows_of(g_.y, es_y_);
    const double residuals = g_.has_residual && !g_.residual_on_chip ? groups * rows_of(g_.residual, es_r_) : 0;
    const double loads = groups * ((g_.x_on_chip ? 0 : x_loads * x_size) + (g_.w_on_chip ? 0 : w_loads * w_size)) +
                         residuals + param_traffic(p, m_blocks, n_blocks);
    p.traffic = loads + stores;
    const double on_chip = groups * ((g_.x_on_chip ? x_loads * x_size : 0) + (g_.w_on_chip ? w_loads * w_size : 0)) +
                           (g_.residual_on_chip ? static_cast<double>(g_.vectors() * g_.columns * es_r_) * groups : 0);
    const double commands = descriptors(p, blocks, row_tiles, c_blocks);
    const double bandwidth = kSustained * dram_per_cycle_,
                 dma = static_cast<double>(std::max(1, s_.dma.bytes_per_cycle));
    const double memory = (loads + stores + commands * contract::kDescriptorBytes) / bandwidth;
    const double latency = s_.dram.latency_cycles + s_.dram.row_miss_cycles + s_.dma.setup_cycles + 10.0;
    // A slot is busy from the start of its filling to its last use, so that so many slots take turns no faster than
    // this.
    const auto turns = [&](double count, double slots, double filling, double use) {
      return count * (filling + use) / slots;
    };
    const double drain = static_cast<double>(rows_ * s_.array.pe_latency + cols_);
    p.cycles = std::max({compute, vector, memory, stores / dma, (loads + on_chip) / dma,
                         commands * latency / std::max(1, s_.core.fetch_ahead),
                         turns(blocks, p.acc_slots, compute / blocks + drain, vector / blocks),
                         turns(blocks, p.out_slots, vector / blocks, latency + stores / blocks / bandwidth)});
    const double w_count = w_loads * groups, x_count = x_loads * groups;
    if (w_count > p.w_slots)
      p.cycles = std::max(p.cycles, turns(w_count, p.w_slots, latency + w_size / bandwidth, compute / w_count));
    if (x_count > p.x_slots)
      p.cycles = std::max(p.cycles, turns(x_count, p.x_slots, latency + x_size / bandwidth, compute / x_count + drain));
    const double first = (x_size + w_size) / bandwidth + latency;
    const double last = vector / blocks + static_cast<double>(p.out_bytes) / bandwidth + drain + latency;
    p.cycles += first + last + commands * kFetchCost + kImperfectOverlap * (compute + memory + vector);
  }

  // Commands that are fetched, about: tiles fold into loops where their addresses advance evenly, and blocks where the
  // loop buffer holds two of them.
  double descriptors(const GemmPlan& p, double blocks, int64_t row_tiles, int64_t c_blocks) const {
    const bool one_form = p.channel_block % rows_ == 0 || taps_ == 1;
    const double flat = 2.0 * static_cast<double>(row_tiles * p.column_tiles);
    const double steps = static_cast<double>(p.weight_tiles ? ceil_div(row_tiles, p.weight_tiles) : c_blocks);
    const double multiply = one_form ? std::min(flat, 6.0 * steps + (taps_ > 1 ? 12.0 : 0.0)) : flat;
    const double block = multiply + 2.0 * steps + static_cast<double>(p.column_tiles) + 2.0;
    return 2.0 * block <= s_.core.loop_buffer ? std::min(blocks * block, 8.0 * block) : blocks * block;
  }

  double x_load_bytes(const GemmPlan& p) const {
    const int64_t in_h = std::min(g_.in_h, (p.tile_h - 1) * g_.stride_h + (g_.kernel_h - 1) * g_.dilation_h + 1);
    const int64_t in_w = std::min(g_.in_w, (p.tile_w - 1) * g_.stride_w + (g_.kernel_w - 1) * g_.dilation_w + 1);
    const int64_t image_rows = p.tile_n * in_h;
    if (g_.x.c != es_x_ && p.channel_block > 1)
      return moved_bytes(es_x_, image_rows * in_w * p.channel_block, g_.x.w, s_);
    if (g_.x.w == p.x_pixel) return moved_bytes(in_w * p.x_pixel, image_rows, g_.x.h, s_);
    return moved_bytes(p.x_pixel, image_rows * in_w, g_.x.w, s_);
  }

  const Gemm& g_;
  const spec::NpuSpec& s_;
  int64_t rows_, cols_, line_ = 0, column_tiles_ = 0, taps_ = 0;
  int64_t es_x_ = 0, es_w_ = 0, es_y_ = 0, es_r_ = 0;
  double dram_per_cycle_ = 0;
  bool found_ = false;
  double bound_ = std::numeric_limits<double>::infinity();  // least cycles of a plan so far
  GemmPlan best_;
  int64_t least_bytes_ = INT64_MAX, least_rows_ = INT64_MAX;
};

}  // namespace

bool place_gemm(GemmPlan& p, const spec::NpuSpec& spec, int64_t weights_at) {
  const int64_t x = p.x_slots * p.x_bytes, w = p.w_slots * p.w_bytes, bank = spec.scratchpad.bank_bytes();
  const int64_t rest = p.param_slots * p.param_bytes + p.out_slots * (p.out_bytes + p.residual_bytes);
  const bool apart = weights_at >= 0;
  p.used_bytes = x + w + rest;
  p.used_rows = p.acc_slots * p.column_tiles * p.tile_n * p.tile_h * p.tile_w;
  p.x_base = 0;
  p.param_base = x;
  p.out_base = x + p.param_slots * p.param_bytes;
  p.w_base = apart ? weights_at : (spec.scratchpad.usable() - w) / operand_align(spec) * operand_align(spec);
  p.separate_banks = (x - 1) / bank < p.w_base / bank;
  return x + rest <= (apart ? spec.scratchpad.usable() : p.w_base);
}

Result<GemmPlan> plan_gemm(const Gemm& gemm, const spec::NpuSpec& spec) {
  struct Memory {
    spec::NpuSpec spec;
    std::map<std::pair<int64_t, Gemm>, Result<GemmPlan>> plans;  // by the part of the scratchpad that may be used
  };
  constexpr size_t kMost = 4096;
  thread_local Memory known;
  known.spec.scratchpad.part_bytes = spec.scratchpad.part_bytes;
  if (known.spec != spec || known.plans.size() >= kMost) known = {spec, {}};
  const std::pair key(spec.scratchpad.part_bytes, gemm);
  const auto found = known.plans.find(key);
  if (found != known.plans.end()) return found->second;
  return known.plans.emplace(key, Search(gemm, spec).best()).first->second;
}

}  // namespace systole::npu

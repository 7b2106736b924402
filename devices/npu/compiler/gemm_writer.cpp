// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/gemm_writer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "devices/npu/compiler/dma.h"
#include "devices/npu/compiler/gemm_schedule.h"
#include "devices/npu/compiler/gemm_steps.h"
#include "devices/npu/compiler/pack.h"
#include "devices/npu/compiler/tokens.h"

namespace systole::npu {
namespace {

uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }
int32_t i32(int64_t value) { return static_cast<int32_t>(value); }

class GemmWriter {
 public:
  GemmWriter(const Gemm& gemm, const GemmPlan& plan, const GemmMemory& memory, const spec::NpuSpec& spec,
             Constants& constants, Emitter& emitter, int ahead)
      : g_(gemm),
        p_(plan),
        mem_(memory),
        s_(spec),
        constants_(constants),
        out_(emitter),
        all_(gemm_steps(gemm, plan, spec.array.rows, spec.array.cols, ahead)) {}

  void write() {
    packed_ = constants_.ahead.blocks, packed_params_ = constants_.ahead.params;
    set_tokens();
    size_t next = 0;
    for (size_t s = 0; s < all_.steps.size(); ++s) {
      int ahead = std::max(2, s_.core.load_queue / 2);
      for (; next < all_.loads.size(); ++next) {
        const LoadEvent& event = all_.loads[next];
        const bool due = event.step <= static_cast<int64_t>(s);
        if (!due && (event.after >= static_cast<int64_t>(s) || ahead-- <= 0)) break;
        load(event);
      }
      multiply(all_.steps[s]);
      if (all_.steps[s].last) finish_block(all_.steps[s]);
      out_.tile_done();
    }
  }

  // What a plan's ahead_slots can hold, as far as it is of use.
  std::vector<Emitter::Block> ahead() {
    pack_all();
    std::vector<Emitter::Block> blocks;
    const size_t count = useful_blocks(g_, p_, s_, all_);
    for (size_t i = 0; i < count; ++i) {
      const Fill fill = w_parts(all_.steps[static_cast<size_t>(all_.ahead[i])])[0];
      blocks.push_back({fill.from, fill.local, fill.block.row_bytes});
    }
    constants_.ahead = {std::move(packed_), std::move(packed_params_), 0};
    return blocks;
  }

 private:
  // In the order in which loads of all of them would.
  void pack_all() {
    for (const LoadEvent& load : gemm_steps(g_, p_, s_.array.rows, s_.array.cols).loads) {
      const Step& step = all_.steps[static_cast<size_t>(load.step)];
      if (load.operand == Operand::kW) w_parts(step);
      if (load.operand == Operand::kParams) param_parts(step);
    }
  }
  bool reused(Operand operand) const { return all_.reused[static_cast<size_t>(operand)]; }
  int64_t slot(const Step& step, Operand operand) const { return step.slot[static_cast<size_t>(operand)]; }
  static bool flag(const std::array<bool, kOperands>& flags, Operand operand) {
    return flags[static_cast<size_t>(operand)];
  }
  const VectorBlock& vectors(const Step& s) const { return all_.vectors[static_cast<size_t>(s.vectors)]; }
  const ColumnBlock& columns(const Step& s) const { return all_.columns[static_cast<size_t>(s.columns)]; }
  const ChannelBlock& channels(const Step& s) const { return all_.channels[static_cast<size_t>(s.channels)]; }

  void set_tokens() {
    const auto set = [&](Token token, int count) { out_.set_semaphore(static_cast<int>(token), count); };
    set(Token::kXFull, 0);
    set(Token::kWFull, 0);
    set(Token::kAccFull, 0);
    set(Token::kOutFull, 0);
    set(Token::kAccFree, p_.acc_slots);
    set(Token::kOutFree, p_.all_params && !g_.has_residual ? 0 : p_.out_slots);  // all parameters free them
    if (reused(Operand::kX)) set(Token::kXFree, p_.x_slots);
    if (reused(Operand::kW)) set(Token::kWFree, p_.w_slots);
    if (g_.params() && !p_.all_params) set(Token::kParamFull, 0);
    if (reused(Operand::kParams)) set(Token::kParamFree, p_.param_slots);
    if (g_.has_residual) set(Token::kResidualFull, 0);
    if (g_.chained()) set(Token::kChain, 0);
  }

  // Loads that together fill one slot: the first waits for it, the last one announces it.
  struct Fill {
    DmaBlock block;
    int64_t local = 0;
    DramAddress from;
  };
  void fill(const std::vector<Fill>& parts, std::optional<Token> free, Token full, int count = 1) {
    for (size_t i = 0; i < parts.size(); ++i) {
      auto command = dma_command<contract::Load>(parts[i].block, parts[i].local);
      if (i == 0 && free) wait(command, *free);
      if (i + 1 == parts.size()) signal(command, full, count);
      out_.load(command, parts[i].from);
    }
  }

  void load(const LoadEvent& event) {
    const Step& step = all_.steps[static_cast<size_t>(event.step)];
    const auto free = [&](Token token) { return event.waits ? std::optional(token) : std::nullopt; };
    switch (event.operand) {
      case Operand::kX:
        return fill(x_parts(step), free(Token::kXFree), Token::kXFull);
      case Operand::kW:
        return fill(w_parts(step), free(Token::kWFree), Token::kWFull);
      case Operand::kParams:
        if (!p_.all_params) return fill(param_parts(step), free(Token::kParamFree), Token::kParamFull);
        // For the first VECTOR, which a wait of its own would make another form than the next ones; it waits for
        // a residual, if there is one, and that completes after these.
        return fill(param_parts(step), {}, Token::kOutFree, g_.has_residual ? 0 : p_.out_slots);
      case Operand::kResidual:
        return fill(residual_parts(step), Token::kOutFree, Token::kResidualFull);
    }
  }

  std::vector<Fill> x_parts(const Step& step) const {
    const VectorBlock& v = vectors(step);
    const ChannelBlock& c = channels(step);
    const int64_t es = size_of(g_.x_type), pixel = c.channels * es;
    const WindowSpan h = window_span(v.h0, v.h, g_.stride_h, g_.kernel_h, g_.dilation_h, g_.pad_top, g_.in_h);
    const WindowSpan w = window_span(v.w0, v.w, g_.stride_w, g_.kernel_w, g_.dilation_w, g_.pad_left, g_.in_w);
    DmaBlock block;
    block.pad_bytes = g_.x_type == contract::Dtype::kBf16 ? 2 : 1;
    block.pad_pattern = u32(g_.x_zero & 0xff);
    const DmaLoop rows{h.count, g_.x.h, p_.x_row, h.pad_before, h.pad_after};
    const DmaLoop pixels{w.count, g_.x.w, pixel, w.pad_before, w.pad_after};
    const int64_t local = p_.x_base + slot(step, Operand::kX) * p_.x_bytes;
    const DramAddress from = mem_.x + (g_.x_group.empty() ? 0 : g_.x_group[static_cast<size_t>(step.group)]) +
                             v.n0 * g_.x.n + h.start * g_.x.h + w.start * g_.x.w + c.first * g_.x.c;
    if (c.channels == 1 || g_.x.c == es) {
      block.row_bytes = pixel;
      block.loops = {pixels, rows, DmaLoop{v.n, g_.x.n, p_.x_image}};
      return {{block, local, from}};
    }
    block.row_bytes = es;  // channels apart in memory: element by element, an image at a time
    block.loops = {pixels, rows, DmaLoop{c.channels, g_.x.c, es}};
    std::vector<Fill> parts;
    for (int64_t n = 0; n < v.n; ++n) parts.push_back({block, local + n * p_.x_image, from + n * g_.x.n});
    return parts;
  }

  std::pair<int64_t, int64_t> w_rows(const Step& step) const { return weight_rows(g_, p_, channels(step), step); }

  int64_t w_slot(const Step& step) const {
    const int64_t at = slot(step, Operand::kW);
    return at < p_.w_slots ? p_.w_base + at * p_.w_bytes : p_.ahead_base + (at - p_.w_slots) * p_.w_bytes;
  }

  std::vector<Fill> w_parts(const Step& step) {
    const ColumnBlock& n = columns(step);
    const auto [begin, end] = w_rows(step);
    const int64_t es = g_.weight_size(), row = g_.weight_bytes(n.columns), base = w_slot(step);
    const int64_t group = g_.w_group.empty() ? 0 : g_.w_group[static_cast<size_t>(step.group)];
    if (g_.constant_weights) {
      const auto [entry, fresh] = packed_.try_emplace({group, n.first, begin});
      if (fresh)
        entry->second = constants_.add(
            (end - begin) * row, [&] { return pack_weights(g_, mem_.w_bytes, group, all_.channels, n, begin, end); });
      DmaBlock block;
      block.row_bytes = (end - begin) * row;
      return {{block, base, entry->second}};
    }
    const int64_t first = g_.weights == contract::Weights::kI4 ? n.first / 2 : n.first * g_.w_j;
    std::vector<Fill> parts;
    for (const WeightRun& run : weight_runs(g_, all_.channels, begin, end)) {
      DmaBlock block;
      if (n.columns == 1 || g_.dense_columns()) {
        block.row_bytes = row;
        block.loops[0] = {run.count, g_.w_c, row};
      } else {
        block.row_bytes = es;
        block.loops[0] = {run.count, g_.w_c, row};
        block.loops[1] = {n.columns, g_.w_j, es};
      }
      parts.push_back({block, base + (run.row - begin) * row, mem_.w + group + run.offset + first});
    }
    return parts;
  }

  std::vector<Fill> param_parts(const Step& step) {
    const ColumnBlock n = p_.all_params ? ColumnBlock{0, g_.columns} : columns(step);
    const int64_t first = n.first + (g_.column_group.empty() ? 0 : g_.column_group[static_cast<size_t>(step.group)]);
    const int64_t base = p_.param_base + slot(step, Operand::kParams) * p_.param_bytes;
    const bool loaded_bias = g_.bias && !g_.constant_bias;
    std::vector<Fill> parts;
    if (g_.params() > (loaded_bias ? 1 : 0)) {
      const auto [entry, fresh] = packed_params_.try_emplace(first);
      if (fresh)
        entry->second = constants_.add(
            pack_params(g_, mem_.bias_words, mem_.requant1, mem_.requant2, first, n.columns, s_.array.cols));
      DmaBlock block;
      block.row_bytes = n.columns * 4 * g_.params();
      parts.push_back({block, base, entry->second});
    }
    const int64_t cols = s_.array.cols, whole = n.columns / cols * cols;
    for (int64_t j = loaded_bias ? 0 : n.columns; j < n.columns; j = std::max(whole, j + cols)) {
      DmaBlock block;
      block.row_bytes = std::min(cols, n.columns - j) * 4;
      block.loops[0] = {j < whole ? whole / cols : 1, block.row_bytes, block.row_bytes * g_.params()};
      const int64_t scales = g_.scaled() ? block.row_bytes : 0;
      parts.push_back({block, base + j * 4 * g_.params() + scales, mem_.bias + (first + j) * 4});
    }
    return parts;
  }

  // A tile of outputs between the scratchpad (pixels of the column block) and memory, in one or several blocks.
  std::vector<Fill> image_parts(const Step& step, const ImageStrides& strides, const std::vector<int64_t>& groups,
                                int64_t es, int64_t local, const DramAddress& base) const {
    const VectorBlock& v = vectors(step);
    const ColumnBlock& n = columns(step);
    const int64_t pixel = n.columns * es;
    const DramAddress at = base + (groups.empty() ? 0 : groups[static_cast<size_t>(step.group)]) + v.n0 * strides.n +
                           v.h0 * strides.h + v.w0 * strides.w + n.first * strides.c;
    DmaBlock block;
    if (n.columns == 1 || strides.c == es) {
      block.row_bytes = pixel;
      block.loops = {DmaLoop{v.w, strides.w, pixel}, DmaLoop{v.h, strides.h, v.w * pixel},
                     DmaLoop{v.n, strides.n, v.h * v.w * pixel}};
      return {{block, local, at}};
    }
    block.row_bytes = es;
    block.loops = {DmaLoop{v.w, strides.w, pixel}, DmaLoop{v.h, strides.h, v.w * pixel},
                   DmaLoop{n.columns, strides.c, es}};
    std::vector<Fill> parts;
    for (int64_t i = 0; i < v.n; ++i) parts.push_back({block, local + i * v.h * v.w * pixel, at + i * strides.n});
    return parts;
  }

  int64_t out_base(const Step& step) const {
    return p_.out_base + slot(step, Operand::kResidual) * (p_.out_bytes + p_.residual_bytes);
  }
  std::vector<Fill> residual_parts(const Step& step) const {
    return image_parts(step, g_.residual, g_.residual_group, size_of(g_.residual_type), out_base(step) + p_.out_bytes,
                       mem_.residual);
  }

  int64_t acc_rows() const { return p_.tile_n * p_.tile_h * p_.tile_w; }  // of one column tile

  void multiply(const Step& step) {
    const ChannelBlock& c = channels(step);
    const ColumnBlock& n = columns(step);
    const VectorBlock& v = vectors(step);
    const int64_t es_x = size_of(g_.x_type), row = g_.weight_bytes(n.columns), pixel = c.channels * es_x;
    const int64_t column_tiles = ceil_div(n.columns, s_.array.cols), w_begin = w_rows(step).first;
    const int64_t x_base = p_.x_base + slot(step, Operand::kX) * p_.x_bytes, w_base = w_slot(step);
    for (int32_t t = step.tile0; t < step.tile1; ++t) {
      const RowTile& tile = c.tiles[static_cast<size_t>(t)];
      for (int64_t j = 0; j < column_tiles; ++j) {
        const bool first = t == step.tile0 && j == 0, last = t + 1 == step.tile1 && j + 1 == column_tiles;
        const int64_t cols = std::min<int64_t>(s_.array.cols, n.columns - j * s_.array.cols);
        contract::Preload preload;
        preload.addr = u32(w_base + (c.k_first + tile.first - w_begin) * row + g_.weight_bytes(j * s_.array.cols));
        preload.rows = u32(tile.rows), preload.cols = u32(cols), preload.row_stride = u32(row);
        preload.dtype = g_.w_type, preload.weights = g_.weights, preload.zero_point = g_.w_zero;
        if (first && flag(step.loads, Operand::kW)) wait(preload, Token::kWFull);
        if (first && flag(step.loads, Operand::kParams) && !p_.all_params)
          wait(preload, Token::kParamFull);  // and with it all that follows
        if (last && flag(step.releases, Operand::kW)) signal(preload, Token::kWFree);
        out_.preload(preload);

        contract::Compute compute;
        const int64_t tap = tile.first / c.channels;
        compute.addr = u32(x_base + tap / g_.kernel_w * g_.dilation_h * p_.x_row);
        compute.acc_row = u32((acc_slot_ * p_.column_tiles + j) * acc_rows());
        compute.m0 = u32(v.w), compute.m1 = u32(v.h), compute.m2 = u32(v.n), compute.acc_stride = 1;
        compute.stride0 = i32(v.w > 1 ? g_.stride_w * pixel : 0),
        compute.stride1 = i32(v.h > 1 ? g_.stride_h * p_.x_row : 0);
        compute.stride2 = i32(v.n > 1 ? p_.x_image : 0);
        compute.rows = u32(tile.rows), compute.cols = u32(cols), compute.k_c = u32(c.channels),
        compute.k_w = u32(g_.kernel_w);
        compute.c0 = u32(tile.first % c.channels), compute.kw0 = u32(tap % g_.kernel_w);
        compute.kw_stride = i32(g_.dilation_w * pixel), compute.kh_stride = i32(g_.dilation_h * p_.x_row);
        if (tile.first % c.channels + tile.rows <=
            c.channels) {  // within one tap all tiles have one form: they fold into loops
          compute.addr += compute.kw0 * u32(g_.dilation_w * pixel) + compute.c0 * u32(es_x);
          compute.k_c = compute.rows, compute.k_w = 1, compute.c0 = compute.kw0 = 0,
          compute.kw_stride = compute.kh_stride = 0;
        }
        compute.dtype = g_.x_type, compute.zero_point = g_.x_zero, compute.swap = 1;
        compute.accumulate = step.first && t == step.tile0 ? 0 : 1;
        if (first && flag(step.loads, Operand::kX)) wait(compute, Token::kXFull);
        if (first && step.first) wait(compute, Token::kAccFree);
        if (last && flag(step.releases, Operand::kX)) signal(compute, Token::kXFree);
        if (last && step.last) signal(compute, Token::kAccFull);
        out_.compute(compute);
      }
    }
  }

  // Column tile j of the accumulators, to be read and stored.
  contract::Vector read_out(const Step& step, int64_t j) const {
    const ColumnBlock& n = columns(step);
    const int64_t es_y = size_of(g_.y_type), acc_row_bytes = int64_t{s_.array.cols} * 4;
    contract::Vector c;
    c.src_addr = u32((acc_slot_ * p_.column_tiles + j) * acc_rows() * acc_row_bytes);
    c.dst_addr = u32(out_base(step) + j * s_.array.cols * es_y);
    c.channels = u32(std::min<int64_t>(s_.array.cols, n.columns - j * s_.array.cols));
    c.n0 = u32(vectors(step).vectors()), c.n1 = 1;
    c.a_stride0 = i32(acc_row_bytes), c.d_stride0 = i32(n.columns * es_y);
    c.a_dtype = g_.x_type == contract::Dtype::kBf16 ? contract::Dtype::kF32 : contract::Dtype::kI32;
    c.d_dtype = g_.y_type, c.a_space = contract::Space::kAccumulator;
    return c;
  }
  // The sums' parameters; with integer weights of bf16 the scale, and after it the bias as an operand.
  void use_params(contract::Vector& c, const Step& step, int64_t j) const {
    if (!g_.params()) return;
    const int64_t column = (p_.all_params ? columns(step).first : 0) + j * s_.array.cols;
    c.param_addr = u32(p_.param_base + slot(step, Operand::kParams) * p_.param_bytes + column * 4 * g_.params());
    c.requant = g_.requant, c.bias = g_.bias && !g_.scaled();
    if (p_.all_params) c.c_steps = g_.scaled() && g_.bias ? contract::CSteps::kBoth : contract::CSteps::kParams;
    if (!g_.scaled() || !g_.bias) return;
    c.binary = contract::BinaryOp::kAdd, c.b_dtype = contract::Dtype::kF32, c.b_addr = c.param_addr + c.channels * 4;
  }

  // Scale, bias and residual are one operand more than a pass has: sums become scaled and biased ones in their place.
  void scale_sums(const Step& step, int64_t column_tiles) {
    for (int64_t j = 0; j < column_tiles; ++j) {
      contract::Vector c = read_out(step, j);
      use_params(c, step, j);
      c.d_space = c.a_space, c.d_dtype = c.a_dtype, c.dst_addr = c.src_addr, c.d_stride0 = c.a_stride0;
      if (j == 0) wait(c, Token::kAccFull), wait(c, Token::kResidualFull);
      if (j + 1 == column_tiles) signal(c, Token::kChain);
      out_.vector(c);
    }
  }

  // From the accumulators through the vector engine to memory.
  void finish_block(const Step& step) {
    const ColumnBlock& n = columns(step);
    const int64_t es_y = size_of(g_.y_type), column_tiles = ceil_div(n.columns, s_.array.cols);
    if (g_.chained()) scale_sums(step, column_tiles);
    for (int64_t j = 0; j < column_tiles; ++j) {
      contract::Vector c = read_out(step, j);
      if (!g_.chained()) use_params(c, step, j);
      if (g_.has_residual) {
        const int64_t es_r = size_of(g_.residual_type);
        c.binary = contract::BinaryOp::kAdd, c.b_dtype = g_.residual_type;
        c.b_addr = u32(out_base(step) + p_.out_bytes + j * s_.array.cols * es_r), c.b_stride0 = i32(n.columns * es_r);
      }
      g_.finish.put(c), c.d_zero = g_.y_zero;
      if (j == 0) wait(c, g_.chained() ? Token::kChain : Token::kAccFull);
      if (j == 0 && !g_.chained()) wait(c, g_.has_residual ? Token::kResidualFull : Token::kOutFree);
      if (j + 1 == column_tiles) signal(c, Token::kAccFree), signal(c, Token::kOutFull);
      out_.vector(c);
    }
    const auto parts = image_parts(step, g_.y, g_.y_group, es_y, out_base(step), mem_.y);
    for (size_t i = 0; i < parts.size(); ++i) {
      auto store = dma_command<contract::Store>(parts[i].block, parts[i].local);
      if (i == 0) wait(store, Token::kOutFull);
      if (i + 1 == parts.size()) {
        signal(store, Token::kOutFree);
        if (flag(step.releases, Operand::kParams)) signal(store, Token::kParamFree);
      }
      out_.store(store, parts[i].from);
    }
    acc_slot_ = (acc_slot_ + 1) % p_.acc_slots;
  }

  const Gemm& g_;
  const GemmPlan& p_;
  const GemmMemory& mem_;
  const spec::NpuSpec& s_;
  Constants& constants_;
  Emitter& out_;
  GemmSteps all_;
  int64_t acc_slot_ = 0;
  Constants::Blocks packed_;
  std::map<int64_t, DramAddress> packed_params_;
};

}  // namespace

void write_gemm(const Gemm& gemm, const GemmPlan& plan, const GemmMemory& memory, const spec::NpuSpec& spec,
                Constants& constants, Emitter& emitter) {
  GemmWriter(gemm, plan, memory, spec, constants, emitter, constants.ahead.count).write();
}

std::vector<Emitter::Block> blocks_ahead(const Gemm& gemm, const GemmPlan& plan, const GemmMemory& memory,
                                         const spec::NpuSpec& spec, Constants& constants) {
  Emitter none(spec, 0);
  return GemmWriter(gemm, plan, memory, spec, constants, none, plan.ahead_slots).ahead();
}

}  // namespace systole::npu

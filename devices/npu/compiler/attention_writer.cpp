// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <limits>

#include "devices/npu/compiler/attention.h"
#include "devices/npu/compiler/dma.h"
#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/tokens.h"

namespace systole::npu {
namespace {

uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }
int32_t i32(int64_t value) { return static_cast<int32_t>(value); }

// One block of queries of one batch.
struct Block {
  int64_t number = 0, batch = 0, first = 0, queries = 0;
  int64_t keys = 0;  // those that any of its queries sees
  int64_t kv = 0;    // which keys and values, counted as they are loaded
  bool loads_kv = false, last_of_kv = false;
};

class Writer {
 public:
  Writer(const AttentionShape& shape, const AttentionPlan& plan, const AttentionMemory& memory,
         const spec::NpuSpec& spec, Constants& constants, Emitter& emitter)
      : s_(shape),
        p_(plan),
        mem_(memory),
        constants_(constants),
        out_(emitter),
        k_size_(size_of(shape.k.type)),
        v_size_(size_of(shape.v.type)),
        rows_(spec.array.rows),
        cols_(spec.array.cols) {}

  void write() {
    for (auto [token, count] : {std::pair{Token::kWFull, 0},
                                {Token::kWFree, p_.kv_slots},
                                {Token::kXFull, 0},
                                {Token::kXFree, 2},
                                {Token::kAccFull, 0},
                                {Token::kAccFree, 2},
                                {Token::kChain, 0},
                                {Token::kPFull, 0},
                                {Token::kPFree, 2},
                                {Token::kSumFull, 0},
                                {Token::kSumFree, 1},
                                {Token::kOutFull, 0},
                                {Token::kOutFree, 2}})
      out_.set_semaphore(static_cast<int>(token), count);
    load_fixed();
    const std::vector<Block> blocks = all_blocks();
    load(blocks[0]);
    make_scores(blocks[0]);
    // In an order in which the commands could also run one by one: queues that fill up then never block each other.
    for (size_t i = 0; i < blocks.size(); ++i) {
      // The next block's scores are made while this one's become probabilities; but where its keys take this one's
      // place, afterwards.
      const bool more = i + 1 < blocks.size();
      const bool ahead = more && (p_.kv_slots > 1 || !blocks[i + 1].loads_kv);
      if (ahead) load(blocks[i + 1]);
      soften(blocks[i]);
      if (ahead) make_scores(blocks[i + 1]);
      weigh(blocks[i]);
      store(blocks[i]);
      if (more && !ahead) load(blocks[i + 1]), make_scores(blocks[i + 1]);
      out_.tile_done();
    }
  }

 private:
  std::vector<Block> all_blocks() const {
    std::vector<Block> blocks;
    int64_t kv = -1;
    for (int64_t batch = 0; batch < s_.batches; ++batch) {
      const bool fresh = batch == 0 || !same_blocks(s_.k, batch) || !same_blocks(s_.v, batch);
      if (fresh) {
        ++kv;
        if (!blocks.empty()) blocks.back().last_of_kv = true;
      }
      for (int64_t first = 0; first < s_.queries; first += p_.block) {
        Block block{static_cast<int64_t>(blocks.size()),
                    batch,
                    first,
                    std::min(p_.block, s_.queries - first),
                    s_.keys,
                    kv,
                    fresh && first == 0,
                    false};
        if (s_.causal) block.keys = std::min(s_.keys, first + block.queries + s_.keys - s_.queries);
        blocks.push_back(block);
      }
    }
    blocks.back().last_of_kv = true;
    return blocks;
  }

  // Of a batch and of the one before it.
  bool same_blocks(const AttentionOperand& o, int64_t batch) const {
    const auto first = o.lead.begin() + batch * s_.blocks;
    return std::equal(first, first + s_.blocks, first - s_.blocks);
  }

  static DmaBlock matrix(int64_t rows, int64_t columns, const AttentionOperand& o, int64_t local_row,
                         int64_t local_column) {
    DmaBlock block;
    block.row_bytes = size_of(o.type);
    block.loops[0] = {columns, o.column, local_column};
    block.loops[1] = {rows, o.row, local_row};
    if (o.row < o.column) std::swap(block.loops[0], block.loops[1]);
    if (block.loops[0].count == 1) std::swap(block.loops[0], block.loops[1]);
    return block;
  }

  void load_fixed() {
    DmaBlock block;
    const float scales[] = {s_.scale * s_.k.scale, s_.v.scale};
    const std::span used(scales, s_.v.scale == 1 ? 1 : 2);
    block.row_bytes = static_cast<int64_t>(used.size_bytes());
    out_.load(dma_command<contract::Load>(block, p_.scale_at), constants_.add(std::as_bytes(used)));
    if (p_.strip == 0) return;
    std::vector<float> strip(static_cast<size_t>(2 * p_.strip), 0.0f);
    std::fill(strip.begin() + p_.strip, strip.end(), -std::numeric_limits<float>::infinity());
    block.row_bytes = 2 * p_.strip * 4;
    out_.load(dma_command<contract::Load>(block, p_.strip_at), constants_.add(std::as_bytes(std::span(strip))));
  }

  int64_t kv_at(const Block& b) const { return p_.kv_at + b.kv % p_.kv_slots * p_.kv_bytes; }
  int64_t q_at(const Block& b) const { return p_.q_at + b.number % 2 * p_.q_bytes; }
  int64_t mask_at(const Block& b) const { return p_.mask_at + b.number % 2 * p_.mask_bytes; }
  int64_t p_at(const Block& b) const { return p_.p_at + b.number % 2 * p_.p_bytes; }
  int64_t y_at(const Block& b) const { return p_.y_at + b.number % 2 * p_.y_bytes; }

  // Piece by piece, as they lie.
  void load_keys_and_values(const Block& b) {
    for (int64_t j = 0; j < s_.blocks; ++j) {
      const int64_t first = j * s_.block, count = std::min(s_.block, s_.keys - first);
      auto keys = dma_command<contract::Load>(matrix(count, s_.depth, s_.k, k_size_, s_.keys * k_size_),
                                              kv_at(b) + first * k_size_);
      if (j == 0) wait(keys, Token::kWFree);
      out_.load(keys, mem_.k + s_.k.lead[static_cast<size_t>(b.batch * s_.blocks + j)]);
    }
    for (int64_t j = 0; j < s_.blocks; ++j) {
      const int64_t first = j * s_.block, count = std::min(s_.block, s_.keys - first);
      auto values = dma_command<contract::Load>(matrix(count, s_.width, s_.v, s_.width * v_size_, v_size_),
                                                kv_at(b) + p_.v_offset + first * s_.width * v_size_);
      if (j + 1 == s_.blocks) signal(values, Token::kWFull);
      out_.load(values, mem_.v + s_.v.lead[static_cast<size_t>(b.batch * s_.blocks + j)]);
    }
  }

  void load(const Block& b) {
    const auto batch = static_cast<size_t>(b.batch);
    if (b.loads_kv) load_keys_and_values(b);
    auto queries = dma_command<contract::Load>(matrix(b.queries, s_.depth, s_.q, s_.depth * 2, 2), q_at(b));
    wait(queries, Token::kXFree);
    if (!s_.mask) signal(queries, Token::kXFull);
    out_.load(queries, mem_.q + s_.q.lead[batch] + b.first * s_.q.row);
    if (!s_.mask) return;
    const AttentionOperand& m = *s_.mask;
    const int64_t es = size_of(m.type), columns = m.column ? s_.keys : 1;
    auto mask = dma_command<contract::Load>(matrix(m.row ? b.queries : 1, columns, m, columns * es, es), mask_at(b));
    signal(mask, Token::kXFull);
    out_.load(mask, mem_.mask + m.lead[batch] + b.first * m.row);
  }

  // Tiles of C keys, in chunks that fill half of the accumulators.
  void make_scores(const Block& b) {
    const int64_t tiles = ceil_div(b.keys, cols_);
    for (int64_t t = 0; t < tiles; t += p_.chunk_tiles) {
      const int64_t end = std::min(tiles, t + p_.chunk_tiles);
      multiply_keys(b, t, end);
      read_scores(b, t, end);
      chunk_ = (chunk_ + 1) % 2;
    }
  }

  // Of keys or values, `stride` bytes between rows.
  static contract::Preload preload(const AttentionOperand& o, int64_t at, int64_t rows, int64_t cols, int64_t stride) {
    contract::Preload c;
    c.addr = u32(at), c.rows = u32(rows), c.cols = u32(cols), c.row_stride = u32(stride);
    c.dtype = contract::Dtype::kBf16;
    if (o.type == contract::Dtype::kI8) c.weights = contract::Weights::kI8;
    return c;
  }
  static contract::Compute compute(int64_t at, int64_t row, int64_t vectors, int64_t stride, int64_t rows, int64_t cols,
                                   bool accumulate) {
    contract::Compute c;
    c.addr = u32(at), c.acc_row = u32(row), c.m0 = u32(vectors), c.m1 = c.m2 = 1, c.acc_stride = 1;
    c.stride0 = vectors > 1 ? i32(stride) : 0;
    c.rows = c.k_c = u32(rows), c.k_w = 1, c.cols = u32(cols);
    c.dtype = contract::Dtype::kBf16, c.swap = 1, c.accumulate = accumulate ? 1 : 0;
    return c;
  }

  // Queries times transposed keys of tiles [begin, end), into a half of the accumulators.
  void multiply_keys(const Block& b, int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t cols = std::min(cols_, b.keys - t * cols_);
      for (int64_t d = 0; d < s_.depth; d += rows_) {
        const int64_t rows = std::min(rows_, s_.depth - d);
        const int64_t at = kv_at(b) + (d * s_.keys + t * cols_) * k_size_;
        auto weights = preload(s_.k, at, rows, cols, s_.keys * k_size_);
        if (b.loads_kv && t == 0 && d == 0) wait(weights, Token::kWFull);
        out_.preload(weights);
        auto vectors = compute(q_at(b) + d * 2, chunk_ * p_.score_rows + (t - begin) * p_.block, b.queries,
                               s_.depth * 2, rows, cols, d > 0);
        if (t == 0 && d == 0) wait(vectors, Token::kXFull);
        if (t == begin && d == 0) wait(vectors, Token::kAccFree);
        if (t + 1 == end && d + rows_ >= s_.depth) signal(vectors, Token::kAccFull);
        out_.compute(vectors);
      }
    }
  }

  // Scaled and masked, from there to the scratchpad.
  void read_scores(const Block& b, int64_t begin, int64_t end) {
    const int64_t whole = std::min(end, b.keys / cols_), seen = b.first + s_.keys - s_.queries;  // by the first query
    std::vector<contract::Vector> parts;
    if (whole > begin) parts.push_back(score_part(b, begin, begin, whole - begin, cols_));
    if (whole < end) parts.push_back(score_part(b, begin, whole, 1, b.keys - whole * cols_));
    const size_t readings = parts.size();
    for (int64_t t = begin; s_.causal && t < end; ++t)
      if (std::min(b.keys, (t + 1) * cols_) > seen + 1) parts.push_back(causal_part(b, t, seen));
    const bool last_chunk = end == ceil_div(b.keys, cols_);
    for (size_t i = 0; i < parts.size(); ++i) {
      contract::Vector& c = parts[i];
      if (i == 0) wait(c, Token::kAccFull);
      if (i == readings) wait(c, Token::kChain);  // the strips touch what was read out
      if (i + 1 == readings) {
        signal(c, Token::kAccFree);
        if (parts.size() > readings || last_chunk) signal(c, Token::kChain);
      } else if (i + 1 == parts.size() && last_chunk) {
        signal(c, Token::kChain);
      }
      out_.vector(c);
    }
  }

  int64_t acc_row_bytes() const { return cols_ * 4; }

  contract::Vector score_part(const Block& b, int64_t begin, int64_t tile, int64_t tiles, int64_t channels) const {
    contract::Vector c;
    c.a_space = contract::Space::kAccumulator, c.a_dtype = c.d_dtype = contract::Dtype::kF32;
    c.src_addr = u32((chunk_ * p_.score_rows + (tile - begin) * p_.block) * acc_row_bytes());
    c.dst_addr = u32(p_.scores_at + tile * cols_ * 4);
    c.channels = u32(channels), c.n0 = u32(b.queries), c.n1 = u32(tiles);
    const auto inner = [&](int64_t stride) { return b.queries > 1 ? i32(stride) : 0; };
    const auto outer = [&](int64_t stride) { return tiles > 1 ? i32(stride) : 0; };
    c.a_stride0 = inner(acc_row_bytes()), c.a_stride1 = outer(p_.block * acc_row_bytes());
    c.d_stride0 = inner(s_.keys * 4), c.d_stride1 = outer(cols_ * 4);
    c.requant = contract::Requant::kScale, c.scalar_params = 1, c.param_addr = u32(p_.scale_at);
    if (!s_.mask) return c;
    const int64_t es = size_of(s_.mask->type), columns = s_.mask->column ? s_.keys : 1;
    c.binary = contract::BinaryOp::kAdd, c.b_dtype = s_.mask->type;
    c.b_addr = u32(mask_at(b) + (columns > 1 ? tile * cols_ * es : 0));
    c.b_stride0 = s_.mask->row ? inner(columns * es) : 0;
    c.b_stride1 = columns > 1 ? outer(cols_ * es) : 0;
    c.b_broadcast = columns > 1 ? 0 : 1;
    return c;
  }

  // Adds 0 where query m sees key t (t - m <= seen), -inf elsewhere: row m of a strip of both that begins one element
  // earlier than row m - 1.
  contract::Vector causal_part(const Block& b, int64_t tile, int64_t seen) const {
    contract::Vector c;
    c.a_dtype = c.b_dtype = c.d_dtype = contract::Dtype::kF32;
    c.src_addr = c.dst_addr = u32(p_.scores_at + tile * cols_ * 4);
    c.channels = u32(std::min(cols_, b.keys - tile * cols_)), c.n0 = u32(b.queries), c.n1 = 1;
    c.binary = contract::BinaryOp::kAdd;
    c.b_addr = u32(p_.strip_at + (p_.strip + tile * cols_ - (seen + 1)) * 4);
    if (b.queries > 1) c.a_stride0 = c.d_stride0 = i32(s_.keys * 4), c.b_stride0 = -4;
    return c;
  }

  // Scores to probabilities that are still to be divided by their sum.
  void soften(const Block& b) {
    contract::Vector row;
    row.a_dtype = row.d_dtype = contract::Dtype::kF32;
    row.channels = u32(b.keys), row.n0 = u32(b.queries), row.n1 = 1;
    const auto inner = [&](int64_t stride) { return b.queries > 1 ? i32(stride) : 0; };
    row.src_addr = u32(p_.scores_at), row.a_stride0 = inner(s_.keys * 4);

    contract::Vector most = row;
    most.reduce = contract::Reduce::kMax, most.dst_addr = u32(p_.most_at), most.d_stride0 = inner(4);
    wait(most, Token::kChain), signal(most, Token::kChain), signal(most, Token::kXFree);
    out_.vector(most);

    contract::Vector grow = row;
    grow.binary = contract::BinaryOp::kSub, grow.b_dtype = contract::Dtype::kF32, grow.b_broadcast = 1;
    grow.b_addr = u32(p_.most_at), grow.b_stride0 = inner(4);
    grow.function = contract::Function::kExp;
    grow.d_dtype = contract::Dtype::kBf16, grow.dst_addr = u32(p_at(b)), grow.d_stride0 = inner(s_.keys * 2);
    wait(grow, Token::kChain), wait(grow, Token::kPFree), signal(grow, Token::kChain);
    out_.vector(grow);

    contract::Vector sum = row;  // of what was rounded, so that the probabilities add to one
    sum.a_dtype = contract::Dtype::kBf16, sum.src_addr = u32(p_at(b)), sum.a_stride0 = inner(s_.keys * 2);
    sum.reduce = contract::Reduce::kSum, sum.dst_addr = u32(p_.sum_at), sum.d_stride0 = inner(4);
    wait(sum, Token::kChain), signal(sum, Token::kChain);
    out_.vector(sum);

    contract::Vector inverse;
    inverse.a_dtype = inverse.d_dtype = contract::Dtype::kF32;
    inverse.src_addr = inverse.dst_addr = u32(p_.sum_at);
    inverse.channels = u32(b.queries), inverse.n0 = inverse.n1 = 1;
    inverse.function = contract::Function::kReciprocal;
    wait(inverse, Token::kChain), signal(inverse, Token::kPFull);
    out_.vector(inverse);
  }

  // Probabilities times values.
  void weigh(const Block& b) {
    const int64_t out_tiles = ceil_div(s_.width, cols_);
    for (int64_t e = 0; e < out_tiles; ++e) {
      const int64_t cols = std::min(cols_, s_.width - e * cols_);
      for (int64_t t = 0; t < b.keys; t += rows_) {
        const int64_t rows = std::min(rows_, b.keys - t);
        const bool first = e == 0 && t == 0, last = e + 1 == out_tiles && t + rows_ >= b.keys;
        const int64_t at = kv_at(b) + p_.v_offset + (t * s_.width + e * cols_) * v_size_;
        auto weights = preload(s_.v, at, rows, cols, s_.width * v_size_);
        if (last && b.last_of_kv) signal(weights, Token::kWFree);
        out_.preload(weights);
        auto vectors = compute(p_at(b) + t * 2, p_.out_row + e * p_.block, b.queries, s_.keys * 2, rows, cols, t > 0);
        if (first) wait(vectors, Token::kPFull), wait(vectors, Token::kSumFree);
        if (last) signal(vectors, Token::kSumFull), signal(vectors, Token::kPFree);
        out_.compute(vectors);
      }
    }
  }

  // Divided by the sums of probabilities, to memory.
  void store(const Block& b) {
    const int64_t out_tiles = ceil_div(s_.width, cols_), es = size_of(s_.y.type);
    for (int64_t e = 0; e < out_tiles; ++e) {
      contract::Vector c;
      c.a_space = contract::Space::kAccumulator, c.a_dtype = c.b_dtype = contract::Dtype::kF32, c.d_dtype = s_.y.type;
      c.src_addr = u32((p_.out_row + e * p_.block) * acc_row_bytes()), c.dst_addr = u32(y_at(b) + e * cols_ * es);
      c.channels = u32(std::min(cols_, s_.width - e * cols_)), c.n0 = u32(b.queries), c.n1 = 1;
      c.binary = contract::BinaryOp::kMul, c.b_addr = u32(p_.sum_at), c.b_broadcast = 1;
      if (s_.v.scale != 1)
        c.requant = contract::Requant::kScale, c.scalar_params = 1, c.param_addr = u32(p_.scale_at + 4);
      if (b.queries > 1) c.a_stride0 = i32(acc_row_bytes()), c.d_stride0 = i32(s_.width * es), c.b_stride0 = 4;
      if (e == 0) wait(c, Token::kSumFull), wait(c, Token::kOutFree);
      if (e + 1 == out_tiles) signal(c, Token::kSumFree), signal(c, Token::kOutFull);
      out_.vector(c);
    }
    auto store = dma_command<contract::Store>(matrix(b.queries, s_.width, s_.y, s_.width * es, es), y_at(b));
    wait(store, Token::kOutFull), signal(store, Token::kOutFree);
    out_.store(store, mem_.y + s_.y.lead[static_cast<size_t>(b.batch)] + b.first * s_.y.row);
  }

  const AttentionShape& s_;
  const AttentionPlan& p_;
  const AttentionMemory& mem_;
  Constants& constants_;
  Emitter& out_;
  int64_t k_size_, v_size_;  // bytes of an element
  int64_t rows_, cols_;
  int64_t chunk_ = 0;  // half of the accumulators that takes the next chunk of scores
};

}  // namespace

void write_attention(const AttentionShape& shape, const AttentionPlan& plan, const AttentionMemory& memory,
                     const spec::NpuSpec& spec, Constants& constants, Emitter& emitter) {
  Writer(shape, plan, memory, spec, constants, emitter).write();
}

}  // namespace systole::npu

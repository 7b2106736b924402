// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <limits>

#include "devices/npu/compiler/attention.h"
#include "devices/npu/compiler/attention_schedule.h"
#include "devices/npu/compiler/dma.h"
#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/tokens.h"

namespace systole::npu {
namespace {

uint32_t u32(int64_t value) { return static_cast<uint32_t>(value); }
int32_t i32(int64_t value) { return static_cast<int32_t>(value); }

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
    const std::vector<AttentionBlock> blocks = blocks_of(s_, p_);
    pieces_ = pieces_of(blocks, p_);
    load(blocks[0]);
    make_scores(blocks[0]);
    // In an order in which the commands could also run one by one: queues that fill up then never block each other.
    for (size_t i = 0; i < blocks.size(); ++i) {
      // The next block's scores are made while this one's become probabilities; but where its keys take this one's
      // place, afterwards.
      const bool more = i + 1 < blocks.size();
      const bool ahead = more && (p_.kv_slots > 1 || !blocks[i + 1].loads_kv);  // pieces have two slots
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

  int64_t kv_at(const AttentionBlock& b) const { return p_.kv_at + b.kv % p_.kv_slots * p_.kv_bytes; }
  int64_t q_at(const AttentionBlock& b) const { return p_.q_at + b.number % 2 * p_.q_bytes; }
  int64_t mask_at(const AttentionBlock& b) const { return p_.mask_at + b.number % 2 * p_.mask_bytes; }
  int64_t p_at(const AttentionBlock& b) const { return p_.p_at + b.number % 2 * p_.p_bytes; }
  int64_t y_at(const AttentionBlock& b) const { return p_.y_at + b.number % 2 * p_.y_bytes; }

  // Rows [first, first + count) of a batch's keys or values, page by page, as they lie.
  void load_rows(const AttentionOperand& o, const DramAddress& from, int64_t batch, int64_t columns, int64_t first,
                 int64_t count, int64_t at, int64_t local_row, int64_t local_column, bool waits, bool signals) {
    for (int64_t j = first / s_.block, next = first; next < first + count; ++j) {
      const int64_t begin = next;
      next = std::min((j + 1) * s_.block, first + count);
      auto rows = dma_command<contract::Load>(matrix(next - begin, columns, o, local_row, local_column),
                                              at + (begin - first) * local_row);
      if (waits && begin == first) wait(rows, Token::kWFree);
      if (signals && next == first + count) signal(rows, Token::kWFull);
      out_.load(rows, from + o.lead[static_cast<size_t>(batch * s_.blocks + j)] + (begin - j * s_.block) * o.row);
    }
  }
  void load_keys(const AttentionBlock& b, int64_t first, int64_t count, int64_t held, int64_t at, bool signals) {
    load_rows(s_.k, mem_.k, b.batch, s_.depth, first, count, at, k_size_, held * k_size_, true, signals);
  }
  void load_values(const AttentionBlock& b, int64_t first, int64_t count, int64_t at, bool waits) {
    load_rows(s_.v, mem_.v, b.batch, s_.width, first, count, at, s_.width * v_size_, v_size_, waits, true);
  }

  int64_t slot(size_t piece) const { return p_.kv_at + static_cast<int64_t>(piece % 2) * p_.kv_bytes; }
  // Where the next piece lies, loaded while the one before it is used; its first reader waits for it and whose last one
  // frees it.
  int64_t take_piece() {
    for (; loaded_ < std::min(pieces_.size(), taken_ + 2); ++loaded_) {
      const AttentionPiece& piece = pieces_[loaded_];
      const int64_t count = std::min(p_.piece, piece.block.keys - piece.first);
      if (piece.values)
        load_values(piece.block, piece.first, count, slot(loaded_), true);
      else
        load_keys(piece.block, piece.first, count, p_.piece, slot(loaded_), true);
    }
    return slot(taken_++);
  }

  void load(const AttentionBlock& b) {
    const auto batch = static_cast<size_t>(b.batch);
    if (b.loads_kv && !p_.piece) {
      load_keys(b, 0, s_.keys, s_.keys, kv_at(b), false);
      load_values(b, 0, s_.keys, kv_at(b) + p_.v_offset, false);
    }
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

  int64_t step(const AttentionBlock& b) const { return p_.piece ? p_.piece : b.keys; }

  // Tiles of C keys, in chunks that fill half of the accumulators.
  void make_scores(const AttentionBlock& b) {
    for (int64_t first = 0; first < b.keys; first += step(b)) {
      const int64_t at = p_.piece ? take_piece() : kv_at(b);
      const int64_t tiles = ceil_div(std::min(first + step(b), b.keys), cols_);
      for (int64_t t = first / cols_; t < tiles; t += p_.chunk_tiles) {
        const int64_t end = std::min(tiles, t + p_.chunk_tiles);
        multiply_keys(b, t, end, first, at);
        read_scores(b, t, end);
        chunk_ = (chunk_ + 1) % 2;
      }
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

  // Queries times transposed keys of tiles [begin, end), into a half of the accumulators. Key `first` lies at `at`.
  void multiply_keys(const AttentionBlock& b, int64_t begin, int64_t end, int64_t first, int64_t at) {
    const int64_t held = p_.piece ? p_.piece : s_.keys, last = std::min(first + step(b), b.keys);
    for (int64_t t = begin; t < end; ++t) {
      const int64_t cols = std::min(cols_, b.keys - t * cols_);
      for (int64_t d = 0; d < s_.depth; d += rows_) {
        const int64_t rows = std::min(rows_, s_.depth - d);
        const bool done = d + rows_ >= s_.depth;
        auto weights = preload(s_.k, at + (d * held + t * cols_ - first) * k_size_, rows, cols, held * k_size_);
        if ((p_.piece || b.loads_kv) && t * cols_ == first && d == 0) wait(weights, Token::kWFull);
        if (p_.piece && (t + 1) * cols_ >= last && done) signal(weights, Token::kWFree);
        out_.preload(weights);
        auto vectors = compute(q_at(b) + d * 2, chunk_ * p_.score_rows + (t - begin) * p_.block, b.queries,
                               s_.depth * 2, rows, cols, d > 0);
        if (t == 0 && d == 0) wait(vectors, Token::kXFull);
        if (t == begin && d == 0) wait(vectors, Token::kAccFree);
        if (t + 1 == end && done) signal(vectors, Token::kAccFull);
        out_.compute(vectors);
      }
    }
  }

  // Scaled and masked, from there to the scratchpad.
  void read_scores(const AttentionBlock& b, int64_t begin, int64_t end) {
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

  contract::Vector score_part(const AttentionBlock& b, int64_t begin, int64_t tile, int64_t tiles,
                              int64_t channels) const {
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
  contract::Vector causal_part(const AttentionBlock& b, int64_t tile, int64_t seen) const {
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
  void soften(const AttentionBlock& b) {
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
  void weigh(const AttentionBlock& b) {
    for (int64_t first = 0; first < b.keys; first += step(b))
      weigh_piece(b, first, std::min(first + step(b), b.keys), p_.piece ? take_piece() : kv_at(b) + p_.v_offset);
  }

  // Of keys [first, end); value `first` lies at `at`.
  void weigh_piece(const AttentionBlock& b, int64_t first, int64_t end, int64_t at) {
    const int64_t out_tiles = ceil_div(s_.width, cols_);
    for (int64_t e = 0; e < out_tiles; ++e) {
      const int64_t cols = std::min(cols_, s_.width - e * cols_);
      for (int64_t t = first; t < end; t += rows_) {
        const int64_t rows = std::min(rows_, b.keys - t);
        const bool begins = e == 0 && t == first, ends = e + 1 == out_tiles && t + rows_ >= end;
        auto weights =
            preload(s_.v, at + ((t - first) * s_.width + e * cols_) * v_size_, rows, cols, s_.width * v_size_);
        if (p_.piece && begins) wait(weights, Token::kWFull);
        if (ends && (p_.piece || b.last_of_kv)) signal(weights, Token::kWFree);
        out_.preload(weights);
        auto vectors = compute(p_at(b) + t * 2, p_.out_row + e * p_.block, b.queries, s_.keys * 2, rows, cols, t > 0);
        if (begins && first == 0) wait(vectors, Token::kPFull), wait(vectors, Token::kSumFree);
        if (ends && end == b.keys) signal(vectors, Token::kSumFull), signal(vectors, Token::kPFree);
        out_.compute(vectors);
      }
    }
  }

  // Divided by the sums of probabilities, to memory.
  void store(const AttentionBlock& b) {
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
  int64_t chunk_ = 0;                   // half of the accumulators that takes the next chunk of scores
  std::vector<AttentionPiece> pieces_;  // where keys and values pass through in pieces
  size_t loaded_ = 0, taken_ = 0;
};

}  // namespace

void write_attention(const AttentionShape& shape, const AttentionPlan& plan, const AttentionMemory& memory,
                     const spec::NpuSpec& spec, Constants& constants, Emitter& emitter) {
  Writer(shape, plan, memory, spec, constants, emitter).write();
}

}  // namespace systole::npu

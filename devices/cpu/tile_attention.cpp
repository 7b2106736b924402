// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention by tiles: keys and values of a head are packed once, scores exist for a block of queries at a time.
#include <algorithm>
#include <vector>

#include "devices/cpu/nest.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/tile.h"
#include "devices/cpu/tile_operands.h"
#include "devices/cpu/tile_product.h"

namespace systole::cpu {
namespace {

constexpr int64_t kScores = 32 << 10;  // floats of a block of scores: they stay in the second-level cache
constexpr int64_t kMostTiles = 32;     // of a block

// Grows, never shrinks; not initialised. 64-byte aligned.
class Scratch {
 public:
  float* of(int64_t count) {
    const auto bytes = static_cast<size_t>(count) * sizeof(float);
    if (!memory_ || memory_->bytes() < bytes) memory_ = std::make_unique<Packed>(bytes);
    return floats(memory_->data());
  }

 private:
  std::unique_ptr<Packed> memory_;
};

// Rows of one operand as f32: where they lie, or converted into scratch.
struct Rows {
  const float* data;
  int64_t stride;
};

class TileAttention final : public OpKernel {
 public:
  TileAttention(const Attention& op, const OpCall& call, const Context& context)
      : op_(op), workers_(context.workers), y_(call.outputs[0].desc) {
    for (const TensorView& view : call.inputs) in_.push_back(view.desc);
    const size_t rank = y_.shape.size();
    queries_ = y_.shape[rank - 2], width_ = y_.shape[rank - 1], depth_ = in_[0].shape.back();
    keys_ = in_[1].shape[in_[1].shape.size() - 2];
    Shape lead = y_.shape;
    lead[rank - 2] = lead[rank - 1] = 1;
    std::vector<Strides> strides{y_.strides};
    for (size_t i = 0; i < in_.size(); ++i) {
      Shape wide = lead;
      wide[rank - 2] = i == 0 || i == 3 ? queries_ : keys_;
      wide[rank - 1] = i == 3 ? keys_ : in_[i].shape.back();
      in_[i].strides = broadcast_strides(in_[i], wide);
      in_[i].shape = wide;
      strides.push_back(in_[i].strides);
    }
    nest_ = make_nest(lead, strides);
    const int64_t tiles = std::clamp<int64_t>(kScores / std::max<int64_t>(1, keys_) / kTileRows, 1, kMostTiles);
    block_ = std::min(queries_, tiles * kTileRows);
    // Heads are cut only where threads would idle: every part packs the head's keys and values anew.
    const int64_t heads = nest_.rows * nest_.length, threads = context.workers.threads();
    parts_ = heads >= 2 * threads ? 1 : std::min((queries_ + block_ - 1) / block_, (2 * threads + heads - 1) / heads);
  }

  Status run(Tensors inputs, Tensors outputs) override {
    workers_.each(nest_.rows * nest_.length * parts_, [&](int64_t task) {
      const int64_t head = task / parts_, part = task % parts_;
      int64_t at[kMaxOperands];
      nest_.offsets(head / nest_.length, at);
      for (size_t i = 0; i < nest_.inner.size(); ++i) at[i] += head % nest_.length * nest_.inner[i];
      const std::byte* data[4] = {};
      for (size_t i = 0; i < inputs.size(); ++i) data[i] = inputs[i].data + at[i + 1];
      queries(data, outputs[0].data + at[0], queries_ * part / parts_, queries_ * (part + 1) / parts_);
    });
    return {};
  }

 private:
  static int64_t row_stride(const TensorDesc& desc) { return desc.strides[desc.strides.size() - 2]; }

  static Rows rows_of(const TensorDesc& desc, const std::byte* data, int64_t first, int64_t count, Scratch& scratch) {
    const int64_t columns = desc.shape.back(), stride = row_stride(desc);
    if (desc.dtype == DType::kF32 && (desc.strides.back() == 4 || columns == 1) && stride % 4 == 0)
      return {floats(data + first * stride), stride / 4};
    float* to = scratch.of(count * columns);
    for (int64_t r = 0; r < count; ++r)
      load_row(desc.dtype, data + (first + r) * stride, desc.strides.back(), columns, to + r * columns);
    return {to, columns};
  }

  // Keys that query s sees.
  int64_t seen(int64_t s) const { return op_.causal ? std::clamp<int64_t>(s + keys_ - queries_ + 1, 0, keys_) : keys_; }

  // y = x * packed for `rows` rows.
  static void multiply(const Rows& x, int64_t rows, int64_t k, const float* packed, int64_t columns, float* y,
                       int64_t y_stride) {
    const TileKernels* kernels = tile_kernels();
    const int64_t start = 0, tiles = (rows + kTileRows - 1) / kTileRows;
    Tile tile;
    tile.x_stride = x.stride, tile.y_stride = y_stride;
    tile.tap_offsets = &start, tile.taps = 1, tile.run = k;
    for (int64_t column = 0; column < columns; column += kPanel) {
      tile.columns = static_cast<int>(std::min<int64_t>(kPanel, columns - column));
      tile.w = tile.ahead = packed + column * k;
      for (int64_t i = 0, first = 0; i < tiles; ++i) {
        const int64_t last = (i + 1) * rows / tiles;
        tile.rows = static_cast<int>(last - first);
        tile.x = x.data + first * x.stride;
        tile.y = y + first * y_stride + column;
        kernels->tile(tile);
        first = last;
      }
    }
  }

  // One head's queries [first, last).
  void queries(const std::byte* const* data, std::byte* y, int64_t first, int64_t last) const {
    thread_local Scratch left, right, keys, values, scores, results;
    const int64_t limit = seen(last - 1);
    const Rows k = rows_of(in_[1], data[1], 0, limit, right);
    float* packed_keys = keys.of(packed_floats(depth_, limit));
    pack_panels(k.data, depth_, limit, 1, k.stride, packed_keys);
    tile_kernels()->scale_row(packed_keys, packed_floats(depth_, limit), op_.scale * in_[1].tensor_scale());
    const Rows v = rows_of(in_[2], data[2], 0, limit, right);
    float* packed_values = values.of(packed_floats(limit, width_));
    pack_panels(v.data, limit, width_, v.stride, 1, packed_values);
    float* block = scores.of(block_ * limit);
    const bool direct = y_.dtype == DType::kF32 && (y_.strides.back() == 4 || width_ == 1) && row_stride(y_) % 4 == 0;
    for (int64_t s = first; s < last; s += block_) {
      const int64_t count = std::min(block_, last - s);
      multiply(rows_of(in_[0], data[0], s, count, left), count, depth_, packed_keys, limit, block, limit);
      float factors[kMostTiles * kTileRows];
      for (int64_t i = 0; i < count; ++i)
        factors[i] = in_[2].tensor_scale() * soften(block + i * limit, data[3], s + i, limit);
      float* out = direct ? floats(y + s * row_stride(y_)) : results.of(count * width_);
      const int64_t stride = direct ? row_stride(y_) / 4 : width_;
      multiply({block, limit}, count, limit, packed_values, width_, out, stride);
      for (int64_t i = 0; i < count; ++i) {
        tile_kernels()->scale_row(out + i * stride, width_, factors[i]);
        if (!direct) store_row(y_.dtype, y + (s + i) * row_stride(y_), y_.strides.back(), width_, out + i * stride);
      }
    }
  }

  // Scores become e^(score - largest), those not seen zero. Returns one over their sum, 0 where no key is seen.
  float soften(float* scores, const std::byte* mask, int64_t s, int64_t limit) const {
    const int64_t count = std::min(seen(s), limit);
    if (op_.mask) {
      float row[kBlock];
      for (int64_t t = 0; t < count; t += kBlock) {
        const int64_t some = std::min(kBlock, count - t);
        load_row(in_[3].dtype, mask + s * row_stride(in_[3]) + t * in_[3].strides.back(), in_[3].strides.back(), some,
                 row);
        for (int64_t i = 0; i < some; ++i) scores[t + i] += row[i];
      }
    }
    std::fill(scores + count, scores + limit, 0.0f);
    return count == 0 ? 0.0f : 1.0f / tile_kernels()->softmax_row(scores, count);
  }

  Attention op_;
  Workers workers_;
  TensorDesc y_;
  std::vector<TensorDesc> in_;  // broadcast to y's leading axes; mask to queries by keys, too
  Nest nest_;                   // y, then the inputs
  int64_t queries_ = 0, keys_ = 0, depth_ = 0, width_ = 0, block_ = 0, parts_ = 1;
};

}  // namespace

Kernel tile_attention(const Attention& op, const OpCall& call, const Context& context) {
  return std::unique_ptr<OpKernel>(std::make_unique<TileAttention>(op, call, context));
}

}  // namespace systole::cpu

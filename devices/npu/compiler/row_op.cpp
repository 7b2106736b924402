// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/row_op.h"

#include <algorithm>
#include <array>

#include "devices/npu/compiler/stream.h"

namespace systole::npu {
namespace {

// Places in a slot: those of RowPlace up to y, and what the pieces of long rows are reduced to.
constexpr int kPartial = 5, kPlaces = 6;

size_t index(RowPlace place) { return static_cast<size_t>(place); }
bool one_a_row(RowPlace place) { return place == RowPlace::kFirst || place == RowPlace::kSecond; }

// Equal pieces of a row that fit a vector command's channels; 0: there are none.
int64_t pieces_of(int64_t n) {
  int64_t pieces = ceil_div(n, kMostLoops);
  while (pieces <= kMostLoops && n % pieces != 0) ++pieces;
  return pieces <= kMostLoops ? pieces : 0;
}

// No pass reads x once y is written.
bool y_may_overwrite_x(const RowChain& chain) {
  bool written = false;
  for (const RowPass& pass : chain.passes) {
    written |= pass.d == RowPlace::kY;
    if (written && (pass.a == RowPlace::kX || pass.b == RowPlace::kX)) return false;
  }
  return true;
}

class RowOp : public LoweredOp {
 public:
  RowOp(RowChain chain, const spec::NpuSpec& spec) : chain_(std::move(chain)), align_(stream_align(spec)) {
    n_ = chain_.length(), pieces_ = pieces_of(n_);
    const int64_t x = size_of(chain_.x_type), y = size_of(chain_.y_type);
    bytes_ = {n_ * x, 0, 0, 0, (chain_.reduces ? 1 : n_) * y, pieces_ > 1 ? pieces_ * 4 : 0};
    for (const RowPass& pass : chain_.passes) {
      for (RowPlace place : {pass.a, pass.b, pass.d}) {
        if (place == RowPlace::kWide) bytes_[index(place)] = n_ * 4;
        if (one_a_row(place)) bytes_[index(place)] = 4;
      }
    }
    for (const RowParam& param : chain_.params) {
      param_at_.push_back(fixed_);
      fixed_ += round_up(param.count * 4, 4);
    }
    int64_t row = 0, total = chain_.lines[0].extent;
    for (int64_t bytes : bytes_) row += bytes;
    const bool in_place = y_may_overwrite_x(chain_);
    if (in_place) row -= std::min(bytes_[index(RowPlace::kX)], bytes_[index(RowPlace::kY)]);
    const int64_t room = spec.scratchpad.usable() - round_up(fixed_, align_) - kPlaces * align_;
    const int64_t wanted = std::min(room / 3, std::max<int64_t>(16384, total * row / 8));
    rows_ = std::clamp<int64_t>(wanted / row, 1, std::min(total, kMostLoops));
    const int64_t tiles = ceil_div(total, rows_);
    rows_ = ceil_div(total, tiles);
    int64_t at = 0;
    for (size_t place = 0; place < kPlaces; ++place) {
      const bool shares = in_place && (place == index(RowPlace::kX) || place == index(RowPlace::kY));
      if (shares && place != index(RowPlace::kX)) continue;  // y lies where x does
      base_[place] = at;
      at += round_up(
          (shares ? std::max(bytes_[index(RowPlace::kX)], bytes_[index(RowPlace::kY)]) : bytes_[place]) * rows_,
          align_);
    }
    stream_ = stream_plan(spec, fixed_, at);
    scratchpad_bytes = stream_.used_bytes();
    plan = "tiles of " + std::to_string(rows_) + " rows of " + std::to_string(n_) + ", " +
           std::to_string(chain_.passes.size()) + " passes";
  }
  bool fits() const { return stream_.slots > 0; }
  int64_t needed() const { return stream_.fixed_bytes + stream_.slot_bytes; }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress x, constants.address(call.inputs[0]));
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress y, constants.address(call.outputs[0]));
    Stream stream(stream_, emitter, true);
    for (size_t i = 0; i < chain_.params.size(); ++i) {
      const RowParam& param = chain_.params[i];
      DmaBlock block;
      block.row_bytes = param.count * 4;
      DramAddress from;
      if (param.input < 0) {
        from = constants.add(std::as_bytes(std::span(param.content)));
      } else {
        SYSTOLE_ASSIGN_OR_RETURN(from, constants.address(call.inputs[static_cast<size_t>(param.input)]));
      }
      stream.fixed(block, param_at_[i], from);
    }
    std::vector<int64_t> at(chain_.lines.size(), 0);
    for (bool more = true; more;) {
      const int64_t rows = std::min(rows_, chain_.lines[0].extent - at[0]);
      int64_t from = 0, to = 0;
      for (size_t i = 0; i < at.size(); ++i) from += at[i] * chain_.lines[i].x, to += at[i] * chain_.lines[i].y;
      stream.tile(tile(rows, x + from, y + to));
      at[0] += rows_;
      more = false;
      for (size_t i = 0; i < at.size() && !more; ++i) {
        if (i > 0) ++at[i];
        more = at[i] < chain_.lines[i].extent;
        if (!more) at[i] = 0;
      }
    }
    return {};
  }

 private:
  // Between device memory and the dense rows of a slot.
  DmaBlock block(int64_t rows, bool source) const {
    const int64_t size = size_of(source ? chain_.x_type : chain_.y_type);
    DmaBlock b;
    b.row_bytes = size;
    std::vector<DmaLoop> loops;
    int64_t local = size;
    for (const RowAxis& axis : chain_.elements) {
      if (!source && chain_.reduces) break;
      loops.push_back({axis.extent, source ? axis.x : axis.y, local});
      local *= axis.extent;
    }
    loops.push_back({rows, source ? chain_.lines[0].x : chain_.lines[0].y, local});
    std::erase_if(loops, [](const DmaLoop& loop) { return loop.count == 1; });
    std::stable_sort(loops.begin(), loops.end(),
                     [](const DmaLoop& l, const DmaLoop& r) { return l.dram_stride < r.dram_stride; });
    std::copy(loops.begin(), loops.end(), b.loops.begin());
    return b;
  }

  StreamTile tile(int64_t rows, const DramAddress& x, const DramAddress& y) const {
    StreamTile t;
    t.loads.push_back({block(rows, true), base_[index(RowPlace::kX)], x});
    for (const RowPass& pass : chain_.passes) {
      const bool long_param = pass.param >= 0 && chain_.params[static_cast<size_t>(pass.param)].count > 1;
      const int64_t commands = !one_a_row(pass.a) && long_param ? pieces_ : 1;
      for (int64_t piece = 0; piece < commands; ++piece) {
        t.vectors.push_back(commands > 1 ? piece_of(pass, piece, rows) : vector(pass, rows));
        t.fixed_b.push_back(pass.b == RowPlace::kConstant);
      }
      if (reduces_pieces(pass)) {
        t.vectors.push_back(reduce_partial(pass, rows));
        t.fixed_b.push_back(false);
      }
    }
    t.stores.push_back({block(rows, false), base_[index(RowPlace::kY)], y});
    return t;
  }

  contract::Dtype type(RowPlace place) const {
    if (place == RowPlace::kX) return chain_.x_type;
    return place == RowPlace::kY ? chain_.y_type : contract::Dtype::kF32;
  }

  bool reduces_pieces(const RowPass& pass) const {
    return pieces_ > 1 && !one_a_row(pass.a) && pass.command.reduce != contract::Reduce::kNone;
  }
  uint32_t base(RowPlace place) const { return static_cast<uint32_t>(base_[index(place)]); }

  // All rows in one command: pixels are rows, or the pieces of rows.
  contract::Vector vector(const RowPass& pass, int64_t rows) const {
    contract::Vector c = pass.command;
    c.a_dtype = type(pass.a), c.d_dtype = type(pass.d);
    c.src_addr = base(pass.a), c.dst_addr = base(pass.d), c.n1 = 1;
    if (pass.param >= 0) c.param_addr = static_cast<uint32_t>(param_at_[static_cast<size_t>(pass.param)]);
    if (pass.b == RowPlace::kConstant) {
      c.b_dtype = contract::Dtype::kF32, c.b_broadcast = 1;
      c.b_addr = static_cast<uint32_t>(param_at_[static_cast<size_t>(pass.constant)]);
    } else if (pass.b != RowPlace::kNothing) {
      c.b_dtype = type(pass.b), c.b_addr = base(pass.b);
      c.b_broadcast = !one_a_row(pass.a) && one_a_row(pass.b) ? 1 : 0;
    }
    const bool b_moves = pass.b != RowPlace::kConstant && pass.b != RowPlace::kNothing;
    const auto row_stride = [&](RowPlace place) { return static_cast<int32_t>(rows > 1 ? bytes_[index(place)] : 0); };
    if (one_a_row(pass.a)) {  // the rows side by side
      c.channels = static_cast<uint32_t>(rows), c.n0 = 1;
    } else if (pieces_ == 1) {
      c.channels = static_cast<uint32_t>(n_), c.n0 = static_cast<uint32_t>(rows);
      c.a_stride0 = row_stride(pass.a), c.d_stride0 = row_stride(pass.d);
      if (b_moves) c.b_stride0 = row_stride(pass.b);
    } else {
      const auto piece_stride = [&](RowPlace place) {
        return static_cast<int32_t>(one_a_row(place) ? 0 : n_ / pieces_ * size_of(type(place)));
      };
      c.channels = static_cast<uint32_t>(n_ / pieces_), c.n0 = static_cast<uint32_t>(pieces_);
      c.n1 = static_cast<uint32_t>(rows);
      c.a_stride0 = piece_stride(pass.a), c.a_stride1 = row_stride(pass.a);
      c.d_stride0 = piece_stride(pass.d), c.d_stride1 = row_stride(pass.d);
      if (b_moves) c.b_stride0 = piece_stride(pass.b), c.b_stride1 = row_stride(pass.b);
      if (reduces_pieces(pass)) {
        c.d_dtype = contract::Dtype::kF32, c.dst_addr = static_cast<uint32_t>(base_[kPartial]);
        c.d_stride0 = 4, c.d_stride1 = rows > 1 ? static_cast<int32_t>(bytes_[kPartial]) : 0;
      }
    }
    return c;
  }

  // One piece of every row, with its part of a parameter along the row.
  contract::Vector piece_of(const RowPass& pass, int64_t piece, int64_t rows) const {
    contract::Vector c = vector(pass, rows);
    const auto advance = [piece](uint32_t& address, int32_t stride) {
      address += static_cast<uint32_t>(piece * stride);
    };
    advance(c.src_addr, c.a_stride0), advance(c.dst_addr, c.d_stride0), advance(c.b_addr, c.b_stride0);
    c.param_addr += static_cast<uint32_t>(piece * (n_ / pieces_) * 4);
    c.n0 = c.n1, c.n1 = 1;
    c.a_stride0 = c.a_stride1, c.d_stride0 = c.d_stride1, c.b_stride0 = c.b_stride1;
    c.a_stride1 = c.d_stride1 = c.b_stride1 = 0;
    return c;
  }

  // What the pieces of each row were reduced to, reduced.
  contract::Vector reduce_partial(const RowPass& pass, int64_t rows) const {
    contract::Vector c;
    c.reduce = pass.command.reduce;
    c.a_dtype = contract::Dtype::kF32, c.d_dtype = type(pass.d);
    c.src_addr = static_cast<uint32_t>(base_[kPartial]), c.dst_addr = base(pass.d);
    c.channels = static_cast<uint32_t>(pieces_), c.n0 = static_cast<uint32_t>(rows), c.n1 = 1;
    c.a_stride0 = rows > 1 ? static_cast<int32_t>(bytes_[kPartial]) : 0;
    c.d_stride0 = rows > 1 ? static_cast<int32_t>(bytes_[index(pass.d)]) : 0;
    return c;
  }

  RowChain chain_;
  int64_t align_, n_ = 0, pieces_ = 1, rows_ = 1, fixed_ = 0;
  std::array<int64_t, kPlaces> bytes_{}, base_{};  // a row's, and the tile's place in a slot
  std::vector<int64_t> param_at_;
  StreamPlan stream_;
};

void join(std::vector<RowAxis>& axes, const RowAxis& next) {
  if (next.extent == 1) return;
  if (!axes.empty()) {
    RowAxis& inner = axes.back();
    if (next.x == inner.x * inner.extent && next.y == inner.y * inner.extent) {
      inner.extent *= next.extent;
      return;
    }
  }
  axes.push_back(next);
}

}  // namespace

int64_t RowChain::length() const {
  int64_t n = 1;
  for (const RowAxis& axis : elements) n *= axis.extent;
  return n;
}

RowChain row_chain(const TensorDesc& x, const TensorDesc& y, const std::vector<int>& row_axes) {
  RowChain chain;
  for (int axis = x.rank() - 1; axis >= 0; --axis) {
    const auto i = static_cast<size_t>(axis);
    const bool in_row = std::find(row_axes.begin(), row_axes.end(), axis) != row_axes.end();
    join(in_row ? chain.elements : chain.lines, {x.shape[i], x.strides[i], y.shape[i] == 1 ? 0 : y.strides[i]});
  }
  if (chain.elements.empty()) chain.elements.push_back({});
  // The longest line axis is tiled.
  if (chain.lines.empty()) chain.lines.push_back({});
  std::swap(chain.lines[0], *std::max_element(chain.lines.begin(), chain.lines.end(),
                                              [](const RowAxis& a, const RowAxis& b) { return a.extent < b.extent; }));
  return chain;
}

Lowered make_row_op(RowChain chain, const spec::NpuSpec& spec) {
  const int64_t n = chain.length();
  if (pieces_of(n) == 0)
    return Status(Code::kUnsupported, "rows of " + std::to_string(n) + " elements, which no equal pieces of at most " +
                                          std::to_string(kMostLoops) + " make up: a vector command has no more");
  for (const RowAxis& axis : chain.elements) {
    const bool dense =
        axis.x == size_of(chain.x_type) && (chain.reduces || axis.y == size_of(chain.y_type));  // one run of bytes
    if (axis.extent > kMostLoops && !dense)
      return Status(Code::kUnsupported, "rows along a strided axis of " + std::to_string(axis.extent) +
                                            " elements, DMA steps over at most " + std::to_string(kMostLoops));
  }
  if (chain.elements.size() > 2)
    return Status(Code::kUnsupported, "rows that lie in more than two strided axes of memory");
  auto op = std::make_unique<RowOp>(std::move(chain), spec);
  if (!op->fits())
    return Status(Code::kUnsupported, "a row of " + std::to_string(n) + " elements needs " +
                                          std::to_string(op->needed()) + " bytes of scratchpad, the NPU has " +
                                          std::to_string(spec.scratchpad.bytes));
  return std::unique_ptr<LoweredOp>(std::move(op));
}

}  // namespace systole::npu

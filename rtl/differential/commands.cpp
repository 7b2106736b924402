// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/commands.h"

#include <algorithm>

#include "rtl/differential/footprint.h"

namespace systole::differential {
namespace {

using contract::Dtype;
using contract::Space;

constexpr int64_t kMostBytes = 2048;  // of a transfer

// What strides and counts reach, from the first row's first byte.
void extend(int64_t stride, int64_t count, int64_t& low, int64_t& high) {
  (stride < 0 ? low : high) += stride * (count - 1);
}

template <typename Command>
void set_a(Command& c, const std::array<int32_t, 3>& by) {
  c.header.inc_a_0 = by[0], c.header.inc_a_1 = by[1], c.header.inc_a_2 = by[2];
}
template <typename Command>
void set_b(Command& c, const std::array<int32_t, 3>& by) {
  c.header.inc_b_0 = by[0], c.header.inc_b_1 = by[1], c.header.inc_b_2 = by[2];
}

int64_t unit_of(Kind kind) { return kind == Kind::kF32 ? 4 : kind == Kind::kBf16 ? 2 : 1; }

}  // namespace

int64_t element_bytes(Dtype dtype) {
  return dtype == Dtype::kBf16 ? 2 : dtype == Dtype::kI8 || dtype == Dtype::kU8 ? 1 : 4;
}

const Zone* Commands::zone(const std::vector<Zone>& zones, Kind kind) {
  std::vector<const Zone*> fitting;
  for (const Zone& z : zones)
    if (z.kind == kind) fitting.push_back(&z);
  return fitting.empty() ? nullptr : random_.pick(fitting);
}

int64_t Commands::count(int64_t most) {
  if (most <= 1 || random_.chance(40)) return 1;
  return random_.between(1, random_.chance(80) ? std::min<int64_t>(most, 5) : most);
}

// Between rows of so many bytes: dense, apart, backwards.
int32_t Commands::stride(int64_t row, int64_t unit) {
  const int64_t kind = random_.between(0, 99);
  if (kind < 55) return static_cast<int32_t>(row);
  if (kind < 85) return static_cast<int32_t>(row + unit * random_.between(1, 17));
  return static_cast<int32_t>(-row - unit * random_.between(0, 5));
}

std::array<int32_t, 3> Commands::increments(int64_t row, int64_t unit, int64_t& low, int64_t& high) {
  std::array<int32_t, 3> by{};
  for (size_t level = 0; level < 3; ++level) {
    if (loops[level] < 2) continue;
    const int64_t kind = random_.between(0, 99);
    by[level] = static_cast<int32_t>(kind < 30   ? 0
                                     : kind < 70 ? (row + unit - 1) / unit * unit
                                     : kind < 90 ? unit * random_.between(1, 16)
                                                 : -unit * random_.between(1, 16));
    extend(by[level], loops[level], low, high);
  }
  return by;
}

std::array<int32_t, 3> Commands::increments(const Parameters& p, int64_t& begin) {
  std::array<int32_t, 3> by{};
  int64_t low = 0, high = 0;  // blocks
  for (size_t level = 0; level < 3; ++level) {
    const int64_t room = p.blocks - 1 - (high - low), most = loops[level] < 2 ? 0 : room / (loops[level] - 1);
    const int64_t step = random_.between(-most, most);
    by[level] = static_cast<int32_t>(step * p.bytes);
    extend(step, loops[level], low, high);
  }
  begin = random_.between(-low, p.blocks - 1 - high);
  return by;
}

std::optional<int64_t> Commands::fit(const Zone& zone, int64_t low, int64_t high, int64_t unit) {
  const int64_t first = (zone.base - low + unit - 1) / unit * unit, last = zone.end() - high;
  if (first > last) return std::nullopt;
  if (random_.chance(15)) return first;
  if (random_.chance(15)) return last / unit * unit;
  return first + random_.between(0, (last - first) / unit) * unit;
}

template <typename Transfer>
std::optional<Transfer> Commands::transfer(bool is_load) {
  Transfer t;
  t.space = random_.chance(25) ? Space::kAccumulator : Space::kScratchpad;
  t.far = random_.chance(12) ? contract::Far::kScratchpad : contract::Far::kDram;
  const Kind kind = integers_only ? Kind::kInteger : static_cast<Kind>(random_.between(0, 2));
  const Zone* near = zone(t.space == Space::kScratchpad ? layout_.scratchpad : layout_.accumulator, kind);
  const bool constant = is_load && random_.chance(70);
  const Zone* far = zone(t.far == contract::Far::kScratchpad ? layout_.scratchpad
                         : constant                          ? layout_.constants
                                                             : layout_.outputs,
                         kind);
  if (!near || !far) return std::nullopt;
  const int64_t unit = t.space == Space::kAccumulator ? 4 : unit_of(kind);
  t.n0 = static_cast<uint32_t>(count(12));
  t.n1 = static_cast<uint32_t>(count(6));
  t.n2 = static_cast<uint32_t>(count(3));
  const int64_t most = std::max<int64_t>(unit, kMostBytes / (int64_t{t.n0} * t.n1 * t.n2));
  t.row_bytes = static_cast<uint32_t>(std::max<int64_t>(1, count(most / unit)) * unit);
  if (random_.chance(40)) t.row_bytes = static_cast<uint32_t>(random_.between(1, most / unit) * unit);
  if (is_load && random_.chance(25)) {
    t.pad0_before = static_cast<uint32_t>(random_.between(0, std::min<int64_t>(3, t.n0)));
    t.pad0_after = static_cast<uint32_t>(random_.between(0, std::min<int64_t>(3, t.n0 - t.pad0_before)));
    t.pad1_before = static_cast<uint32_t>(random_.between(0, std::min<int64_t>(2, t.n1)));
    t.pad1_after = static_cast<uint32_t>(random_.between(0, std::min<int64_t>(2, t.n1 - t.pad1_before)));
    if (t.pad0_before || t.pad0_after || t.pad1_before || t.pad1_after) {
      t.pad_bytes = kind == Kind::kF32 ? 4 : kind == Kind::kBf16 ? 2 : 1u << random_.between(0, 2);
      t.pad_pattern = kind == Kind::kInteger ? static_cast<uint32_t>(random_())
                      : kind == Kind::kF32   ? 0xbf800000u
                                             : 0x3f80u;
    }
  }
  const auto side = [&](uint32_t n0, uint32_t n1, int32_t* strides, const Zone& in, int64_t step,
                        auto&& set_increments) {
    strides[0] = stride(t.row_bytes, step);
    strides[1] = stride(std::abs(strides[0]) * int64_t{std::max(n0, 1u)}, step);
    strides[2] = stride(std::abs(strides[1]) * int64_t{std::max(n1, 1u)}, step);
    int64_t low = 0, high = t.row_bytes;
    extend(strides[0], std::max(n0, 1u), low, high);
    extend(strides[1], std::max(n1, 1u), low, high);
    extend(strides[2], t.n2, low, high);
    set_increments(increments(high - low, step, low, high));
    return fit(in, low, high, step);
  };
  int32_t strides[3];
  const int64_t far_step = unit == 4 && kind == Kind::kInteger ? 1 : unit;
  const auto remote = side(t.n0 - t.pad0_before - t.pad0_after, t.n1 - t.pad1_before - t.pad1_after, strides, *far,
                           far_step, [&](const auto& by) { set_a(t, by); });
  t.dram_stride0 = strides[0], t.dram_stride1 = strides[1], t.dram_stride2 = strides[2];
  const auto local = side(t.n0, t.n1, strides, *near, unit, [&](const auto& by) { set_b(t, by); });
  t.local_stride0 = strides[0], t.local_stride1 = strides[1], t.local_stride2 = strides[2];
  if (!remote || !local) return std::nullopt;
  t.dram_addr = static_cast<uint64_t>(*remote);
  t.local_addr = static_cast<uint32_t>(*local);
  return t;
}

std::optional<contract::Load> Commands::load() { return transfer<contract::Load>(true); }
std::optional<contract::Store> Commands::store() { return transfer<contract::Store>(false); }

std::optional<contract::Preload> Commands::preload(Kind kind) {
  return preload(kind,
                 static_cast<uint32_t>(random_.chance(40) ? spec_.array.rows : random_.between(1, spec_.array.rows)));
}

std::optional<contract::Preload> Commands::matrix(Kind kind, uint32_t steps) {
  auto p = preload(kind, steps);
  if (p) p->dataflow = contract::Dataflow::kOutputStationary;
  return p;
}

// How a matrix for products of this kind lies in the scratchpad.
contract::Weights Commands::stored(Kind kind) {
  const bool bf16 = kind == Kind::kBf16;
  if (!random_.chance(bf16 ? 40 : 20)) return contract::Weights::kSame;
  if (bf16 && spec_.array.i8_weights() && random_.chance(50)) return contract::Weights::kI8;
  return spec_.array.i4_weights() ? contract::Weights::kI4 : contract::Weights::kSame;
}

std::optional<contract::Preload> Commands::preload(Kind kind, uint32_t rows) {
  contract::Preload p;
  p.weights = stored(kind);
  const bool narrow = p.weights != contract::Weights::kSame;
  const Zone* from = zone(layout_.scratchpad, narrow ? Kind::kInteger : kind);
  if (!from) return std::nullopt;
  const int64_t unit = narrow ? 1 : unit_of(kind);
  p.dtype = kind == Kind::kBf16 ? Dtype::kBf16 : random_.chance(50) ? Dtype::kI8 : Dtype::kU8;
  if (kind == Kind::kInteger && narrow) p.dtype = Dtype::kI8;
  if (kind == Kind::kInteger && random_.chance(40)) p.zero_point = static_cast<int32_t>(random_.between(-255, 255));
  p.rows = rows;
  p.cols = static_cast<uint32_t>(random_.chance(40) ? spec_.array.cols : random_.between(1, spec_.array.cols));
  const int64_t row = matrix_row_bytes(p);
  p.row_stride = static_cast<uint32_t>(random_.chance(60)   ? row
                                       : random_.chance(80) ? row + unit * random_.between(1, 24)
                                                            : 0);
  int64_t low = 0, high = row + int64_t{p.row_stride} * (p.rows - 1);
  set_a(p, increments(high, unit, low, high));
  const auto at = fit(*from, low, high, unit);
  if (!at) return std::nullopt;
  p.addr = static_cast<uint32_t>(*at);
  return p;
}

std::optional<contract::Compute> Commands::compute(Kind kind, bool stays) {
  contract::Compute c;
  const Zone* from = zone(layout_.scratchpad, kind);
  const Zone* to = zone(layout_.accumulator, kind == Kind::kBf16 ? Kind::kF32 : Kind::kInteger);
  if (!from || !to) return std::nullopt;
  const int64_t unit = unit_of(kind), row_bytes = int64_t{spec_.array.cols} * 4;
  c.dtype = kind == Kind::kBf16 ? Dtype::kBf16 : random_.chance(50) ? Dtype::kI8 : Dtype::kU8;
  if (kind == Kind::kInteger && random_.chance(40)) c.zero_point = static_cast<int32_t>(random_.between(-255, 255));
  c.rows = static_cast<uint32_t>(random_.chance(50) ? spec_.array.rows : random_.between(1, spec_.array.rows));
  c.cols = static_cast<uint32_t>(random_.chance(50) ? spec_.array.cols : random_.between(1, spec_.array.cols));
  c.m0 = static_cast<uint32_t>(count(24)), c.m1 = static_cast<uint32_t>(count(4)),
  c.m2 = static_cast<uint32_t>(count(2));
  c.accumulate = random_.chance(45);
  if (stays) c.dataflow = contract::Dataflow::kOutputStationary;
  c.acc_stride = static_cast<uint32_t>(random_.chance(75) ? 1 : random_.between(stays ? 1 : 0, 3));
  c.k_c = c.rows, c.k_w = 1;
  if (random_.chance(40)) {  // taps of a window
    c.k_c = static_cast<uint32_t>(random_.between(1, c.rows + 2)), c.k_w = static_cast<uint32_t>(random_.between(1, 4));
    c.c0 = static_cast<uint32_t>(random_.chance(50) ? 0 : random_.between(0, c.k_c - 1));
    c.kw0 = static_cast<uint32_t>(random_.chance(50) ? 0 : random_.between(0, c.k_w - 1));
  }
  c.kw_stride = stride(c.k_c * unit, unit);
  c.kh_stride = stride(std::abs(c.kw_stride) * int64_t{c.k_w}, unit);
  const int64_t vector = c.rows * unit;
  // Dense, one element on (a convolution), the same again, or whole rounds of lines apart: conflicts.
  const int64_t round = int64_t{spec_.scratchpad.line_bytes} * spec_.scratchpad.interleave;
  c.stride0 = random_.chance(20)   ? static_cast<int32_t>(unit)
              : random_.chance(10) ? 0
              : random_.chance(15) ? static_cast<int32_t>(round)
                                   : stride(vector, unit);
  if (random_.chance(15)) c.kw_stride = static_cast<int32_t>(round);
  c.stride1 = stride(std::abs(c.stride0) * int64_t{c.m0}, unit);
  c.stride2 = stride(std::abs(c.stride1) * int64_t{c.m1}, unit);
  int64_t low = 0, high = 0, channel = c.c0, kw = c.kw0, kh = 0;
  for (uint32_t r = 0; r < c.rows; ++r) {
    const int64_t offset = kh * c.kh_stride + kw * c.kw_stride + channel * unit;
    low = r ? std::min(low, offset) : offset, high = r ? std::max(high, offset + unit) : offset + unit;
    if (++channel < c.k_c) continue;
    channel = 0;
    if (++kw == c.k_w) kw = 0, ++kh;
  }
  extend(c.stride0, c.m0, low, high), extend(c.stride1, c.m1, low, high), extend(c.stride2, c.m2, low, high);
  set_a(c, increments(vector, unit, low, high));
  const int64_t results = stays ? int64_t{c.rows} : int64_t{c.m0} * c.m1 * c.m2;
  int64_t first = 0, last = (results - 1) * c.acc_stride + 1;
  set_b(c, increments(last, 1, first, last));
  const auto at = fit(*from, low, high, unit);
  const auto row = fit({to->kind, to->base / row_bytes, to->bytes / row_bytes}, first, last, 1);
  if (!at || !row) return std::nullopt;
  c.addr = static_cast<uint32_t>(*at), c.acc_row = static_cast<uint32_t>(*row);
  return c;
}

Kind Commands::kind_of(Dtype dtype) const {
  return dtype == Dtype::kF32 ? Kind::kF32 : dtype == Dtype::kBf16 ? Kind::kBf16 : Kind::kInteger;
}

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random VECTOR commands.
#include <algorithm>
#include <bit>

#include "rtl/differential/commands.h"
#include "rtl/differential/footprint.h"

namespace systole::differential {
namespace {

using contract::Dtype;
using contract::Requant;
using contract::Space;
using contract::Vector;
using contract::WindowOp;

bool is_integer(Dtype dtype) { return dtype == Dtype::kI8 || dtype == Dtype::kU8 || dtype == Dtype::kI32; }

// Whether the stages of the contract fit together.
bool possible(const Vector& v) {
  const auto wide = [](Dtype dtype) { return dtype == Dtype::kI32 || dtype == Dtype::kF32; };
  if (v.a_space == Space::kAccumulator && !wide(v.a_dtype)) return false;
  if (v.d_space == Space::kAccumulator && !wide(v.d_dtype)) return false;
  const bool mac = v.window == WindowOp::kMac;
  bool integer = is_integer(v.a_dtype);
  if (mac && (v.binary != contract::BinaryOp::kNone || is_integer(v.b_dtype) != integer)) return false;
  if ((v.requant == Requant::kOnnx || v.requant == Requant::kTflite) && !integer) return false;
  if (v.requant == Requant::kScale) integer = false;
  if (v.binary != contract::BinaryOp::kNone && integer && !is_integer(v.b_dtype)) return false;
  if (v.function != contract::Function::kNone && integer) return false;
  return integer || !is_integer(v.d_dtype) || v.out_scaled;
}

void reach(int64_t stride, int64_t count, int64_t& low, int64_t& high) {
  (stride < 0 ? low : high) += stride * (count - 1);
}

}  // namespace

// The stages, where the parameters leave them open.
void Commands::chain(Vector& v) {
  const auto dtype = [&] { return static_cast<Dtype>(random_.between(0, integers_only ? 2 : 4)); };
  const Vector given = v;
  do {
    v = given;
    v.a_space = static_cast<Space>(random_.chance(45));
    v.d_space = static_cast<Space>(random_.chance(25));
    v.a_dtype = dtype(), v.b_dtype = dtype(), v.d_dtype = dtype();
    if (random_.chance(35)) v.window = static_cast<WindowOp>(random_.between(1, 3));
    if (random_.chance(40)) v.binary = static_cast<contract::BinaryOp>(random_.between(1, 5));
    if (random_.chance(40)) v.activation = static_cast<contract::Activation>(random_.between(1, 2));
    if (random_.chance(35)) v.function = static_cast<contract::Function>(random_.between(1, 12));
    if (random_.chance(25)) v.reduce = static_cast<contract::Reduce>(random_.between(1, 3));
    v.b_broadcast = random_.chance(30);
  } while (!possible(v));
  v.a_zero = static_cast<int32_t>(random_.chance(50) ? random_.between(-256, 255) : 0);
  v.b_zero = static_cast<int32_t>(random_.chance(50) ? random_.between(-256, 255) : 0);
  v.d_zero = static_cast<int32_t>(random_.chance(50) ? random_.between(-256, 255) : 0);
  if (v.activation != contract::Activation::kClip) return;
  const bool integer = is_integer(v.d_dtype) || (is_integer(v.a_dtype) && v.requant != Requant::kScale);
  const int64_t lo = random_.between(-100, 100), hi = lo + random_.between(0, 100);
  v.clip_lo = integer ? static_cast<uint32_t>(lo) : std::bit_cast<uint32_t>(static_cast<float>(lo) * 0.125f);
  v.clip_hi = integer ? static_cast<uint32_t>(hi) : std::bit_cast<uint32_t>(static_cast<float>(hi) * 0.125f);
}

std::optional<Vector> Commands::vector() {
  Vector v;
  const int64_t lanes = spec_.vector.lanes;
  v.channels = static_cast<uint32_t>(random_.chance(50)
                                         ? std::max<int64_t>(1, random_.between(0, 3) * lanes + random_.between(-1, 1))
                                         : random_.between(1, 3 * lanes));
  bool real_bias = false;
  std::array<int32_t, 3> by_p{};
  if (!layout_.parameters.empty() && random_.chance(60)) {
    const Parameters& p = random_.pick(layout_.parameters);
    v.param_addr = p.address, v.channels = static_cast<uint32_t>(p.channels);
    v.bias = p.bias, v.scalar_params = p.scalar, v.requant = p.requant;
    v.b_scaled = p.b_scaled, v.out_scaled = p.out_scaled;
    real_bias = p.real_bias;
    v.c_steps = static_cast<contract::CSteps>(random_.between(0, 2));
    int64_t block = random_.between(0, p.blocks - 1);
    if (v.c_steps != contract::CSteps::kB) by_p = increments(p, block);
    v.param_addr += static_cast<uint32_t>(block * p.bytes);
    if (integers_only && (real_bias || p.requant == Requant::kScale)) return std::nullopt;
  }
  chain(v);
  if (v.bias && real_bias == is_integer(v.a_dtype)) return std::nullopt;
  v.n0 = static_cast<uint32_t>(count(10)), v.n1 = static_cast<uint32_t>(count(5));
  if (v.window != WindowOp::kNone)
    v.win_kh = static_cast<uint32_t>(random_.between(1, 3)), v.win_kw = static_cast<uint32_t>(random_.between(1, 4));
  const int64_t a = element_bytes(v.a_dtype), b = element_bytes(v.b_dtype), d = element_bytes(v.d_dtype);
  const int64_t stored = v.reduce == contract::Reduce::kNone ? v.channels : 1;
  const auto apart = [&](int64_t row, int64_t unit) { return random_.chance(12) ? 0 : stride(row, unit); };
  v.a_stride0 = apart(v.channels * a, a), v.a_stride1 = apart(std::abs(v.a_stride0) * int64_t{v.n0}, a);
  v.win_stride0 = apart(v.channels * a, a), v.win_stride1 = apart(std::abs(v.win_stride0) * int64_t{v.win_kw}, a);
  v.b_stride0 = apart((v.b_broadcast ? 1 : v.channels) * b, b),
  v.b_stride1 = apart(std::abs(v.b_stride0) * int64_t{v.n0}, b);
  v.d_stride0 = stride(stored * d, d), v.d_stride1 = stride(std::abs(v.d_stride0) * int64_t{v.n0}, d);
  const bool in_place = v.window == WindowOp::kNone && v.a_dtype == v.d_dtype && v.a_space == v.d_space &&
                        v.reduce == contract::Reduce::kNone && random_.chance(50);
  if (in_place) v.a_stride0 = v.d_stride0, v.a_stride1 = v.d_stride1;

  const auto memory = [&](Space space) -> const std::vector<Zone>& {
    return space == Space::kScratchpad ? layout_.scratchpad : layout_.accumulator;
  };
  const Zone* from = zone(memory(v.a_space), kind_of(v.a_dtype));
  const Zone* with = zone(layout_.scratchpad, kind_of(v.b_dtype));
  const Zone* to = zone(memory(v.d_space), kind_of(v.d_dtype));
  if (!from || !with || !to) return std::nullopt;
  int64_t low = 0, high = v.channels * a;
  reach(v.a_stride0, v.n0, low, high), reach(v.a_stride1, v.n1, low, high);
  if (v.window != WindowOp::kNone) reach(v.win_stride0, v.win_kw, low, high), reach(v.win_stride1, v.win_kh, low, high);
  const auto by_a = increments(high - low, a, low, high);
  const auto src = fit(*from, low, high, a);
  low = 0, high = stored * d;
  reach(v.d_stride0, v.n0, low, high), reach(v.d_stride1, v.n1, low, high);
  const auto by_d = in_place ? by_a : increments(high - low, d, low, high);
  const auto dst = in_place ? src : fit(*to, low, high, d);
  low = 0, high = v.channels * b;
  if (v.window == WindowOp::kMac)
    reach(v.b_stride0, int64_t{v.win_kh} * v.win_kw, low, high);
  else
    reach(v.b_stride0, v.n0, low, high), reach(v.b_stride1, v.n1, low, high);
  const bool own = v.c_steps == contract::CSteps::kB;
  const auto by_c = own ? increments(high - low, b, low, high) : by_p;
  for (size_t level = 0; v.c_steps == contract::CSteps::kBoth && level < 3; ++level)
    reach(by_c[level], loops[level], low, high);
  const auto operand = fit(*with, low, high, b);
  if (!src || !dst || !operand) return std::nullopt;
  v.src_addr = static_cast<uint32_t>(*src), v.dst_addr = static_cast<uint32_t>(*dst),
  v.b_addr = static_cast<uint32_t>(*operand);
  v.header.inc_a_0 = by_a[0], v.header.inc_a_1 = by_a[1], v.header.inc_a_2 = by_a[2];
  v.header.inc_b_0 = by_d[0], v.header.inc_b_1 = by_d[1], v.header.inc_b_2 = by_d[2];
  v.header.inc_c_0 = by_c[0], v.header.inc_c_1 = by_c[1], v.header.inc_c_2 = by_c[2];
  const Footprint f = footprint(contract::encode(v), spec_);
  if (f.work > 3000) return std::nullopt;
  return v;
}

}  // namespace systole::differential

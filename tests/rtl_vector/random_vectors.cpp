// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl_vector/random_vectors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "sim/gather.h"

namespace systole::sim {

using contract::Dtype;
using contract::Requant;
using contract::Space;
using contract::Vector;
using contract::WindowOp;

void RandomVectors::clear() {
  for (LocalMemory* m : {&scratchpad_, &accumulators_})
    for (int64_t at = 0; at < m->bytes(); at += 8) {
      const uint64_t bits = random_();
      std::memcpy(m->at(at), &bits, 8);
    }
  free_[0] = free_[1] = 0;
}

std::optional<Vector> RandomVectors::next() {
  wild_ = chance(40);
  Vector v = chain();
  for (;;) {
    sizes(v);
    const VectorShape s = vector_shape(v);
    const int64_t visits = int64_t{v.n0} * v.n1 * v.channels * s.win_h * s.win_w;
    if (visits < 4000 && s.destination.high() - s.destination.low() < 8192) break;
  }
  if (!place(v)) return std::nullopt;
  const VectorShape s = vector_shape(v);
  for (const Box& box : s.source_window) fill(memory(v.a_space), box, v.a_dtype);
  if (s.operand) fill(scratchpad_, *s.operand, v.b_dtype);
  fill_params(v, s);
  return v;
}

Dtype RandomVectors::dtype(Space space) {
  if (space == Space::kAccumulator) return chance(50) ? Dtype::kI32 : Dtype::kF32;
  return static_cast<Dtype>(between(0, 4));
}

// The steps, in a combination that the engine has.
Vector RandomVectors::chain() {
  Vector v;
  do {
    v = {};
    v.a_space = static_cast<Space>(chance(40));
    v.d_space = static_cast<Space>(chance(30));
    v.a_dtype = dtype(v.a_space);
    v.b_dtype = dtype(Space::kScratchpad);
    v.d_dtype = dtype(v.d_space);
    if (chance(40)) v.window = static_cast<WindowOp>(between(1, 3));
    if (chance(40)) v.binary = static_cast<contract::BinaryOp>(between(1, 5));
    if (chance(40)) v.activation = static_cast<contract::Activation>(between(1, 2));
    if (chance(50)) v.requant = static_cast<Requant>(between(1, 3));
    if (chance(40)) v.function = static_cast<contract::Function>(between(1, 12));
    if (chance(30)) v.reduce = static_cast<contract::Reduce>(between(1, 3));
    v.bias = chance(40), v.scalar_params = chance(50), v.b_broadcast = chance(30), v.b_scaled = chance(30);
    v.out_scaled = chance(50);
  } while (!vector_supported(v));
  v.a_zero = static_cast<int32_t>(chance(50) ? between(-256, 255) : 0);
  v.b_zero = static_cast<int32_t>(chance(50) ? between(-256, 255) : 0);
  v.d_zero = static_cast<int32_t>(chance(50) ? between(-256, 255) : 0);
  if (v.activation == contract::Activation::kClip) {
    const bool integer = is_integer(v.d_dtype) || (is_integer(v.a_dtype) && v.requant != Requant::kScale);
    v.clip_lo = integer ? i32() : f32();
    v.clip_hi = integer ? i32() : f32();
    const bool descends = integer ? static_cast<int32_t>(v.clip_lo) > static_cast<int32_t>(v.clip_hi)
                                  : std::bit_cast<float>(v.clip_lo) > std::bit_cast<float>(v.clip_hi);
    if (descends && chance(90)) std::swap(v.clip_lo, v.clip_hi);
  }
  return v;
}

uint32_t RandomVectors::count() {
  if (chance(40)) return 1;
  return static_cast<uint32_t>(chance(90) ? between(1, 4) : between(5, 40));
}

// Between rows of so many bytes: dense, apart, the same place, backwards, overlapping.
int32_t RandomVectors::stride(int64_t row, int64_t element) {
  const int64_t kind = between(0, 99);
  if (kind < 50) return static_cast<int32_t>(row);
  if (kind < 70) return static_cast<int32_t>(row + element * between(1, 9));
  if (kind < 80) return 0;
  if (kind < 90) return static_cast<int32_t>(-row - element * between(0, 5));
  return static_cast<int32_t>(element * between(-2, 2));
}

void RandomVectors::sizes(Vector& v) {
  v.channels = static_cast<uint32_t>(chance(60) ? std::max<int64_t>(1, between(0, 4) * lanes_ + between(-1, 1))
                                                : between(1, 5 * lanes_));
  v.n0 = count(), v.n1 = count();
  v.win_kh = static_cast<uint32_t>(between(1, 3)), v.win_kw = static_cast<uint32_t>(between(1, 3));
  if (chance(10)) v.win_kw = static_cast<uint32_t>(between(4, 17));
  const int64_t a = element_size(v.a_dtype), b = element_size(v.b_dtype), d = element_size(v.d_dtype);
  v.a_stride0 = stride(v.channels * a, a);
  v.a_stride1 = stride(std::abs(v.a_stride0) * int64_t{v.n0}, a);
  v.win_stride0 = stride(v.channels * a, a);
  v.win_stride1 = stride(std::abs(v.win_stride0) * int64_t{v.win_kw}, a);
  v.b_stride0 = stride((v.b_broadcast ? 1 : v.channels) * b, b);
  v.b_stride1 = stride(std::abs(v.b_stride0) * int64_t{v.n0}, b);
  v.d_stride0 = stride((v.reduce == contract::Reduce::kNone ? v.channels : 1) * d, d);
  v.d_stride1 = stride(std::abs(v.d_stride0) * int64_t{v.n0}, d);
}

// A base for bytes [low, high) of it, which are `size` at a time.
std::optional<uint32_t> RandomVectors::take(Space space, int64_t low, int64_t high, int64_t size) {
  int64_t& at = free_[static_cast<int>(space)];
  at += -at & (size - 1);
  if (chance(50)) at += size * between(1, 3);
  const int64_t base = at - low;
  if (base + high > memory(space).bytes()) return std::nullopt;
  at = base + high;
  return static_cast<uint32_t>(base);
}

bool RandomVectors::place(Vector& v) {
  const int64_t size = element_size(v.d_dtype);
  const bool rows_apart = v.reduce == contract::Reduce::kNone && v.d_stride0 >= v.channels * size &&
                          v.d_stride1 >= int64_t{v.n0} * v.d_stride0;
  const bool own_place = rows_apart && chance(50);
  const bool over_a =
      own_place && v.window == WindowOp::kNone && v.a_dtype == v.d_dtype && v.a_space == v.d_space && chance(80);
  const bool over_b = own_place && !over_a && v.binary != contract::BinaryOp::kNone && !v.b_broadcast &&
                      v.b_dtype == v.d_dtype && v.d_space == Space::kScratchpad;
  if (over_a) v.a_stride0 = v.d_stride0, v.a_stride1 = v.d_stride1;
  if (over_b) v.b_stride0 = v.d_stride0, v.b_stride1 = v.d_stride1;

  const VectorShape s = vector_shape(v);  // with every base 0
  int64_t low = 0, high = 0;
  for (const Box& box : s.source_window) low = std::min(low, box.low()), high = std::max(high, box.high());
  const auto a = take(v.a_space, low, high, element_size(v.a_dtype));
  const auto b = s.operand ? take(Space::kScratchpad, s.operand->low(), s.operand->high(), element_size(v.b_dtype))
                           : std::optional<uint32_t>(0);
  const auto p = take(Space::kScratchpad, 0, s.param_bytes, 4);
  const auto d = over_a ? a : over_b ? b : take(v.d_space, s.destination.low(), s.destination.high(), size);
  if (!a || !b || !p || !d) return false;
  v.src_addr = *a, v.b_addr = *b, v.param_addr = *p, v.dst_addr = *d;
  return true;
}

// ---- values ----

uint32_t RandomVectors::f32() {
  if (!wild_ || chance(60)) return std::bit_cast<uint32_t>(static_cast<float>(between(-1 << 20, 1 << 20)) * 0x1p-17f);
  if (chance(30)) return static_cast<uint32_t>(random_());
  if (chance(30)) return std::bit_cast<uint32_t>(static_cast<float>(between(-600, 600)) * 0.5f);  // ties
  constexpr uint32_t kSpecial[] = {0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x3f800000, 0x3f7fffff, 0x42b17217,
                                   0x42b17218, 0x42aeac4f, 0x42aeac50, 0x4b000001, 0x4effffff, 0x4f000000, 0x7f7fffff,
                                   0x7f800000, 0x7fc00000, 0x7f800001, 0x3e800000, 0x3effffff, 0x40c00000};
  return kSpecial[random_() % std::size(kSpecial)] | (chance(50) ? 0x80000000u : 0u);
}

uint32_t RandomVectors::i32() {
  if (!wild_ || chance(60)) return static_cast<uint32_t>(between(-300, 300));
  if (chance(60)) return static_cast<uint32_t>(random_());
  constexpr uint32_t kSpecial[] = {0,          0x80000000, 0x7fffffff, 0xffffffff,
                                   0x80000001, 0x00ffffff, 0x01000001, 0x01000003};
  return kSpecial[random_() % std::size(kSpecial)];
}

void RandomVectors::fill(LocalMemory& memory, const Box& box, Dtype dtype) {
  const int64_t size = element_size(dtype);
  box.each_row([&](int64_t at) {
    for (int64_t end = at + box.bytes; at < end; at += size) {
      uint32_t bits = is_byte(dtype) ? static_cast<uint32_t>(random_()) : dtype == Dtype::kI32 ? i32() : f32();
      if (dtype == Dtype::kBf16) bits >>= 16;
      std::memcpy(memory.at(at), &bits, static_cast<size_t>(size));
    }
    return true;
  });
}

void RandomVectors::fill_params(const Vector& v, const VectorShape& s) {
  const auto put = [&](int64_t offset, uint32_t n, auto value) {
    for (uint32_t i = 0; offset >= 0 && i < n; ++i) {
      const uint32_t bits = value();
      std::memcpy(scratchpad_.at(v.param_addr + offset + 4 * int64_t{i}), &bits, 4);
    }
  };
  const uint32_t multipliers = v.scalar_params ? 1 : v.channels;
  const auto factor = [&] {
    return chance(80) ? std::bit_cast<uint32_t>(std::ldexp(1.0f + static_cast<float>(between(0, 1 << 23)) * 0x1p-23f,
                                                           static_cast<int>(between(-10, 3))))
                      : f32();
  };
  put(s.bias, v.channels, [&] { return is_integer(v.a_dtype) ? i32() : f32(); });
  put(s.scale, multipliers, [&] {
    if (v.requant != Requant::kTflite) return factor();
    return wild_ ? i32() : static_cast<uint32_t>(between(1 << 30, INT32_MAX));
  });
  put(s.shift, multipliers, [&] { return chance(80) ? static_cast<uint32_t>(between(-33, 33)) : i32(); });
  put(s.b_scale, 1, factor);
  put(s.out_scale, 1, factor);
}

}  // namespace systole::sim

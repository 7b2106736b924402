// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// f32 and bf16 of rtl/npu_float_pkg.sv against the host's, through chains of one step.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "hal/numeric/bf16.h"
#include "hal/numeric/requantize.h"
#include "tests/rtl_vector/vector_unit.h"

namespace systole::sim {
namespace {

using contract::BinaryOp;
using contract::Dtype;

constexpr uint32_t kCount = 5000, kB = 20000, kD = 40000, kParams = 60000;  // elements, bytes

uint32_t bits(float x) { return std::bit_cast<uint32_t>(x); }
float real(uint32_t x) { return std::bit_cast<float>(x); }

class FloatRtl : public testing::Test {
 protected:
  // `rounds` times `kCount` pairs: want(a, b) for each.
  void compare(contract::Vector v, int rounds, const std::function<uint32_t(uint32_t, uint32_t)>& want) {
    v.n0 = v.n1 = 1;
    v.channels = kCount;
    v.b_addr = kB, v.dst_addr = kD, v.param_addr = kParams;
    uint32_t one = bits(1.0f);
    std::byte* memory = unit_.rtl_scratchpad().data();
    std::memcpy(memory + kParams, &one, 4);
    int differences = 0;
    for (int round = 0; round < rounds && differences < 4; ++round) {
      std::vector<uint32_t> a(kCount), b(kCount), d(kCount);
      for (uint32_t i = 0; i < kCount; ++i) pair(a[i], b[i]);
      std::memcpy(memory, a.data(), kCount * 4);
      std::memcpy(memory + kB, b.data(), kCount * 4);
      unit_.cycle(&v);
      while (unit_.done() == 0) unit_.cycle();
      std::memcpy(d.data(), memory + kD, kCount * 4);
      for (uint32_t i = 0; i < kCount; ++i) {
        const uint32_t expected = want(a[i], b[i]);
        if (v.d_dtype == Dtype::kF32 && std::isnan(real(d[i])) && std::isnan(real(expected))) continue;
        if (d[i] != expected && ++differences < 4)
          ADD_FAILURE() << std::hex << a[i] << ", " << b[i] << ": " << d[i] << ", the host gives " << expected;
      }
    }
  }

 private:
  // Any bits; near each other; ties and whole numbers; borders.
  void pair(uint32_t& a, uint32_t& b) {
    a = static_cast<uint32_t>(random_()), b = static_cast<uint32_t>(random_());
    switch (random_() % 5) {
      case 0:
        b = (a ^ (b & 0x80000fff)) + ((b >> 12 & 31) << 23);
        break;
      case 1:
        a = bits(static_cast<float>(static_cast<int32_t>(a) >> (b & 31)) * 0.5f);
        break;
      case 2:
        a = a & 0x80ffffff, b = (b & 0x83ffffff) | 0x3c000000;  // small, times what makes it subnormal
        break;
      case 3: {
        constexpr uint32_t kBorders[] = {0, 0x7f800000, 0x7fc00000, 0x7f7fffff, 0x00800000, 0x4f000000, 0x4effffff};
        a = kBorders[b % std::size(kBorders)] ^ (a & 0x80000001);
        break;
      }
      default:
        break;
    }
  }

  VectorUnit<Vvector16> unit_;
  std::mt19937_64 random_{1};
};

TEST_F(FloatRtl, ArithmeticEqualsTheHosts) {
  contract::Vector v;
  v.a_dtype = v.b_dtype = v.d_dtype = Dtype::kF32;
  v.binary = BinaryOp::kAdd;
  compare(v, 100, [](uint32_t a, uint32_t b) { return bits(real(a) + real(b)); });
  v.binary = BinaryOp::kSub;
  compare(v, 100, [](uint32_t a, uint32_t b) { return bits(real(a) - real(b)); });
  v.binary = BinaryOp::kMul;
  compare(v, 100, [](uint32_t a, uint32_t b) { return bits(real(a) * real(b)); });
  v.binary = BinaryOp::kMax;
  compare(v, 20, [](uint32_t a, uint32_t b) { return bits(std::max(real(a), real(b))); });
}

TEST_F(FloatRtl, ConversionsEqualTheHosts) {
  contract::Vector v;
  v.a_dtype = Dtype::kI32, v.d_dtype = Dtype::kF32;
  compare(v, 100, [](uint32_t a, uint32_t) { return bits(static_cast<float>(static_cast<int32_t>(a))); });
  v.a_dtype = Dtype::kF32, v.d_dtype = Dtype::kI32, v.out_scaled = 1;
  compare(v, 100, [](uint32_t a, uint32_t) { return static_cast<uint32_t>(numeric::round_half_even(real(a))); });
}

}  // namespace
}  // namespace systole::sim

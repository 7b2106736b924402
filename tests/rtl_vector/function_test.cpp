// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The functions of the vector engine in SystemVerilog against the model's: a million bit patterns each, and edges.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "sim/functions.h"
#include "tests/rtl_vector/vector_unit.h"

namespace systole::sim {
namespace {

using contract::Function;

// Every magnitude, and what is beside the borders of mantissas, segments and ranges.
std::vector<uint32_t> patterns() {
  std::vector<uint32_t> all;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 4093) all.push_back(static_cast<uint32_t>(bits));
  for (uint32_t exponent = 0; exponent < 512; ++exponent)
    for (uint32_t segment = 0; segment < 64; ++segment)
      for (uint32_t beside : {0u, 1u, 0x1ffffu}) all.push_back(exponent << 23 | segment << 17 | beside);
  for (float border : {88.72283f, 87.33654f, 0.25f, 4.0f, 6.0f, 5.656854f, 3.0f, 1.0f})
    for (int step = -40; step <= 40; ++step)
      for (uint32_t sign : {0u, 0x80000000u})
        all.push_back((std::bit_cast<uint32_t>(border) + static_cast<uint32_t>(step)) | sign);
  return all;
}

TEST(FunctionRtl, EqualsTheModelToTheBit) {
  VectorUnit<Vvector16> unit;
  const std::vector<uint32_t> x = patterns();
  ASSERT_GT(x.size(), 1'000'000u);
  constexpr uint32_t kHalf = VectorUnit<Vvector16>::kScratchpad / 2;
  contract::Vector v;
  v.n0 = v.n1 = 1;
  v.a_dtype = v.d_dtype = contract::Dtype::kF32;
  v.dst_addr = kHalf;
  for (uint32_t code = 1; code <= static_cast<uint32_t>(Function::kHardSwish); ++code) {
    v.function = static_cast<Function>(code);
    int differences = 0;
    for (size_t at = 0; at < x.size() && differences < 4; at += v.channels) {
      v.channels = static_cast<uint32_t>(std::min(x.size() - at, size_t{kHalf / 4}));
      std::memcpy(unit.rtl_scratchpad().data(), &x[at], v.channels * 4);
      unit.cycle(&v);
      while (unit.done() == 0) unit.cycle();
      for (uint32_t c = 0; c < v.channels; ++c) {
        float got;
        std::memcpy(&got, unit.rtl_scratchpad().data() + kHalf + c * 4, 4);
        const float want = evaluate(v.function, std::bit_cast<float>(x[at + c]));
        if (std::isnan(got) && std::isnan(want)) continue;
        if (std::bit_cast<uint32_t>(got) != std::bit_cast<uint32_t>(want) && ++differences < 4)
          ADD_FAILURE() << contract::name(v.function) << '(' << std::bit_cast<float>(x[at + c]) << "): " << got
                        << ", the model gives " << want;
      }
    }
  }
}

}  // namespace
}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention by the interpreter, in many orders of the engines: shapes, masks, shared keys, small scratchpads.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "devices/npu/compiler/lower.h"
#include "devices/npu/compiler/tokens.h"
#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

class AttentionOn : public ::testing::TestWithParam<const char*> {};

int64_t upto(std::mt19937& r, int64_t most) { return 1 + static_cast<int64_t>(r()) % most; }
bool coin(std::mt19937& r) { return r() % 2; }

// Heads side by side in each row, as a projection writes them.
TensorDesc heads(int64_t batch, int64_t heads, int64_t rows, int64_t columns, bool interleaved) {
  if (!interleaved) return row_major(DType::kBF16, {batch, heads, rows, columns});
  TensorDesc desc = row_major(DType::kBF16, {batch, rows, heads, columns});
  std::swap(desc.shape[1], desc.shape[2]);
  std::swap(desc.strides[1], desc.strides[2]);
  return desc;
}

Case random_case(uint32_t seed, int64_t most_keys) {
  std::mt19937 r(seed);
  const int64_t batch = upto(r, 2), count = upto(r, 4), depth = upto(r, 40), width = upto(r, 40);
  const bool causal = seed % 3 == 0, shared = seed % 5 == 0;
  const int64_t queries = upto(r, 60);
  const int64_t keys = causal ? queries + upto(r, std::max<int64_t>(12, most_keys - 90)) - 1 : upto(r, most_keys);
  Attention op{0.3f, coin(r), causal};
  Case test;
  test.op.op = op;
  const int64_t sources = shared ? 1 : count;
  test.op.inputs = {heads(batch, count, queries, depth, coin(r)), heads(batch, sources, keys, depth, coin(r)),
                    heads(batch, sources, keys, width, coin(r))};
  if (seed % 4 == 1)
    for (size_t i = 1; i < 3; ++i)
      test.op.inputs[i] = row_major(DType::kI8, test.op.inputs[i].shape, quantized(i == 1 ? 0.01f : 0x1p-7f, 0));
  if (seed % 7 == 2) {  // in pages, the last of each request not full
    const int64_t page = upto(r, 20), blocks = (keys + page - 1) / page, pages = batch * blocks + 2;
    for (int64_t i = 0; i < batch * blocks; ++i) op.pages.push_back(static_cast<int>((i * 5 + seed) % pages));
    op.keys = keys, test.op.op = op;
    for (size_t i = 1; i < 3; ++i) {
      const TensorDesc whole = test.op.inputs[i];
      test.op.inputs[i] = row_major(whole.dtype, {pages, sources, page, whole.shape[3]}, whole.quant);
    }
  }
  const Shape masks[] = {{keys}, {queries, keys}, {batch, 1, 1, keys}, {1, count, queries, 1}};
  if (op.mask) {
    Shape shape = masks[r() % 4];
    if (shape.size() == 1) shape.insert(shape.begin(), 1);
    test.op.inputs.push_back(row_major(coin(r) ? DType::kF32 : DType::kBF16, shape));
  }
  test.op.outputs = {heads(batch, count, queries, width, coin(r))};
  return test;
}

// Probabilities and values are at most 1 in magnitude; the former are rounded to bf16, once against none in ref: half a
// unit in the last place, 2^-9, which is 2^12 of the harness' units of 2^-21.
int64_t terms(const Case& test) { return 4096 + std::get<Attention>(test.op.op).key_count(test.op.inputs[1]); }

std::string plan_of(const Case& test, const spec::NpuSpec& spec) {
  const Lowered lowered = lower({test.op, std::vector<bool>(test.op.inputs.size(), false), spec});
  return lowered.ok() ? lowered.value()->plan : "";
}

TEST_P(AttentionOn, RandomShapes) {
  const spec::NpuSpec spec = preset(GetParam());
  int ran = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const Case test = random_case(seed, 90);
    if (plan_of(test, spec).empty()) {
      EXPECT_LT(spec.scratchpad.bytes, 65536) << "seed " << seed;
      continue;
    }
    ++ran;
    ASSERT_EQ(check(test, spec, seed, 3, terms(test)).error, "") << "seed " << seed;
  }
  EXPECT_GT(ran, 20);
}

// A scratchpad that holds no head's keys and values: they pass through it in pieces, in any order of the engines.
TEST_P(AttentionOn, KeysAndValuesInPieces) {
  spec::NpuSpec spec = preset(GetParam());
  spec.scratchpad.bytes = 12288;
  int pieces = 0, paged = 0, causal = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const Case test = random_case(seed, 400);
    if (plan_of(test, spec).find("in pieces of") == std::string::npos) continue;
    const auto& op = std::get<Attention>(test.op.op);
    ++pieces, paged += !op.pages.empty(), causal += op.causal;
    ASSERT_EQ(check(test, spec, seed, 2, terms(test)).error, "") << "seed " << seed << " " << plan_of(test, spec);
    if (pieces > 2) continue;
    for (const Token token : {Token::kWFull, Token::kWFree})
      EXPECT_NE(check_without(static_cast<int>(token), test, spec, seed, 12, terms(test)).error, "") << "seed " << seed;
  }
  EXPECT_GT(pieces, 12);
  EXPECT_GT(paged, 1);
  EXPECT_GT(causal, 1);
}

// Pieces are for where nothing else fits, and no scores of a single query fitting is said.
TEST(AttentionPlans, PiecesOnlyWhereTheyMustBe) {
  Case test;
  test.op.op = Attention{};
  const auto of = [&](int64_t keys) {
    test.op.inputs = {heads(1, 1, 8, 16, false), heads(1, 1, keys, 16, false), heads(1, 1, keys, 16, false)};
    test.op.outputs = {heads(1, 1, 8, 16, false)};
    return lower({test.op, {false, false, false}, preset("edge-16x16")});
  };
  EXPECT_EQ(of(1000).value()->plan, "blocks of 8 queries, scores on chip, keys and values of 1 batches");
  EXPECT_EQ(of(20000).value()->plan, "blocks of 2 queries, scores on chip, keys and values in pieces of 2512");
  EXPECT_NE(of(65535).status().message().find("a query's scores of 65535 keys, beside two pieces of keys or values of "
                                              "16 channels, don't fit the scratchpad of 524288 bytes"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Presets, AttentionOn, ::testing::Values("tiny-4x4", "tiny-8x8", "edge-16x16"));

TEST(AttentionPlan, KeepsScoresOutOfDeviceMemory) {
  // 12 heads of BERT-base at 512: the traffic is q, k, v and y once each, and no 512 x 512 matrix.
  Case test;
  test.op.op = Attention{0.125f, false, false};
  test.op.inputs = {heads(1, 12, 512, 64, true), heads(1, 12, 512, 64, true), heads(1, 12, 512, 64, true)};
  test.op.outputs = {heads(1, 12, 512, 64, true)};
  const spec::NpuSpec spec = preset("edge-16x16");
  const auto lowered = lower({test.op, {false, false, false}, spec});
  ASSERT_TRUE(lowered.ok()) << lowered.status().message();
  const Outcome outcome = check(test, spec, 1, 1, 4096 + 512);
  ASSERT_EQ(outcome.error, "");
  constexpr int64_t kMatrix = 12 * 512 * 64 * 2;
  EXPECT_EQ(outcome.program.ops[0].dram_read_bytes, 3 * kMatrix + 4);  // and the scale
  EXPECT_EQ(outcome.program.ops[0].dram_write_bytes, kMatrix);
}

}  // namespace
}  // namespace systole::npu::testing

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A test of the tests: a program that lacks the waits on any one of its semaphores must be caught.
#include <gtest/gtest.h>

#include <set>

#include "devices/npu/compiler/tokens.h"
#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

std::set<uint32_t> semaphores_of(const Program& program) {
  std::set<uint32_t> all;
  for (const contract::Descriptor& d : program.descriptors) {
    if (contract::opcode(d) == contract::Opcode::kSem) all.insert(contract::decode_sem(d).id);
  }
  return all;
}

void expect_each_needed(const Case& c, const spec::NpuSpec& spec, size_t at_least, int64_t terms) {
  const Outcome whole = check(c, spec, 1, 5, terms);
  ASSERT_EQ(whole.error, "");
  const std::set<uint32_t> semaphores = semaphores_of(whole.program);
  EXPECT_GE(semaphores.size(), at_least) << whole.program.ops[0].plan;
  for (uint32_t s : semaphores) {
    EXPECT_NE(check_without(static_cast<int>(s), c, spec, 1, 30, terms).error, "")
        << "nobody misses semaphore " << s << "; " << whole.program.ops[0].plan;
  }
}

Case streaming_matmul(bool residual) {
  Matmul op;
  op.epilogue.bias = true, op.epilogue.residual = residual;
  Case c;
  c.op.op = op;
  c.op.inputs = {row_major(DType::kBF16, {90, 40}), row_major(DType::kBF16, {40, 90}), row_major(DType::kF32, {90})};
  if (residual) c.op.inputs.push_back(row_major(DType::kBF16, {90, 90}));
  c.op.outputs = {row_major(DType::kBF16, {90, 90})};
  c.constant = {false, true, true, false};
  return c;
}

spec::NpuSpec cramped() {
  spec::NpuSpec spec = preset("tiny-4x4");
  spec.scratchpad.bytes = 2048;
  spec.accumulator.rows = 32;
  return spec;
}

// In-order queues imply some waits in some programs; over these, every semaphore of a product is missed somewhere.
TEST(Semaphores, OfProducts) {
  std::vector<Case> cases = {streaming_matmul(false), streaming_matmul(true)};
  for (int64_t rows : {30, 200}) {
    Case plain;
    plain.op.op = Matmul{};
    plain.op.inputs = {row_major(DType::kI8, {rows, 400}), row_major(DType::kI8, {400, 60})};
    plain.op.outputs = {row_major(DType::kI32, {rows, 60})};
    cases.push_back(plain);
    plain.op.inputs = {row_major(DType::kI8, {rows, 3}), row_major(DType::kI8, {3, 60})};
    cases.push_back(plain);
  }
  Case biased;  // weights stay while parameters come and go
  biased.op.op = Matmul{false, false, Epilogue{.bias = true}};
  biased.op.inputs = {row_major(DType::kI8, {300, 64}), row_major(DType::kI8, {64, 100}),
                      row_major(DType::kI32, {100})};
  biased.op.outputs = {row_major(DType::kI32, {300, 100})};
  biased.constant = {false, true, true};
  cases.push_back(biased);
  std::set<uint32_t> used, missed;
  for (size_t i = 0; i < 2 * cases.size(); ++i) {
    const Case& c = cases[i / 2];
    const spec::NpuSpec spec = i % 2 ? preset("tiny-4x4") : cramped();
    const Outcome whole = check(c, spec, 1, 5, 40);
    ASSERT_EQ(whole.error, "");
    for (uint32_t s : semaphores_of(whole.program)) {
      used.insert(s);
      if (!missed.contains(s) && !check_without(static_cast<int>(s), c, spec, 1, 40, 40).error.empty())
        missed.insert(s);
    }
  }
  EXPECT_EQ(used.size(), static_cast<size_t>(Token::kPFull));  // those before it: the rest are attention's
  // kChain orders vector commands among themselves, which the interpreter runs one by one: the model's race checker
  // sees it.
  EXPECT_EQ(used, missed);
}

TEST(Semaphores, OfAPool) {
  Pool op;
  op.kernel_h = op.kernel_w = 3;
  Case c;
  c.op.op = op;
  c.op.inputs = {image(DType::kF32, {1, 64, 34, 34})};
  c.op.outputs = {image(DType::kF32, {1, 64, 32, 32})};
  expect_each_needed(c, preset("tiny-4x4"), 3, 1);
}

}  // namespace
}  // namespace systole::npu::testing

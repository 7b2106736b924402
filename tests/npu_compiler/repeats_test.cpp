// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops whose commands are an earlier op's at other addresses, against the same ops written one by one.
#include <gtest/gtest.h>

#include "hal/device.h"
#include "tests/npu_compiler/harness.h"

namespace systole::npu {
namespace {

using testing::preset;
using testing::reference;

constexpr int64_t kRows = 500, kWidth = 48;

TensorView view_of(const std::shared_ptr<Buffer>& buffer, int64_t offset, const TensorDesc& desc) {
  TensorView view;
  view.buffer = buffer;
  view.offset = offset;
  view.desc = desc;
  return view;
}

std::shared_ptr<Buffer> activations() {
  BufferParams params;
  params.size = 16 * kRows * kWidth * 4;
  params.kind = MemoryKind::kHostVisible;
  return reference()->allocate(params).value();
}

TensorView weights() {
  const TensorDesc desc = row_major(DType::kBF16, {kWidth, kWidth});
  BufferParams params;
  params.size = desc.span_bytes();
  params.kind = MemoryKind::kConstant;
  auto buffer = allocate_host(params).value();
  buffer->freeze();
  return view_of(buffer, 0, desc);
}

// Layer after layer, each from one place of a buffer to the next: a product, a sum with the first input, and a copy of
// bytes to a buffer of its own.
std::shared_ptr<CommandList> layers(int count) {
  const TensorDesc desc = row_major(DType::kBF16, {kRows, kWidth});
  auto list = std::make_shared<CommandList>(reference());
  const auto chain = activations(), side = activations();
  const auto at = [&](int place) { return view_of(chain, place * desc.span_bytes(), desc); };
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(list->op({Matmul{}, {at(2 * i), weights()}, {at(2 * i + 1)}, "product"}).ok());
    EXPECT_TRUE(list->op({Binary{BinaryKind::kAdd}, {at(2 * i + 1), at(0)}, {at(2 * i + 2)}, "sum"}).ok());
    EXPECT_TRUE(list->op({Copy{}, {at(2 * i)}, {view_of(side, i * desc.span_bytes(), desc)}, "copy"}).ok());
  }
  return list;
}

void expect_same(const Program& repeated, const Program& written) {
  const Program whole = flat(repeated);
  ASSERT_EQ(whole.ops.size(), written.ops.size());
  for (size_t i = 0; i < whole.ops.size(); ++i) {
    EXPECT_EQ(whole.ops[i].first, written.ops[i].first) << i;
    EXPECT_EQ(whole.ops[i].last, written.ops[i].last) << i;
    EXPECT_EQ(whole.ops[i].tag, written.ops[i].tag) << i;
    EXPECT_EQ(whole.ops[i].plan, written.ops[i].plan) << i;
  }
  ASSERT_EQ(whole.descriptors.size(), written.descriptors.size());
  for (size_t i = 0; i < whole.descriptors.size(); ++i)
    EXPECT_EQ(whole.descriptors[i], written.descriptors[i]) << "command " << i;
  ASSERT_EQ(whole.relocations.size(), written.relocations.size());
  for (size_t i = 0; i < whole.relocations.size(); ++i) {
    const Relocation &a = whole.relocations[i], &b = written.relocations[i];
    EXPECT_EQ(a.descriptor, b.descriptor) << i;
    EXPECT_TRUE(a.target == b.target && a.index == b.index) << i;
    EXPECT_EQ(a.offset, b.offset) << i;
  }
  EXPECT_EQ(whole.constant_bytes, written.constant_bytes);
}

TEST(Repeats, AreTheCommandsThatWritingGives) {
  const auto list = layers(5);
  const Program repeated = Compiler(preset("tiny-8x8"), Residency::kOff, false).compile(*list).value();
  const Program written = Compiler(preset("tiny-8x8"), Residency::kOff, true).compile(*list).value();
  EXPECT_LT(repeated.descriptors.size(), written.descriptors.size() / 2);
  expect_same(repeated, written);
}

TEST(Repeats, TakeTheNextOpsWeightsAlong) {
  const TensorDesc desc = row_major(DType::kBF16, {kRows, kWidth});
  const auto list = std::make_shared<CommandList>(reference());
  const auto chain = activations();
  const auto at = [&](int place) { return view_of(chain, place * desc.span_bytes(), desc); };
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(list->op({Matmul{}, {at(i), weights()}, {at(i + 1)}, "product"}).ok());
  spec::NpuSpec spec = preset("tiny-8x8");
  spec.dram.row_miss_cycles = 0;  // commands that are in no loop cost nothing
  const Program repeated = Compiler(spec, Residency::kWeights, false).compile(*list).value();
  const Program written = Compiler(spec, Residency::kWeights, true).compile(*list).value();
  EXPECT_LT(repeated.descriptors.size(), written.descriptors.size());
  expect_same(repeated, written);
  int ahead = 0;
  for (const OpRange& op : written.ops) ahead += op.plan.find("weight blocks ahead") != std::string::npos;
  EXPECT_EQ(ahead, 5);  // of all but the first
  // Loaded once, with one op or the other.
  const auto read = [](const Program& program) {
    int64_t bytes = 0;
    for (const OpRange& op : program.ops) bytes += op.dram_read_bytes;
    return bytes;
  };
  EXPECT_EQ(read(written), read(Compiler(spec, Residency::kOff, true).compile(*list).value()));
}

TEST(Repeats, OfSeveralCoresMeetBeforeEachOp) {
  const auto list = layers(4);
  spec::NpuSpec spec = preset("tiny-8x8");
  spec.cores = 2;
  const auto repeated = Compiler(spec, Residency::kOff, false).compile_for_cores(*list).value();
  const auto written = Compiler(spec, Residency::kOff, true).compile_for_cores(*list).value();
  ASSERT_EQ(repeated.size(), 2u);
  for (size_t core = 0; core < repeated.size(); ++core) {
    EXPECT_LT(repeated[core].descriptors.size(), written[core].descriptors.size()) << core;
    expect_same(repeated[core], written[core]);
  }
}

}  // namespace
}  // namespace systole::npu

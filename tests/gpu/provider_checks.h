// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every provider is held to alike.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "devices/gpu/provider.h"

namespace systole::gpu {

// What y[i] = x[i] + N * step of i32, one item each, answers for an input of 1; step is in `params`.
inline Result<int> run_adding(Provider& provider, Kernel& kernel, std::span<const std::byte> params) {
  SYSTOLE_ASSIGN_OR_RETURN(auto memory, provider.allocate(64));
  SYSTOLE_ASSIGN_OR_RETURN(auto stream, provider.stream());
  const int one = 1;
  int answer = 0;
  SYSTOLE_RETURN_IF_ERROR(stream->write(std::as_bytes(std::span(&one, 1)), {memory.get(), 8}));
  const Operand operands[] = {{memory.get(), 8}, {memory.get(), 32}};
  SYSTOLE_RETURN_IF_ERROR(stream->launch(kernel, {}, operands, params));
  SYSTOLE_RETURN_IF_ERROR(stream->read({memory.get(), 32}, std::as_writable_bytes(std::span(&answer, 1))));
  return answer;
}

// An allocation too large has both numbers, and the next one works.
inline void expect_bounded_allocations(Provider& provider) {
  const int64_t most = provider.facts().most_allocation_bytes;
  for (bool pinned : {false, true}) {
    const Status status = pinned ? provider.allocate_pinned(most + 1).status() : provider.allocate(most + 1).status();
    EXPECT_EQ(status.code(), Code::kOutOfMemory);
    for (int64_t number : {most + 1, most})
      EXPECT_NE(status.message().find(std::to_string(number)), std::string::npos) << status.message();
  }
  EXPECT_TRUE(provider.allocate(4096).ok());
}

// A library's products of f32 of matrices that lie by rows, by columns, with gaps and in batches; where it has
// epilogues, with them. `algorithms`: of the library's, taken in turns.
struct ProductOperands {
  static constexpr int64_t kFloats = 1024;
  ProductOperands(Provider& provider, Stream& stream) {
    for (size_t o = 0; o < memory.size(); ++o) {
      values[o].resize(kFloats);
      for (int i = 0; i < kFloats; ++i) values[o][static_cast<size_t>(i)] = static_cast<float>((i * 7 + 3) % 11 - 5);
      auto made = provider.allocate(kFloats * 4);
      EXPECT_TRUE(made.ok()) << made.status().to_string();
      memory[o] = std::move(*made);
      EXPECT_TRUE(stream.write(std::as_bytes(std::span(values[o])), {memory[o].get(), 0}).ok());
    }
  }
  // From a byte of each on; the workspace from its first.
  std::array<Operand, 6> places(int64_t offset = 0) const {
    std::array<Operand, 6> result;
    for (size_t i = 0; i < 6; ++i) result[i] = {memory[i].get(), i < 5 ? offset : 0};
    return result;
  }
  std::array<std::unique_ptr<Memory>, 6> memory;  // y, a, b, residual, bias, workspace
  std::array<std::vector<float>, 6> values;       // as they were written
};

inline MatrixSpec matrix_that_lies(int64_t rows, int64_t columns, bool by_row, int64_t gap) {
  return by_row ? MatrixSpec{DType::kF32, columns + gap, 1, 200} : MatrixSpec{DType::kF32, 1, rows + gap, 200};
}

inline void expect_products(Provider& provider, bool epilogues, int algorithms) {
  auto stream = provider.stream();
  ASSERT_TRUE(stream.ok()) << stream.status().to_string();
  for (int ways = 0; ways < 128; ++ways) {
    ProductSpec spec;
    spec.m = 5, spec.n = 3, spec.k = 7, spec.batch = ways & 64 ? 3 : 1;
    spec.y = matrix_that_lies(5, 3, ways & 1, 0);
    spec.a = matrix_that_lies(5, 7, ways & 2, 1);
    spec.b = matrix_that_lies(7, 3, ways & 4, 2);
    spec.residual = matrix_that_lies(5, 3, ways & 1, 3);
    if (ways & 32) spec.b.batch = 0;
    spec.has_bias = epilogues && (ways & 8);
    spec.has_residual = epilogues && (ways & 16);
    spec.activation = spec.has_bias ? Activation::kRelu : Activation::kNone;
    spec.algorithm = ways % algorithms;
    spec.workspace_bytes = 1024;
    auto kernel = provider.product(spec);
    ASSERT_TRUE(kernel.ok()) << ways << ": " << kernel.status().to_string();
    const ProductOperands operands(provider, **stream);
    const auto places = operands.places();
    ASSERT_TRUE((*stream)->launch(**kernel, {}, places, {}).ok()) << ways;
    std::vector<float> y(ProductOperands::kFloats);
    ASSERT_TRUE((*stream)->read(places[0], std::as_writable_bytes(std::span(y))).ok()) << ways;
    std::vector<float> expected = operands.values[0];
    const auto at = [](const MatrixSpec& m, int64_t batch, int64_t row, int64_t column) {
      return static_cast<size_t>(batch * m.batch + row * m.row + column * m.column);
    };
    for (int64_t batch = 0; batch < spec.batch; ++batch)
      for (int64_t i = 0; i < spec.m; ++i)
        for (int64_t j = 0; j < spec.n; ++j) {
          float sum = spec.has_residual ? operands.values[3][at(spec.residual, batch, i, j)] : 0;
          for (int64_t k = 0; k < spec.k; ++k)
            sum += operands.values[1][at(spec.a, batch, i, k)] * operands.values[2][at(spec.b, batch, k, j)];
          if (spec.has_bias) sum = std::fmax(0.0f, sum + operands.values[4][static_cast<size_t>(ways & 1 ? j : i)]);
          expected[at(spec.y, batch, i, j)] = sum;
        }
    EXPECT_EQ(y, expected) << ways << ": nothing else is written either";
  }
}

// Commands are done in order, also many more than may be ahead, and their times say so. The kernel adds 5 with these
// params.
inline void expect_order_and_times(Provider& provider, Kernel& adding, std::span<const std::byte> params) {
  auto memory = provider.allocate(64);
  auto stream = provider.stream();
  ASSERT_TRUE(memory.ok() && stream.ok());
  constexpr int kMany = 10 * kRunAhead;
  for (bool profiling : {true, false, true}) {
    ASSERT_TRUE((*stream)->set_profiling(profiling).ok());
    for (int round = 0; round < 2; ++round) {
      ASSERT_TRUE((*stream)->fill({memory->get(), 0}, 64, 0, 4).ok());
      const Operand operands[] = {{memory->get(), 4}, {memory->get(), 4}};
      for (int i = 0; i < kMany; ++i) ASSERT_TRUE((*stream)->launch(adding, {}, operands, params).ok());
      int sum = 0;
      ASSERT_TRUE((*stream)->read({memory->get(), 4}, std::as_writable_bytes(std::span(&sum, 1))).ok());
      EXPECT_EQ(sum, 5 * kMany);
      ASSERT_TRUE((*stream)->finish().ok());
      const auto stamps = (*stream)->stamps();
      ASSERT_TRUE(stamps.ok()) << stamps.status().to_string();
      ASSERT_EQ(stamps->size(), profiling ? size_t{kMany} + 1 : 0);
      for (size_t i = 0; i < stamps->size(); ++i) {
        EXPECT_LE((*stamps)[i].queued_ns, (*stamps)[i].start_ns);
        EXPECT_LE((*stamps)[i].start_ns, (*stamps)[i].end_ns);
        EXPECT_LE(i > 0 ? (*stamps)[i - 1].end_ns : 0, (*stamps)[i].start_ns);
      }
    }
  }
}

// Recorded commands are done at every replay, on any stream, and not before. The kernel adds 10 with these params.
inline void expect_recorded_commands(Provider& provider, Kernel& adding, std::span<const std::byte> params) {
  auto memory = provider.allocate(64);
  auto first = provider.stream(), second = provider.stream();
  ASSERT_TRUE(memory.ok() && first.ok() && second.ok());
  const auto expect = [&](int sum, int copied, int filled) {
    std::array<int, 16> values{};
    ASSERT_TRUE((*second)->read({memory->get(), 0}, std::as_writable_bytes(std::span(values))).ok());
    EXPECT_EQ(values[1], sum);
    EXPECT_EQ(values[8], copied);
    EXPECT_EQ(values[10], filled);
  };
  const Operand operands[] = {{memory->get(), 4}, {memory->get(), 4}};
  ASSERT_TRUE((*first)->fill({memory->get(), 0}, 64, 0, 4).ok());
  ASSERT_TRUE((*first)->finish().ok());
  ASSERT_TRUE((*first)->record().ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE((*first)->launch(adding, {}, operands, params).ok());
  ASSERT_TRUE((*first)->copy({memory->get(), 4}, {memory->get(), 32}, 4).ok());
  ASSERT_TRUE((*first)->fill({memory->get(), 40}, 4, 7, 4).ok());
  auto recording = (*first)->recorded();
  ASSERT_TRUE(recording.ok()) << recording.status().to_string();
  ASSERT_TRUE((*first)->finish().ok());
  expect(0, 0, 0);
  const Operand others[] = {{memory->get(), 12}, {memory->get(), 12}};
  ASSERT_TRUE((*first)->launch(adding, {}, others, params).ok());  // the recording has arguments of its own
  ASSERT_TRUE((*first)->finish().ok());
  expect(0, 0, 0);
  ASSERT_TRUE((*second)->replay(**recording).ok());
  expect(20, 20, 7);
  first = provider.stream();  // without the one that recorded
  for (int i = 0; i < 2 * kRunAhead; ++i) ASSERT_TRUE((*first)->replay(**recording).ok());
  ASSERT_TRUE((*first)->finish().ok());
  expect(20 + 40 * kRunAhead, 20 + 40 * kRunAhead, 7);
}

}  // namespace systole::gpu

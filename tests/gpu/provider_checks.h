// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every provider is held to alike.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>

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

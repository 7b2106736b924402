// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every provider is held to alike.
#pragma once

#include <gtest/gtest.h>

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

}  // namespace systole::gpu

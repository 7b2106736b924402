// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A memory system walked to its end.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "sim/memory/system.h"

namespace systole::memory {

// All replies of what was pushed.
inline std::vector<Reply> walk(System& system) {
  std::vector<Reply> replies;
  while (!system.idle()) system.advance(system.next_event(), replies);
  return replies;
}

// Once more what was pushed and done by `done` (by id), lagging behind as far as next_reply() allows: the same to the
// cycle.
inline void expect_again_when_lagging(System& system, const std::vector<Request>& requests,
                                      const std::map<uint64_t, uint64_t>& done) {
  system.reset();
  for (const Request& request : requests) system.push(0, request);
  std::vector<Reply> replies;
  for (size_t known = 0; !system.idle();) {
    const uint64_t next = system.next_reply();
    ASSERT_GT(next, system.next_event());
    system.advance(next - 1, replies);
    for (; known < replies.size(); ++known) ASSERT_GE(replies[known].at, next);
  }
  for (const Reply& reply : replies)
    if (reply.kind == Reply::Kind::kDone) {
      EXPECT_EQ(reply.at, done.at(reply.id));
    }
}

}  // namespace systole::memory

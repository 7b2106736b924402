// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A memory system walked until it is idle, and when it answered.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "sim/memory/system.h"

namespace systole::memory {

struct Moments {
  std::map<uint64_t, uint64_t> accepted, done;  // cycle, by the request's id
};

inline Moments moments_of(const std::vector<Reply>& replies) {
  Moments moments;
  for (const Reply& r : replies) (r.kind == Reply::Kind::kDone ? moments.done : moments.accepted)[r.id] = r.at;
  return moments;
}

// From event to event: all replies of what was pushed.
inline std::vector<Reply> walk(System& system) {
  std::vector<Reply> replies;
  while (!system.idle()) system.advance(system.next_event(), replies);
  return replies;
}
inline Moments drain(System& system) { return moments_of(walk(system)); }

// Lagging behind as far as next_reply() allows; no reply may come late.
inline Moments drain_lagging(System& system) {
  std::vector<Reply> replies;
  for (size_t known = 0; !system.idle();) {
    const uint64_t next = system.next_reply();
    EXPECT_GT(next, system.next_event());
    if (next <= system.next_event()) break;
    system.advance(next - 1, replies);
    for (; known < replies.size(); ++known) EXPECT_GE(replies[known].at, next);
  }
  return moments_of(replies);
}

}  // namespace systole::memory

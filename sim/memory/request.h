// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a port asks of the memory system, and what it hears back. Bytes and core cycles.
#pragma once

#include <array>
#include <cstdint>

namespace systole::memory {

inline constexpr uint64_t kNever = ~uint64_t{0};

// n2 x n1 x n0 rows of `bytes` each; row (i2, i1, i0) begins at address + i2*stride2 + i1*stride1 + i0*stride0.
struct Request {
  uint64_t id = 0;  // the caller's; comes back in replies
  int port = 0;
  uint64_t address = 0;
  uint64_t bytes = 0;  // of a row, > 0
  bool write = false;
  std::array<uint32_t, 3> counts{1, 1, 1};  // n0, n1, n2, all > 0
  std::array<int64_t, 3> strides{};         // stride0, stride1, stride2
  bool patient = false;                     // its kDone may come after its time, until the port is wanted
};

// Two for a request, in this order: kAccepted, when its last burst has been requested (`at`: first cycle in which the
// port may be given to the next request), and kDone (`at`: last data arrived, or last write response). `at` may lie
// ahead of the cycle to which the system was advanced, of a patient request also behind it; it is final. Those of
// different requests come in any order.
struct Reply {
  enum class Kind : uint8_t { kAccepted, kDone } kind = Kind::kAccepted;
  uint64_t id = 0;
  int port = 0;
  uint64_t at = 0;
  uint64_t bursts = 0;  // of the whole request; each moves a whole burst
};

}  // namespace systole::memory

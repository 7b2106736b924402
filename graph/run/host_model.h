// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The declared time of work on the host beside a simulated device: a simulated run must not depend on this machine, so
// its host work is estimated from these numbers and what was measured is reported apart.
#pragma once

#include <algorithm>
#include <cstdint>

namespace systole::graph {

// One core with a vector library: oneDNN reaches about 200 GFLOP/s in f32, 100 multiply-accumulates a nanosecond.
inline constexpr double kHostMacsPerNs = 100.0;
// A core's copy rate from and to DRAM on current servers, reads plus writes.
inline constexpr double kHostBytesPerNs = 10.0;
// Dispatch of one operation: a cached primitive of a vector library costs 5 to 11 us.
inline constexpr double kHostDispatchNs = 5000.0;
// A copy between devices over a host link: 16 GB/s is what a PCIe 4.0 x8 link carries, and 2 us starts a transfer.
inline constexpr double kLinkBytesPerNs = 16.0;
inline constexpr double kLinkStartNs = 2000.0;

inline double host_op_ns(int64_t macs, int64_t bytes) {
  return kHostDispatchNs +
         std::max(static_cast<double>(macs) / kHostMacsPerNs, static_cast<double>(bytes) / kHostBytesPerNs);
}
inline double link_copy_ns(int64_t bytes) { return kLinkStartNs + static_cast<double>(bytes) / kLinkBytesPerNs; }

}  // namespace systole::graph

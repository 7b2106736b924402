// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What this machine's cores reach at best, measured: the roofline that an op's time is held against.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/dtype.h"

namespace systole::cpu {

struct Roofline {
  struct Peak {
    DType type;             // of the products' operands
    double macs_per_s = 0;  // of all threads
  };
  struct Stream {
    int64_t bytes;           // footprint of all threads
    double bytes_per_s = 0;  // read at that footprint
  };
  std::vector<Peak> peaks;      // types without an entry have no known peak
  std::vector<Stream> streams;  // by ascending footprint

  double macs_per_s(DType type) const;      // 0 where unknown
  double bytes_per_s(int64_t bytes) const;  // at the smallest footprint that holds them
  // The least time that so many multiply-accumulates and bytes can take: the longer of the two.
  double least_seconds(DType type, int64_t macs, int64_t bytes) const;
};

// Takes about a tenth of a second for each thread's peak, and as long again for the streams. f32 always; bf16 and i8
// where the instructions exist.
Roofline probe_roofline(int threads);

}  // namespace systole::cpu

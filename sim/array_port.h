// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The values of one systolic array, apart from its timing, so that another array (a Verilated one) can take its place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "configs/contract/generated/npu_contract.h"
#include "sim/gather.h"
#include "sim/local_memory.h"

namespace systole::sim {

// Of PRELOAD's matrix, as it lies in the scratchpad.
int64_t stored_row_bytes(const contract::Preload& command);
// Element `column` of the row at `row`, where the matrix is stored narrower than its type; the zero point is not taken
// off.
int stored_integer(const contract::Preload& command, const std::byte* row, int64_t column);

class ArrayPort {
 public:
  virtual ~ArrayPort() = default;
  virtual void reset() = 0;                                                                   // every weight zero
  virtual void preload(const contract::Preload& command, const LocalMemory& scratchpad) = 0;  // into the shadow weights
  virtual void swap() = 0;                                                                    // active := shadow
  // Streams every vector through the active weights and writes or adds the sums. Returns i32 additions that wrapped.
  virtual uint64_t compute(const contract::Compute& command, const Gather& gather, const LocalMemory& scratchpad,
                           LocalMemory& accumulators) = 0;
  // Output-stationary: the vectors are steps of the sums, each with its row of `matrix`. Returns the same.
  virtual uint64_t multiply(const contract::Preload& matrix, const contract::Compute& command, const Gather& gather,
                            const LocalMemory& scratchpad, LocalMemory& accumulators) = 0;
};

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Device times of ways to compute an op, on memory of the trial's own: operands may be bound later, and outputs may
// hold what somebody wants.
#pragma once

#include "devices/gpu/core.h"
#include "devices/gpu/launch.h"

namespace systole::gpu {

// Used by one thread.
class Trial {
 public:
  // `frozen_weights`: input 1 is packed once, so packing does not count.
  Trial(std::shared_ptr<Core> core, OpDesc desc, bool frozen_weights)
      : core_(std::move(core)), desc_(std::move(desc)), frozen_weights_(frozen_weights) {}

  // Nanoseconds: of a few runs after one to warm up the least; one of kLongNs is not repeated. Errors: a kernel that
  // does not build or launch, no memory.
  Result<double> time_ns(const LoweredOp& way);

 private:
  static constexpr int kRuns = 4;
  static constexpr double kLongNs = 50e6;

  Status allocate(const LoweredOp& way);
  Status launch(Stream& stream, const std::vector<Launch>& launches);
  Memory* memory(const OperandRef& ref) const;

  std::shared_ptr<Core> core_;
  OpDesc desc_;
  bool frozen_weights_;
  std::vector<Block> inputs_, outputs_;
  Block scratch_, constants_, prepared_;
};

}  // namespace systole::gpu

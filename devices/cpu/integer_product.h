// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and conv2d of integers, exact: gather rows of the left operand, multiply, finish while the sums are in the
// cache.
#pragma once

#include "devices/cpu/integer_finish.h"
#include "devices/cpu/integer_weights.h"
#include "devices/cpu/stage.h"

namespace systole::cpu {

// The left operand of a product as rows of k values, and where the sums of a row go.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual int64_t rows() const = 0;                                 // of every matrix
  virtual int64_t matrices() const = 0;                             // products: groups or batches
  virtual int64_t weights(int64_t matrix) const { return matrix; }  // which matrix of w
  // Stored bytes; positions outside the tensor hold the zero point.
  virtual void gather_bytes(const std::byte* x, int64_t matrix, int64_t row, uint8_t* values) const = 0;
  // The same less the zero point.
  virtual void gather_wide(const std::byte* x, int64_t matrix, int64_t row, int16_t* values) const = 0;
  struct Target {
    int64_t offset, stride;  // bytes, of the row's first channel and between channels
    int64_t channel;         // of the first
  };
  virtual Target target(int64_t matrix, int64_t row) const = 0;
};

// `stage` makes x as the source reads it. The channels of y are those of the bias.
Kernel integer_kernel(const Epilogue& epilogue, const OpCall& call, std::unique_ptr<RowSource> source, Stage stage,
                      WeightShape shape, int64_t channels, const Context& context);

Kernel integer_matmul(const Matmul& op, const OpCall& call, const Context& context);
Kernel integer_conv(const Conv2d& op, const OpCall& call, const Context& context);
// One input and one output channel a group.
Kernel integer_depthwise(const Conv2d& op, const OpCall& call, const Context& context);

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One HAL op, planned for one NPU: the same planning answers `supports` and writes the commands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "devices/npu/compiler/constants.h"
#include "devices/npu/compiler/emitter.h"
#include "hal/op.h"

namespace systole::npu {

class LoweredOp {
 public:
  virtual ~LoweredOp() = default;
  // Appends the op's commands but for its FENCE. The call's description is the one it was planned for.
  virtual Status write(const OpCall& call, Constants& constants, Emitter& emitter) const = 0;

  // The same plan within the first `room` bytes of the scratchpad; and where `ahead` is not below 0, so many of its
  // blocks of weights from that byte on, which may be there when it begins. Null where it doesn't fit, or is not kept
  // apart; or, where weight_bytes is 0, in any case.
  virtual std::unique_ptr<LoweredOp> beside(int64_t /*room*/, int64_t /*ahead*/, int /*blocks*/) const {
    return nullptr;
  }
  // Those blocks, constants now; write() takes the first constants.ahead.count of them as loaded.
  virtual Result<std::vector<Emitter::Block>> blocks_ahead(const OpCall&, Constants&) const {
    return std::vector<Emitter::Block>();
  }

  // Whether the other op's commands are these at other addresses, where no values are packed; true of itself for a kind
  // of op that says so at all.
  virtual bool same_commands(const LoweredOp&) const { return false; }

  std::string plan;  // one line for reports
  int64_t scratchpad_bytes = 0, accumulator_rows = 0;
  int64_t weight_bytes = 0;        // of a block of weights that can be there before it begins
  std::vector<int> weights_ahead;  // how many blocks may be, best first
  size_t ahead_granule = 1;        // all of them are, or a multiple of it
  double cycles = 0;               // estimate; 0: unknown
  double traffic = 0;              // estimate: bytes between device memory and the scratchpad
};

using Lowered = Result<std::unique_ptr<LoweredOp>>;

// What an op is planned from. frozen[i]: input i's content is known at compile. on_chip[i]: input i, or after the
// inputs the output, lies in the scratchpad, beyond spec.scratchpad.usable(); empty: none does.
struct Lowering {
  const OpDesc& op;
  const std::vector<bool>& frozen;
  const spec::NpuSpec& spec;
  std::vector<bool> on_chip = {};
  bool is_on_chip(size_t operand) const { return operand < on_chip.size() && on_chip[operand]; }
};

// Any op that validate() takes: kUnsupported with the reason, kOutOfMemory with the numbers.
Lowered lower(const Lowering& in);
std::unique_ptr<LoweredOp> nothing_to_do();  // what moves no bytes is its FENCE alone

Lowered lower_matmul(const Lowering& in, const Matmul& op);
Lowered lower_conv(const Lowering& in, const Conv2d& op);
Lowered lower_depthwise(const Lowering& in, const Conv2d& op);  // on the vector engine
Lowered lower_pool(const Lowering& in, const Pool& op);
Lowered lower_reduce(const Lowering& in, const Reduce& op);
Lowered lower_row_reduce(const Lowering& in, const Reduce& op);  // any axes, gathered into rows
Lowered lower_softmax(const Lowering& in, const Softmax& op);
Lowered lower_normalize(const Lowering& in, const Normalize& op);
Lowered lower_attention(const Lowering& in, const Attention& op);
Lowered lower_unary(const Lowering& in, const Unary& op);
Lowered lower_binary(const Lowering& in, const Binary& op);
Lowered lower_cast(const Lowering& in);
Lowered lower_copy(const Lowering& in);
Lowered lower_fill(const Lowering& in, const Fill& op);

// The contract's type, or none.
std::optional<contract::Dtype> contract_type(DType type);
// Every stride of every operand fits a descriptor's 32 bits.
Status check_strides(const OpDesc& op);

}  // namespace systole::npu

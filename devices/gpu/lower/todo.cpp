// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/lower/nest.h"
namespace systole::gpu {
static Status todo(const OpDesc& op) { return {Code::kUnsupported, std::string(op_name(op.op)) + ": no kernel yet"}; }
Result<LoweredOp> lower_op(const Reduce&, const OpDesc& desc, const Facts&) { return todo(desc); }
Result<LoweredOp> lower_op(const Softmax&, const OpDesc& desc, const Facts&) { return todo(desc); }
Result<LoweredOp> lower_op(const Normalize&, const OpDesc& desc, const Facts&) { return todo(desc); }
Result<LoweredOp> lower_op(const Pool&, const OpDesc& desc, const Facts&) { return todo(desc); }
Result<LoweredOp> lower_op(const Attention&, const OpDesc& desc, const Facts&) { return todo(desc); }
Result<LoweredOp> lower_op(const Matmul&, const OpDesc& desc, const Facts&) { return todo(desc); }
Result<LoweredOp> lower_op(const Conv2d&, const OpDesc& desc, const Facts&) { return todo(desc); }
}  // namespace systole::gpu

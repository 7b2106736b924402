// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/launch.h"
#include "devices/gpu/lower/nest.h"

namespace systole::gpu {
namespace {

std::string refusal(const OpDesc& op, const Facts& facts) {
  const bool moves =
      std::holds_alternative<Copy>(op.op) || std::holds_alternative<Cast>(op.op) || std::holds_alternative<Fill>(op.op);
  for (const auto* side : {&op.inputs, &op.outputs}) {
    for (const TensorDesc& desc : *side) {
      const bool weights = std::holds_alternative<Matmul>(op.op) && &desc == &op.inputs[1] && desc.dtype == DType::kI4;
      if (!moves && !weights && bit_width(desc.dtype) < 8)
        return std::string(op_name(op.op)) + " of " + dtype_name(desc.dtype) +
               ": 4-bit tensors are copied, filled and cast, and i4 ones the weights of a matmul";
      if (desc.quant && bit_width(desc.dtype) > 32)
        return std::string("quantized ") + dtype_name(desc.dtype) + ": quantized integers have at most 32 bits";
      const bool computes = !std::holds_alternative<Copy>(op.op) && !std::holds_alternative<Select>(op.op) &&
                            !std::holds_alternative<Fill>(op.op);
      if (computes && desc.dtype == DType::kF64 && !facts.f64)
        return std::string(op_name(op.op)) + " of f64: the device has no arithmetic on f64";
    }
  }
  return "";
}

using Candidates = std::vector<Candidate>;

Result<Candidates> all_of(Result<LoweredOp> only) {
  if (!only.ok()) return only.status();
  return Candidates{{"kernel", std::move(only).value()}};
}
Result<Candidates> all_of(Result<Candidates> all) { return all; }

Result<Candidates> own_candidates(const OpDesc& op, const Facts& facts) {
  if (std::string reason = refusal(op, facts); !reason.empty()) return Status(Code::kUnsupported, reason);
  if (op.outputs[0].elements() == 0) return all_of(LoweredOp{});
  return std::visit([&](const auto& attributes) { return all_of(lower_op(attributes, op, facts)); }, op.op);
}

}  // namespace

Result<Candidates> candidates(const OpDesc& op, const Facts& facts) {
  SYSTOLE_ASSIGN_OR_RETURN(Candidates all, own_candidates(op, facts));
  if (op.outputs[0].elements() > 0) append_library_candidates(op, facts, all);
  return all;
}

LowerSupport lower_support(const OpDesc& op, const Facts& facts) {
  const auto all = own_candidates(op, facts);
  if (all.ok()) return {true, ""};
  return {false, all.status().message()};
}

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/lower.h"

#include <limits>

#include "devices/npu/compiler/tokens.h"

namespace systole::npu {
namespace {

class NothingToDo : public LoweredOp {
 public:
  Status write(const OpCall&, Constants&, Emitter&) const override { return {}; }
};

Lowered refuse(const OpDesc& op) {
  return Status(Code::kUnsupported, std::string(op_name(op.op)) + " has no commands on this NPU");
}

struct ByOp {
  const Lowering& in;
  Lowered operator()(const Matmul& op) const { return lower_matmul(in, op); }
  Lowered operator()(const Conv2d& op) const { return lower_conv(in, op); }
  Lowered operator()(const Pool& op) const { return lower_pool(in, op); }
  Lowered operator()(const Unary& op) const { return lower_unary(in, op); }
  Lowered operator()(const Binary& op) const { return lower_binary(in, op); }
  Lowered operator()(const Reduce& op) const { return lower_reduce(in, op); }
  Lowered operator()(const Cast&) const { return lower_cast(in); }
  Lowered operator()(const Copy&) const { return lower_copy(in); }
  Lowered operator()(const Fill& op) const { return lower_fill(in, op); }
  Lowered operator()(const Select&) const { return refuse(in.op); }
  Lowered operator()(const Softmax& op) const { return lower_softmax(in, op); }
  Lowered operator()(const Normalize& op) const { return lower_normalize(in, op); }
  Lowered operator()(const Attention& op) const { return lower_attention(in, op); }
};

}  // namespace

std::optional<contract::Dtype> contract_type(DType type) {
  switch (type) {
    case DType::kI8:
      return contract::Dtype::kI8;
    case DType::kU8:
      return contract::Dtype::kU8;
    case DType::kI32:
      return contract::Dtype::kI32;
    case DType::kBF16:
      return contract::Dtype::kBf16;
    case DType::kF32:
      return contract::Dtype::kF32;
    default:
      return std::nullopt;
  }
}

Status check_strides(const OpDesc& op) {
  const auto check = [](const TensorDesc& d, const std::string& name) -> Status {
    for (size_t i = 0; i < d.shape.size(); ++i) {
      if (d.shape[i] > 1 && d.strides[i] > std::numeric_limits<int32_t>::max()) {
        return {Code::kUnsupported, name + ": stride " + std::to_string(d.strides[i]) + " of axis " +
                                        std::to_string(i) + " exceeds the 2147483647 bytes of a command"};
      }
    }
    return {};
  };
  for (size_t i = 0; i < op.inputs.size(); ++i)
    SYSTOLE_RETURN_IF_ERROR(check(op.inputs[i], "input " + std::to_string(i)));
  for (const TensorDesc& d : op.outputs) SYSTOLE_RETURN_IF_ERROR(check(d, "output"));
  return {};
}

std::unique_ptr<LoweredOp> nothing_to_do() { return std::make_unique<NothingToDo>(); }

Lowered lower(const Lowering& in) {
  for (const auto* side : {&in.op.inputs, &in.op.outputs})
    for (const TensorDesc& d : *side)
      if (bit_width(d.dtype) < 8 &&
          !(std::holds_alternative<Matmul>(in.op.op) && &d == &in.op.inputs[1] && d.dtype == DType::kI4))
        return Status(Code::kUnsupported,
                      std::string(dtype_name(d.dtype)) + ": the NPU has 4-bit tensors as weights of matmuls only");
  if (in.op.outputs[0].elements() == 0) return nothing_to_do();
  SYSTOLE_RETURN_IF_ERROR(check_strides(in.op));
  if (in.spec.core.semaphores < static_cast<int>(Token::kCount)) {
    return Status(Code::kUnsupported, "commands need " + std::to_string(static_cast<int>(Token::kCount)) +
                                          " semaphores, the NPU has " + std::to_string(in.spec.core.semaphores));
  }
  SYSTOLE_ASSIGN_OR_RETURN(std::unique_ptr<LoweredOp> lowered, std::visit(ByOp{in}, in.op.op));
  if (lowered->traffic == 0) {  // everything once
    for (size_t i = 0; i < in.op.inputs.size(); ++i)
      if (!in.is_on_chip(i)) lowered->traffic += static_cast<double>(in.op.inputs[i].span_bytes());
    if (!in.is_on_chip(in.op.inputs.size())) lowered->traffic += static_cast<double>(in.op.outputs[0].span_bytes());
  }
  return lowered;
}

}  // namespace systole::npu

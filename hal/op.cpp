// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/op.h"

#include <initializer_list>

namespace systole {
namespace {

struct Name {
  const char* operator()(const Matmul&) const { return "matmul"; }
  const char* operator()(const Conv2d&) const { return "conv2d"; }
  const char* operator()(const Pool&) const { return "pool"; }
  const char* operator()(const Unary&) const { return "unary"; }
  const char* operator()(const Binary&) const { return "binary"; }
  const char* operator()(const Select&) const { return "select"; }
  const char* operator()(const Reduce&) const { return "reduce"; }
  const char* operator()(const Softmax&) const { return "softmax"; }
  const char* operator()(const Normalize&) const { return "normalize"; }
  const char* operator()(const Attention&) const { return "attention"; }
  const char* operator()(const Copy&) const { return "copy"; }
  const char* operator()(const Fill&) const { return "fill"; }
  const char* operator()(const Cast&) const { return "cast"; }
};

int64_t tensor_bytes(const TensorDesc& desc) {
  if (bit_width(desc.dtype) >= 8 || desc.shape.empty()) return bytes_for(desc.dtype, desc.elements());
  int64_t row = desc.shape.back();
  return row == 0 ? 0 : desc.elements() / row * bytes_for(desc.dtype, row);
}

int64_t product(std::initializer_list<int64_t> factors) {
  int64_t result = 1;
  for (int64_t factor : factors)
    if (__builtin_mul_overflow(result, factor, &result)) return INT64_MAX;
  return result;
}

}  // namespace

const char* op_name(const Op& op) { return std::visit(Name{}, op); }

OpDesc describe(const OpCall& call) {
  OpDesc desc{call.op, {}, {}, call.name};
  for (const TensorView& view : call.inputs) desc.inputs.push_back(view.desc);
  for (const TensorView& view : call.outputs) desc.outputs.push_back(view.desc);
  return desc;
}

bool has_integer_weights(const OpDesc& op) {
  return std::holds_alternative<Matmul>(op.op) && op.inputs.size() >= 2 && is_float(op.inputs[0].dtype) &&
         (op.inputs[1].dtype == DType::kI8 || op.inputs[1].dtype == DType::kI4);
}

int64_t mac_count(const OpDesc& op) {
  if (op.inputs.size() < 2 || op.outputs.empty()) return 0;
  if (const auto* matmul = std::get_if<Matmul>(&op.op)) {
    const Shape& a = op.inputs[0].shape;
    if (a.size() < 2) return 0;
    return product({op.outputs[0].elements(), a[a.size() - (matmul->transpose_a ? 2 : 1)]});
  }
  if (std::holds_alternative<Conv2d>(op.op)) {
    const Shape& w = op.inputs[1].shape;
    if (w.size() != 4) return 0;
    return product({op.outputs[0].elements(), w[1], w[2], w[3]});
  }
  if (const auto* attention = std::get_if<Attention>(&op.op)) {
    const Shape &q = op.inputs[0].shape, &k = op.inputs[1].shape;
    if (q.size() < 2 || k.size() < 2 || q.back() == 0) return 0;
    return product({op.inputs[0].elements() / q.back(), attention->key_count(op.inputs[1]),
                    q.back() + op.outputs[0].shape.back()});
  }
  return 0;
}

int64_t compulsory_bytes(const OpDesc& op) {
  int64_t bytes = 0;
  for (const TensorDesc& desc : op.inputs) bytes += tensor_bytes(desc);
  for (const TensorDesc& desc : op.outputs) bytes += tensor_bytes(desc);
  return bytes;
}

int64_t window_output(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad_before,
                      int64_t pad_after) {
  int64_t room = in + pad_before + pad_after - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace systole

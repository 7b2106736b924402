// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The fields of every op of hal/op.h, for files.
#pragma once

#include "graph/files/fields.h"
#include "hal/op.h"

namespace systole {

// In the op's namespace, where the archives look for them.
template <typename Archive>
void fields(Archive& a, Epilogue& e) {
  a("bias", e.bias), a("residual", e.residual);
  a("activation", graph::Enum{e.activation, Activation::kHardSwish});
  a("clip_lo", e.clip_lo), a("clip_hi", e.clip_hi);
  a("requant", graph::Enum{e.requant, RequantMode::kTflite});
}
template <typename Archive>
void fields(Archive& a, Matmul& op) {
  a("transpose_a", op.transpose_a), a("transpose_b", op.transpose_b), a("epilogue", op.epilogue);
}
template <typename Archive>
void fields(Archive& a, Conv2d& op) {
  a("groups", op.groups), a("stride_h", op.stride_h), a("stride_w", op.stride_w);
  a("dilation_h", op.dilation_h), a("dilation_w", op.dilation_w);
  a("pad_top", op.pad_top), a("pad_left", op.pad_left), a("pad_bottom", op.pad_bottom), a("pad_right", op.pad_right);
  a("epilogue", op.epilogue);
}
template <typename Archive>
void fields(Archive& a, Pool& op) {
  a("kind", graph::Enum{op.kind, PoolKind::kAverage});
  a("kernel_h", op.kernel_h), a("kernel_w", op.kernel_w), a("stride_h", op.stride_h), a("stride_w", op.stride_w);
  a("dilation_h", op.dilation_h), a("dilation_w", op.dilation_w);
  a("pad_top", op.pad_top), a("pad_left", op.pad_left), a("pad_bottom", op.pad_bottom), a("pad_right", op.pad_right);
  a("count_include_pad", op.count_include_pad);
}
template <typename Archive>
void fields(Archive& a, Unary& op) {
  a("kind", graph::Enum{op.kind, UnaryKind::kNot}), a("alpha", op.alpha), a("beta", op.beta);
}
template <typename Archive>
void fields(Archive& a, Binary& op) {
  a("kind", graph::Enum{op.kind, BinaryKind::kGreaterEqual});
  a("activation", graph::Enum{op.activation, Activation::kHardSwish});
  a("clip_lo", op.clip_lo), a("clip_hi", op.clip_hi);
}
template <typename Archive>
void fields(Archive&, Select&) {}
template <typename Archive>
void fields(Archive& a, Reduce& op) {
  a("kind", graph::Enum{op.kind, ReduceKind::kSumSquare}), a("axes", op.axes);
}
template <typename Archive>
void fields(Archive& a, Softmax& op) {
  a("axis", op.axis), a("log", op.log);
}
template <typename Archive>
void fields(Archive& a, Normalize& op) {
  a("kind", graph::Enum{op.kind, NormKind::kRms}), a("axes", op.axes), a("epsilon", op.epsilon);
  a("scale", op.scale), a("bias", op.bias);
}
template <typename Archive>
void fields(Archive& a, Attention& op) {
  a("scale", op.scale), a("mask", op.mask), a("causal", op.causal);
  a("pages", op.pages), a("keys", op.keys);
}
template <typename Archive>
void fields(Archive&, Copy&) {}
template <typename Archive>
void fields(Archive& a, Fill& op) {
  a("value", op.value);
}
template <typename Archive>
void fields(Archive&, Cast&) {}

template <typename Archive>
void fields(Archive& a, Quantization& q) {
  a("scale", q.scale), a("zero_point", q.zero_point), a("axis", q.axis);
}

}  // namespace systole

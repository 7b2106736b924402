// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// oneDNN behind plain data: products prepared once and run many times. No oneDNN type leaves onednn.cpp. f32 products
// come here only where tiles (tile.h) do not suit their layouts or the machine.
//
// Post-ops are not used. Fused activations turn NaN into a bound (measured with 2.6.3), where the HAL keeps it; a fused
// residual makes oneDNN choose its slower convolution. Bias is fused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hal/dtype.h"

namespace systole::cpu {

struct ConvSpec {
  DType type = DType::kF32;  // of x and w: f32 or bf16
  DType out = DType::kF32;   // of y: f32, or `type`
  int64_t n, c, h, w, o, kh, kw, oh, ow;
  int64_t groups = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  bool bias = false;  // f32
};

struct MatmulSpec {
  DType type = DType::kF32;  // of a and w: f32, bf16; i8 or u8 for a with i8 for w
  DType weights = DType::kF32;
  DType out = DType::kF32;  // i32 for integers
  int64_t m, n, k;
  bool transpose_a = false;  // a is stored k x m
  bool transpose_b = false;  // w is stored n x k
  bool packed = true;        // w is given in its packed form
  bool bias = false;         // f32
};

// Thread-safe: run() may be called by several threads at once. Operands are dense: x and y channels-last, matrices
// row-major.
class Product {
 public:
  virtual ~Product() = default;
  virtual size_t packed_bytes() const = 0;
  // Dense row-major weights (conv: O,C/groups,KH,KW) into packed_bytes() bytes, 64-byte aligned.
  virtual void pack(const void* weights, void* packed) const = 0;
  // `weights` is the packed form, or dense where the spec says so. `bias` is null where the spec has none.
  virtual void run(const void* x, const void* weights, const void* bias, void* y) const = 0;
};

// Null where oneDNN has no fast kernel on this machine.
std::unique_ptr<Product> onednn_conv(const ConvSpec& spec);
std::unique_ptr<Product> onednn_matmul(const MatmulSpec& spec);

// The machine's instructions let oneDNN run bf16.
bool onednn_has_bf16();
// The self-test: 8-bit products whose partial sums leave 16 bits are equal to plain loops. Without VNNI they are not.
bool onednn_integers_exact();
// "oneDNN 2.6.3".
const char* onednn_description();

}  // namespace systole::cpu

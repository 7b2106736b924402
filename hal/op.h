// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tensor operations as plain data. Each op's meaning is the serial loop in its comment; that loop is devices/ref, and
// devices/ref is the truth for every other device.
//
// Notation: acc is i32 (wrapping) for integer operands, f64 for f64, f32 for every other float type; sums run in the
// order of the loops, from zero. A stored integer x with quantization stands for (x - zero_point); without, for x.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hal/tensor.h"

namespace systole {

// The functions of Unary of the same names. Integer outputs take kNone, kRelu and kClip only.
enum class Activation : uint8_t { kNone, kRelu, kClip, kSigmoid, kTanh, kGeluErf, kGeluTanh, kSilu, kHardSwish };

// How an i32 sum becomes an 8-bit value; hal/numeric/requantize.h gives both to the bit.
enum class RequantMode : uint8_t {
  kOnnx,    // saturate(round_half_even(float(acc) * m) + zp), m = f32(f32(sx * sw[c]) / sy)
  kTflite,  // m as Q31 multiplier and shift, doubling-high multiply, TFLite's rounding
};

// What is done to a matmul's or convolution's sum before it is stored:
//   float:   v = acc; v += bias[c]; v += residual[...]; v = activation(v); y = convert(v)
//   integer: v = acc + bias[c] (i32, wraps); y is i32: y = v (no activation, no residual)
//            y is i8/u8 with quantization: q = requantize(v, mode); y = clamp(q, quantize(lo), quantize(hi))
// bias: rank 1, one per output channel (matmul: per column); f32 for floats, i32 for integers.
// residual: same shape as y, float only.
struct Epilogue {
  bool bias = false;
  bool residual = false;
  Activation activation = Activation::kNone;
  float clip_lo = 0.0f;  // kClip only
  float clip_hi = 0.0f;
  RequantMode requant = RequantMode::kOnnx;
  bool operator==(const Epilogue&) const = default;
};

// y[b.., m, n] = epilogue(sum over k ascending of a[b.., m, k] * w[b.., k, n]).
// Inputs: a, w, [bias], [residual]. transpose_*: the last two axes of that operand are swapped in its shape.
// Leading axes broadcast as in NumPy. Integer: zero points are subtracted first.
// Integer weights of float products: where a is f32, f16 or bf16, w may be i8 or i4 with quantization per tensor or per
// column n, all zero points 0. Then y[b.., m, n] = epilogue(scale[n] * sum over k ascending of a[b.., m, k] * w[b.., k,
// n]), the stored integers taken as f32, sum and product with the scale in f32.
struct Matmul {
  bool transpose_a = false;
  bool transpose_b = false;
  Epilogue epilogue;
};

// x is N,C,H,W; w is O,C/groups,KH,KW; y is N,O,OH,OW.
// y[n,o,oh,ow] = epilogue(sum over kh, kw, c ascending of
//   x[n, g*C/groups + c, oh*stride_h + kh*dilation_h - pad_top, ow*stride_w + kw*dilation_w - pad_left] * w[o,c,kh,kw])
// where a position outside x contributes zero. Inputs: x, w, [bias], [residual].
struct Conv2d {
  int64_t groups = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  Epilogue epilogue;
};

// Windows over N,C,H,W. max: the greatest of the positions inside x (integers: of the stored values; x and y have equal
// quantization). average: the sum of the positions inside x over the count (all positions of the window that lie in the
// padded image if count_include_pad, else those inside x); integers: y = saturate(round_half_even(float(sum) * f32(sx /
// sy / count)) + zy). A global pool is a window of the whole image.
enum class PoolKind : uint8_t { kMax, kAverage };
struct Pool {
  PoolKind kind = PoolKind::kMax;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  bool count_include_pad = false;
};

// y[i] = f(x[i]). kClip clamps to [alpha, beta]. Computed in f32 for f16 and bf16; integers: kRelu, kClip, kNeg, kAbs
// on the value, with equal quantization on both sides (alpha and beta are real values).
enum class UnaryKind : uint8_t {
  kRelu,
  kClip,
  kNeg,
  kAbs,
  kExp,
  kLog,
  kSqrt,
  kReciprocal,
  kSigmoid,
  kTanh,
  kErf,
  kGeluErf,
  kGeluTanh,
  kSilu,
  kHardSigmoid,
  kHardSwish,
  kLeakyRelu,
  kFloor,
  kCeil,
  kRound,
  kSign,
  kNot
};
struct Unary {
  UnaryKind kind = UnaryKind::kRelu;
  float alpha = 0.0f, beta = 0.0f;  // kClip: bounds; kLeakyRelu: slope; kHardSigmoid: alpha*x+beta
};

// y = f(a, b) with NumPy broadcasting; then activation. Comparisons give kBool.
// Integer operands with quantization (add, sub, mul): r = f((a-za)*sa, (b-zb)*sb) in f32, each product rounded;
// y = saturate(round_half_even(r * f32(1/sy)) + zy), clamped as in Epilogue. Without quantization: wrapping arithmetic.
enum class BinaryKind : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMin,
  kMax,
  kPow,
  kMod,
  kAnd,
  kOr,
  kXor,
  kEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};
struct Binary {
  BinaryKind kind = BinaryKind::kAdd;
  Activation activation = Activation::kNone;
  float clip_lo = 0.0f, clip_hi = 0.0f;
};

// y[i] = c[i] ? a[i] : b[i], NumPy broadcasting. Inputs: c (kBool), a, b.
struct Select {};

// Over `axes` (kept with extent 1 in y), in row-major order of the reduced positions.
enum class ReduceKind : uint8_t { kSum, kMean, kMax, kMin, kProd, kSumSquare };
struct Reduce {
  ReduceKind kind = ReduceKind::kSum;
  std::vector<int> axes;  // ascending
};

// y = exp(x - max) / sum(exp(x - max)) along axis, f32 inside.
struct Softmax {
  int axis = -1;
  bool log = false;
};

// Over the last `axes` axes of x, in f32 (f64 for f64); n is their number of elements:
//   kLayer: mean = sum(x) / n; d = x - mean; y = d / sqrt(sum(d * d) / n + epsilon)
//   kRms:   y = x / sqrt(sum(x * x) / n + epsilon)
// then y *= scale, y += bias. Inputs: x, [scale], [bias], both of the shape of those axes and of f32 or x's type.
enum class NormKind : uint8_t { kLayer, kRms };
struct Normalize {
  NormKind kind = NormKind::kLayer;
  int axes = 1;
  float epsilon = 1e-5f;
  bool scale = false, bias = false;
};

// y[.., s, e] = sum over t of p[.., s, t] * v[.., t, e], p[.., s, :] = softmax over t of
//   scale * (sum over d of q[.., s, d] * k[.., t, d]) + mask[.., s, t],
// in f32 (f64 for f64); a device may round p to the type of q before the second product. causal: t runs to s + (T - S)
// only (the last query sees all keys); a row that sees no key is zero. Inputs: q, k, v, [mask]. Leading axes of q and
// of y are equal; those of k, v and mask broadcast to them. k, v and y have the type of q; mask that, or f32.
// Integer keys and values: where q is f32, f16 or bf16, k and v may be i8 with quantization per tensor, zero points 0.
// They stand for the stored integers times their scale, which a device may multiply into the sums instead.
// Paged keys and values, where `pages` is not empty: T is `keys`; k and v are [P, .., block, depth] of q's rank, their
// first axis counts pages, the others up to the last two broadcast to q's. With n = ceil(T / block), key t of request
// b, the index of q's first axis, is row t % block of page pages[b * n + t / block]. Pages may be shared.
struct Attention {
  float scale = 1.0f;
  bool mask = false;
  bool causal = false;
  std::vector<int> pages;
  int64_t keys = 0;  // of paged ones

  int64_t key_count(const TensorDesc& k) const { return pages.empty() ? k.shape[k.shape.size() - 2] : keys; }
};

// y[i] = x[i]: same shape, any strides on both sides; a transpose, slice or concatenation is a choice of views.
struct Copy {};

// y[i] = value (converted to y's type). No inputs.
struct Fill {
  double value = 0.0;
};

// y[i] = convert(x[i]): float to float rounds to nearest even; float to quantized: saturate(round_half_even(x / s) +
// z); quantized to float: (x - z) * s; quantized to quantized: through f32; float to plain integer truncates and
// saturates.
struct Cast {};

using Op =
    std::variant<Matmul, Conv2d, Pool, Unary, Binary, Select, Reduce, Softmax, Normalize, Attention, Copy, Fill, Cast>;

const char* op_name(const Op& op);  // "matmul", "conv2d", ...

// One op with what it is applied to, without memory: what `supports` and cost models look at. `name` is the graph
// node's.
struct OpDesc {
  Op op;
  std::vector<TensorDesc> inputs;
  std::vector<TensorDesc> outputs;
  std::string name;
};

// The same with memory: what a command list records.
struct OpCall {
  Op op;
  std::vector<TensorView> inputs;
  std::vector<TensorView> outputs;
  std::string name;
};

OpDesc describe(const OpCall& call);
bool has_integer_weights(const OpDesc& op);  // a matmul of floats whose w is i8 or i4
// Shapes, ranks, types and attributes agree with the op's definition, for any device; no size overflows 64 bits; no two
// elements of an output share a byte: in order of their strides, each axis steps over all that lies within it. The
// message names operand and numbers.
Status validate(const OpDesc& op);
// Multiply-accumulates of matmul, conv2d and attention (both products, all of S x T), at most INT64_MAX; else 0.
int64_t mac_count(const OpDesc& op);
int64_t compulsory_bytes(const OpDesc& op);  // every input read once, every output written once
// Extents of y for conv2d and pool: floor((in + pads - dilation*(k-1) - 1) / stride) + 1.
int64_t window_output(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad_before,
                      int64_t pad_after);

}  // namespace systole

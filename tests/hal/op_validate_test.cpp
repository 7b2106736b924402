// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hal/op.h"

namespace systole {
namespace {

using QuantPtr = std::shared_ptr<const Quantization>;

TensorDesc f32(Shape shape) { return row_major(DType::kF32, std::move(shape)); }
QuantPtr scale(float s, int32_t zero = 0) { return std::make_shared<Quantization>(Quantization{{s}, {zero}, -1}); }
QuantPtr scales(size_t n, int axis) {
  return std::make_shared<Quantization>(Quantization{std::vector<float>(n, 0.5f), std::vector<int32_t>(n, 0), axis});
}
TensorDesc i8(Shape shape, QuantPtr quant = nullptr) {
  return row_major(DType::kI8, std::move(shape), std::move(quant));
}

// The op is refused and the message holds the op's name and `part`.
void refused(const OpDesc& desc, const std::string& part) {
  Status status = validate(desc);
  EXPECT_EQ(status.code(), Code::kInvalidArgument) << part;
  EXPECT_NE(status.message().find(part), std::string::npos) << "'" << status.message() << "' lacks '" << part << "'";
  EXPECT_EQ(status.message().find(std::string(op_name(desc.op)) + " 'node'"), 0u) << status.message();
}
void accepted(const OpDesc& desc) { EXPECT_TRUE(validate(desc).ok()) << validate(desc).to_string(); }

OpDesc matmul(TensorDesc a, TensorDesc w, TensorDesc y, Matmul op = {}) { return {op, {a, w}, {y}, "node"}; }

TEST(Validate, Matmul) {
  accepted(matmul(f32({2, 1, 3, 4}), f32({5, 4, 6}), f32({2, 5, 3, 6})));
  accepted(matmul(f32({4, 3}), f32({6, 4}), f32({3, 6}), {true, true, {}}));
  refused(matmul(f32({3, 4}), f32({5, 6}), f32({3, 6})), "k = 4");
  refused(matmul(f32({4}), f32({4, 6}), f32({6})), "a: expected rank at least 2, got 1");
  refused(matmul(f32({2, 3, 4}), f32({3, 4, 6}), f32({2, 3, 6})), "doesn't broadcast: extent 3 against 2");
  refused(matmul(f32({3, 4}), f32({4, 6}), f32({6, 3})), "y: expected last axes 3x6, got 6x3");
  refused(matmul(f32({2, 3, 4}), f32({4, 6}), f32({3, 6})), "y: expected leading axes 2, got 3x6");
  refused(matmul(f32({3, 4}), row_major(DType::kBF16, {4, 6}), f32({3, 6})), "w: expected type f32, got bf16");
  refused(matmul(f32({3, 4}), f32({4, 6}), i8({3, 6})), "y: expected a float type");
  refused({Matmul{}, {f32({3, 4})}, {f32({3, 6})}, "node"}, "expected 2 inputs, got 1");
}

TEST(Validate, Epilogue) {
  Matmul op;
  op.epilogue.bias = true;
  accepted({op, {f32({3, 4}), f32({4, 6}), f32({6})}, {f32({3, 6})}, "node"});
  refused({op, {f32({3, 4}), f32({4, 6}), f32({3})}, {f32({3, 6})}, "node"}, "bias: expected shape 6, got 3");
  refused({op, {f32({3, 4}), f32({4, 6}), row_major(DType::kI32, {6})}, {f32({3, 6})}, "node"},
          "bias: expected type f32, got i32");
  op.epilogue.residual = true;
  refused({op, {f32({3, 4}), f32({4, 6}), f32({6}), f32({6})}, {f32({3, 6})}, "node"}, "residual: expected shape 3x6");
  op.epilogue.activation = Activation::kClip;
  op.epilogue.clip_lo = 1;
  refused({op, {f32({3, 4}), f32({4, 6}), f32({6}), f32({3, 6})}, {f32({3, 6})}, "node"}, "clip bounds are reversed");
}

TEST(Validate, IntegerProducts) {
  TensorDesc a = i8({3, 4}, scale(0.1f, 3)), w = i8({4, 6}, scales(6, 1)), y = i8({3, 6}, scale(0.2f));
  accepted(matmul(a, w, y));
  accepted(matmul(i8({3, 4}), i8({4, 6}), row_major(DType::kI32, {3, 6})));
  refused(matmul(a, i8({4, 6}, scales(4, 0)), y), "w: expected quantization axis 1, got 0");
  refused(matmul(a, i8({4, 6}, scales(5, 1)), y), "w: expected scales 6, got 5");
  refused(matmul(a, w, i8({3, 6})), "y: i8 needs quantization");
  refused(matmul(i8({3, 4}), w, y), "needs quantization");
  refused(matmul(i8({3, 4}, scales(4, 1)), w, y), "a: per-channel");
  refused(matmul(a, w, row_major(DType::kI16, {3, 6})), "expected i32, i8 or u8");
  refused(matmul(row_major(DType::kI16, {3, 4}), w, y), "at most 8 bits, got i16");
  refused(matmul(i8({3, 4}, scale(0.1f, 200)), w, y), "zero point 200 is outside i8");
  refused(matmul(i8({3, 4}, scale(-1.0f)), w, y), "is not positive");
  Matmul relu;
  relu.epilogue.activation = Activation::kRelu;
  refused(matmul(a, w, row_major(DType::kI32, {3, 6}), relu), "no activation");
}

TEST(Validate, IntegerWeightsOfFloats) {
  const auto i4 = [](Shape shape, QuantPtr quant) { return row_major(DType::kI4, std::move(shape), std::move(quant)); };
  for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
    accepted(matmul(row_major(type, {3, 4}), i8({4, 6}, scales(6, 1)), f32({3, 6})));
    accepted(matmul(row_major(type, {3, 4}), i4({6, 4}, scales(6, 0)), f32({3, 6}), {false, true, {}}));
    accepted(matmul(row_major(type, {2, 3, 4}), i4({2, 4, 6}, scale(0.5f)), row_major(type, {2, 3, 6})));
  }
  refused(matmul(f32({3, 4}), i8({4, 6}), f32({3, 6})), "w: i8 beside floats needs quantization");
  refused(matmul(f32({3, 4}), i4({4, 6}, scale(0.5f, 1)), f32({3, 6})), "w: expected zero points of 0, got 1");
  refused(matmul(f32({3, 4}), i8({4, 6}, scales(4, 0)), f32({3, 6})), "w: expected quantization axis 1, got 0");
  refused(matmul(f32({3, 4}), i8({4, 6}, scale(0.5f)), i8({3, 6}, scale(0.5f))), "y: expected a float type");
  refused(matmul(row_major(DType::kF64, {3, 4}), i8({4, 6}, scale(0.5f)), row_major(DType::kF64, {3, 6})),
          "a: expected f32, f16 or bf16 beside w of i8, got f64");
  refused(matmul(f32({3, 4}), row_major(DType::kU8, {4, 6}, scale(0.5f)), f32({3, 6})), "w: expected type f32, got u8");
  refused({Conv2d{}, {f32({1, 2, 3, 3}), i8({4, 2, 1, 1}, scale(0.5f))}, {f32({1, 4, 3, 3})}, "node"},
          "w: expected type f32, got i8");
}

TEST(Validate, AttentionOfIntegerKeys) {
  const auto attention = [](const TensorDesc& q, const TensorDesc& k, const TensorDesc& v, Attention op = {}) {
    return OpDesc{std::move(op), {q, k, v}, {q}, "node"};
  };
  const TensorDesc k = i8({2, 5, 4}, scale(0.5f));
  for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) accepted(attention(row_major(type, {2, 3, 4}), k, k));
  const TensorDesc q = f32({2, 3, 4});
  refused(attention(q, i8({2, 5, 4}), k), "k: i8 beside floats needs quantization");
  refused(attention(q, k, i8({2, 5, 4}, scale(0.5f, 1))), "v: expected zero points of 0, got 1");
  refused(attention(q, k, i8({2, 5, 4}, scales(4, 2))), "v: per-channel quantization (axis 2)");
  refused(attention(q, k, f32({2, 5, 4})), "v: expected type i8, got f32");
  refused(attention(q, f32({2, 5, 4}), k), "v: expected type f32, got i8");
  refused(attention(row_major(DType::kF64, {2, 3, 4}), k, k), "q: expected f32, f16 or bf16 beside k of i8, got f64");
}

TEST(Validate, PagedAttention) {
  const TensorDesc q = f32({2, 3, 1, 4}), k = f32({7, 1, 2, 4});
  const auto attention = [](const TensorDesc& a, const TensorDesc& b, std::vector<int> pages, int64_t keys) {
    Attention op;
    op.pages = std::move(pages), op.keys = keys;
    return OpDesc{op, {a, b, b}, {a}, "node"};
  };
  accepted(attention(q, k, {0, 6, 2, 2, 1, 3}, 5));
  refused(attention(q, k, {0, 6, 2, 2, 1}, 5), "pages: expected numbers 2 x 3, got 5");
  refused(attention(q, k, {0, 6, 2, 2, 1, 3}, 7), "pages: expected numbers 2 x 4, got 6");
  refused(attention(q, k, {0, 7, 2, 2, 1, 3}, 5), "pages: 7 is none of the 7 pages of k");
  refused(attention(q, k, {0, -1, 2, 2, 1, 3}, 5), "pages: -1 is none");
  refused(attention(q, k, {0, 1}, 0), "keys is 0");
  refused(attention(q, f32({7, 2, 2, 4}), {0, 6, 2, 2, 1, 3}, 5), "k: expected extent of axis 1 1 or 3, got 2");
  refused(attention(q, f32({7, 2, 4}), {0, 6, 2, 2, 1, 3}, 5), "k: expected rank 4, got 3");
  refused(attention(f32({3, 4}), f32({2, 4}), {0, 1}, 3), "q: expected rank of paged attention at least 3, got 2");
}

OpDesc conv(Shape x, Shape w, Shape y, Conv2d op = {}) { return {op, {f32(x), f32(w)}, {f32(y)}, "node"}; }

TEST(Validate, Conv2d) {
  accepted(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 6, 3, 3}));
  refused(conv({1, 4, 5}, {6, 4, 3, 3}, {1, 6, 3, 3}), "x: expected rank 4, got 3");
  refused(conv({1, 4, 5, 5}, {6, 3, 3, 3}, {1, 6, 3, 3}), "channels a group 4, got 3");
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 6, 4, 3}), "extent along h 3, got 4");
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {2, 6, 3, 3}), "batch 1, got 2");
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 5, 3, 3}), "channels 6, got 5");
  Conv2d op;
  op.groups = 3;
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 6, 3, 3}, op), "groups 3");
  op = {};
  op.stride_w = 0;
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 6, 3, 3}, op), "stride_w is 0");
  op = {};
  op.pad_left = -1;
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 6, 3, 3}, op), "is -1");
  op = {};
  op.dilation_h = 2;
  refused(conv({1, 4, 5, 5}, {6, 4, 3, 3}, {1, 6, 3, 3}, op), "extent along h 1, got 3");
}

TEST(Validate, Descriptors) {
  TensorDesc x = f32({4, 4});
  x.strides = {16};
  refused({Unary{}, {x}, {f32({4, 4})}, "node"}, "one stride an axis");
  x.strides = {16, -4};
  refused({Unary{}, {x}, {f32({4, 4})}, "node"}, "stride -4");
  x.strides = {16, 3};
  refused({Unary{}, {x}, {f32({4, 4})}, "node"}, "not a multiple of the 4 bytes");
  TensorDesc y = f32({4, 4});
  y.strides = {0, 4};
  accepted({Unary{}, {y}, {f32({4, 4})}, "node"});
  refused({Unary{}, {f32({4, 4})}, {y}, "node"}, "its elements overlap");
  y.strides = {12, 4};
  refused({Unary{},
           {f32({4, 4})},
           {
               y,
           },
           "node"},
          "stride 12, less than the 16 bytes within a step");
  y.strides = {4, 16};
  accepted({Unary{}, {f32({4, 4})}, {y}, "node"});
  refused({Unary{}, {f32({-1})}, {f32({-1})}, "node"}, "extent -1");
  TensorDesc quantized = f32({4});
  quantized.quant = scale(1);
  refused({Unary{}, {quantized}, {f32({4})}, "node"}, "f32 can't be quantized");
}

TEST(Validate, SizesThat64BitsDoNotHold) {
  const int64_t most = INT64_MAX;
  const auto huge = [](Shape shape, std::vector<int64_t> strides) {
    return TensorDesc{DType::kF32, std::move(shape), std::move(strides), nullptr};
  };
  for (const TensorDesc& x : {huge({most}, {0}), huge({most, most, 0}, {0, 0, 0}), huge({3}, {most / 4 * 4}),
                              huge({1 << 30, 1 << 30}, {1 << 30, 4})})
    refused({Unary{}, {x}, {x}, "node"}, "larger than 64 bits count");
  const int64_t wide = int64_t{1} << 40;
  refused({Matmul{}, {huge({1, wide}, {0, 0}), huge({wide, wide / 2}, {0, 0})}, {f32({1, wide / 2})}, "node"},
          "larger than 64 bits count");
  refused({Matmul{}, {huge({1, wide}, {0, 0}), huge({wide, 1 << 16}, {0, 0})}, {f32({1 << 8, 1, 1 << 16})}, "node"},
          "leading axes");
  refused({Matmul{},
           {huge({1 << 8, 1, wide}, {0, 0, 0}), huge({wide, 1 << 16}, {0, 0})},
           {f32({1 << 8, 1, 1 << 16})},
           "node"},
          "more multiply-accumulates than 64 bits count");
  Pool op;
  op.dilation_h = most;
  refused({op, {f32({1, 1, 4, 4})}, {f32({1, 1, 4, 4})}, "node"}, "dilation_h is 9223372036854775807, more than");
}

TEST(Validate, EnumeratorsThatThereAreNot) {
  const auto none = [](auto last) { return static_cast<decltype(last)>(static_cast<int>(last) + 1); };
  const TensorDesc x = f32({4});
  TensorDesc untyped = x;
  untyped.dtype = none(DType::kBool);
  refused({Unary{}, {untyped}, {x}, "node"}, "type has no meaning for 17");
  refused({Unary{none(UnaryKind::kNot)}, {x}, {x}, "node"}, "kind has no meaning");
  refused({Binary{none(BinaryKind::kGreaterEqual)}, {x, x}, {x}, "node"}, "kind has no meaning");
  refused({Binary{BinaryKind::kAdd, none(Activation::kHardSwish)}, {x, x}, {x}, "node"}, "activation has no meaning");
  refused({Reduce{none(ReduceKind::kSumSquare), {0}}, {x}, {f32({1})}, "node"}, "kind has no meaning");
  refused({Normalize{none(NormKind::kRms)}, {x}, {x}, "node"}, "kind has no meaning");
  Pool pool;
  pool.kind = none(PoolKind::kAverage);
  refused({pool, {f32({1, 1, 1, 1})}, {f32({1, 1, 1, 1})}, "node"}, "kind has no meaning");
  Matmul matmul;
  matmul.epilogue.requant = none(RequantMode::kTflite);
  refused({matmul, {f32({2, 2}), f32({2, 2})}, {f32({2, 2})}, "node"}, "requantization has no meaning");
}

TEST(Validate, Pool) {
  Pool op;
  op.kernel_h = op.kernel_w = 2;
  accepted({op, {f32({1, 3, 4, 4})}, {f32({1, 3, 3, 3})}, "node"});
  refused({op, {f32({1, 3, 4, 4})}, {f32({1, 2, 3, 3})}, "node"}, "batch and channels");
  refused({op, {i8({1, 3, 4, 4}, scale(1))}, {i8({1, 3, 3, 3}, scale(2))}, "node"}, "equal quantization");
  op.kind = PoolKind::kAverage;
  refused({op, {i8({1, 3, 4, 4})}, {i8({1, 3, 3, 3})}, "node"}, "needs quantization");
  op.pad_top = 2;
  refused({op, {f32({1, 3, 4, 4})}, {f32({1, 3, 5, 3})}, "node"}, "beyond the window (2x2)");
}

TEST(Validate, Elementwise) {
  refused({Unary{UnaryKind::kExp, 0, 0}, {i8({4})}, {i8({4})}, "node"}, "expected a float type, got i8");
  refused({Unary{UnaryKind::kNot, 0, 0}, {f32({4})}, {f32({4})}, "node"}, "expected type bool");
  refused({Unary{}, {f32({4})}, {f32({5})}, "node"}, "y: expected shape 4, got 5");
  accepted({Binary{}, {f32({2, 1, 3}), f32({4, 1})}, {f32({2, 4, 3})}, "node"});
  refused({Binary{}, {f32({2, 3}), f32({2})}, {f32({2, 3})}, "node"}, "doesn't broadcast: extent 2 against 3");
  refused({Binary{}, {f32({3}), i8({3})}, {f32({3})}, "node"}, "b: expected type f32, got i8");
  refused({Binary{BinaryKind::kLess, Activation::kNone, 0, 0}, {f32({3}), f32({3})}, {f32({3})}, "node"},
          "expected type bool");
  refused({Binary{BinaryKind::kAnd, Activation::kNone, 0, 0}, {f32({3}), f32({3})}, {f32({3})}, "node"},
          "bool or an integer");
  refused({Binary{BinaryKind::kDiv, Activation::kNone, 0, 0},
           {i8({3}, scale(1)), i8({3}, scale(1))},
           {i8({3}, scale(1))},
           "node"},
          "add, sub, mul");
  refused({Binary{}, {i8({3}, scale(1)), i8({3})}, {i8({3}, scale(1))}, "node"}, "all be quantized");
  refused({Select{}, {f32({3}), f32({3}), f32({3})}, {f32({3})}, "node"}, "c: expected type bool");
}

TEST(Validate, ReduceSoftmaxMoves) {
  accepted({Reduce{ReduceKind::kSum, {0, 2}}, {f32({2, 3, 4})}, {f32({1, 3, 1})}, "node"});
  refused({Reduce{ReduceKind::kSum, {2, 0}}, {f32({2, 3, 4})}, {f32({1, 3, 1})}, "node"}, "not ascending: 2, 0");
  refused({Reduce{ReduceKind::kSum, {3}}, {f32({2, 3, 4})}, {f32({2, 3, 4})}, "node"}, "axis 3 is outside rank 3");
  refused({Reduce{ReduceKind::kMax, {0}}, {f32({0, 3})}, {f32({1, 3})}, "node"}, "extent 0");
  refused({Softmax{2, false}, {f32({2, 3})}, {f32({2, 3})}, "node"}, "axis 2 is outside rank 2");
  accepted({Softmax{-2, false}, {f32({2, 3})}, {f32({2, 3})}, "node"});
  refused({Copy{}, {f32({2, 3})}, {f32({3, 2})}, "node"}, "y: expected shape 2x3, got 3x2");
  refused({Cast{}, {f32({2})}, {i8({3})}, "node"}, "expected shape 2, got 3");
  refused({Fill{}, {f32({2})}, {f32({2})}, "node"}, "expected 0 inputs, got 1");
}

}  // namespace
}  // namespace systole

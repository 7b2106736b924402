// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every op that is not a product, over types, strides and broadcasts, against ref.
#include <gtest/gtest.h>

#include "tests/cpu/cpu_test.h"

namespace systole::tests {
namespace {

using QuantPtr = std::shared_ptr<const Quantization>;

class Loops : public testing::Test {
 protected:
  // Equal to ref within the bound of the type; `what` says which case.
  void check(Op op, std::vector<TensorDesc> inputs, TensorDesc y, const std::string& what) {
    OpCase op_case;
    op_case.seed = ++seed_;
    op_case.offset = 64;  // so that empty operands have a buffer too
    op_case.desc = {std::move(op), std::move(inputs), {std::move(y)}, "op"};
    const Status valid = validate(op_case.desc);
    ASSERT_TRUE(valid.ok()) << what << ": " << valid.to_string();
    try {
      EXPECT_EQ(compare_with_ref(cpu_, ref_, op_case), "") << what;
    } catch (const conformance::NotSupported& refusal) {
      ADD_FAILURE() << what << ": " << refusal.what();
    }
  }

  std::shared_ptr<Device> cpu_ = open_device("cpu?threads=2"), ref_ = open_device("ref");
  uint64_t seed_ = 0;
};

const DType kFloats[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16};
const DType kIntegers[] = {DType::kI64, DType::kI32, DType::kI8, DType::kU8};
const DType kAll[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64,
                      DType::kI32, DType::kI8,  DType::kU8,  DType::kBool};
const Shape kImage = {2, 6, 5, 131};

QuantPtr per_tensor(float scale, int32_t zero) {
  return std::make_shared<Quantization>(Quantization{{scale}, {zero}, -1});
}
QuantPtr per_channel(int64_t channels) {
  Quantization quant;
  quant.axis = 1;
  for (int64_t c = 0; c < channels; ++c) {
    quant.scale.push_back(0.01f * static_cast<float>(c + 1));
    quant.zero_point.push_back(static_cast<int32_t>(c));
  }
  return std::make_shared<Quantization>(std::move(quant));
}

// Every second column of a wider tensor, rows apart.
TensorDesc sparse(DType type, const Shape& shape, QuantPtr quant = nullptr) {
  Shape wide = shape;
  wide.back() *= 2;
  TensorDesc desc = row_major(type, wide, std::move(quant));
  desc.shape = shape;
  desc.strides.back() *= 2;
  return desc;
}

TEST_F(Loops, UnaryOfFloats) {
  for (DType type : kFloats) {
    for (int kind = 0; kind < static_cast<int>(UnaryKind::kNot); ++kind) {
      const Unary op{static_cast<UnaryKind>(kind), -0.25f, 0.5f};
      check(op, {channels_last(type, kImage)}, row_major(type, kImage),
            std::string(dtype_name(type)) + " kind " + std::to_string(kind));
    }
  }
}

TEST_F(Loops, UnaryOfIntegers) {
  for (UnaryKind kind : {UnaryKind::kRelu, UnaryKind::kClip, UnaryKind::kNeg, UnaryKind::kAbs}) {
    for (DType type : kIntegers) {
      const std::string what = std::string(dtype_name(type)) + " kind " + std::to_string(static_cast<int>(kind));
      check(Unary{kind, -7.5f, 20.5f}, {sparse(type, kImage)}, channels_last(type, kImage), what);
    }
    for (DType type : {DType::kI8, DType::kU8}) {
      check(Unary{kind, -0.1f, 0.5f}, {channels_last(type, kImage, per_channel(6))},
            row_major(type, kImage, per_channel(6)), "per channel");
    }
  }
  check(Unary{UnaryKind::kNot, 0, 0}, {row_major(DType::kBool, {9})}, row_major(DType::kBool, {9}), "not");
}

TEST_F(Loops, BinaryWithBroadcast) {
  for (int kind = 0; kind <= static_cast<int>(BinaryKind::kGreaterEqual); ++kind) {
    const auto which = static_cast<BinaryKind>(kind);
    const bool compares = which >= BinaryKind::kEqual, logic = which >= BinaryKind::kAnd && which <= BinaryKind::kXor;
    for (DType type : kAll) {
      if (logic && is_float(type)) continue;
      if (type == DType::kBool && !compares && !logic) continue;
      Binary op{which, Activation::kNone, -3.0f, 2.5f};
      const DType out = compares ? DType::kBool : type;
      if (out != DType::kBool) op.activation = static_cast<Activation>(seed_ % 3);
      const std::string what = std::string(dtype_name(type)) + " kind " + std::to_string(kind);
      check(op, {channels_last(type, kImage), row_major(type, {6, 1, 1})}, row_major(out, kImage), what);
      check(op, {row_major(type, {131}), sparse(type, {5, 1})}, row_major(out, {5, 131}), what);
    }
  }
}

TEST_F(Loops, BinaryQuantized) {
  for (BinaryKind kind : {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul}) {
    for (DType type : {DType::kI8, DType::kU8, DType::kI32}) {
      for (Activation activation : {Activation::kNone, Activation::kRelu, Activation::kClip}) {
        const Binary op{kind, activation, -0.3f, 0.9f};
        check(op,
              {channels_last(type, kImage, per_tensor(0.02f, 3)), row_major(type, {6, 1, 1}, per_tensor(0.03f, 100))},
              channels_last(type, kImage, per_tensor(0.011f, 77)), dtype_name(type));
      }
    }
  }
}

TEST_F(Loops, SelectCopyFill) {
  for (DType type : kAll) {
    check(Select{}, {row_major(DType::kBool, {131}), channels_last(type, kImage), row_major(type, {1})},
          sparse(type, kImage), dtype_name(type));
    check(Copy{}, {sparse(type, kImage)}, channels_last(type, kImage), dtype_name(type));
    check(Copy{}, {channels_last(type, kImage)}, row_major(type, kImage), dtype_name(type));
    for (double value : {0.0, 1.0, -2.75, 300.0}) check(Fill{value}, {}, sparse(type, kImage), dtype_name(type));
  }
  check(Fill{0.52}, {}, channels_last(DType::kI8, kImage, per_channel(6)), "quantized");
}

TEST_F(Loops, CastEveryPair) {
  for (DType from : kAll) {
    for (DType to : kAll) {
      const std::string what = std::string(dtype_name(from)) + " to " + dtype_name(to);
      check(Cast{}, {channels_last(from, kImage)}, sparse(to, kImage), what);
    }
    for (DType to : {DType::kI8, DType::kU8, DType::kI32}) {
      check(Cast{}, {row_major(from, kImage)}, channels_last(to, kImage, per_channel(6)), "quantize");
      check(Cast{}, {row_major(from, kImage)}, row_major(to, kImage, per_tensor(0.007f, 9)), "quantize");
      check(Cast{}, {channels_last(to, kImage, per_channel(6))}, row_major(DType::kI8, kImage, per_tensor(0.02f, -3)),
            "requantize");
    }
  }
}

TEST_F(Loops, Reduce) {
  for (int kind = 0; kind <= static_cast<int>(ReduceKind::kSumSquare); ++kind) {
    for (DType type : {DType::kF64, DType::kF32, DType::kBF16, DType::kI64, DType::kI32, DType::kI8, DType::kU8}) {
      for (const std::vector<int>& axes : {std::vector<int>{3}, {1}, {2, 3}, {0, 2}, {0, 1, 2, 3}, {}}) {
        // A product of many random factors has no meaningful bound in a float.
        if (kind == static_cast<int>(ReduceKind::kProd) && is_float(type) && axes.size() > 1) continue;
        Shape y = kImage;
        for (int axis : axes) y[static_cast<size_t>(axis)] = 1;
        check(systole::Reduce{static_cast<ReduceKind>(kind), axes}, {channels_last(type, kImage)}, row_major(type, y),
              std::string(dtype_name(type)) + " kind " + std::to_string(kind) + " axes " + std::to_string(axes.size()));
      }
    }
  }
}

TEST_F(Loops, SoftmaxAlongEveryAxis) {
  for (DType type : kFloats) {
    for (int axis = -1; axis < 4; ++axis) {
      for (bool log : {false, true})
        check(Softmax{axis, log}, {channels_last(type, kImage)}, row_major(type, kImage), dtype_name(type));
    }
  }
}

TEST_F(Loops, Pool) {
  for (PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    for (DType type : {DType::kF64, DType::kF32, DType::kF16, DType::kI8, DType::kU8, DType::kI32}) {
      for (bool count_pad : {false, true}) {
        const systole::Pool op{kind, 3, 2, 2, 3, 2, 1, 2, 1, 3, 1, count_pad};
        const Shape x = {2, 600, 9, 11};
        const Shape y = {2, 600, window_output(9, 3, 2, 2, 2, 3), window_output(11, 2, 3, 1, 1, 1)};
        const QuantPtr in = is_float(type) ? nullptr : per_tensor(0.02f, 5);
        const QuantPtr out = is_float(type) ? nullptr : kind == PoolKind::kMax ? in : per_tensor(0.03f, 11);
        check(op, {sparse(type, x, in)}, channels_last(type, y, out), dtype_name(type));
        check(op, {channels_last(type, x, in)}, row_major(type, y, out), dtype_name(type));
      }
    }
  }
}

TEST_F(Loops, EmptyTensors) {
  check(Copy{}, {row_major(DType::kF32, {0, 3})}, row_major(DType::kF32, {0, 3}), "copy");
  check(Binary{}, {row_major(DType::kF32, {0, 3}), row_major(DType::kF32, {3})}, row_major(DType::kF32, {0, 3}), "add");
  check(Matmul{}, {row_major(DType::kF32, {0, 3}), row_major(DType::kF32, {3, 4})}, row_major(DType::kF32, {0, 4}),
        "no rows");
  check(Matmul{}, {row_major(DType::kF32, {2, 0}), row_major(DType::kF32, {0, 4})}, row_major(DType::kF32, {2, 4}),
        "no products");
  check(Matmul{}, {row_major(DType::kI8, {2, 0}), row_major(DType::kI8, {0, 4})}, row_major(DType::kI32, {2, 4}),
        "no products");
}

}  // namespace
}  // namespace systole::tests

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/op_random.h"

#include <cmath>

#include "tests/conformance/op_grid.h"
#include "tests/conformance/op_layouts.h"

namespace systole::conformance {
namespace {

template <typename Enum>
Enum upto(Random& random, Enum last) {
  return static_cast<Enum>(below(random, static_cast<int64_t>(last) + 1));
}

DType any_type(Random& random) { return kAllTypes[below(random, std::size(kAllTypes))]; }
// Half of them what most devices have.
DType common_type(Random& random) {
  constexpr DType kCommon[] = {DType::kF32, DType::kBF16, DType::kI8, DType::kU8};
  return one_in(random, 2) ? kCommon[below(random, 4)] : any_type(random);
}
DType float_type(Random& random) {
  DType dtype = common_type(random);
  while (!is_float(dtype)) dtype = common_type(random);
  return dtype;
}

int64_t extent(Random& random) {
  if (one_in(random, 60)) return 0;
  return one_in(random, 4) ? 1 : one_in(random, 3) ? between(random, 2, 40) : between(random, 2, 6);
}

Shape shape_of_rank(Random& random, int64_t rank) {
  Shape shape;
  for (int64_t left = 4096; rank > 0; --rank) {
    shape.push_back(std::min(extent(random), left));
    if (shape.back() > 1) left /= shape.back();
  }
  return shape;
}
Shape any_shape(Random& random) { return shape_of_rank(random, below(random, 7)); }

bool quantizable(DType dtype) { return !is_float(dtype) && dtype != DType::kBool && bit_width(dtype) <= 32; }

QuantPtr any_quant(Random& random, DType dtype) {
  if (!quantizable(dtype)) return nullptr;
  const int64_t most = is_signed_integer(dtype) ? 7 : 15;
  return per_tensor(std::ldexp(1.0f, static_cast<int>(between(random, -8, -3))) *
                        (1.0f + static_cast<float>(below(random, 100)) / 100.0f),
                    static_cast<int32_t>(between(random, is_signed_integer(dtype) ? -8 : 0, most)));
}
QuantPtr maybe_quant(Random& random, DType dtype) { return one_in(random, 2) ? any_quant(random, dtype) : nullptr; }

TensorDesc input(Random& random, DType dtype, const Shape& shape, QuantPtr quant = nullptr) {
  return lying(dtype, shape, upto(random, Lie::kBroadcast), std::move(quant));
}
TensorDesc output(Random& random, DType dtype, const Shape& shape, QuantPtr quant = nullptr) {
  return lying(dtype, shape, upto(random, Lie::kGaps), std::move(quant));
}

// Broadcasts to `shape`: some leading axes dropped, some extents 1.
Shape part_of(Random& random, const Shape& shape) {
  Shape part(shape.begin() + below(random, static_cast<int64_t>(shape.size()) + 1), shape.end());
  if (one_in(random, 2)) return shape;
  for (int64_t& each : part)
    if (one_in(random, 3)) each = 1;
  return part;
}

Epilogue any_epilogue(Random& random, DType dtype, DType result) {
  Epilogue e;
  e.bias = one_in(random, 2);
  e.residual = is_float(dtype) && one_in(random, 4);
  if (result != DType::kI32)
    e.activation = is_float(dtype) ? upto(random, Activation::kHardSwish) : upto(random, Activation::kClip);
  e.clip_lo = -1.0f, e.clip_hi = 2.0f;
  e.requant = upto(random, RequantMode::kTflite);
  return e;
}

struct ProductTypes {
  DType x, w, bias, y;
};
ProductTypes product_types(Random& random) {
  const DType x = common_type(random);
  if (is_float(x)) {
    const DType y = x == DType::kF64 || one_in(random, 2) ? x : DType::kF32;
    return {x, x, x == DType::kF64 ? x : DType::kF32, y};
  }
  constexpr DType kResults[] = {DType::kI32, DType::kI8, DType::kU8};
  const DType narrow = bit_width(x) <= 8 && x != DType::kBool ? x : DType::kI8;
  return {narrow, one_in(random, 3) ? DType::kU8 : DType::kI8, DType::kI32, kResults[below(random, 3)]};
}

// Adds what the epilogue asks for, and y.
void finish_product(Random& random, OpDesc& desc, const Epilogue& e, const ProductTypes& t, int64_t channels,
                    const Shape& y) {
  if (e.bias) desc.inputs.push_back(input(random, t.bias, {channels}));
  if (e.residual) desc.inputs.push_back(input(random, t.y, y));
  desc.outputs = {output(random, t.y, y, t.y == DType::kI32 ? nullptr : any_quant(random, t.y))};
}

struct Make {
  Random& random;

  OpDesc operator()(Matmul) {
    const ProductTypes t = product_types(random);
    const Matmul op{one_in(random, 3), one_in(random, 2), any_epilogue(random, t.x, t.y)};
    const int64_t m = extent(random), n = extent(random),
                  k = one_in(random, 5) ? between(random, 41, 300) : extent(random);
    const Shape lead = shape_of_rank(random, below(random, 3));
    const auto with = [](Shape shape, int64_t rows, int64_t columns) {
      shape.push_back(rows), shape.push_back(columns);
      return shape;
    };
    OpDesc desc{op, {}, {}, "random"};
    desc.inputs.push_back(
        input(random, t.x, op.transpose_a ? with(lead, k, m) : with(lead, m, k), any_quant(random, t.x)));
    const Shape w_lead = one_in(random, 2) ? Shape{} : lead;
    const int channel_axis = static_cast<int>(w_lead.size()) + (op.transpose_b ? 0 : 1);
    desc.inputs.push_back(input(random, t.w, op.transpose_b ? with(w_lead, n, k) : with(w_lead, k, n),
                                !quantizable(t.w)   ? nullptr
                                : one_in(random, 2) ? per_channel(n, channel_axis, 0.01f)
                                                    : any_quant(random, t.w)));
    finish_product(random, desc, op.epilogue, t, n, with(lead, m, n));
    return desc;
  }

  OpDesc operator()(Conv2d) {
    const ProductTypes t = product_types(random);
    Conv2d op;
    const int64_t kh = between(random, 1, 4), kw = between(random, 1, 4), per_group = between(random, 1, 5);
    op.groups = one_in(random, 3) ? between(random, 2, 6) : 1;
    op.stride_h = between(random, 1, 3), op.stride_w = between(random, 1, 2);
    op.dilation_h = between(random, 1, 2), op.dilation_w = between(random, 1, 3);
    op.pad_top = below(random, 3), op.pad_left = below(random, 3);
    op.pad_bottom = below(random, 3), op.pad_right = below(random, 3);
    op.epilogue = any_epilogue(random, t.x, t.y);
    const Shape x = {between(random, 1, 2), op.groups * per_group, between(random, 1, 12), between(random, 1, 12)};
    const int64_t o = op.groups * between(random, 1, 6);
    const Shape y = {x[0], o, window_output(x[2], kh, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                     window_output(x[3], kw, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
    OpDesc desc{op, {}, {}, "random"};
    desc.inputs.push_back(input(random, t.x, x, any_quant(random, t.x)));
    desc.inputs.push_back(input(random, t.w, {o, per_group, kh, kw},
                                !quantizable(t.w)   ? nullptr
                                : one_in(random, 2) ? per_channel(o, 0, 0.01f)
                                                    : any_quant(random, t.w)));
    finish_product(random, desc, op.epilogue, t, o, y);
    return desc;
  }

  OpDesc operator()(Pool) {
    const DType dtype = common_type(random);
    Pool op;
    op.kind = upto(random, PoolKind::kAverage);
    op.kernel_h = between(random, 1, 4), op.kernel_w = between(random, 1, 4);
    op.stride_h = between(random, 1, 3), op.stride_w = between(random, 1, 3);
    op.dilation_h = one_in(random, 4) ? 2 : 1;
    op.pad_top = below(random, op.kernel_h), op.pad_right = below(random, op.kernel_w);
    op.count_include_pad = one_in(random, 2);
    const Shape x = {between(random, 1, 2), between(random, 1, 20), between(random, 1, 12), between(random, 1, 12)};
    const Shape y = {x[0], x[1], window_output(x[2], op.kernel_h, op.stride_h, op.dilation_h, op.pad_top, 0),
                     window_output(x[3], op.kernel_w, op.stride_w, 1, 0, op.pad_right)};
    const QuantPtr quant = any_quant(random, dtype);
    return {op,
            {input(random, dtype, x, quant)},
            {output(random, dtype, y, op.kind == PoolKind::kMax ? quant : any_quant(random, dtype))},
            "random"};
  }

  OpDesc operator()(Unary) {
    const DType dtype = common_type(random);
    const Shape shape = any_shape(random);
    const QuantPtr quant = maybe_quant(random, dtype);
    return {Unary{upto(random, UnaryKind::kNot), -0.5f, 0.25f},
            {input(random, dtype, shape, quant)},
            {output(random, dtype, shape, quant)},
            "random"};
  }

  OpDesc operator()(Binary) {
    const DType dtype = common_type(random);
    const Shape shape = any_shape(random);
    const auto kind = upto(random, BinaryKind::kGreaterEqual);
    const bool compares = kind >= BinaryKind::kEqual, logic = dtype == DType::kBool;
    const bool swap = one_in(random, 3), quantized = one_in(random, 2);
    const QuantPtr a = quantized ? any_quant(random, dtype) : nullptr,
                   b = quantized && !compares ? any_quant(random, dtype) : a;
    Shape first = shape, second = part_of(random, shape);
    if (swap) std::swap(first, second);
    return {Binary{kind, compares || logic ? Activation::kNone : upto(random, Activation::kClip), -0.5f, 0.5f},
            {input(random, dtype, first, a), input(random, dtype, second, b)},
            {output(random, compares ? DType::kBool : dtype, shape,
                    quantized && !compares ? any_quant(random, dtype) : nullptr)},
            "random"};
  }

  OpDesc operator()(Select) {
    const DType dtype = common_type(random);
    const Shape shape = any_shape(random);
    const QuantPtr quant = maybe_quant(random, dtype);
    return {Select{},
            {input(random, DType::kBool, part_of(random, shape)), input(random, dtype, shape, quant),
             input(random, dtype, part_of(random, shape), quant)},
            {output(random, dtype, shape, quant)},
            "random"};
  }

  OpDesc operator()(Reduce) {
    const DType dtype = common_type(random);
    const Shape shape = any_shape(random);
    Reduce op{upto(random, ReduceKind::kSumSquare), {}};
    Shape result = shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (!one_in(random, 2)) continue;
      op.axes.push_back(static_cast<int>(axis));
      result[axis] = 1;
    }
    const bool picks = op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin;
    const QuantPtr quant = picks ? maybe_quant(random, dtype) : nullptr;
    return {op, {input(random, dtype, shape, quant)}, {output(random, dtype, result, quant)}, "random"};
  }

  OpDesc operator()(Softmax) {
    const DType dtype = float_type(random);
    const Shape shape = shape_of_rank(random, between(random, 1, 5));
    const int rank = static_cast<int>(shape.size());
    return {Softmax{static_cast<int>(between(random, -rank, rank - 1)), one_in(random, 3)},
            {input(random, dtype, shape)},
            {output(random, dtype, shape)},
            "random"};
  }

  OpDesc operator()(Normalize) {
    const DType dtype = float_type(random);
    const Shape shape = shape_of_rank(random, between(random, 1, 4));
    const Normalize op{upto(random, NormKind::kRms),
                       static_cast<int>(between(random, 1, static_cast<int64_t>(shape.size()))), 1e-3f,
                       one_in(random, 2), one_in(random, 2)};
    OpDesc desc{op, {input(random, dtype, shape)}, {output(random, dtype, shape)}, "random"};
    for (bool given : {op.scale, op.bias})
      if (given)
        desc.inputs.push_back(
            input(random, one_in(random, 2) ? dtype : DType::kF32, Shape(shape.end() - op.axes, shape.end())));
    return desc;
  }

  OpDesc operator()(Attention) {
    const DType dtype = one_in(random, 2) ? DType::kBF16 : float_type(random);
    const Shape lead = shape_of_rank(random, below(random, 3));
    const int64_t s = between(random, 1, 12), keys = between(random, 1, 30), d = between(random, 1, 20),
                  e = between(random, 1, 20);
    const Attention op{0.25f, one_in(random, 2), one_in(random, 2)};
    const auto with = [](Shape shape, int64_t rows, int64_t columns) {
      shape.push_back(rows), shape.push_back(columns);
      return shape;
    };
    const Shape shared = part_of(random, lead);
    OpDesc desc{op,
                {input(random, dtype, with(lead, s, d)), input(random, dtype, with(shared, keys, d)),
                 input(random, dtype, with(shared, keys, e))},
                {output(random, dtype, with(lead, s, e))},
                "random"};
    if (op.mask)
      desc.inputs.push_back(input(random, one_in(random, 2) ? DType::kF32 : dtype, {one_in(random, 2) ? 1 : s, keys}));
    if (one_in(random, 3))
      for (size_t i = 1; i < 3; ++i)
        desc.inputs[i] = input(random, DType::kI8, Shape(desc.inputs[i].shape), per_tensor(0.01f, 0));
    return desc;
  }

  OpDesc operator()(Copy) {
    const DType dtype = common_type(random);
    const Shape shape = any_shape(random);
    const QuantPtr quant = maybe_quant(random, dtype);
    return {Copy{}, {input(random, dtype, shape, quant)}, {output(random, dtype, shape, quant)}, "random"};
  }

  OpDesc operator()(Fill) {
    const DType dtype = common_type(random);
    constexpr double kValues[] = {0, 1, -1, 0.3, 1e6, -7.75};
    return {Fill{kValues[below(random, 6)]},
            {},
            {output(random, dtype, any_shape(random), maybe_quant(random, dtype))},
            "random"};
  }

  OpDesc operator()(Cast) {
    const DType from = common_type(random), to = common_type(random);
    const Shape shape = any_shape(random);
    return {Cast{},
            {input(random, from, shape, maybe_quant(random, from))},
            {output(random, to, shape, maybe_quant(random, to))},
            "random"};
  }
};

template <size_t... I>
Op op_at(size_t index, std::index_sequence<I...>) {
  Op op;
  (void)((I == index && (op.emplace<I>(), true)) || ...);
  return op;
}

}  // namespace

OpCase random_case(size_t op, Random& random) {
  for (;;) {
    OpCase result;
    result.desc = std::visit(Make{random}, op_at(op, std::make_index_sequence<kOpKinds>{}));
    if (!validate(result.desc).ok()) continue;
    result.seed = random();
    result.offset = 64 * below(random, 3) + (one_in(random, 3) ? 8 : 0);
    for (size_t i = 0; i < result.desc.inputs.size(); ++i) result.constant.push_back(i > 0 && one_in(random, 2));
    return result;
  }
}

}  // namespace systole::conformance

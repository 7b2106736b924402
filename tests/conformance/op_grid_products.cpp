// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products, windows and rows.
#include "tests/conformance/op_grid.h"
#include "tests/conformance/op_layouts.h"

namespace systole::conformance {
namespace {

constexpr std::pair<Lie, Lie> kLies[] = {{Lie::kDense, Lie::kDense},
                                         {Lie::kChannelsLast, Lie::kChannelsLast},
                                         {Lie::kReversed, Lie::kGaps},
                                         {Lie::kGaps, Lie::kReversed}};

void add(std::vector<OpCase>& cases, Op op, std::vector<TensorDesc> inputs, TensorDesc output,
         std::vector<bool> constant = {}) {
  OpCase next;
  next.seed = 2000 + cases.size();
  next.constant = std::move(constant);
  next.desc = {std::move(op), std::move(inputs), {std::move(output)}, "grid"};
  if (validate(next.desc).ok()) cases.push_back(std::move(next));
}

bool quantizable(DType dtype) { return !is_float(dtype) && dtype != DType::kBool && bit_width(dtype) <= 32; }
QuantPtr quant(DType dtype, float scale, int32_t zero) {
  return quantizable(dtype) ? per_tensor(scale, zero) : nullptr;
}

// What a product of this type may be stored as, and what its weights may be.
std::vector<DType> product_results(DType dtype) {
  if (!is_float(dtype)) return {DType::kI32, DType::kI8, DType::kU8};
  if (dtype == DType::kF64) return {dtype};
  return dtype == DType::kF32 ? std::vector{dtype} : std::vector{dtype, DType::kF32};
}
std::vector<DType> weight_types(DType dtype) {
  if (dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16) return {dtype, DType::kI8, DType::kI4};
  if (is_float(dtype)) return {dtype};
  return dtype == DType::kI8 ? std::vector{DType::kI8, DType::kU8, DType::kI4} : std::vector{DType::kI8};
}
DType bias_type(DType dtype) {
  return !is_float(dtype) ? DType::kI32 : dtype == DType::kF64 ? DType::kF64 : DType::kF32;
}

// Walks through activations, requantizations, bias and residual as `which` grows.
Epilogue epilogue_of(int which, DType dtype, DType result) {
  Epilogue e;
  e.bias = which % 2 == 1;
  e.residual = is_float(dtype) && which % 3 == 1;
  if (result != DType::kI32) e.activation = static_cast<Activation>(which % (is_float(dtype) ? 9 : 3));
  e.clip_lo = -0.5f, e.clip_hi = 1.25f;
  e.requant = which % 4 < 2 ? RequantMode::kOnnx : RequantMode::kTflite;
  return e;
}

}  // namespace

std::vector<OpCase> reduce_grid(DType dtype) {
  std::vector<OpCase> cases;
  const Shape image = {2, 5, 3, 4};
  for (int kind = 0; kind <= static_cast<int>(ReduceKind::kSumSquare); ++kind) {
    int which = 0;
    for (const std::vector<int>& axes : {std::vector<int>{3}, {0}, {1}, {2, 3}, {0, 2}, {0, 1, 2, 3}, {}}) {
      const auto [x, y] = kLies[which++ % 4];
      Shape result = image;
      for (int axis : axes) result[static_cast<size_t>(axis)] = 1;
      add(cases, Reduce{static_cast<ReduceKind>(kind), axes}, {lying(dtype, image, x)}, lying(dtype, result, y));
    }
  }
  if (quantizable(dtype))
    for (ReduceKind kind : {ReduceKind::kMax, ReduceKind::kMin})
      add(cases, Reduce{kind, {1}}, {lying(dtype, image, Lie::kChannelsLast, per_tensor(0.1f, 2))},
          lying(dtype, {2, 1, 3, 4}, Lie::kDense, per_tensor(0.1f, 2)));
  return cases;
}

std::vector<OpCase> softmax_grid(DType dtype) {
  std::vector<OpCase> cases;
  const Shape shape = {3, 4, 2, 7};
  for (bool log : {false, true})
    for (int axis : {-1, 0, 1, 2})
      for (auto [x, y] : kLies) add(cases, Softmax{axis, log}, {lying(dtype, shape, x)}, lying(dtype, shape, y));
  return cases;
}

std::vector<OpCase> normalize_grid(DType dtype) {
  std::vector<OpCase> cases;
  const Shape shape = {2, 3, 4, 5};
  for (NormKind kind : {NormKind::kLayer, NormKind::kRms}) {
    for (int axes = 1; axes <= 4; ++axes) {
      for (int given = 0; given < 4; ++given) {
        const auto [x, y] = kLies[(axes + given) % 4];
        const Normalize op{kind, axes, 1e-5f, (given & 1) != 0, (given & 2) != 0};
        const DType type = given == 3 ? dtype : DType::kF32;
        std::vector<TensorDesc> inputs = {lying(dtype, shape, x)};
        for (bool each : {op.scale, op.bias})
          if (each) inputs.push_back(lying(type, Shape(shape.end() - axes, shape.end()), Lie::kDense));
        add(cases, op, inputs, lying(dtype, shape, y), {false, given != 2, given != 2});
      }
    }
  }
  return cases;
}

std::vector<OpCase> attention_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (auto [lie, lie_y] : kLies) {
    for (int which = 0; which < 6; ++which) {
      const int64_t queries = which % 2 ? 1 : 5, keys = which == 2 ? 5 : 9;
      Attention op{0.5f, which >= 3, which % 3 == 2};
      const Shape lead = {2, 3}, shared = which == 4 ? Shape{2, 1} : lead;  // k and v of a group of heads
      const auto with = [](Shape shape, int64_t rows, int64_t columns) {
        shape.push_back(rows), shape.push_back(columns);
        return shape;
      };
      std::vector<TensorDesc> inputs = {lying(dtype, with(lead, queries, 8), lie),
                                        lying(dtype, with(shared, keys, 8), lie),
                                        lying(dtype, with(shared, keys, 6), lie)};
      if (op.mask) inputs.push_back(lying(which == 5 ? dtype : DType::kF32, {queries, keys}, Lie::kDense));
      add(cases, op, inputs, lying(dtype, with(lead, queries, 6), lie_y));
      for (size_t i = 1; i < 3; ++i)
        inputs[i] = lying(DType::kI8, inputs[i].shape, lie, per_tensor(0.005f * static_cast<float>(i), 0));
      add(cases, op, inputs, lying(dtype, with(lead, queries, 6), lie_y));
      op.keys = keys;  // in pages of 4, the last of each request not full
      for (int i = 0; i < 2 * static_cast<int>((keys + 3) / 4); ++i) op.pages.push_back((3 * i + which) % 7);
      const DType stored = which % 2 ? dtype : DType::kI8;
      for (size_t i = 1; i < 3; ++i)
        inputs[i] = lying(stored, with({7, shared[1]}, 4, i == 1 ? 8 : 6), lie,
                          stored == dtype ? nullptr : per_tensor(0.01f, 0));
      add(cases, op, inputs, lying(dtype, with(lead, queries, 6), lie_y));
    }
  }
  return cases;
}

std::vector<OpCase> matmul_grid(DType dtype) {
  std::vector<OpCase> cases;
  int which = 0;
  for (DType result : product_results(dtype)) {
    for (DType weight : weight_types(dtype)) {
      for (int transposed = 0; transposed < 4; ++transposed) {
        for (auto [lie, lie_y] : kLies) {
          const bool ta = (transposed & 1) != 0, tb = (transposed & 2) != 0, batched = which % 3 == 2;
          const Matmul op{ta, tb, epilogue_of(++which, dtype, result)};
          const Shape lead = batched ? Shape{2} : Shape{};
          const auto with = [&](int64_t rows, int64_t columns) {
            Shape shape = lead;
            shape.push_back(rows), shape.push_back(columns);
            return shape;
          };
          const bool sums = result == DType::kI32;
          const Shape y = with(6, 5);
          const int channel_axis = static_cast<int>(y.size()) - (tb ? 2 : 1);
          const QuantPtr w_quant = !is_float(dtype)   ? quant(weight, 0.02f, 1)
                                   : is_float(weight) ? nullptr
                                   : which % 2        ? per_channel(5, channel_axis, 0.01f)
                                                      : per_tensor(0.01f, 0);
          std::vector<TensorDesc> inputs = {
              lying(dtype, ta ? with(7, 6) : with(6, 7), lie, quant(dtype, 0.03f, 2)),
              lying(weight, tb ? with(5, 7) : with(7, 5), lie_y == Lie::kGaps ? Lie::kGaps : Lie::kDense, w_quant)};
          if (op.epilogue.bias) inputs.push_back(lying(bias_type(dtype), {5}, Lie::kDense));
          if (op.epilogue.residual) inputs.push_back(lying(result, y, lie));
          add(cases, op, inputs, lying(result, y, lie_y, sums ? nullptr : quant(result, 0.05f, 3)),
              {false, which % 2 == 0, true});
        }
      }
    }
  }
  return cases;
}

std::vector<OpCase> conv2d_grid(DType dtype) {
  std::vector<OpCase> cases;
  const Conv2d ops[] = {
      {}, {1, 2, 1, 1, 1, 1, 1, 1, 1, {}}, {2, 1, 1, 1, 2, 0, 2, 1, 0, {}}, {6, 1, 2, 1, 1, 1, 1, 0, 1, {}}};
  int which = 0;
  for (DType result : product_results(dtype)) {
    for (Conv2d op : ops) {
      for (auto [lie, lie_y] : kLies) {
        op.epilogue = epilogue_of(++which, dtype, result);
        const int64_t c = 6, o = op.groups == 6 ? 12 : 4, kh = 3, kw = 2;
        const Shape x = {2, c, 7, 6},
                    y = {2, o, window_output(7, kh, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                         window_output(6, kw, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
        const DType weight = weight_types(dtype)[0];
        const QuantPtr w_quant = !quantizable(weight) ? nullptr
                                 : which % 2          ? per_channel(o, 0, 0.01f)
                                                      : per_tensor(0.01f, 0);
        std::vector<TensorDesc> inputs = {lying(dtype, x, lie, quant(dtype, 0.03f, 2)),
                                          lying(weight, {o, c / op.groups, kh, kw}, Lie::kDense, w_quant)};
        if (op.epilogue.bias) inputs.push_back(lying(bias_type(dtype), {o}, Lie::kDense));
        if (op.epilogue.residual) inputs.push_back(lying(result, y, lie));
        add(cases, op, inputs, lying(result, y, lie_y, result == DType::kI32 ? nullptr : quant(result, 0.05f, 3)),
            {false, which % 5 != 0, true});
      }
    }
  }
  return cases;
}

std::vector<OpCase> pool_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    for (int which = 0; which < 8; ++which) {
      const auto [lie, lie_y] = kLies[which % 4];
      Pool op{kind, 3, 2, which < 4 ? 1 : 2, 2, 1, which % 3 == 0 ? 2 : 1, which % 2, 0, 1, which % 2, which % 4 == 1};
      const Shape x = {2, 5, 8, 7},
                  y = {2, 5, window_output(8, 3, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                       window_output(7, 2, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
      const QuantPtr x_quant = quant(dtype, 0.02f, 3);
      add(cases, op, {lying(dtype, x, lie, x_quant)},
          lying(dtype, y, lie_y, kind == PoolKind::kMax ? x_quant : quant(dtype, 0.03f, 1)));
      if (x_quant && kind == PoolKind::kMax) add(cases, op, {lying(dtype, x, lie)}, lying(dtype, y, lie_y));
    }
  }
  return cases;
}

}  // namespace systole::conformance

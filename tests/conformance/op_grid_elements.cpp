// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Element by element, and what moves elements.
#include "tests/conformance/op_grid.h"
#include "tests/conformance/op_layouts.h"

namespace systole::conformance {
namespace {

const Shape kImage = {2, 5, 3, 4};
constexpr std::pair<Lie, Lie> kLies[] = {{Lie::kDense, Lie::kDense},
                                         {Lie::kChannelsLast, Lie::kChannelsLast},
                                         {Lie::kGaps, Lie::kReversed},
                                         {Lie::kBroadcast, Lie::kGaps}};

void add(std::vector<OpCase>& cases, Op op, std::vector<TensorDesc> inputs, TensorDesc output) {
  OpCase next;
  next.seed = 1000 + cases.size();
  next.desc = {std::move(op), std::move(inputs), {std::move(output)}, "grid"};
  if (validate(next.desc).ok()) cases.push_back(std::move(next));
}

// Plain, and quantized where the type can be.
std::vector<QuantPtr> quants(DType dtype, float scale, int32_t zero) {
  if (is_float(dtype) || dtype == DType::kBool || bit_width(dtype) > 32) return {nullptr};
  return {nullptr, per_tensor(scale, zero)};
}

}  // namespace

std::vector<OpCase> unary_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (int kind = 0; kind <= static_cast<int>(UnaryKind::kNot); ++kind) {
    const Unary op{static_cast<UnaryKind>(kind), -0.25f, 0.5f};
    for (auto [x, y] : kLies)
      for (const QuantPtr& quant : quants(dtype, 0.02f, 3))
        add(cases, op, {lying(dtype, kImage, x, quant)}, lying(dtype, kImage, y, quant));
  }
  return cases;
}

std::vector<OpCase> binary_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (int kind = 0; kind <= static_cast<int>(BinaryKind::kGreaterEqual); ++kind) {
    const bool compares = kind >= static_cast<int>(BinaryKind::kEqual);
    const DType result = compares ? DType::kBool : dtype;
    int which = 0;
    for (const Shape& b : {kImage, Shape{1, 5, 1, 1}, Shape{4}, Shape{}}) {
      const auto [lie_in, lie_out] = kLies[which % 4];
      const auto activation = static_cast<Activation>(compares ? 0 : (kind + which++) % 3);
      const Binary op{static_cast<BinaryKind>(kind), activation, -0.5f, 0.75f};
      for (const QuantPtr& quant : quants(dtype, 0.02f, 2)) {
        const QuantPtr b_quant = quant && !compares ? per_tensor(0.03f, 1) : quant;
        const QuantPtr y_quant = quant && !compares ? per_tensor(0.05f, 4) : nullptr;
        add(cases, op, {lying(dtype, kImage, lie_in, quant), lying(dtype, b, Lie::kDense, b_quant)},
            lying(result, kImage, lie_out, y_quant));
      }
    }
  }
  return cases;
}

std::vector<OpCase> select_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (auto [x, y] : kLies) {
    for (const QuantPtr& quant : quants(dtype, 0.02f, 2)) {
      add(cases, Select{},
          {lying(DType::kBool, kImage, x), lying(dtype, kImage, y == Lie::kGaps ? Lie::kDense : y, quant),
           lying(dtype, kImage, x, quant)},
          lying(dtype, kImage, y, quant));
      add(cases, Select{},
          {lying(DType::kBool, {5, 1, 4}, Lie::kDense), lying(dtype, {}, Lie::kDense, quant),
           lying(dtype, kImage, x, quant)},
          lying(dtype, kImage, y, quant));
    }
  }
  return cases;
}

std::vector<OpCase> copy_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (Lie x : {Lie::kDense, Lie::kChannelsLast, Lie::kReversed, Lie::kGaps, Lie::kBroadcast})
    for (Lie y : {Lie::kDense, Lie::kChannelsLast, Lie::kReversed, Lie::kGaps})
      add(cases, Copy{}, {lying(dtype, kImage, x)}, lying(dtype, kImage, y));
  for (const QuantPtr& quant : quants(dtype, 0.1f, 1))
    add(cases, Copy{}, {lying(dtype, kImage, Lie::kGaps, quant)}, lying(dtype, kImage, Lie::kDense, quant));
  return cases;
}

std::vector<OpCase> fill_grid(DType dtype) {
  std::vector<OpCase> cases;
  for (double value : {0.0, 1.0, -2.5, 1e30, 0.1})
    for (Lie lie : {Lie::kDense, Lie::kChannelsLast, Lie::kReversed, Lie::kGaps})
      for (const QuantPtr& quant : quants(dtype, 0.5f, 1))
        add(cases, Fill{value}, {}, lying(dtype, kImage, lie, quant));
  return cases;
}

std::vector<OpCase> cast_grid(DType dtype) {
  std::vector<OpCase> cases;
  int which = 0;
  for (DType target : kAllTypes) {
    for (const QuantPtr& from : quants(dtype, 0.02f, 3)) {
      for (const QuantPtr& to : quants(target, 0.04f, 2)) {
        const auto [x, y] = kLies[which++ % 4];
        add(cases, Cast{}, {lying(dtype, kImage, x, from)}, lying(target, kImage, y, to));
      }
    }
  }
  if (!quants(dtype, 1, 0).back()) return cases;
  // A scale for every channel, on either side.
  add(cases, Cast{}, {lying(dtype, kImage, Lie::kChannelsLast, per_channel(5, 1, 0.02f))},
      lying(DType::kF32, kImage, Lie::kChannelsLast));
  add(cases, Cast{}, {lying(DType::kF32, kImage, Lie::kDense)},
      lying(dtype, kImage, Lie::kReversed, per_channel(4, 3, 0.02f)));
  return cases;
}

}  // namespace systole::conformance

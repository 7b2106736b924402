// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/cpu/cpu_test.h"

namespace systole::tests {
namespace {

using Random = std::mt19937_64;

int64_t between(Random& random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}
bool chance(Random& random, int percent) { return between(random, 0, 99) < percent; }

int32_t random_zero(Random& random, DType type) {
  return static_cast<int32_t>(type == DType::kU8 ? between(random, 0, 255) : between(random, -128, 127));
}

std::shared_ptr<const Quantization> quantization(Random& random, DType type, int64_t entries, int axis, bool zeros) {
  Quantization quant;
  quant.axis = axis;
  for (int64_t i = 0; i < entries; ++i) {
    quant.scale.push_back(static_cast<float>(between(random, 1, 1000)) * 1e-4f);
    quant.zero_point.push_back(zeros ? random_zero(random, type) : 0);
  }
  return std::make_shared<Quantization>(std::move(quant));
}

// Channels-last, row-major, or some channels of a larger channels-last image.
TensorDesc image(Random& random, DType type, const Shape& shape, std::shared_ptr<const Quantization> quant) {
  if (chance(random, 20)) {
    TensorDesc slice = channels_last(type, {shape[0], shape[1] + 5, shape[2], shape[3]}, std::move(quant));
    slice.shape = shape;
    return slice;
  }
  return chance(random, 70) ? channels_last(type, shape, std::move(quant)) : row_major(type, shape, std::move(quant));
}

Epilogue random_epilogue(Random& random, DType y) {
  Epilogue epilogue;
  epilogue.bias = chance(random, 60);
  epilogue.requant = chance(random, 50) ? RequantMode::kOnnx : RequantMode::kTflite;
  if (y == DType::kI32) return epilogue;
  epilogue.activation = static_cast<Activation>(between(random, 0, 2));
  epilogue.clip_lo = -0.5f;
  epilogue.clip_hi = 2.0f;
  return epilogue;
}

Conv2d random_window(Random& random, int64_t kh, int64_t kw) {
  Conv2d op;
  op.stride_h = between(random, 1, 3);
  op.stride_w = between(random, 1, 3);
  op.dilation_h = chance(random, 80) ? 1 : 2;
  op.dilation_w = chance(random, 80) ? 1 : 3;
  op.pad_top = between(random, 0, kh);
  op.pad_bottom = between(random, 0, kh);
  op.pad_left = between(random, 0, kw);
  op.pad_right = between(random, 0, kw);
  return op;
}

struct ConvExtents {
  Shape x, w, y;
  Conv2d op;
};

ConvExtents random_extents(Random& random) {
  const int64_t kh = between(random, 1, 5), kw = between(random, 1, 4);
  ConvExtents e;
  e.op = random_window(random, kh, kw);
  const int64_t kind = between(random, 0, 3);  // plain, plain, grouped, depthwise
  e.op.groups = kind == 3 ? between(random, 2, 40) : kind == 2 ? between(random, 2, 4) : 1;
  const int64_t c = e.op.groups * (kind == 3 ? 1 : between(random, 1, 24)),
                o = e.op.groups * (kind == 3 ? 1 : between(random, 1, 70));
  e.x = {between(random, 1, 2), c, between(random, 1, 14) + (kh - 1) * e.op.dilation_h,
         between(random, 1, 14) + (kw - 1) * e.op.dilation_w};
  e.w = {o, c / e.op.groups, kh, kw};
  e.y = {e.x[0], o, window_output(e.x[2], kh, e.op.stride_h, e.op.dilation_h, e.op.pad_top, e.op.pad_bottom),
         window_output(e.x[3], kw, e.op.stride_w, e.op.dilation_w, e.op.pad_left, e.op.pad_right)};
  return e;
}

struct IntegerTypes {
  DType x, w, y;
};
IntegerTypes random_types(Random& random) {
  const DType outputs[] = {DType::kI8, DType::kU8, DType::kI32};
  return {chance(random, 50) ? DType::kI8 : DType::kU8, chance(random, 85) ? DType::kI8 : DType::kU8,
          outputs[between(random, 0, 2)]};
}

}  // namespace

std::shared_ptr<Device> open_device(const std::string& uri) {
  Registry registry;
  conformance::require_ok(registry.add(cpu_driver()), "register cpu");
  conformance::require_ok(registry.add(ref_driver()), "register ref");
  return conformance::take(registry.open(uri), "open " + uri);
}

OpCase random_integer_conv(uint64_t seed) {
  Random random(seed);
  ConvExtents e = random_extents(random);
  const IntegerTypes types = random_types(random);
  e.op.epilogue = random_epilogue(random, types.y);
  const bool per_channel = chance(random, 60);
  OpCase result;
  result.seed = seed;
  result.desc.name = "conv";
  result.desc.inputs = {
      image(random, types.x, e.x, quantization(random, types.x, 1, -1, true)),
      row_major(types.w, e.w,
                quantization(random, types.w, per_channel ? e.w[0] : 1, per_channel ? 0 : -1, chance(random, 20)))};
  if (e.op.epilogue.bias) result.desc.inputs.push_back(row_major(DType::kI32, {e.w[0]}));
  result.constant = {false, chance(random, 80)};
  result.desc.outputs = {
      image(random, types.y, e.y, types.y == DType::kI32 ? nullptr : quantization(random, types.y, 1, -1, true))};
  result.desc.op = e.op;
  return result;
}

OpCase random_integer_matmul(uint64_t seed) {
  Random random(seed);
  const IntegerTypes types = random_types(random);
  Matmul op{chance(random, 20), chance(random, 30), random_epilogue(random, types.y)};
  const int64_t m = between(random, 1, 150), n = between(random, 1, 200),
                k = chance(random, 10) ? between(random, 1000, 4000) : between(random, 1, 300);
  Shape a = op.transpose_a ? Shape{k, m} : Shape{m, k}, w = op.transpose_b ? Shape{n, k} : Shape{k, n}, y = {m, n};
  const bool batched = chance(random, 30);
  if (batched) {
    a.insert(a.begin(), 3);
    y.insert(y.begin(), 3);
    if (chance(random, 50)) w.insert(w.begin(), 3);
  }
  const int axis = static_cast<int>(w.size()) - (op.transpose_b ? 2 : 1);
  const bool per_channel = chance(random, 50);
  OpCase result;
  result.seed = seed;
  result.desc.name = "matmul";
  result.desc.inputs = {
      row_major(types.x, a, quantization(random, types.x, 1, -1, true)),
      row_major(types.w, w,
                quantization(random, types.w, per_channel ? n : 1, per_channel ? axis : -1, chance(random, 20)))};
  if (op.epilogue.bias) result.desc.inputs.push_back(row_major(DType::kI32, {n}));
  result.constant = {false, chance(random, 70)};
  result.desc.outputs = {
      row_major(types.y, y, types.y == DType::kI32 ? nullptr : quantization(random, types.y, 1, -1, true))};
  result.desc.op = op;
  return result;
}

OpCase random_float_conv(uint64_t seed) {
  Random random(seed);
  ConvExtents e = random_extents(random);
  const DType type = chance(random, 60) ? DType::kF32 : DType::kBF16;
  const DType out = chance(random, 70) ? type : DType::kF32;
  e.op.epilogue = random_epilogue(random, out);
  e.op.epilogue.residual = chance(random, 40);
  OpCase result;
  result.seed = seed;
  result.desc.name = "conv";
  result.desc.inputs = {image(random, type, e.x, nullptr), row_major(type, e.w)};
  if (e.op.epilogue.bias) result.desc.inputs.push_back(row_major(DType::kF32, {e.w[0]}));
  if (e.op.epilogue.residual) result.desc.inputs.push_back(image(random, out, e.y, nullptr));
  result.constant = {false, chance(random, 80)};
  result.desc.outputs = {image(random, out, e.y, nullptr)};
  result.desc.op = e.op;
  return result;
}

namespace {

// Row-major, or with the last two of the leading axes' memory exchanged (as heads of an attention), or some columns of
// wider rows.
TensorDesc matrices(Random& random, const Shape& shape) {
  TensorDesc desc = row_major(DType::kF32, shape);
  const size_t rank = shape.size();
  if (rank == 3 && chance(random, 40)) {
    desc = row_major(DType::kF32, {shape[1], shape[0], shape[2]});
    std::swap(desc.shape[0], desc.shape[1]);
    std::swap(desc.strides[0], desc.strides[1]);
  } else if (chance(random, 30)) {
    Shape wide = shape;
    wide.back() += 3;
    desc = row_major(DType::kF32, wide);
    desc.shape = shape;
  }
  return desc;
}

}  // namespace

OpCase random_float_matmul(uint64_t seed) {
  Random random(seed);
  Matmul op{chance(random, 15), chance(random, 40), random_epilogue(random, DType::kF32)};
  op.epilogue.residual = chance(random, 30);
  op.epilogue.activation = static_cast<Activation>(between(random, 0, 8));
  const int64_t m = between(random, 1, 60), n = between(random, 1, 120),
                k = chance(random, 10) ? between(random, 1000, 3000) : between(random, 1, 200);
  Shape a = op.transpose_a ? Shape{k, m} : Shape{m, k}, w = op.transpose_b ? Shape{n, k} : Shape{k, n}, y = {m, n};
  if (chance(random, 50)) {
    const int64_t batch = between(random, 1, 5);
    y.insert(y.begin(), batch);
    if (chance(random, 80)) a.insert(a.begin(), batch);
    if (chance(random, 50) || a.size() == 2) w.insert(w.begin(), batch);
  }
  OpCase result;
  result.seed = seed;
  result.desc.name = "matmul";
  result.desc.inputs = {matrices(random, a), matrices(random, w)};
  if (op.epilogue.bias) result.desc.inputs.push_back(row_major(DType::kF32, {n}));
  if (op.epilogue.residual) result.desc.inputs.push_back(matrices(random, y));
  result.constant = {false, chance(random, 60)};
  result.desc.outputs = {matrices(random, y)};
  result.desc.op = op;
  return result;
}

}  // namespace systole::tests

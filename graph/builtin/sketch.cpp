// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/sketch.h"

#include <algorithm>
#include <cmath>

#include "graph/builtin/seeded.h"
#include "graph/constants.h"
#include "graph/edit.h"

namespace systole::graph {

Sketch::Sketch(std::string name, uint64_t seed, int64_t batch, std::map<std::string, int64_t> sizes, Weights weights)
    : seed_(seed), batch_(batch), weights_(weights), sizes_(std::move(sizes)) {
  graph_.name = std::move(name);
  graph_.opset = 17;
}

int64_t Sketch::extent(ValueId id, int axis) const {
  const Shape& s = shape(id);
  return s[static_cast<size_t>(axis < 0 ? axis + static_cast<int>(s.size()) : axis)];
}

ValueId Sketch::value(const std::string& name, Shape shape, DType dtype) {
  Value made;
  made.name = name, made.dtype = dtype, made.shape = std::move(shape), made.shape_known = true;
  return graph_.add_value(std::move(made));
}

ValueId Sketch::keep(Result<Value> made, const std::string& name, DType dtype, Shape shape) {
  if (made.ok()) return graph_.add_value(std::move(made).value());
  if (status_.ok()) status_ = made.status();
  return value(name, std::move(shape), dtype);
}

ValueId Sketch::constant(const std::string& name, DType dtype, Shape shape, const void* data) {
  return keep(make_constant(name, dtype, shape, data), name, dtype, shape);
}

ValueId Sketch::input(const std::string& name, Shape shape, DType dtype) {
  const ValueId id = value(name, std::move(shape), dtype);
  graph_.inputs.push_back(id);
  return id;
}

ValueId Sketch::floats(const std::string& name, Shape shape, const std::vector<float>& data) {
  if (type_ == DType::kF32) return constant(name, DType::kF32, std::move(shape), data.data());
  return keep(real_constant(name, type_, shape, {data.begin(), data.end()}), name, type_, shape);
}

ValueId Sketch::indices(const std::string& name, const std::vector<int64_t>& data) {
  return constant(name, DType::kI64, {static_cast<int64_t>(data.size())}, data.data());
}

ValueId Sketch::weight(const std::string& name, Shape shape, float deviation, float middle) {
  parameters_ += element_count(shape);
  if (weights_ == Weights::kCounted) return value(name, std::move(shape), type_);
  if (weights_ == Weights::kWithheld) return keep(make_withheld_constant(name, type_, shape), name, type_, shape);
  uint64_t key = splitmix64(seed_);
  for (char letter : name) key = splitmix64(key ^ static_cast<unsigned char>(letter));
  std::vector<float> data(static_cast<size_t>(element_count(shape)));
  for (size_t i = 0; i < data.size(); ++i) data[i] = middle + deviation * seeded_normal(key, i);
  return floats(name, std::move(shape), data);
}

Node& Sketch::node(const std::string& type, const std::string& name, std::vector<ValueId> inputs, ValueId output) {
  Node made;
  made.name = name, made.type = type, made.inputs = std::move(inputs), made.outputs = {output};
  graph_.nodes.push_back(std::move(made));
  return graph_.nodes.back();
}

ValueId Sketch::unary(const std::string& type, const std::string& name, ValueId x) {
  const ValueId y = value(name + ".out", shape(x));
  node(type, name, {x}, y);
  return y;
}

ValueId Sketch::binary(const std::string& type, const std::string& name, ValueId a, ValueId b) {
  Shape out = shape(a).size() >= shape(b).size() ? shape(a) : shape(b);
  const Shape& other = shape(a).size() >= shape(b).size() ? shape(b) : shape(a);
  for (size_t i = 0; i < other.size(); ++i) {
    int64_t& extent = out[out.size() - other.size() + i];
    extent = std::max(extent, other[i]);
  }
  const ValueId y = value(name + ".out", std::move(out));
  node(type, name, {a, b}, y);
  return y;
}

ValueId Sketch::add(const std::string& name, ValueId a, ValueId b) { return binary("Add", name, a, b); }
ValueId Sketch::mul(const std::string& name, ValueId a, ValueId b) { return binary("Mul", name, a, b); }

ValueId Sketch::conv(const std::string& name, ValueId x, int64_t out, const Tap& tap, float gain) {
  const int64_t in = extent(x, 1) / tap.groups, high = tap.flat ? 1 : tap.kernel;
  const auto fan = static_cast<float>(in * high * tap.kernel);
  std::vector<ValueId> inputs{x, weight(name + ".weight", {out, in, high, tap.kernel}, gain / std::sqrt(fan))};
  if (tap.bias) inputs.push_back(weight(name + ".bias", {out}, 0.02f, tap.bias_middle));
  const auto after = [&](int64_t extent) { return (extent + 2 * tap.pad - tap.kernel) / tap.stride + 1; };
  const int64_t h = tap.flat ? extent(x, 2) : after(extent(x, 2));
  const ValueId y = value(name + ".out", {extent(x, 0), out, h, after(extent(x, 3))});
  Node& made = node("Conv", name, std::move(inputs), y);
  const int64_t pad = tap.flat ? 0 : tap.pad;
  made.attributes["kernel_shape"] = std::vector<int64_t>{high, tap.kernel};
  made.attributes["strides"] = std::vector<int64_t>{tap.flat ? 1 : tap.stride, tap.stride};
  made.attributes["pads"] = std::vector<int64_t>{pad, tap.pad, pad, tap.pad};
  made.attributes["dilations"] = std::vector<int64_t>{1, 1};
  made.attributes["group"] = tap.groups;
  return y;
}

ValueId Sketch::batch_norm(const std::string& name, ValueId x, float gain) {
  const int64_t c = extent(x, 1);
  const ValueId y = value(name + ".out", shape(x));
  node("BatchNormalization", name,
       {x, weight(name + ".gamma", {c}, 0.1f * gain, gain), weight(name + ".beta", {c}, 0.1f * gain),
        floats(name + ".mean", {c}, std::vector<float>(static_cast<size_t>(c), 0.0f)),
        floats(name + ".var", {c}, std::vector<float>(static_cast<size_t>(c), 1.0f))},
       y)
      .attributes["epsilon"] = 1e-5f;
  return y;
}

ValueId Sketch::conv_norm(const std::string& name, ValueId x, int64_t out, const Tap& tap, Gate g, float gain) {
  // A gated normal variable keeps about half (relu) to a third (silu) of its mean square.
  return gate(name + ".act", batch_norm(name + ".bn", conv(name + ".conv", x, out, tap, 1.5f), gain), g);
}

ValueId Sketch::layer_norm(const std::string& name, ValueId x, float epsilon) {
  const int64_t c = extent(x, -1);
  const ValueId y = value(name + ".out", shape(x));
  Node& made = node("LayerNormalization", name,
                    {x, weight(name + ".gamma", {c}, 0.1f, 1.0f), weight(name + ".beta", {c}, 0.1f)}, y);
  made.attributes["axis"] = int64_t{-1};
  made.attributes["epsilon"] = epsilon;
  return y;
}

// As PyTorch writes it before opset 18: instance normalization of [N, groups, -1], then a scale and shift a channel.
ValueId Sketch::group_norm(const std::string& name, ValueId x, int64_t groups, float epsilon) {
  const Shape image = shape(x);
  const int64_t c = image[1];
  const std::vector<float> ones(static_cast<size_t>(groups), 1.0f), zeros(static_cast<size_t>(groups), 0.0f);
  const ValueId rows = reshape(name + ".rows", x, {image[0], groups, c / groups * image[2] * image[3]});
  const ValueId y = value(name + ".norm.out", shape(rows));
  node("InstanceNormalization", name + ".norm",
       {rows, floats(name + ".ones", {groups}, ones), floats(name + ".zeros", {groups}, zeros)}, y)
      .attributes["epsilon"] = epsilon;
  const ValueId back = reshape(name + ".image", y, image);
  const ValueId scaled = mul(name + ".scale", back, weight(name + ".gamma", {c, 1, 1}, 0.1f, 1.0f));
  return add(name + ".shift", scaled, weight(name + ".beta", {c, 1, 1}, 0.1f));
}

ValueId Sketch::linear(const std::string& name, ValueId x, int64_t out, bool bias, float gain) {
  const int64_t in = extent(x, -1);
  const ValueId w = weight(name + ".weight", {in, out}, gain / std::sqrt(static_cast<float>(in)));
  const ValueId y = matmul(name, x, w);
  return bias ? add(name + ".add", y, weight(name + ".bias", {out}, 0.02f)) : y;
}

ValueId Sketch::matmul(const std::string& name, ValueId a, ValueId b) {
  Shape out = shape(a);
  out.back() = extent(b, -1);
  const ValueId y = value(name + ".out", std::move(out));
  node("MatMul", name, {a, b}, y);
  return y;
}

ValueId Sketch::gate(const std::string& name, ValueId x, Gate g) {
  switch (g) {
    case Gate::kNone:
      return x;
    case Gate::kRelu:
      return unary("Relu", name, x);
    case Gate::kRelu6: {
      const ValueId y = value(name + ".out", shape(x));
      node("Clip", name, {x, scalar(name + ".lo", 0.0f), scalar(name + ".hi", 6.0f)}, y);
      return y;
    }
    case Gate::kSigmoid:
      return unary("Sigmoid", name, x);
    case Gate::kTanh:
      return unary("Tanh", name, x);
    case Gate::kSilu:
      return mul(name + ".mul", x, unary("Sigmoid", name, x));
    case Gate::kGeluErf: {
      const ValueId scaled = binary("Div", name + ".div", x, scalar(name + ".sqrt2", 1.41421354f));
      const ValueId one = add(name + ".add", unary("Erf", name + ".erf", scaled), scalar(name + ".one", 1.0f));
      return mul(name + ".half", mul(name + ".mul", x, one), scalar(name + ".c", 0.5f));
    }
    case Gate::kGeluTanh: {
      const ValueId cube = binary("Pow", name + ".pow", x, scalar(name + ".three", 3.0f));
      const ValueId sum = add(name + ".sum", x, mul(name + ".cubed", cube, scalar(name + ".a", 0.044715f)));
      const ValueId inner = mul(name + ".inner", sum, scalar(name + ".b", 0.7978845608f));
      const ValueId one = add(name + ".add", unary("Tanh", name + ".tanh", inner), scalar(name + ".one", 1.0f));
      return mul(name + ".mul", mul(name + ".half", x, scalar(name + ".c", 0.5f)), one);
    }
  }
  return x;
}

ValueId Sketch::softmax(const std::string& name, ValueId x, int64_t axis) {
  const ValueId y = value(name + ".out", shape(x));
  node("Softmax", name, {x}, y).attributes["axis"] = axis;
  return y;
}

ValueId Sketch::reshape(const std::string& name, ValueId x, Shape to) {
  const ValueId target = indices(name + ".shape", to);
  const ValueId y = value(name + ".out", std::move(to), graph_.at(x).dtype);
  node("Reshape", name, {x, target}, y);
  return y;
}

ValueId Sketch::transpose(const std::string& name, ValueId x, const std::vector<int64_t>& order) {
  Shape out;
  for (int64_t axis : order) out.push_back(shape(x)[static_cast<size_t>(axis)]);
  const ValueId y = value(name + ".out", std::move(out));
  node("Transpose", name, {x}, y).attributes["perm"] = order;
  return y;
}

ValueId Sketch::concat(const std::string& name, const std::vector<ValueId>& parts, int64_t axis) {
  Shape out = shape(parts[0]);
  const auto a = static_cast<size_t>(axis);
  out[a] = 0;
  for (ValueId part : parts) out[a] += shape(part)[a];
  const ValueId y = like(parts[0], name, std::move(out));
  node("Concat", name, parts, y).attributes["axis"] = axis;
  return y;
}

std::vector<ValueId> Sketch::split(const std::string& name, ValueId x, int64_t parts, int64_t axis) {
  Shape out = shape(x);
  const auto a = static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(out.size()) : axis);
  out[a] /= parts;
  std::vector<ValueId> outputs;
  for (int64_t i = 0; i < parts; ++i) outputs.push_back(value(name + ".out" + std::to_string(i), out));
  const ValueId sizes = indices(name + ".sizes", std::vector<int64_t>(static_cast<size_t>(parts), out[a]));
  Node& made = node("Split", name, {x, sizes}, outputs[0]);
  made.outputs = outputs;
  made.attributes["axis"] = axis;
  return outputs;
}

ValueId Sketch::slice(const std::string& name, ValueId x, int64_t axis, int64_t begin, int64_t end) {
  Shape out = shape(x);
  out[static_cast<size_t>(axis)] = end - begin;
  const ValueId y = value(name + ".out", std::move(out));
  node("Slice", name,
       {x, indices(name + ".begin", {begin}), indices(name + ".end", {end}), indices(name + ".axis", {axis})}, y);
  return y;
}

ValueId Sketch::max_pool(const std::string& name, ValueId x, const Tap& tap) {
  const auto after = [&](int64_t extent) { return (extent + 2 * tap.pad - tap.kernel) / tap.stride + 1; };
  const ValueId y = value(name + ".out", {extent(x, 0), extent(x, 1), after(extent(x, 2)), after(extent(x, 3))});
  Node& made = node("MaxPool", name, {x}, y);
  made.attributes["kernel_shape"] = std::vector<int64_t>{tap.kernel, tap.kernel};
  made.attributes["strides"] = std::vector<int64_t>{tap.stride, tap.stride};
  made.attributes["pads"] = std::vector<int64_t>(4, tap.pad);
  return y;
}

ValueId Sketch::global_average(const std::string& name, ValueId x) {
  const ValueId y = value(name + ".out", {extent(x, 0), extent(x, 1), 1, 1});
  node("GlobalAveragePool", name, {x}, y);
  return y;
}

// As views and one copy: every pixel is seen 2 x 2 times.
ValueId Sketch::upsample(const std::string& name, ValueId x) {
  const Shape s = shape(x);
  const ValueId apart = reshape(name + ".apart", x, {s[0], s[1], s[2], 1, s[3], 1});
  const ValueId wide = value(name + ".wide", {s[0], s[1], s[2], 2, s[3], 2});
  node("Expand", name, {apart, indices(name + ".shape", {s[0], s[1], s[2], 2, s[3], 2})}, wide);
  return reshape(name + ".image", wide, {s[0], s[1], 2 * s[2], 2 * s[3]});
}

ValueId Sketch::embed(const std::string& name, ValueId table, ValueId ids) {
  Shape out = shape(ids);
  out.push_back(extent(table, -1));
  const ValueId y = value(name + ".out", std::move(out), graph_.at(table).dtype);
  node("Gather", name, {table, ids}, y).attributes["axis"] = int64_t{0};
  return y;
}

ValueId Sketch::heads_of(const std::string& name, ValueId x, int64_t heads) {
  const Shape s = shape(x);
  return transpose(name + ".heads", reshape(name + ".split", x, {s[0], s[1], heads, s[2] / heads}), {0, 2, 1, 3});
}

ValueId Sketch::attention(const std::string& name, ValueId q, ValueId k, ValueId v, int64_t heads, bool causal) {
  const Shape rows = shape(q);
  const int64_t keys = extent(k, 1), depth = rows[2] / heads;
  const ValueId turned = transpose(name + ".kt", heads_of(name + ".k", k, heads), {0, 1, 3, 2});
  ValueId scores = matmul(name + ".scores", heads_of(name + ".q", q, heads), turned);
  scores = binary("Div", name + ".scale", scores, scalar(name + ".root", std::sqrt(static_cast<float>(depth))));
  if (causal) {
    std::vector<uint8_t> seen(static_cast<size_t>(rows[1] * keys));
    for (int64_t s = 0; s < rows[1]; ++s)
      for (int64_t t = 0; t < keys; ++t) seen[static_cast<size_t>(s * keys + t)] = t <= s + keys - rows[1];
    const ValueId mask = constant(name + ".seen", DType::kBool, {1, 1, rows[1], keys}, seen.data());
    const ValueId least = scalar(name + ".least", -3.4028234663852886e38f);
    const ValueId masked = value(name + ".masked", shape(scores));
    node("Where", name + ".mask", {mask, scores, least}, masked);
    scores = masked;
  }
  const ValueId context =
      matmul(name + ".context", softmax(name + ".softmax", scores, -1), heads_of(name + ".v", v, heads));
  return reshape(name + ".join", transpose(name + ".rows", context, {0, 2, 1, 3}), rows);
}

Result<Graph> Sketch::finish(const std::vector<std::pair<std::string, ValueId>>& outputs) {
  if (!status_.ok()) return status_;
  for (const auto& [name, id] : outputs) {
    graph_.at(id).name = name;
    graph_.outputs.push_back(id);
  }
  return std::move(graph_);
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Graphs that need no lowering.
#include <utility>

#include "graph/builtin/sketch.h"
#include "graph/edit.h"

namespace systole::graph {

void Sketch::lower_to(DType type) {
  type_ = type;
  graph_.lowered = true;
}

ValueId Sketch::op(const std::string& kind, const std::string& name, Op op, std::vector<ValueId> inputs, Shape shape) {
  const ValueId y = value(name + ".out", std::move(shape), type_);
  node(kind, name, std::move(inputs), y).op = std::move(op);
  return y;
}

ValueId Sketch::row(const std::string& name, int64_t extent, float deviation, float middle) {
  const DType type = std::exchange(type_, DType::kF32);
  const ValueId id = weight(name, {extent}, deviation, middle);
  type_ = type;
  return id;
}

ValueId Sketch::table(const std::string& name, Shape shape, const std::function<float(int64_t)>& number) {
  if (weights_ == Weights::kCounted) return value(name, std::move(shape), type_);
  if (weights_ == Weights::kWithheld) return keep(make_withheld_constant(name, type_, shape), name, type_, shape);
  std::vector<float> data(static_cast<size_t>(element_count(shape)));
  for (size_t i = 0; i < data.size(); ++i) data[i] = number(static_cast<int64_t>(i));
  return floats(name, std::move(shape), data);
}

ValueId Sketch::like(ValueId x, const std::string& name, Shape to) {
  const ValueId y = value(name + ".out", std::move(to), graph_.at(x).dtype);
  graph_.at(y).quant = graph_.at(x).quant;
  return y;
}

ValueId Sketch::quantize(const std::string& name, ValueId x, float scale) {
  const ValueId y = op("Cast", name, Cast{}, {x}, shape(x));
  graph_.at(y).dtype = DType::kI8;
  graph_.at(y).quant = std::make_shared<const Quantization>(Quantization{{scale}, {0}});
  return y;
}

ValueId Sketch::overwrite(const std::string& name, ValueId whole, const std::vector<ValueId>& parts,
                          const std::vector<Shape>& starts) {
  std::vector<ValueId> inputs{whole};
  std::vector<int64_t> all(shape(whole).size(), 0);
  for (size_t i = 0; i < parts.size(); ++i) {
    inputs.push_back(parts[i]);
    all.insert(all.end(), starts[i].begin(), starts[i].end());
  }
  const ValueId y = like(whole, name, shape(whole));
  node("Concat", name, std::move(inputs), y).attributes["starts"] = std::move(all);
  return y;
}

ValueId Sketch::view(const std::string& name, ValueId x, Shape to) {
  const ValueId y = like(x, name, std::move(to));
  node("Reshape", name, {x}, y);
  return y;
}

ValueId Sketch::turn(const std::string& name, ValueId x, const std::vector<int64_t>& order) {
  Shape out;
  for (int64_t axis : order) out.push_back(extent(x, static_cast<int>(axis)));
  const ValueId y = op("Transpose", name, Copy{}, {x}, std::move(out));
  graph_.nodes.back().attributes["perm"] = order;
  return y;
}

ValueId Sketch::part(const std::string& name, ValueId x, int64_t axis, int64_t begin, int64_t end) {
  Shape out = shape(x);
  std::vector<int64_t> starts(out.size(), 0);
  out[static_cast<size_t>(axis)] = end - begin, starts[static_cast<size_t>(axis)] = begin;
  const ValueId y = op("Slice", name, Copy{}, {x}, std::move(out));
  graph_.nodes.back().attributes["starts"] = starts;
  graph_.nodes.back().attributes["steps"] = std::vector<int64_t>(starts.size(), 1);
  return y;
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/network.h"

#include <cmath>

#include "graph/builtin/seeded.h"
#include "graph/edit.h"

namespace systole::graph {

Network::Network(std::string name, uint64_t seed, int64_t batch, bool int8, std::map<std::string, int64_t> sizes,
                 bool values)
    : seed_(seed), batch_(batch), int8_(int8), values_(values || int8), sizes_(std::move(sizes)) {
  graph_.name = std::move(name);
  graph_.opset = 13;
}

ValueId Network::keep(Result<Value> made, const std::string& name, DType dtype, Shape shape) {
  if (made.ok()) return graph_.add_value(std::move(made).value());
  if (status_.ok()) status_ = made.status();
  return value(name, std::move(shape), dtype);
}

ValueId Network::constant(const std::string& name, DType dtype, Shape shape, const void* data) {
  return keep(make_constant(name, dtype, shape, data), name, dtype, shape);
}

ValueId Network::weight(const std::string& name, Shape shape, const std::vector<float>& data) {
  if (values_) return floats(name, std::move(shape), data);
  return keep(make_withheld_constant(name, DType::kF32, shape), name, DType::kF32, shape);
}

ValueId Network::floats(const std::string& name, Shape shape, const std::vector<float>& data) {
  return constant(name, DType::kF32, std::move(shape), data.data());
}

ValueId Network::value(const std::string& name, Shape shape, DType dtype) {
  Value made;
  made.name = name;
  made.dtype = dtype;
  made.shape = std::move(shape);
  made.shape_known = true;
  return graph_.add_value(std::move(made));
}

Node& Network::node(const std::string& type, const std::string& name, std::vector<ValueId> inputs, ValueId output) {
  Node made;
  made.name = name;
  made.type = type;
  made.inputs = std::move(inputs);
  made.outputs = {output};
  graph_.nodes.push_back(std::move(made));
  return graph_.nodes.back();
}

namespace {

uint64_t stream_of(uint64_t seed, const std::string& name) {
  uint64_t key = splitmix64(seed);
  for (char letter : name) key = splitmix64(key ^ static_cast<unsigned char>(letter));
  return key;
}

}  // namespace

// He's rule made exact for every filter: squares sum to 2. Each filter sums to zero, so that the common mean of
// rectified inputs doesn't drown what differs between them.
std::vector<float> Network::draw(const std::string& name, int64_t out, int64_t depth) {
  std::vector<float> weights(static_cast<size_t>(out * depth));
  const uint64_t key = stream_of(seed_, name);
  for (int64_t o = 0; o < out; ++o) {
    float* row = weights.data() + o * depth;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < depth; ++i) {
      row[i] = seeded_normal(key, static_cast<uint64_t>(o * depth + i));
      sum += row[i];
      squares += static_cast<double>(row[i]) * row[i];
    }
    const double mean = sum / static_cast<double>(depth);
    const double rest = squares - mean * sum;
    const auto middle = static_cast<float>(mean), scale = static_cast<float>(std::sqrt(2.0 / rest));
    for (int64_t i = 0; i < depth; ++i) row[i] = (row[i] - middle) * scale;
  }
  return weights;
}

std::vector<float> Network::numbers(const std::string& name, int64_t count, float middle, float spread) {
  std::vector<float> values(static_cast<size_t>(count));
  const uint64_t key = stream_of(seed_, name);
  for (size_t i = 0; i < values.size(); ++i) values[i] = middle + spread * seeded_normal(key, i);
  return values;
}

// The probe's sum is left as convolved; the deviation is corrected for the share of taps that padding takes, which is
// larger in the small probe than in the real image.
Network::Weights Network::weights_for(const std::string& name, const Track& x, int64_t out, const Window& window,
                                      Probe& sum) {
  if (!values_) {
    sum = {out, window_extent(x.probe.height, window), window_extent(x.probe.width, window), {}};
    return {};
  }
  Weights weights{draw(name + ".weight", out, x.probe.channels / window.groups * window.kernel * window.kernel), 1.0f};
  sum = probe_conv(x.probe, weights.values, out, window);
  const bool image = x.shape.size() == 4;
  const double real = image ? tap_share(x.shape[2], x.shape[3], window) : 1.0;
  const double small = tap_share(x.probe.height, x.probe.width, window);
  const double measured = sum.deviation();
  weights.deviation = static_cast<float>(measured * std::sqrt(real / small));
  const auto unit = static_cast<float>(weights.deviation / measured);
  for (float& value : sum.data) value *= unit;
  return weights;
}

ValueId Network::input(const std::string& name, int64_t channels, int64_t extent, int64_t probe_extent) {
  Track track;
  track.shape = {batch_, channels, extent, extent};
  track.probe = {channels, probe_extent, probe_extent, {}};
  if (values_) track.probe.data = numbers("probe", channels * probe_extent * probe_extent, 0.0f, 1.0f);
  const ValueId id = value(name, track.shape);
  graph_.inputs.push_back(id);
  if (!int8_) {
    tracks_[id] = std::move(track);
    return id;
  }
  return settled(name, id, std::move(track.probe), false);
}

ValueId Network::rectify(const std::string& name, ValueId x, Probe& probe, Rectifier rectifier) {
  if (rectifier == Rectifier::kNone) return x;
  const ValueId y = value(name + ".rectified", graph_.at(x).shape);
  if (rectifier == Rectifier::kRelu) {
    probe_clamp(probe, 0.0f, INFINITY);
    node("Relu", name + "/relu", {x}, y);
    return y;
  }
  probe_clamp(probe, 0.0f, 6.0f);
  const ValueId lo = floats(name + ".lo", {}, {0.0f}), hi = floats(name + ".hi", {}, {6.0f});
  node("Clip", name + "/clip", {x, lo, hi}, y);
  return y;
}

ValueId Network::add(const std::string& name, ValueId a, ValueId b, Rectifier rectifier) {
  Probe probe = probe_add(tracks_.at(a).probe, tracks_.at(b).probe);
  const Shape shape = tracks_.at(a).shape;
  const ValueId left = dequantized(a), right = dequantized(b);
  ValueId y = value(name + ".sum", shape);
  node("Add", name, {left, right}, y);
  y = rectify(name, y, probe, rectifier);
  return settled(name, y, std::move(probe), rectifier != Rectifier::kNone);
}

ValueId Network::max_pool(const std::string& name, ValueId x, Window window) {
  const Track from = tracks_.at(x);
  const Shape shape{from.shape[0], from.shape[1], window_extent(from.shape[2], window),
                    window_extent(from.shape[3], window)};
  const ValueId source = dequantized(x);
  const ValueId y = value(name + ".out", shape);
  Node& pool = node("MaxPool", name, {source}, y);
  pool.attributes["kernel_shape"] = std::vector<int64_t>{window.kernel, window.kernel};
  pool.attributes["strides"] = std::vector<int64_t>{window.stride, window.stride};
  pool.attributes["pads"] = std::vector<int64_t>(4, window.pad);
  return settled_as(name, y, probe_max_pool(from.probe, window), from);
}

ValueId Network::global_average(const std::string& name, ValueId x) {
  const Track from = tracks_.at(x);
  const ValueId source = dequantized(x);
  const ValueId y = value(name + ".out", {from.shape[0], from.shape[1], 1, 1});
  node("GlobalAveragePool", name, {source}, y);
  return settled(name, y, probe_average(from.probe), from.zero_point != 0);
}

ValueId Network::flatten(const std::string& name, ValueId x) {
  const Track from = tracks_.at(x);
  int64_t features = 1;
  for (size_t i = 1; i < from.shape.size(); ++i) features *= from.shape[i];
  Probe probe = from.probe;
  if (!values_) {
    probe.channels *= probe.height * probe.width;
    probe.height = probe.width = 1;
  } else if (probe.height * probe.width > 1) {  // to the order of a flattened N,C,H,W image
    for (int64_t c = 0; c < probe.channels; ++c)
      for (int64_t p = 0; p < probe.height * probe.width; ++p)
        probe.data[static_cast<size_t>(c * probe.height * probe.width + p)] =
            from.probe.data[static_cast<size_t>(p * probe.channels + c)];
    probe.channels *= probe.height * probe.width;
    probe.height = probe.width = 1;
  }
  const ValueId source = dequantized(x);
  const ValueId y = value(name + ".out", {from.shape[0], features});
  node("Flatten", name, {source}, y).attributes["axis"] = int64_t{1};
  return settled_as(name, y, std::move(probe), from);
}

Result<Graph> Network::finish(const std::string& output, ValueId x) {
  if (!status_.ok()) return status_;
  ValueId y = dequantized(x);
  graph_.at(y).name = output;
  graph_.outputs = {y};
  return std::move(graph_);
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The layers with weights, and the int8 form of values.
#include <algorithm>
#include <cmath>

#include "graph/builtin/network.h"

namespace systole::graph {
namespace {

// Values beyond this many deviations saturate: a normal one does 6 times in 10 million.
constexpr double kRangeDeviations = 5.0;
constexpr float kEpsilon = 1e-5f;  // ONNX's default

}  // namespace

ValueId Network::dequantized(ValueId x) {
  if (!int8_) return x;
  const Track& track = tracks_.at(x);
  const std::string name = graph_.at(x).name;
  const auto zero = static_cast<int8_t>(track.zero_point);
  const ValueId scale = floats(name + ".scale", {}, {track.scale});
  const ValueId zero_point = constant(name + ".zero_point", DType::kI8, {}, &zero);
  const std::string use = name + ".real" + std::to_string(graph_.values.size());
  const ValueId y = value(use, track.shape);
  node("DequantizeLinear", use + "/dequantize", {x, scale, zero_point}, y);
  return y;
}

ValueId Network::quantize(const std::string& name, ValueId x, Track track) {
  const auto zero = static_cast<int8_t>(track.zero_point);
  const ValueId scale = floats(name + ".q.scale", {}, {track.scale});
  const ValueId zero_point = constant(name + ".q.zero_point", DType::kI8, {}, &zero);
  const ValueId y = value(name + ".int8", track.shape, DType::kI8);
  node("QuantizeLinear", name + "/quantize", {x, scale, zero_point}, y);
  tracks_[y] = std::move(track);
  return y;
}

ValueId Network::settled(const std::string& name, ValueId x, Probe probe, bool positive) {
  Track track;
  track.shape = graph_.at(x).shape;
  if (!int8_) {
    track.probe = std::move(probe);
    track.zero_point = positive ? -128 : 0;
    tracks_[x] = std::move(track);
    return x;
  }
  // A rectified normal variable of deviation d has rms d / sqrt(2).
  const double range = kRangeDeviations * probe.rms() * (positive ? std::sqrt(2.0) : 1.0);
  track.scale = static_cast<float>(range / (positive ? 255.0 : 127.0));
  track.zero_point = positive ? -128 : 0;
  track.probe = std::move(probe);
  return quantize(name, x, std::move(track));
}

ValueId Network::settled_as(const std::string& name, ValueId x, Probe probe, const Track& like) {
  Track track = like;
  track.shape = graph_.at(x).shape;
  track.probe = std::move(probe);
  if (int8_) return quantize(name, x, std::move(track));
  tracks_[x] = std::move(track);
  return x;
}

std::pair<ValueId, ValueId> Network::quantized_weights(const std::string& name, Shape shape,
                                                       const std::vector<float>& weights,
                                                       const std::vector<float>& bias, float input_scale) {
  const size_t out = bias.size(), depth = weights.size() / out;
  std::vector<float> scales(out), bias_scales(out);
  std::vector<int8_t> stored(weights.size()), zeros(out, 0);
  std::vector<int32_t> stored_bias(out), bias_zeros(out, 0);
  for (size_t o = 0; o < out; ++o) {
    float largest = 0;
    for (size_t i = 0; i < depth; ++i) largest = std::max(largest, std::fabs(weights[o * depth + i]));
    scales[o] = std::max(largest, 1e-20f) / 127.0f;
    bias_scales[o] = input_scale * scales[o];
    for (size_t i = 0; i < depth; ++i)
      stored[o * depth + i] = static_cast<int8_t>(std::nearbyint(weights[o * depth + i] / scales[o]));
    stored_bias[o] = static_cast<int32_t>(std::nearbyint(bias[o] / bias_scales[o]));
  }
  const Shape channels{static_cast<int64_t>(out)};
  const auto pair = [&](const std::string& part, ValueId integers, const std::vector<float>& scale, ValueId zero,
                        Shape like) {
    const ValueId real = value(name + part + ".real", std::move(like));
    node("DequantizeLinear", name + part + "/dequantize",
         {integers, floats(name + part + ".scale", channels, scale), zero}, real)
        .attributes["axis"] = int64_t{0};
    return real;
  };
  const ValueId w = constant(name + ".weight", DType::kI8, shape, stored.data());
  const ValueId b = constant(name + ".bias", DType::kI32, channels, stored_bias.data());
  const ValueId w_zero = constant(name + ".weight.zero_point", DType::kI8, channels, zeros.data());
  const ValueId b_zero = constant(name + ".bias.zero_point", DType::kI32, channels, bias_zeros.data());
  const ValueId real_w = pair(".weight", w, scales, w_zero, shape);
  const ValueId real_b = pair(".bias", b, bias_scales, b_zero, channels);
  return {real_w, real_b};
}

ValueId Network::convolve(const std::string& name, ValueId x, Shape shape, Shape weight_shape, const Window& window,
                          const std::vector<float>& weights, const std::vector<float>& bias) {
  const float input_scale = tracks_.at(x).scale;
  const ValueId source = dequantized(x);
  std::vector<ValueId> inputs{source};
  if (int8_) {
    const auto [w, b] = quantized_weights(name, weight_shape, weights, bias, input_scale);
    inputs.insert(inputs.end(), {w, b});
  } else {
    inputs.push_back(weight(name + ".weight", weight_shape, weights));
    if (!bias.empty()) inputs.push_back(floats(name + ".bias", {static_cast<int64_t>(bias.size())}, bias));
  }
  const ValueId y = value(name + ".out", std::move(shape));
  Node& conv = node("Conv", name, std::move(inputs), y);
  conv.attributes["kernel_shape"] = std::vector<int64_t>{window.kernel, window.kernel};
  conv.attributes["strides"] = std::vector<int64_t>{window.stride, window.stride};
  conv.attributes["pads"] = std::vector<int64_t>(4, window.pad);
  conv.attributes["dilations"] = std::vector<int64_t>{1, 1};
  conv.attributes["group"] = window.groups;
  return y;
}

ValueId Network::conv_norm(const std::string& name, ValueId x, int64_t out, Window window, Rectifier rectifier,
                           float gain) {
  const Track from = tracks_.at(x);
  Probe probe;
  Weights weights = weights_for(name, from, out, window, probe);
  const Shape shape{batch_, out, window_extent(from.shape[2], window), window_extent(from.shape[3], window)};
  const Shape weight_shape{out, from.shape[1] / window.groups, window.kernel, window.kernel};
  const auto gamma = numbers(name + ".gamma", out, gain, 0.1f * gain),
             beta = numbers(name + ".beta", out, 0.0f, 0.1f * gain);
  const auto mean = numbers(name + ".mean", out, 0.0f, 0.05f * weights.deviation);
  const std::vector<float> variance(static_cast<size_t>(out), weights.deviation * weights.deviation);
  std::vector<float> scale(gamma.size()), shift(gamma.size());
  for (size_t c = 0; c < scale.size(); ++c) {
    scale[c] = gamma[c] / std::sqrt(variance[c] + kEpsilon);
    shift[c] = beta[c] - mean[c] * scale[c];
  }
  probe_affine(probe, scale, shift);
  ValueId y = kAbsent;
  if (int8_) {
    const size_t depth = weights.values.size() / scale.size();
    for (size_t i = 0; i < weights.values.size(); ++i) weights.values[i] *= scale[i / depth];
    y = convolve(name, x, shape, weight_shape, window, weights.values, shift);
  } else {
    const ValueId conv = convolve(name, x, shape, weight_shape, window, weights.values, {});
    y = value(name + ".norm", shape);
    const std::vector<ValueId> inputs{conv, floats(name + ".gamma", {out}, gamma), floats(name + ".beta", {out}, beta),
                                      floats(name + ".mean", {out}, mean), floats(name + ".var", {out}, variance)};
    node("BatchNormalization", name + "/norm", inputs, y).attributes["epsilon"] = kEpsilon;
  }
  y = rectify(name, y, probe, rectifier);
  return settled(name, y, std::move(probe), rectifier != Rectifier::kNone);
}

ValueId Network::conv_bias(const std::string& name, ValueId x, int64_t out, Window window, Rectifier rectifier) {
  const Track from = tracks_.at(x);
  Probe probe;
  Weights weights = weights_for(name, from, out, window, probe);
  for (float& weight : weights.values) weight /= weights.deviation;
  const auto bias = numbers(name + ".bias", out, 0.0f, 0.1f);
  probe_affine(probe, std::vector<float>(bias.size(), 1.0f / weights.deviation), bias);
  const Shape shape{batch_, out, window_extent(from.shape[2], window), window_extent(from.shape[3], window)};
  ValueId y = convolve(name, x, shape, {out, from.shape[1] / window.groups, window.kernel, window.kernel}, window,
                       weights.values, bias);
  y = rectify(name, y, probe, rectifier);
  return settled(name, y, std::move(probe), rectifier != Rectifier::kNone);
}

ValueId Network::dense(const std::string& name, ValueId x, int64_t out, Rectifier rectifier) {
  const Track from = tracks_.at(x);
  Probe probe;
  Weights weights = weights_for(name, from, out, Window{}, probe);
  for (float& weight : weights.values) weight /= weights.deviation;
  const auto bias = numbers(name + ".bias", out, 0.0f, 0.1f);
  probe_affine(probe, std::vector<float>(bias.size(), 1.0f / weights.deviation), bias);
  const ValueId source = dequantized(x);
  const Shape weight_shape{out, from.shape[1]};
  std::vector<ValueId> inputs{source};
  if (int8_) {
    const auto [w, b] = quantized_weights(name, weight_shape, weights.values, bias, from.scale);
    inputs.insert(inputs.end(), {w, b});
  } else {
    const ValueId w = weight(name + ".weight", weight_shape, weights.values);
    inputs.insert(inputs.end(), {w, floats(name + ".bias", {out}, bias)});
  }
  ValueId y = value(name + ".out", {batch_, out});
  Node& gemm = node("Gemm", name, std::move(inputs), y);
  gemm.attributes["alpha"] = 1.0f;
  gemm.attributes["beta"] = 1.0f;
  gemm.attributes["transA"] = int64_t{0};
  gemm.attributes["transB"] = int64_t{1};
  y = rectify(name, y, probe, rectifier);
  return settled(name, y, std::move(probe), rectifier != Rectifier::kNone);
}

}  // namespace systole::graph

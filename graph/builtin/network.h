// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Builds a network layer by layer, in f32 or with quantize and dequantize nodes around int8 values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/builtin/probe.h"
#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

enum class Rectifier : uint8_t { kNone, kRelu, kRelu6 };

// Errors (out of memory) stick; finish() returns the first.
class Network {
 public:
  // values = false: weights are withheld, and the probe has no values; an int8 network needs them for its scales.
  Network(std::string name, uint64_t seed, int64_t batch, bool int8, std::map<std::string, int64_t> sizes,
          bool values = true);

  int64_t size(const std::string& option) const { return sizes_.at(option); }  // an option of the network

  // The probe is `probe_extent` wide and high, the input `extent`.
  ValueId input(const std::string& name, int64_t channels, int64_t extent, int64_t probe_extent);
  // Convolution without bias, batch normalization, rectifier. `gain` scales the normalization: below 1 in front of an
  // addition, so that the sum's variance stays bounded.
  ValueId conv_norm(const std::string& name, ValueId x, int64_t out, Window window, Rectifier rectifier,
                    float gain = 1.0f);
  ValueId conv_bias(const std::string& name, ValueId x, int64_t out, Window window, Rectifier rectifier);
  ValueId add(const std::string& name, ValueId a, ValueId b, Rectifier rectifier);
  ValueId max_pool(const std::string& name, ValueId x, Window window);
  ValueId global_average(const std::string& name, ValueId x);
  ValueId flatten(const std::string& name, ValueId x);
  ValueId dense(const std::string& name, ValueId x, int64_t out, Rectifier rectifier);
  Result<Graph> finish(const std::string& output, ValueId x);

 private:
  struct Track {
    Probe probe;
    Shape shape;
    float scale = 0;  // int8 only
    int32_t zero_point = 0;
  };
  struct Weights {
    std::vector<float> values;
    float deviation = 1;  // of the layer's sum for the real extent
  };

  // The constant, or the first error and a value in its place.
  ValueId keep(Result<Value> made, const std::string& name, DType dtype, Shape shape);
  ValueId constant(const std::string& name, DType dtype, Shape shape, const void* data);
  ValueId weight(const std::string& name, Shape shape, const std::vector<float>& data);
  ValueId floats(const std::string& name, Shape shape, const std::vector<float>& data);
  ValueId value(const std::string& name, Shape shape, DType dtype = DType::kF32);
  Node& node(const std::string& type, const std::string& name, std::vector<ValueId> inputs, ValueId output);
  std::vector<float> draw(const std::string& name, int64_t out, int64_t depth);
  std::vector<float> numbers(const std::string& name, int64_t count, float middle, float spread);
  Weights weights_for(const std::string& name, const Track& x, int64_t out, const Window& window, Probe& sum);

  ValueId rectify(const std::string& name, ValueId x, Probe& probe, Rectifier rectifier);
  // In int8 networks a value is stored quantized: `dequantized` is what an operator reads, `settled` what it leaves.
  ValueId dequantized(ValueId x);
  ValueId settled(const std::string& name, ValueId x, Probe probe, bool positive);
  ValueId settled_as(const std::string& name, ValueId x, Probe probe, const Track& like);
  ValueId quantize(const std::string& name, ValueId x, Track track);
  // A dequantized int8 weight and int32 bias pair, one scale an output channel.
  std::pair<ValueId, ValueId> quantized_weights(const std::string& name, Shape shape, const std::vector<float>& weights,
                                                const std::vector<float>& bias, float input_scale);
  ValueId convolve(const std::string& name, ValueId x, Shape shape, Shape weight_shape, const Window& window,
                   const std::vector<float>& weights, const std::vector<float>& bias);

  Graph graph_;
  uint64_t seed_;
  int64_t batch_;
  bool int8_, values_;
  std::map<std::string, int64_t> sizes_;
  std::map<ValueId, Track> tracks_;
  Status status_;
};

}  // namespace systole::graph

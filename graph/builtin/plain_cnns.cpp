// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Convolutions in a row, then three wide layers; and a bottleneck by itself.
#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

constexpr float kPooledGain = 1.0f;       // the greatest of a window is larger than most
constexpr float kReluGain = 1.41421356f;  // He et al. 2015: a rectifier halves the mean square

ValueId classifier(Sketch& net, ValueId x, int64_t wide) {
  int64_t features = 1;
  for (int axis = 1; axis < 4; ++axis) features *= net.extent(x, axis);
  x = net.reshape("flatten", x, {net.batch(), features});
  for (int i = 0; i < 2; ++i) {
    const std::string name = "classifier." + std::to_string(i);
    x = net.gate(name + ".relu", net.linear(name, x, wide, true, kReluGain), Gate::kRelu);
  }
  return net.linear("classifier.2", x, 1000);
}

}  // namespace

Result<Graph> build_vgg16(Sketch& net) {
  const int64_t wide = net.size("width");
  ValueId x = net.input("input", {net.batch(), 3, 224, 224});
  int64_t index = 0;
  for (auto [channels, count] : {std::pair<int64_t, int>{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int i = 0; i < count; ++i, ++index) {
      const std::string name = "features." + std::to_string(index);
      x = net.gate(name + ".relu", net.conv(name, x, channels * wide / 4096, {3, 1, 1, 1, true}, kReluGain),
                   Gate::kRelu);
    }
    x = net.max_pool("pool." + std::to_string(index), x, {2, 2, 0});
  }
  return net.finish({{"output", classifier(net, x, wide)}});
}

Result<Graph> build_alexnet(Sketch& net) {
  struct Layer {
    int64_t channels;
    Tap tap;
    bool pool;
  };
  ValueId x = net.input("input", {net.batch(), 3, 224, 224});
  int64_t index = 0;
  for (const Layer& layer : {Layer{64, {11, 4, 2, 1, true}, true},
                             {192, {5, 1, 2, 1, true}, true},
                             {384, {3, 1, 1, 1, true}, false},
                             {256, {3, 1, 1, 1, true}, false},
                             {256, {3, 1, 1, 1, true}, true}}) {
    const std::string name = "features." + std::to_string(index++);
    x = net.gate(name + ".relu", net.conv(name, x, layer.channels, layer.tap, layer.pool ? kPooledGain : kReluGain),
                 Gate::kRelu);
    if (layer.pool) x = net.max_pool(name + ".pool", x, {3, 2, 0});
  }
  return net.finish({{"output", classifier(net, x, 4096)}});
}

Result<Graph> build_resnet50_block(Sketch& net) {
  const int64_t width = net.size("width"), image = net.size("image");
  const ValueId x = net.input("input", {net.batch(), 4 * width, image, image});
  ValueId y = net.gate("conv1.relu", net.conv("conv1", x, width, {1, 1, 0, 1, true}, kReluGain), Gate::kRelu);
  y = net.gate("conv2.relu", net.conv("conv2", y, width, {3, 1, 1, 1, true}, kReluGain), Gate::kRelu);
  y = net.conv("conv3", y, 4 * width, {1, 1, 0, 1, true}, 0.5f);
  return net.finish({{"output", net.gate("relu", net.add("add", y, x), Gate::kRelu)}});
}

}  // namespace systole::graph

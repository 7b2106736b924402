// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

constexpr int64_t kBlocks[] = {3, 4, 6, 3};
constexpr float kBranchGain = 0.5f;  // a residual branch adds a quarter of the variance

}  // namespace

ValueId build_resnet50(Network& net) {
  ValueId x = net.input("input", 3, 224, 64);
  x = net.conv_norm("conv1", x, 64, {7, 2, 3, 1}, Rectifier::kRelu);
  x = net.max_pool("maxpool", x, {3, 2, 1, 1});
  int64_t width = 64;
  for (int64_t stage = 0; stage < 4; ++stage, width *= 2)
    for (int64_t block = 0; block < kBlocks[stage]; ++block) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
      const int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      ValueId shortcut = x;
      ValueId y = net.conv_norm(name + ".conv1", x, width, {}, Rectifier::kRelu);
      y = net.conv_norm(name + ".conv2", y, width, {3, stride, 1, 1}, Rectifier::kRelu);
      y = net.conv_norm(name + ".conv3", y, 4 * width, {}, Rectifier::kNone, kBranchGain);
      if (block == 0) shortcut = net.conv_norm(name + ".downsample", x, 4 * width, {1, stride, 0, 1}, Rectifier::kNone);
      x = net.add(name + ".add", y, shortcut, Rectifier::kRelu);
    }
  x = net.global_average("avgpool", x);
  x = net.flatten("flatten", x);
  return net.dense("fc", x, 1000, Rectifier::kNone);
}

ValueId build_resnet18(Network& net) {
  ValueId x = net.input("input", 3, 224, 64);
  x = net.conv_norm("conv1", x, 64, {7, 2, 3, 1}, Rectifier::kRelu);
  x = net.max_pool("maxpool", x, {3, 2, 1, 1});
  int64_t width = 64;
  for (int64_t stage = 0; stage < 4; ++stage, width *= 2)
    for (int64_t block = 0; block < 2; ++block) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
      const int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      ValueId shortcut = x;
      ValueId y = net.conv_norm(name + ".conv1", x, width, {3, stride, 1, 1}, Rectifier::kRelu);
      y = net.conv_norm(name + ".conv2", y, width, {3, 1, 1, 1}, Rectifier::kNone, kBranchGain);
      if (stride > 1) shortcut = net.conv_norm(name + ".downsample", x, width, {1, stride, 0, 1}, Rectifier::kNone);
      x = net.add(name + ".add", y, shortcut, Rectifier::kRelu);
    }
  x = net.flatten("flatten", net.global_average("avgpool", x));
  return net.dense("fc", x, 1000, Rectifier::kNone);
}

}  // namespace systole::graph

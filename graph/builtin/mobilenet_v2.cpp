// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

struct Stage {
  int64_t expansion, channels, blocks, stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr float kBranchGain = 0.5f;  // a residual branch adds a quarter of the variance

}  // namespace

ValueId build_mobilenet_v2(Network& net) {
  ValueId x = net.input("input", 3, 224, 96);
  x = net.conv_norm("features.0", x, 32, {3, 2, 1, 1}, Rectifier::kRelu6);
  int64_t channels = 32, index = 1;
  for (const Stage& stage : kStages)
    for (int64_t block = 0; block < stage.blocks; ++block, ++index) {
      const std::string name = "features." + std::to_string(index);
      const int64_t stride = block == 0 ? stage.stride : 1, wide = channels * stage.expansion;
      const bool residual = stride == 1 && channels == stage.channels;
      ValueId y = x;
      if (stage.expansion != 1) y = net.conv_norm(name + ".expand", y, wide, {}, Rectifier::kRelu6);
      y = net.conv_norm(name + ".depthwise", y, wide, {3, stride, 1, wide}, Rectifier::kRelu6);
      y = net.conv_norm(name + ".project", y, stage.channels, {}, Rectifier::kNone, residual ? kBranchGain : 1.0f);
      x = residual ? net.add(name + ".add", x, y, Rectifier::kNone) : y;
      channels = stage.channels;
    }
  x = net.conv_norm("features.18", x, 1280, {}, Rectifier::kRelu6);
  x = net.global_average("pool", x);
  x = net.flatten("flatten", x);
  return net.dense("classifier", x, 1000, Rectifier::kNone);
}

}  // namespace systole::graph

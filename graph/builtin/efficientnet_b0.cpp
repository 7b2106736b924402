// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

struct Stage {
  int64_t expansion, channels, blocks, stride, kernel;
};
// Table 1 of the paper.
constexpr Stage kStages[] = {{1, 16, 1, 1, 3},  {6, 24, 2, 2, 3},  {6, 40, 2, 2, 5}, {6, 80, 3, 2, 3},
                             {6, 112, 3, 1, 5}, {6, 192, 4, 2, 5}, {6, 320, 1, 1, 3}};
constexpr float kBranchGain = 0.5f;

// Channels weighed by what their means say, mostly let through; a quarter of the block's input channels in between.
ValueId squeeze_excite(Sketch& net, const std::string& name, ValueId x, int64_t between) {
  ValueId y = net.global_average(name + ".squeeze", x);
  y = net.gate(name + ".act", net.conv(name + ".reduce", y, between, {1, 1, 0, 1, true}), Gate::kSilu);
  y = net.gate(name + ".gate", net.conv(name + ".expand", y, net.extent(x, 1), {1, 1, 0, 1, true, 1.0f}),
               Gate::kSigmoid);
  return net.mul(name + ".scale", x, y);
}

}  // namespace

Result<Graph> build_efficientnet_b0(Sketch& net) {
  const int64_t image = net.size("image");
  ValueId x = net.input("input", {net.batch(), 3, image, image});
  x = net.conv_norm("stem", x, 32, {3, 2, 1}, Gate::kSilu);
  int64_t index = 0;
  for (const Stage& stage : kStages)
    for (int64_t block = 0; block < stage.blocks; ++block, ++index) {
      const std::string name = "blocks." + std::to_string(index);
      const int64_t in = net.extent(x, 1), wide = in * stage.expansion, stride = block == 0 ? stage.stride : 1;
      const bool residual = stride == 1 && in == stage.channels;
      ValueId y = x;
      if (stage.expansion > 1) y = net.conv_norm(name + ".expand", y, wide, {}, Gate::kSilu);
      y = net.conv_norm(name + ".depthwise", y, wide, {stage.kernel, stride, stage.kernel / 2, wide}, Gate::kSilu);
      y = squeeze_excite(net, name + ".se", y, std::max<int64_t>(1, in / 4));
      y = net.conv_norm(name + ".project", y, stage.channels, {}, Gate::kNone, residual ? kBranchGain : 1.0f);
      x = residual ? net.add(name + ".add", x, y) : y;
    }
  x = net.conv_norm("head", x, 1280, {}, Gate::kSilu);
  x = net.reshape("flatten", net.global_average("pool", x), {net.batch(), 1280});
  return net.finish({{"output", net.linear("classifier", x, 1000)}});
}

}  // namespace systole::graph

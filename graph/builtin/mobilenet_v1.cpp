// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/builtin/models.h"

namespace systole::graph {

ValueId build_mobilenet_v1(Network& net) {
  struct Block {
    int64_t channels, stride;
  };
  constexpr Block kBlocks[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                               {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  const auto channels = [&](int64_t full) { return std::max<int64_t>(1, full * net.size("width") / 100); };
  const int64_t image = net.size("image");
  ValueId x = net.input("input", net.size("colors"), image, std::min<int64_t>(image, 96));
  int64_t in = channels(32), index = 0;
  x = net.conv_norm("conv1", x, in, {3, 2, 1, 1}, Rectifier::kRelu);
  for (const Block& block : kBlocks) {
    const std::string name = "block." + std::to_string(index++);
    x = net.conv_norm(name + ".depthwise", x, in, {3, block.stride, 1, in}, Rectifier::kRelu);
    x = net.conv_norm(name + ".pointwise", x, channels(block.channels), {}, Rectifier::kRelu);
    in = channels(block.channels);
  }
  x = net.flatten("flatten", net.global_average("pool", x));
  return net.dense("classifier", x, net.size("classes"), Rectifier::kNone);
}

}  // namespace systole::graph

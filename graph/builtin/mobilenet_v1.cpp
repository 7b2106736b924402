// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {

ValueId build_mobilenet_v1(Network& net) {
  struct Block {
    int64_t channels, stride;
  };
  constexpr Block kBlocks[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                               {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  ValueId x = net.input("input", 3, 224, 96);
  x = net.conv_norm("conv1", x, 32, {3, 2, 1, 1}, Rectifier::kRelu);
  int64_t in = 32, index = 0;
  for (const Block& block : kBlocks) {
    const std::string name = "block." + std::to_string(index++);
    x = net.conv_norm(name + ".depthwise", x, in, {3, block.stride, 1, in}, Rectifier::kRelu);
    x = net.conv_norm(name + ".pointwise", x, block.channels, {}, Rectifier::kRelu);
    in = block.channels;
  }
  x = net.flatten("flatten", net.global_average("pool", x));
  return net.dense("classifier", x, 1000, Rectifier::kNone);
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/models.h"

namespace systole::graph {

ValueId build_lenet5(Network& net) {
  ValueId x = net.input("input", 1, 28, 28);
  x = net.conv_bias("conv1", x, 6, {5, 1, 2, 1}, Rectifier::kRelu);
  x = net.max_pool("pool1", x, {2, 2, 0, 1});
  x = net.conv_bias("conv2", x, 16, {5, 1, 0, 1}, Rectifier::kRelu);
  x = net.max_pool("pool2", x, {2, 2, 0, 1});
  x = net.flatten("flatten", x);
  x = net.dense("fc1", x, 120, Rectifier::kRelu);
  x = net.dense("fc2", x, 84, Rectifier::kRelu);
  return net.dense("fc3", x, 10, Rectifier::kNone);
}

}  // namespace systole::graph

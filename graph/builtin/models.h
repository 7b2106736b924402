// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The networks, layer by layer.
#pragma once

#include "graph/builtin/network.h"

namespace systole::graph {

// LeCun et al. 1998 with rectifiers and max pools: 1x28x28.
ValueId build_lenet5(Network& net);
// Sandler et al. 2018, width 1.0: 3x224x224.
ValueId build_mobilenet_v2(Network& net);
// He et al. 2015, with the stride on the 3x3 convolution as trained today: 3x224x224.
ValueId build_resnet50(Network& net);

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The networks, layer by layer, each with the source of its structure.
#pragma once

#include "graph/builtin/network.h"
#include "graph/builtin/sketch.h"

namespace systole::graph {

// LeCun et al. 1998 with rectifiers and max pools: 1x28x28.
ValueId build_lenet5(Network& net);
// Howard et al. 2017, width 1.0: 3x224x224.
ValueId build_mobilenet_v1(Network& net);
// Sandler et al. 2018, width 1.0: 3x224x224.
ValueId build_mobilenet_v2(Network& net);
// He et al. 2015; ResNet-50 with the stride on the 3x3 convolution as trained today: 3x224x224.
ValueId build_resnet18(Network& net);
ValueId build_resnet50(Network& net);

// One bottleneck of ResNet-50 with its addition, batch norms folded. width of its middle, image: extent.
Result<Graph> build_resnet50_block(Sketch& net);
// Krizhevsky 2014 (one weird trick), as torchvision has it.
Result<Graph> build_alexnet(Sketch& net);
// Simonyan and Zisserman 2014, configuration D. width: of the wide layers; the others scale with it.
Result<Graph> build_vgg16(Sketch& net);
// Tan and Le 2019. image: extent.
Result<Graph> build_efficientnet_b0(Sketch& net);
// Jocher et al. 2023, yolov8n.yaml, 80 classes; distances of the sides and scores, no box arithmetic. image: extent.
Result<Graph> build_yolov8n(Sketch& net);
// Devlin et al. 2018, with the pooler. sequence, layers, width.
Result<Graph> build_bert_base(Sketch& net);
// One encoder layer of it, from hidden states to hidden states. sequence, width.
Result<Graph> build_bert_layer(Sketch& net);
// Radford et al. 2019, 124M, one pass over a sequence without a cache. sequence, layers, width.
Result<Graph> build_gpt2(Sketch& net);
// Dosovitskiy et al. 2020. image, layers, width.
Result<Graph> build_vit_b16(Sketch& net);
// Radford et al. 2022. frames of mel spectrum (two a position), sequence of tokens, layers of each side, width.
Result<Graph> build_whisper_base(Sketch& net);
// Rombach et al. 2022 as Stable Diffusion 1.5 has it. width of the first level, size of the latent image, text width.
Result<Graph> build_sd_unet(Sketch& net);

// A language model by its configuration's name. sequence, context, layers, tp (ranks; the graph is one's).
Result<Graph> build_llm(Sketch& net);

}  // namespace systole::graph

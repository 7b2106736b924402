// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small networks written as PyTorch's exporter writes them at an opset (9 to 17), dynamic shapes and all; imported.
#pragma once

#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {

inline constexpr int64_t kTokens = 6;  // of a sequence

// transformers.BertModel: heads by Shape and Concat, the mask from integers, token types from ConstantOfShape.
Graph bert(int opset);
// transformers.GPT2Model: Conv1D as Gemm of a view, Split, the triangle cut from a buffer of all positions.
Graph gpt2(int opset);
// torchvision.vit_b_16: the class token by Expand, attention of [tokens, batch, width] by batched products.
Graph vision_transformer(int opset);
// torchvision.swin_t's block: windows rolled and cut, a bias of positions by a table, a mask of every window.
Graph swin(int opset);
// torchvision.shufflenet_v2: halves by Split or by slices of computed length, channels shuffled through rank 5.
Graph shuffle_net(int opset);
// torchvision.efficientnet_b0's block: SiLU after every convolution, squeeze and excitation.
Graph efficient_net(int opset);
// diffusers' UNet: a residual block with group norms and a time, then a transformer over pixels with a gated GELU.
Graph diffusion_block(int opset);

}  // namespace systole::graph::testing

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An activation that a pass put on an ONNX node: attributes systole_activation ("Relu" or "Clip"), systole_clip_lo,
// _hi.
#pragma once

#include "graph/ir.h"
#include "graph/node_access.h"

namespace systole::graph {

inline void write_activation(Node& node, Activation activation, float lo, float hi) {
  if (activation == Activation::kNone) return;
  node.attributes["systole_activation"] = std::string(activation == Activation::kRelu ? "Relu" : "Clip");
  node.attributes["systole_clip_lo"] = lo;
  node.attributes["systole_clip_hi"] = hi;
}

inline void read_activation(const Node& node, Activation& activation, float& lo, float& hi) {
  std::string name = string_attr(node, "systole_activation", "");
  if (name.empty()) return;
  activation = name == "Relu" ? Activation::kRelu : Activation::kClip;
  if (activation == Activation::kRelu) return;
  lo = float_attr(node, "systole_clip_lo", 0.0f);
  hi = float_attr(node, "systole_clip_hi", 0.0f);
}

}  // namespace systole::graph

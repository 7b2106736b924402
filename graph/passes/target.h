// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the devices of a plan would say to a node before anything has a place in memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "graph/pass_report.h"
#include "hal/device.h"

namespace systole::graph {

enum class Precision : uint8_t {
  // Ops that the device lacks in f32 and has in bf16 become bf16, and with them their readers that it has in bf16;
  // biases, scales of norms and masks stay f32. Casts are nodes.
  kNative,
  kKeep,  // the model's types
  // Every op of f32 that the device has in the type; the same operands stay f32.
  kBf16,
  kF16,
};
Result<Precision> parse_precision(const std::string& name);  // "native", "model", "bf16", "f16"
std::optional<DType> narrow_type(Precision precision);       // what f32 becomes

// How constant weights of float matrix products are stored.
enum class WeightType : uint8_t {
  kModel,  // as the model has them
  kInt8,   // i8 or i4, symmetric, a scale a column, rounded to nearest
  kInt4,
};
const char* weight_type_name(WeightType type);  // "model", "int8", "int4"
Result<WeightType> parse_weight_type(const std::string& name);

struct Target {
  const Device* main = nullptr;
  const Device* fallback = nullptr;  // may be null
  Precision precision = Precision::kKeep;
};

// Lower is better: 0 the main device takes it, 1 the fallback does, 2 nobody.
inline constexpr int kTakenByMain = 0, kTakenByFallback = 1, kTakenByNobody = 2;

// Operands that join an f32 sum or product and stay f32 when their node becomes narrower: biases, scales, masks.
bool keeps_f32(const Node& node, size_t operand);
// `image` by value, as image_values gives it. narrow: what f32 operands are instead, but for those that keep their
// type.
OpDesc dense_description(const Graph& graph, const std::vector<bool>& image, const Node& node,
                         std::optional<DType> narrow);
// For a node with an op: in the graph's types, or as precision lowering would make it.
int rank_of(const Target& target, const Graph& graph, const std::vector<bool>& image, const Node& node);
int rank_of(const Target& target, const Graph& graph, const Node& node);

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A graph ready for memory: where each value lies, in what order, and on which device each node runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "graph/pass_report.h"
#include "hal/device.h"

namespace systole::graph {

// Places of nodes and values. The host runs host ops and device copies.
inline constexpr int kHost = 0, kMain = 1, kFallback = 2;

// A value is `strides` from byte `offset` of the bytes of `root`, which is itself for a value with memory of its own.
struct Storage {
  ValueId root = kAbsent;
  int64_t offset = 0;
  std::vector<int64_t> strides;
};

// Nodes without an op are: aliases ("Reshape", after expansion "Concat" and "Pad", which only join what others wrote,
// and "Transpose", "Slice" and "Expand" that became views), "DeviceCopy" (between devices, by the host), and host ops.
struct Plan {
  Graph graph;
  std::vector<Storage> storage;        // by value
  std::vector<int> place;              // by node; aliases have the place of their first input
  std::vector<int> home;               // by value: where its bytes are; kHost for graph inputs and constants
  std::shared_ptr<Device> devices[3];  // [kHost] is null; [kFallback] may be
  PassReport report;

  ValueId add_value(Value value, std::vector<int64_t> strides);  // memory of its own
  ValueId add_slice(Value value, Storage where);
  std::string place_name(int index) const;  // "host" or the device's scheme
};

bool is_alias(const Node& node);

struct Operand {
  ValueId root = kAbsent;
  int64_t offset = 0;  // bytes from the start of root
  TensorDesc desc;
};
TensorDesc desc_of(const Plan& plan, ValueId id);
// Operands as the op sees them: transposes, slices and broadcasts are views of their source.
Operand input_operand(const Plan& plan, const Node& node, size_t index);
Operand output_operand(const Plan& plan, const Node& node, size_t index);
OpDesc describe(const Plan& plan, const Node& node);  // the node has an op

// Dense storage for every value: images channels-last, the rest row-major. Graph inputs and outputs keep row-major
// order; a copy (or a cast that is there anyway) changes it.
Status assign_layout(Plan& plan);
// Concat and Pad become writes into their output's memory: by the producers themselves where the device takes such
// strides, by copies elsewhere.
Status expand_concats(Plan& plan);
// Reshape becomes an alias, Transpose, Slice and Expand too where every reader takes such strides at the place it has
// (or a Transpose's producer writes them). The sources of other Reshapes and the operands of host ops are copied to
// row-major order where they aren't.
Status expand_views(Plan& plan);
// Each op goes to the main device, or to the fallback with the main device's reason in `why`. kUnsupported names every
// op that nobody takes, with reasons.
Status place(Plan& plan);
// Values read away from home get explicit DeviceCopy nodes.
Status insert_device_copies(Plan& plan);

struct Choice {
  int place = -1;  // -1: nobody
  std::string why;
};
Choice choose_place(const Plan& plan, const Node& node);

}  // namespace systole::graph

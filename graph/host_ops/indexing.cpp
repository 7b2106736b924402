// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Kernels that make values from shapes, and that look elements up.
#include <cstring>

#include "graph/constants.h"
#include "graph/host_ops/kernels.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

using Inputs = std::span<const HostInput>;
using Outputs = std::span<const HostOutput>;

Status constant(const Node& node, Inputs, Outputs out) {
  for (const auto& [name, attribute] : node.attributes) {
    if (const auto* tensor = std::get_if<std::shared_ptr<Value>>(&attribute)) {
      auto bytes = constant_bytes(**tensor);
      if (!bytes.empty()) std::memcpy(out[0].data, bytes.data(), bytes.size());
    }
    if (const auto* number = std::get_if<int64_t>(&attribute)) store_int(DType::kI64, out[0].data, 0, *number);
    if (const auto* number = std::get_if<float>(&attribute)) store_real(DType::kF32, out[0].data, 0, *number);
    if (const auto* ints = std::get_if<std::vector<int64_t>>(&attribute)) {
      for (size_t i = 0; i < ints->size(); ++i)
        store_int(DType::kI64, out[0].data, static_cast<int64_t>(i), (*ints)[i]);
    }
    if (const auto* reals = std::get_if<std::vector<float>>(&attribute)) {
      for (size_t i = 0; i < reals->size(); ++i)
        store_real(DType::kF32, out[0].data, static_cast<int64_t>(i), (*reals)[i]);
    }
  }
  return {};
}

Status shape_of(const Node& node, Inputs in, Outputs out) {
  int64_t rank = static_cast<int64_t>(in[0].shape.size());
  int64_t start = int_attr(node, "start", 0);
  start = std::min(rank, std::max<int64_t>(0, start < 0 ? start + rank : start));
  for (int64_t i = 0; i < out[0].shape[0]; ++i) {
    store_int(DType::kI64, out[0].data, i, in[0].shape[static_cast<size_t>(start + i)]);
  }
  return {};
}

Status size_of(const Node&, Inputs in, Outputs out) {
  store_int(DType::kI64, out[0].data, 0, element_count(in[0].shape));
  return {};
}

Status constant_of_shape(const Node& node, Inputs, Outputs out) {
  auto found = node.attributes.find("value");
  std::byte zero[8] = {};
  const std::byte* source = zero;
  if (found != node.attributes.end()) source = constant_bytes(*std::get<std::shared_ptr<Value>>(found->second)).data();
  size_t element = static_cast<size_t>(byte_size(out[0].dtype));
  int64_t count = element_count(out[0].shape);
  for (int64_t i = 0; i < count; ++i) std::memcpy(out[0].data + static_cast<size_t>(i) * element, source, element);
  return {};
}

Status range(const Node&, Inputs in, Outputs out) {
  int64_t count = out[0].shape[0];
  bool real = is_float(out[0].dtype);
  for (int64_t i = 0; i < count; ++i) {
    if (real)
      store_real(
          out[0].dtype, out[0].data, i,
          load_real(in[0].dtype, in[0].data, 0) + static_cast<double>(i) * load_real(in[2].dtype, in[2].data, 0));
    else
      store_int(out[0].dtype, out[0].data, i,
                load_int(in[0].dtype, in[0].data, 0) + i * load_int(in[2].dtype, in[2].data, 0));
  }
  return {};
}

struct AxisView {  // x as [outer, extent, inner] around one axis
  int64_t outer = 1, extent = 1, inner = 1;
};
AxisView around(const Shape& shape, int axis) {
  AxisView view;
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t& slot = static_cast<int>(i) < axis ? view.outer : static_cast<int>(i) == axis ? view.extent : view.inner;
    slot *= shape[i];
  }
  return view;
}

Status gather(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(node, int_attr(node, "axis", 0), static_cast<int>(in[0].shape.size())));
  if (bit_width(in[0].dtype) < 8) return node_error(node, Code::kUnsupported, "4-bit elements on the host");
  AxisView view = around(in[0].shape, axis);
  int64_t count = element_count(in[1].shape), run = view.inner * byte_size(in[0].dtype);
  for (int64_t i = 0; i < count; ++i) {
    int64_t index = load_int(in[1].dtype, in[1].data, i);
    if (index < -view.extent || index >= view.extent) {
      return node_error(node, Code::kOutOfRange,
                        "index " + std::to_string(index) + " on an axis of " + std::to_string(view.extent));
    }
    if (index < 0) index += view.extent;
    for (int64_t o = 0; o < view.outer; ++o) {
      std::memcpy(out[0].data + (o * count + i) * run, in[0].data + (o * view.extent + index) * run,
                  static_cast<size_t>(run));
    }
  }
  return {};
}

Status arg_max(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(node, int_attr(node, "axis", 0), static_cast<int>(in[0].shape.size())));
  AxisView view = around(in[0].shape, axis);
  bool last = int_attr(node, "select_last_index", 0) != 0;
  for (int64_t o = 0; o < view.outer; ++o) {
    for (int64_t i = 0; i < view.inner; ++i) {
      int64_t best = 0;
      double greatest = load_real(in[0].dtype, in[0].data, o * view.extent * view.inner + i);
      for (int64_t k = 1; k < view.extent; ++k) {
        double value = load_real(in[0].dtype, in[0].data, (o * view.extent + k) * view.inner + i);
        if (value > greatest || (last && value == greatest)) greatest = value, best = k;
      }
      store_int(DType::kI64, out[0].data, o * view.inner + i, best);
    }
  }
  return {};
}

// The upper or lower triangle of each matrix, from its k-th diagonal; zero elsewhere.
Status trilu(const Node& node, Inputs in, Outputs out) {
  const DType type = in[0].dtype;
  if (bit_width(type) < 8) return node_error(node, Code::kUnsupported, "4-bit elements on the host");
  const bool upper = int_attr(node, "upper", 1) != 0;
  const int64_t k = in.size() > 1 && in[1].data ? load_int(DType::kI64, in[1].data, 0) : 0;
  const int64_t rows = in[0].shape[in[0].shape.size() - 2], columns = in[0].shape.back(), bytes = byte_size(type);
  for (int64_t i = 0; i < element_count(in[0].shape); ++i) {
    const int64_t row = i / columns % rows, column = i % columns;
    if (upper ? column >= row + k : column <= row + k)
      std::memcpy(out[0].data + i * bytes, in[0].data + i * bytes, static_cast<size_t>(bytes));
    else
      std::memset(out[0].data + i * bytes, 0, static_cast<size_t>(bytes));
  }
  return {};
}

}  // namespace

void add_indexing_kernels(HostKernels& kernels) {
  kernels["Constant"] = constant;
  kernels["Shape"] = shape_of;
  kernels["Size"] = size_of;
  kernels["ConstantOfShape"] = constant_of_shape;
  kernels["Range"] = range;
  kernels["Gather"] = gather;
  kernels["ArgMax"] = arg_max;
  kernels["Trilu"] = trilu;
}

}  // namespace systole::graph

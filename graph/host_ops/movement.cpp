// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Kernels that move elements whole, whatever their type.
#include <cstring>
#include <numeric>

#include "graph/constants.h"
#include "graph/host_ops/kernels.h"
#include "graph/node_access.h"
#include "graph/shape/slicing.h"

namespace systole::graph {
namespace {

using Inputs = std::span<const HostInput>;
using Outputs = std::span<const HostOutput>;

Status refuse_packed(const Node& node, DType dtype) {
  if (bit_width(dtype) >= 8) return {};
  return node_error(node, Code::kUnsupported, std::string("elements of ") + dtype_name(dtype) + " on the host");
}

Status same_bytes(const Node& node, Inputs in, Outputs out) {
  if (in[0].shape != out[0].shape) SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, out[0].dtype));
  const int64_t bytes = dense_bytes(out[0].dtype, out[0].shape);
  if (bytes > 0) std::memcpy(out[0].data, in[0].data, static_cast<size_t>(bytes));
  return {};
}

std::vector<int64_t> element_strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// target[to + sum i*to_strides] = source[from + sum i*from_strides] for every index of `extents`; strides in elements.
struct Walk {
  Shape extents;
  std::vector<int64_t> from_strides, to_strides;
  int64_t from = 0, to = 0;
};

void copy_walk(const Walk& walk, const std::byte* source, std::byte* target, int64_t element) {
  int64_t count = element_count(walk.extents);
  std::vector<int64_t> index(walk.extents.size(), 0);
  int64_t from = walk.from, to = walk.to;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(target + to * element, source + from * element, static_cast<size_t>(element));
    for (size_t axis = index.size(); axis-- > 0;) {
      from += walk.from_strides[axis];
      to += walk.to_strides[axis];
      if (++index[axis] < walk.extents[axis]) break;
      from -= walk.from_strides[axis] * walk.extents[axis];
      to -= walk.to_strides[axis] * walk.extents[axis];
      index[axis] = 0;
    }
  }
}

Status transpose(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, in[0].dtype));
  SYSTOLE_ASSIGN_OR_RETURN(auto perm, transpose_perm(node, in[0].shape.size()));
  auto strides = element_strides(in[0].shape);
  Walk walk{out[0].shape, {}, element_strides(out[0].shape)};
  for (int64_t axis : perm) walk.from_strides.push_back(strides[static_cast<size_t>(axis)]);
  copy_walk(walk, in[0].data, out[0].data, byte_size(in[0].dtype));
  return {};
}

Status concat(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, out[0].dtype));
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(node, int_attr(node, "axis", 0), static_cast<int>(out[0].shape.size())));
  auto strides = element_strides(out[0].shape);
  int64_t at = 0;
  for (const auto& part : in) {
    Walk walk{part.shape, element_strides(part.shape), strides, 0, at * strides[static_cast<size_t>(axis)]};
    copy_walk(walk, part.data, out[0].data, byte_size(out[0].dtype));
    at += part.shape[static_cast<size_t>(axis)];
  }
  return {};
}

// A graph of constants around a node's inputs, for the functions that read arguments from a graph.
Result<Graph> argument_graph(const Node& node, Inputs in, Node& local) {
  Graph graph;
  local = node;
  for (size_t i = 0; i < in.size(); ++i) {
    Value value;
    value.dtype = in[i].dtype;
    value.shape = in[i].shape;
    const int64_t bytes = bytes_for(value.dtype, element_count(value.shape));
    if (in[i].data && i > 0 && bytes > 0) {
      SYSTOLE_ASSIGN_OR_RETURN(value.data, import_host(const_cast<std::byte*>(in[i].data), bytes, "argument"));
    }
    ValueId id = graph.add_value(std::move(value));
    local.inputs[i] = in[i].data ? id : kAbsent;
  }
  return graph;
}

void copy_slice(const Slicing& slicing, const HostInput& in, const HostOutput& out) {
  auto strides = element_strides(in.shape);
  Walk walk{out.shape, {}, element_strides(out.shape)};
  for (size_t i = 0; i < strides.size(); ++i) {
    walk.from += slicing.starts[i] * strides[i];
    walk.from_strides.push_back(slicing.steps[i] * strides[i]);
  }
  copy_walk(walk, in.data, out.data, byte_size(in.dtype));
}

Status slice(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, in[0].dtype));
  Node local;
  SYSTOLE_ASSIGN_OR_RETURN(Graph graph, argument_graph(node, in, local));
  SYSTOLE_ASSIGN_OR_RETURN(Slicing slicing, resolve_slice(graph, local));
  copy_slice(slicing, in[0], out[0]);
  return {};
}

Status split(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, in[0].dtype));
  Node local;
  SYSTOLE_ASSIGN_OR_RETURN(Graph graph, argument_graph(node, in, local));
  SYSTOLE_ASSIGN_OR_RETURN(auto parts, resolve_split(graph, local));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (out[i].data) copy_slice(parts[i], in[0], out[i]);
  }
  return {};
}

Status expand(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, in[0].dtype));
  auto strides = element_strides(in[0].shape);
  Walk walk{out[0].shape, std::vector<int64_t>(out[0].shape.size(), 0), element_strides(out[0].shape)};
  size_t offset = out[0].shape.size() - in[0].shape.size();
  for (size_t i = 0; i < in[0].shape.size(); ++i) {
    if (in[0].shape[i] != 1) walk.from_strides[i + offset] = strides[i];
  }
  copy_walk(walk, in[0].data, out[0].data, byte_size(in[0].dtype));
  return {};
}

Status tile(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_RETURN_IF_ERROR(refuse_packed(node, in[0].dtype));
  const Shape& x = in[0].shape;
  auto from = element_strides(x), to = element_strides(out[0].shape);
  // Each axis becomes two: the repeat, which reads the same elements again, and the extent.
  Walk walk;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] == 0) return {};
    walk.extents.insert(walk.extents.end(), {out[0].shape[i] / x[i], x[i]});
    walk.from_strides.insert(walk.from_strides.end(), {0, from[i]});
    walk.to_strides.insert(walk.to_strides.end(), {to[i] * x[i], to[i]});
  }
  copy_walk(walk, in[0].data, out[0].data, byte_size(in[0].dtype));
  return {};
}

}  // namespace

void add_movement_kernels(HostKernels& kernels) {
  for (const char* type : {"Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze"})
    kernels[type] = same_bytes;
  kernels["Transpose"] = transpose;
  kernels["Concat"] = concat;
  kernels["Slice"] = slice;
  kernels["Split"] = split;
  kernels["Expand"] = expand;
  kernels["Tile"] = tile;
}

}  // namespace systole::graph

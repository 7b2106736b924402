// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/shape/slicing.h"

#include <algorithm>
#include <numeric>

#include "graph/node_access.h"

namespace systole::graph {
namespace {

Slicing whole(const Shape& x) { return {std::vector<int64_t>(x.size(), 0), std::vector<int64_t>(x.size(), 1), x}; }

void slice_axis(Slicing& slicing, size_t axis, int64_t start, int64_t end, int64_t step) {
  int64_t extent = slicing.output[axis];
  auto from_end = [&](int64_t at) { return at < 0 ? at + extent : at; };
  start = from_end(start);
  // INT64_MIN as an end means "beyond the first": it stays below zero.
  end = from_end(std::max(end, -extent - 1));
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, extent);
    end = std::clamp<int64_t>(end, 0, extent);
    slicing.output[axis] = std::max<int64_t>(0, (end - start + step - 1) / step);
  } else {
    start = std::clamp<int64_t>(start, -1, extent - 1);
    end = std::clamp<int64_t>(end, -1, extent - 1);
    slicing.output[axis] = std::max<int64_t>(0, (start - end - step - 1) / -step);
  }
  slicing.starts[axis] = start;
  slicing.steps[axis] = step;
}

}  // namespace

Result<Slicing> resolve_slice(const Graph& graph, const Node& node) {
  const Shape& x = graph.at(node.inputs[0]).shape;
  SYSTOLE_ASSIGN_OR_RETURN(auto starts, ints_argument(graph, node, "starts", 1));
  SYSTOLE_ASSIGN_OR_RETURN(auto ends, ints_argument(graph, node, "ends", 2));
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, ints_argument(graph, node, "axes", 3));
  SYSTOLE_ASSIGN_OR_RETURN(auto steps, ints_argument(graph, node, "steps", 4));
  if (!starts || !ends) return node_error(node, Code::kInvalidArgument, "starts or ends are missing");
  size_t count = starts->size();
  if (!axes) {
    axes.emplace(count);
    std::iota(axes->begin(), axes->end(), 0);
  }
  if (!steps) steps.emplace(count, 1);
  if (ends->size() != count || axes->size() != count || steps->size() != count) {
    return node_error(node, Code::kInvalidArgument, "starts, ends, axes and steps differ in length");
  }
  Slicing slicing = whole(x);
  for (size_t i = 0; i < count; ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(int axis, normal_axis(node, (*axes)[i], static_cast<int>(x.size())));
    int64_t step = (*steps)[i];
    if (step == 0) return node_error(node, Code::kInvalidArgument, "a step of zero");
    slice_axis(slicing, static_cast<size_t>(axis), (*starts)[i], (*ends)[i], step);
  }
  return slicing;
}

Result<std::vector<Slicing>> resolve_split(const Graph& graph, const Node& node) {
  const Shape& x = graph.at(node.inputs[0]).shape;
  SYSTOLE_ASSIGN_OR_RETURN(int axis, normal_axis(node, int_attr(node, "axis", 0), static_cast<int>(x.size())));
  size_t a = static_cast<size_t>(axis);
  SYSTOLE_ASSIGN_OR_RETURN(auto split, ints_argument(graph, node, "split", 1));
  int64_t count = static_cast<int64_t>(node.outputs.size());
  if (!split) {
    int64_t part = count > 0 ? (x[a] + count - 1) / count : 0;  // newer opsets let the last be smaller
    split.emplace(static_cast<size_t>(count), part);
    if (count > 0) split->back() = x[a] - part * (count - 1);
  }
  int64_t sum = 0;
  for (int64_t part : *split) sum += part < 0 ? x[a] + 1 : part;
  if (static_cast<int64_t>(split->size()) != count || sum != x[a]) {
    return node_error(
        node, Code::kInvalidArgument,
        "cannot split axis " + std::to_string(axis) + " of " + to_string(x) + " into " + to_string(*split));
  }
  std::vector<Slicing> parts;
  int64_t at = 0;
  for (int64_t part : *split) {
    Slicing slicing = whole(x);
    slicing.starts[a] = at;
    slicing.output[a] = part;
    at += part;
    parts.push_back(std::move(slicing));
  }
  return parts;
}

Result<std::vector<int64_t>> transpose_perm(const Node& node, size_t rank) {
  auto perm = ints_attr(node, "perm");
  if (!perm) {
    perm.emplace(rank);
    for (size_t i = 0; i < rank; ++i) (*perm)[i] = static_cast<int64_t>(rank - 1 - i);
  }
  std::vector<int64_t> sorted = *perm;
  std::sort(sorted.begin(), sorted.end());
  bool good = sorted.size() == rank;
  for (size_t i = 0; good && i < rank; ++i) good = sorted[i] == static_cast<int64_t>(i);
  if (!good) return node_error(node, Code::kInvalidArgument, "perm is no order of " + std::to_string(rank) + " axes");
  return *perm;
}

}  // namespace systole::graph

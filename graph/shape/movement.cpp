// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operators that move, cut or make data.
#include <algorithm>
#include <cmath>

#include "graph/constants.h"
#include "graph/shape/inference.h"
#include "graph/shape/resize.h"
#include "graph/shape/rules.h"
#include "graph/shape/slicing.h"

namespace systole::graph {
namespace {

Status constant(const Infer& infer) {
  for (const auto& [name, attribute] : infer.node.attributes) {
    if (const auto* tensor = std::get_if<std::shared_ptr<Value>>(&attribute))
      return infer.set(0, (*tensor)->dtype, (*tensor)->shape);
    if (std::get_if<int64_t>(&attribute)) return infer.set(0, DType::kI64, {});
    if (std::get_if<float>(&attribute)) return infer.set(0, DType::kF32, {});
    if (const auto* ints = std::get_if<std::vector<int64_t>>(&attribute))
      return infer.set(0, DType::kI64, {static_cast<int64_t>(ints->size())});
    if (const auto* reals = std::get_if<std::vector<float>>(&attribute))
      return infer.set(0, DType::kF32, {static_cast<int64_t>(reals->size())});
  }
  return infer.error("expected a tensor or numbers as its value");
}

Result<std::vector<int64_t>> required_ints(const Infer& infer, const char* name, size_t input) {
  SYSTOLE_ASSIGN_OR_RETURN(auto given, ints_argument(infer.graph, infer.node, name, input));
  if (!given) return infer.error(std::string(name) + " is missing");
  return *given;
}

Status shape_of(const Infer& infer) {
  int rank = static_cast<int>(infer.in(0).shape.size());
  auto clamp = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  int64_t start = clamp(int_attr(infer.node, "start", 0)), end = clamp(int_attr(infer.node, "end", rank));
  return infer.set(0, DType::kI64, {std::max<int64_t>(0, end - start)});
}

Status size_of(const Infer& infer) { return infer.set(0, DType::kI64, {}); }

Status constant_of_shape(const Infer& infer) {
  if (!infer.in(0).is_constant())
    return node_error(infer.node, Code::kUnsupported, "shape '" + infer.in(0).name + "' depends on data");
  DType dtype = DType::kF32;
  auto found = infer.node.attributes.find("value");
  if (found != infer.node.attributes.end()) {
    const auto* tensor = std::get_if<std::shared_ptr<Value>>(&found->second);
    if (!tensor || element_count((*tensor)->shape) != 1) return infer.error("value: expected a tensor of one element");
    dtype = (*tensor)->dtype;
  }
  return infer.set(0, dtype, constant_ints(infer.in(0)));
}

Status reshape(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(auto wanted, required_ints(infer, "shape", 1));
  const Shape& x = infer.in(0).shape;
  bool allow_zero = int_attr(infer.node, "allowzero", 0) != 0;
  int64_t known = 1;
  int open = -1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 && !allow_zero) {
      if (i >= x.size()) return infer.error("shape copies axis " + std::to_string(i) + " of " + to_string(x));
      wanted[i] = x[i];
    }
    if (wanted[i] == -1 && open < 0)
      open = static_cast<int>(i);
    else if (wanted[i] < 0)
      return infer.error("shape holds " + std::to_string(wanted[i]));
    else if (__builtin_mul_overflow(known, wanted[i], &known))
      return infer.error("shape " + to_string(wanted) + " is too large");
  }
  int64_t count = element_count(x);
  if (open >= 0 && known > 0 && count % known == 0) wanted[static_cast<size_t>(open)] = count / known;
  if (std::count(wanted.begin(), wanted.end(), -1) > 0 || element_count(wanted) != count) {
    return infer.error("cannot make " + to_string(wanted) + " of " + to_string(x) + ": " + std::to_string(count) +
                       " elements");
  }
  return infer.set(0, infer.in(0).dtype, std::move(wanted));
}

Status flatten(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  int64_t axis = int_attr(infer.node, "axis", 1), rank = static_cast<int64_t>(x.size());
  if (axis < -rank || axis > rank)
    return infer.error("axis " + std::to_string(axis) + " is outside rank " + std::to_string(rank));
  if (axis < 0) axis += rank;
  Shape shape = {element_count(Shape(x.begin(), x.begin() + axis)), element_count(Shape(x.begin() + axis, x.end()))};
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status squeeze(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(auto given, ints_argument(infer.graph, infer.node, "axes", 1));
  std::vector<int> axes;
  if (given) {
    SYSTOLE_ASSIGN_OR_RETURN(axes, normal_axes(infer.node, *given, static_cast<int>(x.size())));
  } else {
    for (size_t i = 0; i < x.size(); ++i)
      if (x[i] == 1) axes.push_back(static_cast<int>(i));
  }
  Shape shape = x;
  for (size_t i = axes.size(); i-- > 0;) {
    if (x[static_cast<size_t>(axes[i])] != 1)
      return infer.error("axis " + std::to_string(axes[i]) + " of " + to_string(x) + " is not 1");
    shape.erase(shape.begin() + axes[i]);
  }
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status unsqueeze(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(auto given, required_ints(infer, "axes", 1));
  Shape shape = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, normal_axes(infer.node, given, static_cast<int>(shape.size() + given.size())));
  for (int axis : axes) shape.insert(shape.begin() + axis, 1);
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status transpose(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(auto perm, transpose_perm(infer.node, x.size()));
  Shape shape;
  for (int64_t axis : perm) shape.push_back(x[static_cast<size_t>(axis)]);
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status concat(const Infer& infer) {
  Shape shape = infer.in(0).shape;
  if (!has_attr(infer.node, "axis")) return infer.error("axis is missing");
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(infer.node, int_attr(infer.node, "axis", 0), static_cast<int>(shape.size())));
  for (size_t i = 1; i < infer.node.inputs.size(); ++i) {
    if (!infer.has(i)) return infer.error("input " + std::to_string(i) + " is missing");
    Shape other = infer.in(i).shape;
    bool fits = other.size() == shape.size();
    for (size_t a = 0; fits && a < shape.size(); ++a) fits = static_cast<int>(a) == axis || other[a] == shape[a];
    if (!fits)
      return infer.error("shapes " + to_string(shape) + " and " + to_string(other) + " do not join along axis " +
                         std::to_string(axis));
    if (infer.in(i).dtype != infer.in(0).dtype) return infer.error("inputs have different types");
    shape[static_cast<size_t>(axis)] += other[static_cast<size_t>(axis)];
  }
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status slice(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(Slicing slicing, resolve_slice(infer.graph, infer.node));
  return infer.set(0, infer.in(0).dtype, slicing.output);
}

Status split(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(auto parts, resolve_split(infer.graph, infer.node));
  for (size_t i = 0; i < parts.size(); ++i) SYSTOLE_RETURN_IF_ERROR(infer.set(i, infer.in(0).dtype, parts[i].output));
  return {};
}

Status gather(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(infer.node, int_attr(infer.node, "axis", 0), static_cast<int>(x.size())));
  if (infer.in(1).dtype != DType::kI64 && infer.in(1).dtype != DType::kI32)
    return infer.error("indices: expected i64 or i32, got " + std::string(dtype_name(infer.in(1).dtype)));
  Shape shape(x.begin(), x.begin() + axis);
  shape.insert(shape.end(), infer.in(1).shape.begin(), infer.in(1).shape.end());
  shape.insert(shape.end(), x.begin() + axis + 1, x.end());
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status expand(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(auto wanted, required_ints(infer, "shape", 1));
  SYSTOLE_ASSIGN_OR_RETURN(Shape shape, broadcast_shapes(infer.node, infer.in(0).shape, wanted));
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status tile(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(auto repeats, required_ints(infer, "repeats", 1));
  Shape shape = infer.in(0).shape;
  if (repeats.size() != shape.size())
    return infer.error("repeats: expected " + std::to_string(shape.size()) + " numbers, got " +
                       std::to_string(repeats.size()));
  for (size_t i = 0; i < shape.size(); ++i) shape[i] *= repeats[i];
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status pad(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(auto pads, required_ints(infer, "pads", 1));
  Shape shape = infer.in(0).shape;
  if (pads.size() != 2 * shape.size())
    return infer.error("pads: expected " + std::to_string(2 * shape.size()) + " numbers, got " +
                       std::to_string(pads.size()));
  for (size_t i = 0; i < shape.size(); ++i) shape[i] += pads[i] + pads[i + shape.size()];
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status range(const Infer& infer) {
  for (size_t i = 0; i < 3; ++i) {
    if (!infer.in(i).is_constant())
      return node_error(infer.node, Code::kUnsupported, "'" + infer.in(i).name + "' depends on data");
    if (element_count(infer.in(i).shape) != 1) return infer.error("expected scalars");
  }
  double start = constant_reals(infer.in(0))[0], limit = constant_reals(infer.in(1))[0],
         delta = constant_reals(infer.in(2))[0];
  if (delta == 0) return infer.error("a step of zero");
  return infer.set(0, infer.in(0).dtype, {static_cast<int64_t>(std::max(0.0, std::ceil((limit - start) / delta)))});
}

Status trilu(const Infer& infer) {
  const Value x = infer.in(0);
  if (x.shape.size() < 2) return infer.error("expected matrices, got " + to_string(x.shape));
  if (infer.has(1) && (infer.in(1).dtype != DType::kI64 || element_count(infer.in(1).shape) != 1))
    return infer.error("k: expected one i64, got " + to_string(infer.in(1).shape) + " of " +
                       dtype_name(infer.in(1).dtype));
  return infer.set(0, x.dtype, x.shape);
}

Status resize(const Infer& infer) {
  SYSTOLE_ASSIGN_OR_RETURN(Resizing resizing, resolve_resize(infer.graph, infer.node));
  return infer.set(0, infer.in(0).dtype, std::move(resizing.shape));
}

}  // namespace

void add_movement_rules(ShapeRules& rules) {
  rules["Constant"] = {0, 0, constant};
  rules["Shape"] = {1, 1, shape_of};
  rules["Size"] = {1, 1, size_of};
  rules["ConstantOfShape"] = {1, 1, constant_of_shape};
  rules["Reshape"] = {1, 2, reshape};
  rules["Flatten"] = {1, 1, flatten};
  rules["Squeeze"] = {1, 2, squeeze};
  rules["Unsqueeze"] = {1, 2, unsqueeze};
  rules["Transpose"] = {1, 1, transpose};
  rules["Concat"] = {1, kAnyNumber, concat};
  rules["Slice"] = {1, 5, slice};
  rules["Split"] = {1, 2, split};
  rules["Gather"] = {2, 2, gather};
  rules["Expand"] = {2, 2, expand};
  rules["Tile"] = {2, 2, tile};
  rules["Pad"] = {1, 3, pad};
  rules["Range"] = {3, 3, range};
  rules["Trilu"] = {1, 2, trilu};
  rules["Resize"] = {1, 4, resize};
  rules["Upsample"] = {2, 2, resize};
}

}  // namespace systole::graph

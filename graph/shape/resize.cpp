// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/shape/resize.h"

#include <algorithm>
#include <cmath>

#include "graph/constants.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

// What the attributes say; opset 10 and Upsample know asymmetric coordinates and floor alone.
struct Rules {
  std::string mode, coordinates, rounding;
  double cubic = -0.75;
  bool exclude_outside = false;
};

double source_of(const Rules& rules, int64_t i, int64_t in, int64_t out, double scale) {
  const double x = static_cast<double>(i);
  if (rules.coordinates == "align_corners")
    return out == 1 ? 0.0 : x * static_cast<double>(in - 1) / (static_cast<double>(in) * scale - 1);
  if (rules.coordinates == "asymmetric") return x / scale;
  if (rules.coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / scale;
  if (rules.coordinates == "pytorch_half_pixel" && out == 1) return 0.0;
  return (x + 0.5) / scale - 0.5;
}

int64_t nearest(const Rules& rules, double x) {
  if (rules.rounding == "floor") return static_cast<int64_t>(std::floor(x));
  if (rules.rounding == "ceil") return static_cast<int64_t>(std::ceil(x));
  if (rules.rounding == "round_prefer_ceil") return static_cast<int64_t>(std::floor(x + 0.5));
  return static_cast<int64_t>(std::ceil(x - 0.5));
}

double cubic(double a, double distance) {  // Keys 1981
  const double d = std::fabs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

ResizeAxis make_axis(const Rules& rules, int axis, int64_t in, int64_t out, double scale) {
  ResizeAxis made{axis, in, out, 0, std::vector<double>(static_cast<size_t>(in * out), 0.0)};
  bool repeats = rules.mode == "nearest" && out % in == 0;
  for (int64_t i = 0; i < out; ++i) {
    double* row = made.weights.data() + i * in;
    const auto put = [&](int64_t at, double weight) { row[std::clamp<int64_t>(at, 0, in - 1)] += weight; };
    const double x = source_of(rules, i, in, out, scale);
    if (rules.mode == "nearest") {
      const int64_t from = std::clamp<int64_t>(nearest(rules, x), 0, in - 1);
      put(from, 1);
      repeats = repeats && from == i / (out / in);
      continue;
    }
    const auto whole = static_cast<int64_t>(std::floor(x));
    const double rest = x - static_cast<double>(whole);
    if (rules.mode == "linear") {
      put(whole, 1 - rest);
      put(whole + 1, rest);
      continue;
    }
    double total = 0;
    for (int64_t tap = -1; tap <= 2; ++tap) {
      if (rules.exclude_outside && (whole + tap < 0 || whole + tap >= in)) continue;
      const double weight = cubic(rules.cubic, rest - static_cast<double>(tap));
      total += weight;
      put(whole + tap, weight);
    }
    if (rules.exclude_outside)
      for (int64_t j = 0; j < in; ++j) row[j] /= total;
  }
  if (repeats) made.repeat = out / in;
  return made;
}

Result<Rules> rules_of(const Graph& graph, const Node& node) {
  const bool old = node.type == "Upsample" || graph.opset < 11;
  Rules rules;
  rules.mode = string_attr(node, "mode", "nearest");
  rules.coordinates = old ? "asymmetric" : string_attr(node, "coordinate_transformation_mode", "half_pixel");
  rules.rounding = old ? "floor" : string_attr(node, "nearest_mode", "round_prefer_floor");
  rules.cubic = float_attr(node, "cubic_coeff_a", -0.75f);
  rules.exclude_outside = int_attr(node, "exclude_outside", 0) != 0;
  if (rules.mode != "nearest" && rules.mode != "linear" && rules.mode != "cubic")
    return node_error(node, Code::kUnsupported, "mode '" + rules.mode + "'");
  if (rules.coordinates == "tf_crop_and_resize")
    return node_error(node, Code::kUnsupported, "coordinates by tf_crop_and_resize");
  return rules;
}

// Constant numbers of an optional input; empty where it is absent or has no elements.
Result<std::vector<double>> numbers(const Graph& graph, const Node& node, size_t input, const char* name) {
  const ValueId id = input_of(node, input);
  if (id == kAbsent || (graph.at(id).shape_known && element_count(graph.at(id).shape) == 0))
    return std::vector<double>();
  const Value& value = graph.at(id);
  if (!value.is_constant())
    return node_error(node, Code::kUnsupported, std::string(name) + " '" + value.name + "' is not constant");
  std::vector<double> result;
  const auto bytes = constant_bytes(value);
  for (int64_t i = 0; i < element_count(value.shape); ++i)
    result.push_back(is_float(value.dtype) ? load_real(value.dtype, bytes.data(), i)
                                           : static_cast<double>(load_int(value.dtype, bytes.data(), i)));
  return result;
}

}  // namespace

Result<Resizing> resolve_resize(const Graph& graph, const Node& node) {
  SYSTOLE_ASSIGN_OR_RETURN(const Rules rules, rules_of(graph, node));
  const bool old = node.type == "Upsample" || graph.opset < 11;
  const Shape& x = graph.at(node.inputs[0]).shape;
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<double> scales, numbers(graph, node, old ? 1 : 2, "scales"));
  std::vector<double> sizes;
  if (!old) {
    SYSTOLE_ASSIGN_OR_RETURN(sizes, numbers(graph, node, 3, "sizes"));
  }
  const std::vector<double>& given = sizes.empty() ? scales : sizes;
  if (given.size() != x.size())
    return node_error(node, Code::kInvalidArgument,
                      "expected a scale or size for each of " + std::to_string(x.size()) + " axes, got " +
                          std::to_string(given.size()));
  Resizing resizing;
  for (size_t i = 0; i < x.size(); ++i) {
    const double extent = sizes.empty() ? std::floor(static_cast<double>(x[i]) * scales[i]) : sizes[i];
    if (!(extent >= 1 && extent < 1e9) || x[i] < 1)
      return node_error(
          node, Code::kInvalidArgument,
          "axis " + std::to_string(i) + " of " + to_string(x) + " can't become " + std::to_string(extent));
    const auto out = static_cast<int64_t>(extent);
    resizing.shape.push_back(out);
    const double scale = sizes.empty() ? scales[i] : static_cast<double>(out) / static_cast<double>(x[i]);
    if (out == x[i] && scale == 1.0) continue;
    if (x[i] > (int64_t{1} << 24) / out)
      return node_error(node, Code::kUnsupported,
                        "axis " + std::to_string(i) + " of " + std::to_string(x[i]) + " to " + std::to_string(out) +
                            ": its matrix is too large");
    resizing.axes.push_back(make_axis(rules, static_cast<int>(i), x[i], out, scale));
  }
  return resizing;
}

}  // namespace systole::graph

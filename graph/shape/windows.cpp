// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Convolution, pooling, matrix products.
#include <algorithm>

#include "graph/shape/inference.h"
#include "graph/shape/rules.h"

namespace systole::graph {
namespace {

Result<std::vector<int64_t>> sized_ints(const Node& node, const char* name, size_t count, int64_t otherwise,
                                        int64_t least) {
  auto given = ints_attr(node, name);
  if (!given) return std::vector<int64_t>(count, otherwise);
  if (given->size() != count) {
    return node_error(
        node, Code::kInvalidArgument,
        std::string(name) + ": expected " + std::to_string(count) + " numbers, got " + std::to_string(given->size()));
  }
  for (int64_t value : *given) {
    if (value < least || value > (int64_t{1} << 31)) {
      return node_error(node, Code::kInvalidArgument,
                        std::string(name) + ": " + std::to_string(value) + " is out of range");
    }
  }
  return *given;
}

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Pads that give ceil(in / stride) outputs, the odd one at the end (SAME_UPPER) or the beginning.
void same_pads(Window& window, const Shape& image, bool upper) {
  for (size_t i = 0; i < window.kernel.size(); ++i) {
    int64_t in = image[i + 2], out = ceil_div(in, window.strides[i]);
    int64_t total =
        std::max<int64_t>(0, (out - 1) * window.strides[i] + window.dilations[i] * (window.kernel[i] - 1) + 1 - in);
    window.pads_begin[i] = upper ? total / 2 : total - total / 2;
    window.pads_end[i] = total - window.pads_begin[i];
  }
}

Status resolve_pads(const Node& node, const Shape& image, Window& window) {
  size_t spatial = window.kernel.size();
  std::string mode = string_attr(node, "auto_pad", "NOTSET");
  window.pads_begin.assign(spatial, 0);
  window.pads_end.assign(spatial, 0);
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    same_pads(window, image, mode == "SAME_UPPER");
  } else if (mode == "NOTSET" || mode.empty()) {
    SYSTOLE_ASSIGN_OR_RETURN(auto pads, sized_ints(node, "pads", 2 * spatial, 0, 0));
    for (size_t i = 0; i < spatial; ++i) window.pads_begin[i] = pads[i], window.pads_end[i] = pads[i + spatial];
  } else if (mode != "VALID") {
    return node_error(node, Code::kInvalidArgument,
                      "auto_pad: expected NOTSET, SAME_UPPER, SAME_LOWER or VALID, got '" + mode + "'");
  }
  return {};
}

Status conv_shapes(const Infer& infer, const Shape& x, const Shape& w, DType result) {
  if (x.size() < 3 || x.size() != w.size()) {
    return infer.error("input " + to_string(x) + " and weight " + to_string(w) + ": expected equal ranks of 3 or more");
  }
  int64_t groups = int_attr(infer.node, "group", 1);
  if (groups < 1 || x[1] != w[1] * groups || w[0] % groups != 0) {
    return infer.error("input " + to_string(x) + ", weight " + to_string(w) + ", group " + std::to_string(groups) +
                       ": channels disagree");
  }
  std::vector<int64_t> kernel(w.begin() + 2, w.end());
  auto declared = ints_attr(infer.node, "kernel_shape");
  if (declared && *declared != kernel) return infer.error("kernel_shape disagrees with weight " + to_string(w));
  SYSTOLE_ASSIGN_OR_RETURN(Window window, resolve_window(infer.node, x, kernel));
  Shape shape = {x[0], w[0]};
  shape.insert(shape.end(), window.output.begin(), window.output.end());
  return infer.set(0, result, std::move(shape));
}

Status conv(const Infer& infer) {
  if (infer.in(0).dtype != infer.in(1).dtype && is_float(infer.in(0).dtype)) {
    return infer.error(std::string("input is ") + dtype_name(infer.in(0).dtype) + ", weight " +
                       dtype_name(infer.in(1).dtype) + ": expected one type");
  }
  if (infer.has(2) && infer.in(2).shape != Shape{infer.in(1).shape.empty() ? 0 : infer.in(1).shape[0]}) {
    return infer.error("bias '" + infer.in(2).name + "' of " + to_string(infer.in(2).shape) + " for weight " +
                       to_string(infer.in(1).shape));
  }
  return conv_shapes(infer, infer.in(0).shape, infer.in(1).shape, infer.in(0).dtype);
}

Status conv_integer(const Infer& infer) {
  return conv_shapes(infer, infer.in(0).shape, infer.in(1).shape, DType::kI32);
}
Status qlinear_conv(const Infer& infer) {
  return conv_shapes(infer, infer.in(0).shape, infer.in(3).shape, infer.in(7).dtype);
}

Status pool(const Infer& infer) {
  auto kernel = ints_attr(infer.node, "kernel_shape");
  if (!kernel) return infer.error("kernel_shape is missing");
  const Shape& x = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(Window window, resolve_window(infer.node, x, *kernel));
  Shape shape = {x[0], x[1]};
  shape.insert(shape.end(), window.output.begin(), window.output.end());
  SYSTOLE_RETURN_IF_ERROR(infer.set(1, DType::kI64, shape));
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status global_pool(const Infer& infer) {
  Shape shape = infer.in(0).shape;
  if (shape.size() < 3) return infer.error("expected rank 3 or more, got " + to_string(shape));
  std::fill(shape.begin() + 2, shape.end(), 1);
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status matmul_shapes(const Infer& infer, Shape a, Shape b, DType result) {
  if (a.empty() || b.empty()) return infer.error("a matrix product of a scalar");
  bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  int64_t m = a[a.size() - 2], k = a.back(), n = b.back();
  if (b[b.size() - 2] != k)
    return infer.error("shapes " + to_string(a) + " and " + to_string(b) + ": " + std::to_string(k) + " columns meet " +
                       std::to_string(b[b.size() - 2]) + " rows");
  SYSTOLE_ASSIGN_OR_RETURN(Shape shape,
                           broadcast_shapes(infer.node, Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  if (!row) shape.push_back(m);
  if (!column) shape.push_back(n);
  return infer.set(0, result, std::move(shape));
}

Status matmul(const Infer& infer) {
  if (infer.in(0).dtype != infer.in(1).dtype && is_float(infer.in(0).dtype)) {
    return infer.error(std::string("operands of ") + dtype_name(infer.in(0).dtype) + " and " +
                       dtype_name(infer.in(1).dtype) + ": expected one type");
  }
  return matmul_shapes(infer, infer.in(0).shape, infer.in(1).shape, infer.in(0).dtype);
}

Status matmul_integer(const Infer& infer) {
  return matmul_shapes(infer, infer.in(0).shape, infer.in(1).shape, DType::kI32);
}
Status qlinear_matmul(const Infer& infer) {
  return matmul_shapes(infer, infer.in(0).shape, infer.in(3).shape, infer.in(7).dtype);
}

Status gemm(const Infer& infer) {
  Shape a = infer.in(0).shape, b = infer.in(1).shape;
  if (a.size() != 2 || b.size() != 2)
    return infer.error("operands " + to_string(a) + " and " + to_string(b) + ": expected rank 2");
  if (infer.in(0).dtype != infer.in(1).dtype && is_float(infer.in(0).dtype))
    return infer.error("operands have different types");
  if (int_attr(infer.node, "transA", 0) != 0) std::swap(a[0], a[1]);
  if (int_attr(infer.node, "transB", 0) != 0) std::swap(b[0], b[1]);
  if (a[1] != b[0]) return infer.error(std::to_string(a[1]) + " columns meet " + std::to_string(b[0]) + " rows");
  Shape shape = {a[0], b[1]};
  if (infer.has(2)) {
    SYSTOLE_ASSIGN_OR_RETURN(Shape with, broadcast_shapes(infer.node, shape, infer.in(2).shape));
    if (with != shape) return infer.error("C of " + to_string(infer.in(2).shape) + " does not fit " + to_string(shape));
  }
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

}  // namespace

Result<Window> resolve_window(const Node& node, const Shape& image, const std::vector<int64_t>& kernel,
                              bool* ceil_extra) {
  size_t spatial = kernel.size();
  if (spatial == 0 || image.size() != spatial + 2) {
    return node_error(node, Code::kInvalidArgument,
                      "input " + to_string(image) + " for a window of " + std::to_string(spatial) + " axes");
  }
  for (int64_t k : kernel) {
    if (k < 1 || k > (int64_t{1} << 31))
      return node_error(node, Code::kInvalidArgument, "kernel extent " + std::to_string(k));
  }
  Window window;
  window.kernel = kernel;
  SYSTOLE_ASSIGN_OR_RETURN(window.strides, sized_ints(node, "strides", spatial, 1, 1));
  SYSTOLE_ASSIGN_OR_RETURN(window.dilations, sized_ints(node, "dilations", spatial, 1, 1));
  SYSTOLE_RETURN_IF_ERROR(resolve_pads(node, image, window));
  bool ceil_mode = int_attr(node, "ceil_mode", 0) != 0;
  for (size_t i = 0; i < spatial; ++i) {
    int64_t in = image[i + 2], stride = window.strides[i], reach = window.dilations[i] * (kernel[i] - 1) + 1;
    int64_t room = in + window.pads_begin[i] + window.pads_end[i] - reach;
    if (room < 0)
      return node_error(node, Code::kInvalidArgument,
                        "window of " + std::to_string(reach) + " is larger than the padded image " + to_string(image));
    int64_t out = room / stride + 1;
    if (ceil_mode && room % stride != 0 && out * stride < in + window.pads_begin[i]) {  // the last window starts inside
      window.pads_end[i] += out * stride - room;
      ++out;
      if (ceil_extra) *ceil_extra = true;
    }
    window.output.push_back(out);
  }
  return window;
}

void add_window_rules(ShapeRules& rules) {
  rules["Conv"] = {2, 3, conv};
  rules["ConvInteger"] = {2, 4, conv_integer};
  rules["QLinearConv"] = {8, 9, qlinear_conv};
  rules["MaxPool"] = {1, 1, pool};
  rules["AveragePool"] = {1, 1, pool};
  rules["GlobalAveragePool"] = {1, 1, global_pool};
  rules["GlobalMaxPool"] = {1, 1, global_pool};
  rules["MatMul"] = {2, 2, matmul};
  rules["MatMulInteger"] = {2, 4, matmul_integer};
  rules["QLinearMatMul"] = {8, 8, qlinear_matmul};
  rules["Gemm"] = {2, 3, gemm};
}

}  // namespace systole::graph

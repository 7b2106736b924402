// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "hal/op_validator.h"

namespace systole {
namespace validation {

Status Validator::countable(const std::string& name, const TensorDesc& desc) const {
  int64_t bits = 64, span = byte_size(DType::kF64), reach = 0;  // of the widest type
  bool counts = true;
  for (size_t i = 0; i < desc.shape.size() && counts; ++i) {
    const int64_t extent = std::max<int64_t>(desc.shape[i], 1);
    counts = !__builtin_mul_overflow(bits, extent, &bits) &&
             !__builtin_mul_overflow(extent - 1, desc.strides[i], &reach) &&
             !__builtin_add_overflow(span, reach, &span);
  }
  if (counts) return {};
  return error(name + ": " + to_string(desc.shape) + " with strides " + to_string(Shape(desc.strides)) +
               " is larger than 64 bits count");
}

Status Validator::distinct_elements() const {
  if (y().elements() == 0) return {};
  const bool packed = bit_width(y().dtype) < 8 && y().rank() > 0;
  int64_t within = packed ? bytes_for(y().dtype, y().shape.back()) : bytes_for(y().dtype, 1);
  std::vector<size_t> order;
  for (size_t i = 0; i + (packed ? 1 : 0) < y().shape.size(); ++i)
    if (y().shape[i] > 1) order.push_back(i);
  std::sort(order.begin(), order.end(), [this](size_t a, size_t b) { return y().strides[a] < y().strides[b]; });
  for (size_t i : order) {
    if (y().strides[i] < within) {
      return error("y: axis " + std::to_string(i) + " of extent " + number(y().shape[i]) + " has stride " +
                   number(y().strides[i]) + ", less than the " + number(within) +
                   " bytes within a step: its elements overlap");
    }
    within += (y().shape[i] - 1) * y().strides[i];
  }
  return {};
}

// Axes but the last `leading_ignored` broadcast to those of y.
Status Validator::broadcast(const std::vector<std::string>& names, size_t leading_ignored) {
  Shape wanted;
  for (size_t i = 0; i < names.size(); ++i) {
    Shape lead(in(i).shape.begin(), in(i).shape.end() - static_cast<std::ptrdiff_t>(leading_ignored));
    if (lead.size() > wanted.size()) wanted.insert(wanted.begin(), lead.size() - wanted.size(), 1);
    size_t shift = wanted.size() - lead.size();
    for (size_t axis = 0; axis < lead.size(); ++axis) {
      int64_t& extent = wanted[axis + shift];
      if (extent == 1) extent = lead[axis];
      if (lead[axis] != extent && lead[axis] != 1) {
        return error(names[i] + " of shape " + to_string(in(i).shape) + " doesn't broadcast: extent " +
                     number(lead[axis]) + " against " + number(extent));
      }
    }
  }
  if (y().shape.size() < leading_ignored ||
      Shape(y().shape.begin(), y().shape.end() - static_cast<std::ptrdiff_t>(leading_ignored)) != wanted) {
    return mismatch("y", leading_ignored ? "leading axes" : "shape", to_string(wanted), to_string(y().shape));
  }
  return {};
}

Status Validator::check_op(const Pool& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  const TensorDesc& x = in(0);
  SYSTOLE_RETURN_IF_ERROR(known("kind", op.kind, PoolKind::kAverage));
  SYSTOLE_RETURN_IF_ERROR(rank("x", x, 4));
  SYSTOLE_RETURN_IF_ERROR(rank("y", y(), 4));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (x.dtype == DType::kBool) return error("x: bool can't be pooled");
  if (y().shape[0] != x.shape[0] || y().shape[1] != x.shape[1]) {
    return mismatch("y", "batch and channels", to_string(Shape{x.shape[0], x.shape[1]}),
                    to_string(Shape{y().shape[0], y().shape[1]}));
  }
  SYSTOLE_RETURN_IF_ERROR(
      window("h", y().shape[2], x.shape[2], op.kernel_h, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom));
  SYSTOLE_RETURN_IF_ERROR(
      window("w", y().shape[3], x.shape[3], op.kernel_w, op.stride_w, op.dilation_w, op.pad_left, op.pad_right));
  // Such padding would make windows without a single position.
  int64_t reach_h = op.dilation_h * (op.kernel_h - 1), reach_w = op.dilation_w * (op.kernel_w - 1);
  if (op.pad_top > reach_h || op.pad_bottom > reach_h || op.pad_left > reach_w || op.pad_right > reach_w) {
    return error("padding reaches beyond the window (" + number(reach_h + 1) + "x" + number(reach_w + 1) + ")");
  }
  if (op.kind == PoolKind::kMax) return equal_quant("x", x);
  SYSTOLE_RETURN_IF_ERROR(per_tensor("x", x));
  SYSTOLE_RETURN_IF_ERROR(per_tensor("y", y()));
  if (!is_float(x.dtype) && (!x.quant || !y().quant)) return error("average of integers needs quantization on x and y");
  return {};
}

Status Validator::check_op(const Unary& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  const TensorDesc& x = in(0);
  SYSTOLE_RETURN_IF_ERROR(known("kind", op.kind, UnaryKind::kNot));
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), x.shape));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (op.kind == UnaryKind::kClip) SYSTOLE_RETURN_IF_ERROR(activates(Activation::kClip, op.alpha, op.beta));
  if (op.kind == UnaryKind::kNot) return type("x", x, DType::kBool);
  if (x.dtype == DType::kBool) return error("x: bool takes only not");
  if (is_float(x.dtype)) return {};
  bool on_integers = op.kind == UnaryKind::kRelu || op.kind == UnaryKind::kClip || op.kind == UnaryKind::kNeg ||
                     op.kind == UnaryKind::kAbs;
  if (!on_integers) return error(std::string("x: expected a float type, got ") + dtype_name(x.dtype));
  return equal_quant("x", x);
}

Status Validator::check_op(const Binary& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"a", "b"}));
  SYSTOLE_RETURN_IF_ERROR(known("kind", op.kind, BinaryKind::kGreaterEqual));
  SYSTOLE_RETURN_IF_ERROR(broadcast({"a", "b"}, 0));
  SYSTOLE_RETURN_IF_ERROR(activates(op.activation, op.clip_lo, op.clip_hi));
  const TensorDesc &a = in(0), &b = in(1);
  SYSTOLE_RETURN_IF_ERROR(type("b", b, a.dtype));
  bool logic = op.kind == BinaryKind::kAnd || op.kind == BinaryKind::kOr || op.kind == BinaryKind::kXor;
  bool compares = op.kind >= BinaryKind::kEqual;
  if (compares || (logic && a.dtype == DType::kBool)) {
    if (op.activation != Activation::kNone) return error("y: bool takes no activation");
    SYSTOLE_RETURN_IF_ERROR(type("y", y(), DType::kBool));
  } else {
    SYSTOLE_RETURN_IF_ERROR(type("y", y(), a.dtype));
  }
  if (logic && is_float(a.dtype))
    return error(std::string("a: expected bool or an integer, got ") + dtype_name(a.dtype));
  if (!logic && !compares && a.dtype == DType::kBool) return error("a: bool takes only logic and comparisons");
  bool quantized = a.quant || b.quant || y().quant;
  if (!quantized) return {};
  if (compares) {
    if (same_quant(a, b) && !(a.quant && a.quant->per_channel())) return {};
    return error("a and b must have equal per-tensor quantization to be compared");
  }
  bool defined = op.kind == BinaryKind::kAdd || op.kind == BinaryKind::kSub || op.kind == BinaryKind::kMul;
  if (!defined) return error("quantized operands take add, sub, mul and comparisons only");
  if (!a.quant || !b.quant || !y().quant) return error("a, b and y must all be quantized, or none");
  SYSTOLE_RETURN_IF_ERROR(per_tensor("a", a));
  SYSTOLE_RETURN_IF_ERROR(per_tensor("b", b));
  return per_tensor("y", y());
}

Status Validator::check_op(const Select&) {
  SYSTOLE_RETURN_IF_ERROR(operands({"c", "a", "b"}));
  SYSTOLE_RETURN_IF_ERROR(broadcast({"c", "a", "b"}, 0));
  SYSTOLE_RETURN_IF_ERROR(type("c", in(0), DType::kBool));
  SYSTOLE_RETURN_IF_ERROR(type("b", in(2), in(1).dtype));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), in(1).dtype));
  SYSTOLE_RETURN_IF_ERROR(equal_quant("a", in(1)));
  return equal_quant("b", in(2));
}

Status Validator::check_op(const Reduce& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  const TensorDesc& x = in(0);
  SYSTOLE_RETURN_IF_ERROR(known("kind", op.kind, ReduceKind::kSumSquare));
  Shape wanted = x.shape;
  for (size_t i = 0; i < op.axes.size(); ++i) {
    int axis = op.axes[i];
    if (axis < 0 || axis >= x.rank())
      return error("axis " + std::to_string(axis) + " is outside rank " + std::to_string(x.rank()));
    if (i > 0 && axis <= op.axes[i - 1])
      return error("axes are not ascending: " + std::to_string(op.axes[i - 1]) + ", " + std::to_string(axis));
    if (x.shape[static_cast<size_t>(axis)] == 0)
      return error("x: axis " + std::to_string(axis) + " of extent 0 can't be reduced");
    wanted[static_cast<size_t>(axis)] = 1;
  }
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), wanted));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (x.dtype == DType::kBool) return error("x: bool can't be reduced");
  bool picks = op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin;
  if (picks) return equal_quant("x", x);
  if (x.quant || y().quant) return error("quantized operands take max and min only");
  return {};
}

Status Validator::check_op(const Softmax& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  const TensorDesc& x = in(0);
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), x.shape));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (!is_float(x.dtype)) return error(std::string("x: expected a float type, got ") + dtype_name(x.dtype));
  int axis = op.axis < 0 ? op.axis + x.rank() : op.axis;
  if (axis < 0 || axis >= x.rank())
    return error("axis " + std::to_string(op.axis) + " is outside rank " + std::to_string(x.rank()));
  return {};
}

Status Validator::check_op(const Normalize& op) {
  std::vector<std::string> names{"x"};
  if (op.scale) names.push_back("scale");
  if (op.bias) names.push_back("bias");
  SYSTOLE_RETURN_IF_ERROR(operands(names));
  const TensorDesc& x = in(0);
  SYSTOLE_RETURN_IF_ERROR(known("kind", op.kind, NormKind::kRms));
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), x.shape));
  if (!is_float(x.dtype)) return error(std::string("x: expected a float type, got ") + dtype_name(x.dtype));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (op.axes < 1 || op.axes > x.rank())
    return error("axes: expected 1 to the rank of x, " + std::to_string(x.rank()) + ", got " + std::to_string(op.axes));
  if (!(op.epsilon >= 0)) return error("epsilon is " + std::to_string(op.epsilon) + ", at least 0 is needed");
  const Shape last(x.shape.end() - op.axes, x.shape.end());
  for (int64_t extent : last)
    if (extent == 0) return error("x: " + to_string(x.shape) + " has no elements to normalize");
  for (size_t i = 1; i < names.size(); ++i) {
    SYSTOLE_RETURN_IF_ERROR(shape(names[i], in(i), last));
    if (in(i).dtype != DType::kF32) SYSTOLE_RETURN_IF_ERROR(type(names[i], in(i), x.dtype));
  }
  return {};
}

// Keys or values of float queries, stored as i8.
Status Validator::integer_keys(const std::string& name, const TensorDesc& desc) {
  SYSTOLE_RETURN_IF_ERROR(type(name, desc, DType::kI8));
  SYSTOLE_RETURN_IF_ERROR(widened("q", in(0), name, desc));
  return per_tensor(name, desc);
}

Status Validator::check_op(const Attention& op) {
  std::vector<std::string> names{"q", "k", "v"};
  if (op.mask) names.push_back("mask");
  SYSTOLE_RETURN_IF_ERROR(operands(names));
  const TensorDesc& q = in(0);
  if (!is_float(q.dtype)) return error(std::string("q: expected a float type, got ") + dtype_name(q.dtype));
  for (size_t i = 0; i < names.size(); ++i)
    if (in(i).rank() < 2) return mismatch(names[i], "rank", "at least 2", std::to_string(in(i).rank()));
  for (size_t i = 1; i < 3; ++i)
    SYSTOLE_RETURN_IF_ERROR(in(1).dtype == DType::kI8 ? integer_keys(names[i], in(i)) : type(names[i], in(i), q.dtype));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), q.dtype));
  if (op.mask && in(3).dtype != DType::kF32) SYSTOLE_RETURN_IF_ERROR(type("mask", in(3), q.dtype));
  auto last = [](const TensorDesc& d, size_t from_end) { return d.shape[d.shape.size() - from_end]; };
  const int64_t queries = last(q, 2), keys = op.key_count(in(1));
  if (last(in(1), 1) != last(q, 1)) return mismatch("k", "depth", number(last(q, 1)), number(last(in(1), 1)));
  if (last(in(2), 2) != last(in(1), 2)) return mismatch("v", "keys", number(last(in(1), 2)), number(last(in(2), 2)));
  Shape wanted = q.shape;
  wanted.back() = last(in(2), 1);
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), wanted));
  if (op.mask) {
    for (size_t axis = 1; axis <= 2; ++axis) {
      const int64_t extent = last(in(3), axis), most = axis == 1 ? keys : queries;
      if (extent != 1 && extent != most)
        return mismatch("mask", axis == 1 ? "keys" : "queries", number(most), number(extent));
    }
  }
  return op.pages.empty() ? broadcast(names, 2) : paged(op);
}

// All of them are of one length a page; how `pages` names it, and what broadcasts to q.
Status Validator::paged(const Attention& op) {
  const Shape &q = in(0).shape, &k = in(1).shape;
  const size_t rank = q.size();
  if (rank < 3) return mismatch("q", "rank of paged attention", "at least 3", std::to_string(rank));
  for (size_t i = 1; i < op_.inputs.size(); ++i) {
    const Shape& shape = in(i).shape;
    const std::string name = i == 1 ? "k" : i == 2 ? "v" : "mask";
    if (i < 3 ? shape.size() != rank : shape.size() > rank)
      return mismatch(name, "rank", std::to_string(rank), std::to_string(shape.size()));
    for (size_t from_end = 3; from_end <= shape.size() - (i < 3 ? 1 : 0); ++from_end) {
      const int64_t extent = shape[shape.size() - from_end], wide = q[rank - from_end];
      if (extent != 1 && extent != wide)
        return mismatch(name, "extent of axis " + std::to_string(shape.size() - from_end), "1 or " + number(wide),
                        number(extent));
    }
  }
  if (in(2).shape[0] != k[0]) return mismatch("v", "pages", number(k[0]), number(in(2).shape[0]));
  const int64_t block = k[rank - 2];
  SYSTOLE_RETURN_IF_ERROR(at_least("keys", op.keys, 1));
  SYSTOLE_RETURN_IF_ERROR(at_least("keys a page", block, 1));
  const int64_t blocks = (op.keys - 1) / block + 1;
  if (q[0] == 0 || static_cast<int64_t>(op.pages.size()) / q[0] != blocks || op.pages.size() % q[0] != 0)
    return mismatch("pages", "numbers", number(q[0]) + " x " + number(blocks), std::to_string(op.pages.size()));
  for (int page : op.pages)
    if (page < 0 || page >= k[0])
      return error("pages: " + std::to_string(page) + " is none of the " + number(k[0]) + " pages of k");
  return {};
}

Status Validator::check_op(const Copy&) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), in(0).shape));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), in(0).dtype));
  return equal_quant("x", in(0));
}

Status Validator::check_op(const Fill&) { return operands({}); }

Status Validator::check_op(const Cast&) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  return shape("y", y(), in(0).shape);
}

}  // namespace validation

Status validate(const OpDesc& op) { return validation::Validator(op).check(); }

}  // namespace systole

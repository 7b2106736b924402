// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the definitions of hal/op.h demand of shapes, types and attributes.
#include <algorithm>
#include <cmath>

#include "hal/op.h"

namespace systole {
namespace {

std::string number(int64_t value) { return std::to_string(value); }

class Validator {
 public:
  explicit Validator(const OpDesc& op) : op_(op) {}

  Status check() {
    Status found = std::visit([this](const auto& attributes) { return check_op(attributes); }, op_.op);
    return found;
  }

 private:
  // Messages begin with the op: "conv2d 'layer1.conv': w: ...".
  Status error(const std::string& text) const {
    std::string head = op_name(op_.op);
    if (!op_.name.empty()) head += " '" + op_.name + "'";
    return {Code::kInvalidArgument, head + ": " + text};
  }
  Status mismatch(const std::string& operand, const std::string& what, const std::string& expected,
                  const std::string& got) const {
    return error(operand + ": expected " + what + " " + expected + ", got " + got);
  }

  const TensorDesc& in(size_t i) const { return op_.inputs[i]; }
  const TensorDesc& y() const { return op_.outputs[0]; }

  Status counts(size_t inputs) const {
    if (op_.inputs.size() != inputs) {
      return error("expected " + std::to_string(inputs) + " inputs, got " + std::to_string(op_.inputs.size()));
    }
    if (op_.outputs.size() != 1) return error("expected 1 output, got " + std::to_string(op_.outputs.size()));
    return {};
  }

  // Every op begins with this: operand names in order of the inputs, then y.
  Status operands(const std::vector<std::string>& names) const {
    SYSTOLE_RETURN_IF_ERROR(counts(names.size()));
    for (size_t i = 0; i < names.size(); ++i) SYSTOLE_RETURN_IF_ERROR(descriptor(names[i], in(i)));
    SYSTOLE_RETURN_IF_ERROR(descriptor("y", y()));
    for (size_t i = 0; i < y().shape.size(); ++i) {
      bool nibbles = bit_width(y().dtype) < 8 && i + 1 == y().shape.size();
      if (y().shape[i] > 1 && y().strides[i] == 0 && !nibbles) {
        return error("y: axis " + std::to_string(i) + " of extent " + number(y().shape[i]) + " has stride 0: its elements overlap");
      }
    }
    return {};
  }

  Status descriptor(const std::string& name, const TensorDesc& desc) const {
    if (desc.strides.size() != desc.shape.size()) {
      return mismatch(name, "one stride an axis,", std::to_string(desc.shape.size()), std::to_string(desc.strides.size()));
    }
    for (size_t i = 0; i < desc.shape.size(); ++i) {
      std::string axis = name + ": axis " + std::to_string(i);
      if (desc.shape[i] < 0) return error(axis + " has extent " + number(desc.shape[i]));
      if (desc.strides[i] < 0) return error(axis + " has stride " + number(desc.strides[i]) + "; strides are never negative");
      bool whole = bit_width(desc.dtype) >= 8;
      if (whole && desc.shape[i] > 1 && desc.strides[i] % byte_size(desc.dtype) != 0) {
        return error(axis + " has stride " + number(desc.strides[i]) + ", not a multiple of the " +
                     number(byte_size(desc.dtype)) + " bytes of " + dtype_name(desc.dtype));
      }
    }
    return quantization(name, desc);
  }

  Status quantization(const std::string& name, const TensorDesc& desc) const {
    if (!desc.quant) return {};
    const Quantization& q = *desc.quant;
    if (is_float(desc.dtype) || desc.dtype == DType::kBool) {
      return error(name + ": " + dtype_name(desc.dtype) + " can't be quantized");
    }
    if (q.axis >= desc.rank()) {
      return error(name + ": quantization axis " + std::to_string(q.axis) + " is beyond rank " + std::to_string(desc.rank()));
    }
    int64_t entries = q.per_channel() ? desc.shape[static_cast<size_t>(q.axis)] : 1;
    if (static_cast<int64_t>(q.scale.size()) != entries) {
      return mismatch(name, "scales", number(entries), std::to_string(q.scale.size()));
    }
    if (q.zero_point.size() != q.scale.size()) {
      return mismatch(name, "zero points", std::to_string(q.scale.size()), std::to_string(q.zero_point.size()));
    }
    for (float scale : q.scale) {
      if (!(scale > 0) || !std::isfinite(scale)) return error(name + ": scale " + std::to_string(scale) + " is not positive");
    }
    return zero_points(name, desc);
  }

  Status zero_points(const std::string& name, const TensorDesc& desc) const {
    int bits = bit_width(desc.dtype);
    if (bits >= 32) return {};
    bool is_signed = is_signed_integer(desc.dtype);
    int64_t low = is_signed ? -(int64_t{1} << (bits - 1)) : 0;
    int64_t high = is_signed ? (int64_t{1} << (bits - 1)) - 1 : (int64_t{1} << bits) - 1;
    for (int32_t zero : desc.quant->zero_point) {
      if (zero < low || zero > high) {
        return error(name + ": zero point " + std::to_string(zero) + " is outside " + dtype_name(desc.dtype));
      }
    }
    return {};
  }

  Status rank(const std::string& name, const TensorDesc& desc, int wanted) const {
    if (desc.rank() == wanted) return {};
    return mismatch(name, "rank", std::to_string(wanted), std::to_string(desc.rank()) + " (" + to_string(desc.shape) + ")");
  }
  Status shape(const std::string& name, const TensorDesc& desc, const Shape& wanted) const {
    if (desc.shape == wanted) return {};
    return mismatch(name, "shape", to_string(wanted), to_string(desc.shape));
  }
  Status type(const std::string& name, const TensorDesc& desc, DType wanted) const {
    if (desc.dtype == wanted) return {};
    return mismatch(name, "type", dtype_name(wanted), dtype_name(desc.dtype));
  }
  Status at_least(const std::string& name, int64_t value, int64_t least) const {
    if (value >= least) return {};
    return error(name + " is " + number(value) + ", at least " + number(least) + " is needed");
  }
  static bool same_quant(const TensorDesc& a, const TensorDesc& b) {
    return (!a.quant && !b.quant) || (a.quant && b.quant && *a.quant == *b.quant);
  }
  Status equal_quant(const std::string& name, const TensorDesc& desc) const {
    if (same_quant(desc, y())) return {};
    return error(name + " and y must have equal quantization");
  }
  Status per_tensor(const std::string& name, const TensorDesc& desc) const {
    if (!desc.quant || !desc.quant->per_channel()) return {};
    return error(name + ": per-channel quantization (axis " + std::to_string(desc.quant->axis) + ") is not defined here");
  }
  Status clip(Activation activation, float low, float high) const {
    if (activation != Activation::kClip || low <= high) return {};
    return error("clip bounds are reversed: " + std::to_string(low) + " > " + std::to_string(high));
  }

  Status check_op(const Matmul& op);
  Status check_op(const Conv2d& op);
  Status check_op(const Pool& op);
  Status check_op(const Unary& op);
  Status check_op(const Binary& op);
  Status check_op(const Select& op);
  Status check_op(const Reduce& op);
  Status check_op(const Softmax& op);
  Status check_op(const Copy& op);
  Status check_op(const Fill& op);
  Status check_op(const Cast& op);

  Status products(const std::string& first);
  Status epilogue(const Epilogue& epilogue, int64_t channels, int weight_axis, const std::string& first);
  Status integer_output(const Epilogue& epilogue);
  Status convolution_extents(const Conv2d& op);
  Status window(const char* axis, int64_t out, int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t before,
                int64_t after);
  Status broadcast(const std::vector<std::string>& names, size_t leading_ignored);

  const OpDesc& op_;
};

std::vector<std::string> product_operands(const char* first, const Epilogue& epilogue) {
  std::vector<std::string> names{first, "w"};
  if (epilogue.bias) names.push_back("bias");
  if (epilogue.residual) names.push_back("residual");
  return names;
}

// Types of the two multiplied operands.
Status Validator::products(const std::string& first) {
  const TensorDesc &a = in(0), &w = in(1);
  if (is_float(a.dtype)) {
    SYSTOLE_RETURN_IF_ERROR(type("w", w, a.dtype));
    if (!is_float(y().dtype)) return error(std::string("y: expected a float type for float operands, got ") + dtype_name(y().dtype));
    if ((a.dtype == DType::kF64) != (y().dtype == DType::kF64)) return type("y", y(), a.dtype);
    return {};
  }
  for (size_t i = 0; i < 2; ++i) {
    DType t = in(i).dtype;
    if (bit_width(t) > 8 || is_float(t) || t == DType::kBool) {
      return error((i == 0 ? first : "w") + ": expected an integer of at most 8 bits, got " + dtype_name(t));
    }
  }
  return per_tensor(first, a);
}

Status Validator::integer_output(const Epilogue& e) {
  if (e.residual) return error("residual is for float operands only");
  if (y().dtype == DType::kI32) {
    if (e.activation != Activation::kNone) return error("y: i32 sums take no activation");
    return {};
  }
  if (y().dtype != DType::kI8 && y().dtype != DType::kU8) {
    return error(std::string("y: expected i32, i8 or u8 for integer operands, got ") + dtype_name(y().dtype));
  }
  if (!y().quant) return error(std::string("y: ") + dtype_name(y().dtype) + " needs quantization");
  SYSTOLE_RETURN_IF_ERROR(per_tensor("y", y()));
  for (size_t i = 0; i < 2; ++i) {
    if (!in(i).quant) return error(std::string(i == 0 ? "the first operand" : "w") + " needs quantization where y has it");
  }
  return {};
}

Status Validator::epilogue(const Epilogue& e, int64_t channels, int weight_axis, const std::string& first) {
  SYSTOLE_RETURN_IF_ERROR(products(first));
  SYSTOLE_RETURN_IF_ERROR(clip(e.activation, e.clip_lo, e.clip_hi));
  const TensorDesc& w = in(1);
  bool integers = !is_float(in(0).dtype);
  if (w.quant && w.quant->per_channel() && w.quant->axis != weight_axis) {
    return mismatch("w", "quantization axis", std::to_string(weight_axis), std::to_string(w.quant->axis));
  }
  if (integers) SYSTOLE_RETURN_IF_ERROR(integer_output(e));
  size_t next = 2;
  if (e.bias) {
    const TensorDesc& bias = in(next++);
    SYSTOLE_RETURN_IF_ERROR(shape("bias", bias, {channels}));
    DType wanted = integers ? DType::kI32 : in(0).dtype == DType::kF64 ? DType::kF64 : DType::kF32;
    SYSTOLE_RETURN_IF_ERROR(type("bias", bias, wanted));
  }
  if (e.residual) {
    const TensorDesc& residual = in(next);
    SYSTOLE_RETURN_IF_ERROR(shape("residual", residual, y().shape));
    if (!is_float(residual.dtype)) return error(std::string("residual: expected a float type, got ") + dtype_name(residual.dtype));
  }
  return {};
}

Status Validator::check_op(const Matmul& op) {
  SYSTOLE_RETURN_IF_ERROR(operands(product_operands("a", op.epilogue)));
  const TensorDesc &a = in(0), &w = in(1);
  if (a.rank() < 2) return mismatch("a", "rank", "at least 2", std::to_string(a.rank()));
  if (w.rank() < 2) return mismatch("w", "rank", "at least 2", std::to_string(w.rank()));
  auto extent = [](const TensorDesc& d, int from_end) { return d.shape[d.shape.size() - static_cast<size_t>(from_end)]; };
  int64_t m = extent(a, op.transpose_a ? 1 : 2), ka = extent(a, op.transpose_a ? 2 : 1);
  int64_t kw = extent(w, op.transpose_b ? 1 : 2), n = extent(w, op.transpose_b ? 2 : 1);
  if (ka != kw) return error("a is " + to_string(a.shape) + " with k = " + number(ka) + ", w is " + to_string(w.shape) + " with k = " + number(kw));
  SYSTOLE_RETURN_IF_ERROR(broadcast({"a", "w"}, 2));
  size_t rank_y = y().shape.size();
  if (y().shape[rank_y - 2] != m || y().shape[rank_y - 1] != n) {
    return mismatch("y", "last axes", to_string(Shape{m, n}), to_string(y().shape));
  }
  return epilogue(op.epilogue, n, w.rank() - (op.transpose_b ? 2 : 1), "a");
}

Status Validator::window(const char* axis, int64_t out, int64_t extent, int64_t kernel, int64_t stride, int64_t dilation,
                         int64_t before, int64_t after) {
  std::string suffix = std::string("_") + axis;
  SYSTOLE_RETURN_IF_ERROR(at_least("kernel" + suffix, kernel, 1));
  SYSTOLE_RETURN_IF_ERROR(at_least("stride" + suffix, stride, 1));
  SYSTOLE_RETURN_IF_ERROR(at_least("dilation" + suffix, dilation, 1));
  SYSTOLE_RETURN_IF_ERROR(at_least("padding before" + suffix, before, 0));
  SYSTOLE_RETURN_IF_ERROR(at_least("padding after" + suffix, after, 0));
  int64_t wanted = window_output(extent, kernel, stride, dilation, before, after);
  if (out == wanted) return {};
  return mismatch("y", "extent along " + std::string(axis), number(wanted),
                  number(out) + " (in " + number(extent) + ", kernel " + number(kernel) + ", stride " + number(stride) +
                      ", dilation " + number(dilation) + ", padding " + number(before) + "+" + number(after) + ")");
}

Status Validator::convolution_extents(const Conv2d& op) {
  const TensorDesc &x = in(0), &w = in(1);
  SYSTOLE_RETURN_IF_ERROR(at_least("groups", op.groups, 1));
  if (x.shape[1] % op.groups != 0 || w.shape[0] % op.groups != 0) {
    return error("groups " + number(op.groups) + " divides not both " + number(x.shape[1]) + " input and " +
                 number(w.shape[0]) + " output channels");
  }
  if (w.shape[1] != x.shape[1] / op.groups) {
    return mismatch("w", "channels a group", number(x.shape[1] / op.groups),
                    number(w.shape[1]) + " (x " + to_string(x.shape) + ", w " + to_string(w.shape) + ", groups " + number(op.groups) + ")");
  }
  if (y().shape[0] != x.shape[0]) return mismatch("y", "batch", number(x.shape[0]), number(y().shape[0]));
  if (y().shape[1] != w.shape[0]) return mismatch("y", "channels", number(w.shape[0]), number(y().shape[1]));
  return {};
}

Status Validator::check_op(const Conv2d& op) {
  SYSTOLE_RETURN_IF_ERROR(operands(product_operands("x", op.epilogue)));
  const TensorDesc &x = in(0), &w = in(1);
  SYSTOLE_RETURN_IF_ERROR(rank("x", x, 4));
  SYSTOLE_RETURN_IF_ERROR(rank("w", w, 4));
  SYSTOLE_RETURN_IF_ERROR(rank("y", y(), 4));
  SYSTOLE_RETURN_IF_ERROR(convolution_extents(op));
  SYSTOLE_RETURN_IF_ERROR(window("h", y().shape[2], x.shape[2], w.shape[2], op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom));
  SYSTOLE_RETURN_IF_ERROR(window("w", y().shape[3], x.shape[3], w.shape[3], op.stride_w, op.dilation_w, op.pad_left, op.pad_right));
  return epilogue(op.epilogue, w.shape[0], 0, "x");
}

Status Validator::check_op(const Pool& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"x"}));
  const TensorDesc& x = in(0);
  SYSTOLE_RETURN_IF_ERROR(rank("x", x, 4));
  SYSTOLE_RETURN_IF_ERROR(rank("y", y(), 4));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (x.dtype == DType::kBool) return error("x: bool can't be pooled");
  if (y().shape[0] != x.shape[0] || y().shape[1] != x.shape[1]) {
    return mismatch("y", "batch and channels", to_string(Shape{x.shape[0], x.shape[1]}), to_string(Shape{y().shape[0], y().shape[1]}));
  }
  SYSTOLE_RETURN_IF_ERROR(window("h", y().shape[2], x.shape[2], op.kernel_h, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom));
  SYSTOLE_RETURN_IF_ERROR(window("w", y().shape[3], x.shape[3], op.kernel_w, op.stride_w, op.dilation_w, op.pad_left, op.pad_right));
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
  SYSTOLE_RETURN_IF_ERROR(shape("y", y(), x.shape));
  SYSTOLE_RETURN_IF_ERROR(type("y", y(), x.dtype));
  if (op.kind == UnaryKind::kClip) SYSTOLE_RETURN_IF_ERROR(clip(Activation::kClip, op.alpha, op.beta));
  if (op.kind == UnaryKind::kNot) return type("x", x, DType::kBool);
  if (x.dtype == DType::kBool) return error("x: bool takes only not");
  if (is_float(x.dtype)) return {};
  bool on_integers = op.kind == UnaryKind::kRelu || op.kind == UnaryKind::kClip || op.kind == UnaryKind::kNeg ||
                     op.kind == UnaryKind::kAbs;
  if (!on_integers) return error(std::string("x: expected a float type, got ") + dtype_name(x.dtype));
  return equal_quant("x", x);
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
        return error(names[i] + " of shape " + to_string(in(i).shape) + " doesn't broadcast: extent " + number(lead[axis]) +
                     " against " + number(extent));
      }
    }
  }
  if (y().shape.size() < leading_ignored || Shape(y().shape.begin(), y().shape.end() - static_cast<std::ptrdiff_t>(leading_ignored)) != wanted) {
    return mismatch("y", leading_ignored ? "leading axes" : "shape", to_string(wanted), to_string(y().shape));
  }
  return {};
}

Status Validator::check_op(const Binary& op) {
  SYSTOLE_RETURN_IF_ERROR(operands({"a", "b"}));
  SYSTOLE_RETURN_IF_ERROR(broadcast({"a", "b"}, 0));
  SYSTOLE_RETURN_IF_ERROR(clip(op.activation, op.clip_lo, op.clip_hi));
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
  if (logic && is_float(a.dtype)) return error(std::string("a: expected bool or an integer, got ") + dtype_name(a.dtype));
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
  Shape wanted = x.shape;
  for (size_t i = 0; i < op.axes.size(); ++i) {
    int axis = op.axes[i];
    if (axis < 0 || axis >= x.rank()) return error("axis " + std::to_string(axis) + " is outside rank " + std::to_string(x.rank()));
    if (i > 0 && axis <= op.axes[i - 1]) return error("axes are not ascending: " + std::to_string(op.axes[i - 1]) + ", " + std::to_string(axis));
    if (x.shape[static_cast<size_t>(axis)] == 0) return error("x: axis " + std::to_string(axis) + " of extent 0 can't be reduced");
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
  if (axis < 0 || axis >= x.rank()) return error("axis " + std::to_string(op.axis) + " is outside rank " + std::to_string(x.rank()));
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

}  // namespace

Status validate(const OpDesc& op) { return Validator(op).check(); }

}  // namespace systole

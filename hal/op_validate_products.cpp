// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and convolution.
#include "hal/op_validator.h"

namespace systole::validation {

namespace {

std::vector<std::string> product_operands(const char* first, const Epilogue& epilogue) {
  std::vector<std::string> names{first, "w"};
  if (epilogue.bias) names.push_back("bias");
  if (epilogue.residual) names.push_back("residual");
  return names;
}

}  // namespace

// Types of the two multiplied operands.
Status Validator::products(const std::string& first) {
  const TensorDesc &a = in(0), &w = in(1);
  if (is_float(a.dtype)) {
    SYSTOLE_RETURN_IF_ERROR(has_integer_weights(op_) ? widened("a", a, "w", w) : type("w", w, a.dtype));
    if (!is_float(y().dtype))
      return error(std::string("y: expected a float type for float operands, got ") + dtype_name(y().dtype));
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

Status Validator::widened(const std::string& floats, const TensorDesc& a, const std::string& name,
                          const TensorDesc& w) const {
  if (a.dtype != DType::kF32 && a.dtype != DType::kF16 && a.dtype != DType::kBF16)
    return error(floats + ": expected f32, f16 or bf16 beside " + name + " of " + dtype_name(w.dtype) + ", got " +
                 dtype_name(a.dtype));
  if (!w.quant) return error(name + ": " + dtype_name(w.dtype) + " beside floats needs quantization");
  for (int32_t zero : w.quant->zero_point)
    if (zero != 0) return mismatch(name, "zero points of", "0", number(zero));
  return {};
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
    if (!in(i).quant)
      return error(std::string(i == 0 ? "the first operand" : "w") + " needs quantization where y has it");
  }
  return {};
}

Status Validator::epilogue(const Epilogue& e, int64_t channels, int weight_axis, const std::string& first) {
  SYSTOLE_RETURN_IF_ERROR(products(first));
  SYSTOLE_RETURN_IF_ERROR(known("requantization", e.requant, RequantMode::kTflite));
  SYSTOLE_RETURN_IF_ERROR(activates(e.activation, e.clip_lo, e.clip_hi));
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
    if (!is_float(residual.dtype))
      return error(std::string("residual: expected a float type, got ") + dtype_name(residual.dtype));
  }
  return {};
}

Status Validator::check_op(const Matmul& op) {
  SYSTOLE_RETURN_IF_ERROR(operands(product_operands("a", op.epilogue)));
  const TensorDesc &a = in(0), &w = in(1);
  if (a.rank() < 2) return mismatch("a", "rank", "at least 2", std::to_string(a.rank()));
  if (w.rank() < 2) return mismatch("w", "rank", "at least 2", std::to_string(w.rank()));
  auto extent = [](const TensorDesc& d, int from_end) {
    return d.shape[d.shape.size() - static_cast<size_t>(from_end)];
  };
  int64_t m = extent(a, op.transpose_a ? 1 : 2), ka = extent(a, op.transpose_a ? 2 : 1);
  int64_t kw = extent(w, op.transpose_b ? 1 : 2), n = extent(w, op.transpose_b ? 2 : 1);
  if (ka != kw)
    return error("a is " + to_string(a.shape) + " with k = " + number(ka) + ", w is " + to_string(w.shape) +
                 " with k = " + number(kw));
  SYSTOLE_RETURN_IF_ERROR(broadcast({"a", "w"}, 2));
  size_t rank_y = y().shape.size();
  if (y().shape[rank_y - 2] != m || y().shape[rank_y - 1] != n) {
    return mismatch("y", "last axes", to_string(Shape{m, n}), to_string(y().shape));
  }
  return epilogue(op.epilogue, n, w.rank() - (op.transpose_b ? 2 : 1), "a");
}

Status Validator::window(const char* axis, int64_t out, int64_t extent, int64_t kernel, int64_t stride,
                         int64_t dilation, int64_t before, int64_t after) {
  std::string suffix = std::string("_") + axis;
  for (auto [name, value] : {std::pair{"kernel", kernel},
                             {"stride", stride},
                             {"dilation", dilation},
                             {"padding before", before},
                             {"padding after", after}})
    SYSTOLE_RETURN_IF_ERROR(at_most(name + suffix, value, INT32_MAX));
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
                    number(w.shape[1]) + " (x " + to_string(x.shape) + ", w " + to_string(w.shape) + ", groups " +
                        number(op.groups) + ")");
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
  SYSTOLE_RETURN_IF_ERROR(
      window("h", y().shape[2], x.shape[2], w.shape[2], op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom));
  SYSTOLE_RETURN_IF_ERROR(
      window("w", y().shape[3], x.shape[3], w.shape[3], op.stride_w, op.dilation_w, op.pad_left, op.pad_right));
  return epilogue(op.epilogue, w.shape[0], 0, "x");
}

}  // namespace systole::validation

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every definition of hal/op.h demands of its operands, and one check an op. Internal to hal.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "hal/op.h"

namespace systole::validation {

inline std::string number(int64_t value) { return std::to_string(value); }

class Validator {
 public:
  explicit Validator(const OpDesc& op) : op_(op) {}

  Status check() {
    SYSTOLE_RETURN_IF_ERROR(std::visit([this](const auto& attributes) { return check_op(attributes); }, op_.op));
    if (mac_count(op_) == INT64_MAX) return error("more multiply-accumulates than 64 bits count");
    return {};
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
    return distinct_elements();
  }

  Status descriptor(const std::string& name, const TensorDesc& desc) const {
    SYSTOLE_RETURN_IF_ERROR(known(name + ": type", desc.dtype, DType::kBool));
    if (desc.strides.size() != desc.shape.size()) {
      return mismatch(name, "one stride an axis,", std::to_string(desc.shape.size()),
                      std::to_string(desc.strides.size()));
    }
    for (size_t i = 0; i < desc.shape.size(); ++i) {
      std::string axis = name + ": axis " + std::to_string(i);
      if (desc.shape[i] < 0) return error(axis + " has extent " + number(desc.shape[i]));
      if (desc.strides[i] < 0)
        return error(axis + " has stride " + number(desc.strides[i]) + "; strides are never negative");
      bool whole = bit_width(desc.dtype) >= 8;
      if (whole && desc.shape[i] > 1 && desc.strides[i] % byte_size(desc.dtype) != 0) {
        return error(axis + " has stride " + number(desc.strides[i]) + ", not a multiple of the " +
                     number(byte_size(desc.dtype)) + " bytes of " + dtype_name(desc.dtype));
      }
    }
    SYSTOLE_RETURN_IF_ERROR(countable(name, desc));
    return quantization(name, desc);
  }

  // Elements, their bits and the span are numbers that 64 bits hold, whatever axis is empty.
  Status countable(const std::string& name, const TensorDesc& desc) const;
  // In order of their strides, each axis of y steps over all that lies within.
  Status distinct_elements() const;

  // An enumerator up to the last there is.
  template <typename Enum>
  Status known(const std::string& what, Enum value, Enum last) const {
    if (value <= last) return {};
    return error(what + " has no meaning for " + std::to_string(static_cast<int>(value)));
  }

  Status quantization(const std::string& name, const TensorDesc& desc) const {
    if (!desc.quant) return {};
    const Quantization& q = *desc.quant;
    if (is_float(desc.dtype) || desc.dtype == DType::kBool) {
      return error(name + ": " + dtype_name(desc.dtype) + " can't be quantized");
    }
    if (q.axis >= desc.rank()) {
      return error(name + ": quantization axis " + std::to_string(q.axis) + " is beyond rank " +
                   std::to_string(desc.rank()));
    }
    int64_t entries = q.per_channel() ? desc.shape[static_cast<size_t>(q.axis)] : 1;
    if (static_cast<int64_t>(q.scale.size()) != entries) {
      return mismatch(name, "scales", number(entries), std::to_string(q.scale.size()));
    }
    if (q.zero_point.size() != q.scale.size()) {
      return mismatch(name, "zero points", std::to_string(q.scale.size()), std::to_string(q.zero_point.size()));
    }
    for (float scale : q.scale) {
      if (!(scale > 0) || !std::isfinite(scale))
        return error(name + ": scale " + std::to_string(scale) + " is not positive");
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
    return mismatch(name, "rank", std::to_string(wanted),
                    std::to_string(desc.rank()) + " (" + to_string(desc.shape) + ")");
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
    return error(name + ": per-channel quantization (axis " + std::to_string(desc.quant->axis) +
                 ") is not defined here");
  }
  Status at_most(const std::string& name, int64_t value, int64_t most) const {
    if (value <= most) return {};
    return error(name + " is " + number(value) + ", more than " + number(most));
  }
  // Bounds in order; other functions than relu and clip of floats only.
  Status activates(Activation activation, float low, float high) const {
    SYSTOLE_RETURN_IF_ERROR(known("activation", activation, Activation::kHardSwish));
    if (activation > Activation::kClip && !is_float(y().dtype))
      return error(std::string("y: integers take relu and clip only, and y is ") + dtype_name(y().dtype));
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
  Status check_op(const Normalize& op);
  Status check_op(const Attention& op);
  Status check_op(const Copy& op);
  Status check_op(const Fill& op);
  Status check_op(const Cast& op);

  Status products(const std::string& first);
  Status epilogue(const Epilogue& epilogue, int64_t channels, int weight_axis, const std::string& first);
  // Integers `w` beside the floats `a`: what both must be, but for the axis of the scales.
  Status widened(const std::string& floats, const TensorDesc& a, const std::string& name, const TensorDesc& w) const;
  Status integer_keys(const std::string& name, const TensorDesc& desc);
  Status paged(const Attention& op);
  Status integer_output(const Epilogue& epilogue);
  Status convolution_extents(const Conv2d& op);
  Status window(const char* axis, int64_t out, int64_t in, int64_t kernel, int64_t stride, int64_t dilation,
                int64_t before, int64_t after);
  Status broadcast(const std::vector<std::string>& names, size_t leading_ignored);

  const OpDesc& op_;
};

}  // namespace systole::validation

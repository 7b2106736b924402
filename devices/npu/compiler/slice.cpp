// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/slice.h"

#include <algorithm>

namespace systole::npu {
namespace {

std::shared_ptr<const Quantization> sliced_channels(const Quantization& whole, int64_t first, int64_t count) {
  auto part = std::make_shared<Quantization>(whole);
  const auto cut = [&](auto& values) {
    values.erase(values.begin(), values.begin() + first);
    values.resize(static_cast<size_t>(count));
  };
  cut(part->scale);
  cut(part->zero_point);
  return part;
}

void cut(TensorView& view, int axis, int64_t first, int64_t count) {
  TensorDesc& d = view.desc;
  const bool packed = bit_width(d.dtype) < 8 && axis + 1 == d.rank();
  view.offset += packed ? bytes_for(d.dtype, first) : first * d.strides[static_cast<size_t>(axis)];
  d.shape[static_cast<size_t>(axis)] = count;
  if (d.quant && d.quant->axis == axis) d.quant = sliced_channels(*d.quant, first, count);
}

// Rows of a window op's input that output rows [first, first + count) see, and the padding that is left.
struct Rows {
  int64_t first, count, pad_before, pad_after;
};
Rows rows_of(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad, int64_t first,
             int64_t count) {
  const int64_t from = first * stride - pad;
  const int64_t to = (first + count - 1) * stride - pad + (kernel - 1) * dilation + 1;
  const int64_t low = std::max<int64_t>(from, 0), high = std::min(to, input);
  return {low, high - low, low - from, to - high};
}

class Slicer {
 public:
  Slicer(OpCall& part, int axis, int64_t first, int64_t count)
      : part_(part),
        inputs_(part.inputs),
        rank_(part.outputs[0].desc.rank()),
        axis_(axis),
        first_(first),
        count_(count) {}

  bool operator()(Matmul& op) {
    if (axis_ < rank_ - 2) {
      broadcast(0), broadcast(1);
    } else if (axis_ == rank_ - 2) {
      cut(inputs_[0], inputs_[0].desc.rank() - (op.transpose_a ? 1 : 2), first_, count_);
    } else {
      cut(inputs_[1], inputs_[1].desc.rank() - (op.transpose_b ? 2 : 1), first_, count_);
      if (op.epilogue.bias) cut(inputs_[2], 0, first_, count_);
    }
    if (op.epilogue.residual) cut(inputs_.back(), axis_, first_, count_);
    return true;
  }

  bool operator()(Conv2d& op) {
    const TensorDesc& w = inputs_[1].desc;
    if (axis_ == 0) {
      cut(inputs_[0], 0, first_, count_);
    } else if (axis_ == 1) {
      const int64_t outputs_of_group = w.shape[0] / op.groups;
      if (op.groups > 1) {
        cut(inputs_[0], 1, first_ / outputs_of_group * w.shape[1], count_ / outputs_of_group * w.shape[1]);
        op.groups = count_ / outputs_of_group;
      }
      cut(inputs_[1], 0, first_, count_);
      if (op.epilogue.bias) cut(inputs_[2], 0, first_, count_);
    } else if (axis_ != 2 || !window(op, w.shape[2])) {
      return false;
    }
    if (op.epilogue.residual) cut(inputs_.back(), axis_, first_, count_);
    return true;
  }

  bool operator()(Pool& op) {
    if (axis_ == 2) return window(op, op.kernel_h);
    if (axis_ > 2) return false;
    cut(inputs_[0], axis_, first_, count_);
    return true;
  }

  bool operator()(Reduce& op) {
    if (std::find(op.axes.begin(), op.axes.end(), axis_) != op.axes.end()) return false;
    cut(inputs_[0], axis_, first_, count_);
    return true;
  }

  bool operator()(Softmax& op) {
    if (axis_ == (op.axis < 0 ? op.axis + rank_ : op.axis)) return false;
    cut(inputs_[0], axis_, first_, count_);
    return true;
  }

  bool operator()(Normalize& op) {
    if (axis_ >= rank_ - op.axes) return false;
    cut(inputs_[0], axis_, first_, count_);
    return true;
  }

  bool operator()(Attention& op) {
    if (axis_ == rank_ - 1) return false;
    if (axis_ < rank_ - 2) {
      for (size_t i = 0; i < inputs_.size(); ++i) broadcast(i);
      return true;
    }
    const int64_t queries = inputs_[0].desc.shape[static_cast<size_t>(axis_)];
    cut(inputs_[0], axis_, first_, count_);
    if (op.mask) broadcast(3);
    if (!op.causal) return true;
    // The last query of the range sees all keys of the range's op.
    const int key_axis = inputs_[1].desc.rank() - 2;
    const int64_t keys = inputs_[1].desc.shape[static_cast<size_t>(key_axis)] - queries + first_ + count_;
    if (keys < 1) return false;
    cut(inputs_[1], key_axis, 0, keys);
    cut(inputs_[2], inputs_[2].desc.rank() - 2, 0, keys);
    if (op.mask && inputs_[3].desc.shape.back() != 1) cut(inputs_[3], inputs_[3].desc.rank() - 1, 0, keys);
    return true;
  }

  // Element by element, with broadcasting.
  template <typename T>
  bool operator()(T&) {
    for (size_t i = 0; i < inputs_.size(); ++i) broadcast(i);
    return true;
  }

 private:
  // Axes are aligned at the last; an operand that has one position, or no such axis, goes whole to each range.
  void broadcast(size_t input) {
    const int axis = axis_ - (rank_ - inputs_[input].desc.rank());
    if (axis >= 0 && inputs_[input].desc.shape[static_cast<size_t>(axis)] != 1)
      cut(inputs_[input], axis, first_, count_);
  }

  template <typename WindowOp>
  bool window(WindowOp& op, int64_t kernel) {
    const Rows rows = rows_of(inputs_[0].desc.shape[2], kernel, op.stride_h, op.dilation_h, op.pad_top, first_, count_);
    if (rows.count < 1) return false;
    cut(inputs_[0], 2, rows.first, rows.count);
    op.pad_top = rows.pad_before, op.pad_bottom = rows.pad_after;
    return true;
  }

  OpCall& part_;
  std::vector<TensorView>& inputs_;
  int rank_, axis_;
  int64_t first_, count_;
};

}  // namespace

std::optional<OpCall> sliced(const OpCall& call, int axis, int64_t first, int64_t count) {
  OpCall part = call;
  if (!std::visit(Slicer(part, axis, first, count), part.op)) return std::nullopt;
  cut(part.outputs[0], axis, first, count);
  return part;
}

int64_t slice_granule(const OpCall& call, int axis) {
  const TensorDesc& y = call.outputs[0].desc;
  const auto* conv = std::get_if<Conv2d>(&call.op);
  if (conv && axis == 1) return y.shape[1] / conv->groups;
  const auto packed = [](const TensorView& view) { return bit_width(view.desc.dtype) < 8; };
  const bool any = packed(call.outputs[0]) || std::any_of(call.inputs.begin(), call.inputs.end(), packed);
  return any && axis + 1 == y.rank() ? 2 : 1;
}

}  // namespace systole::npu

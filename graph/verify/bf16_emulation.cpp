// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/verify/bf16_emulation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "graph/node_access.h"

namespace systole::graph {
namespace {

using Array = std::vector<float>;

float to_bf16(float x) {
  if (!(std::fabs(x) <= std::numeric_limits<float>::max())) return x;
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t low = bits & 0xffffu, kept = bits & 0xffff0000u;
  const bool up = low > 0x8000u || (low == 0x8000u && (bits & 0x10000u) != 0);
  return std::bit_cast<float>(up ? kept + 0x10000u : kept);
}

struct Machine {
  const Graph& graph;
  std::vector<Array> arrays;  // by value, row-major

  Array& out(const Node& node) {
    Array& array = arrays[static_cast<size_t>(node.outputs[0])];
    array.assign(static_cast<size_t>(element_count(shape(node.outputs[0]))), 0.0f);
    return array;
  }
  const Array& in(const Node& node, size_t i) const { return arrays[static_cast<size_t>(node.inputs[i])]; }
  const Shape& shape(ValueId id) const { return graph.at(id).shape; }
};

float activate(float v, Activation activation, float lo, float hi) {
  if (activation == Activation::kRelu) return v > 0 ? v : 0.0f;
  if (activation == Activation::kClip) return std::min(std::max(v, lo), hi);
  return v;
}

// Bias and residual operands follow the two factors, in this order.
void finish(const Machine& machine, const Node& node, const Epilogue& epilogue, Array& y, size_t channels,
            size_t inner) {
  const Array* bias = epilogue.bias ? &machine.in(node, 2) : nullptr;
  const Array* residual = epilogue.residual ? &machine.in(node, epilogue.bias ? 3 : 2) : nullptr;
  for (size_t i = 0; i < y.size(); ++i) {
    float v = y[i];
    if (bias) v += (*bias)[i / inner % channels];
    if (residual) v += (*residual)[i];
    y[i] = activate(v, epilogue.activation, epilogue.clip_lo, epilogue.clip_hi);
  }
}

// The part of an output row that tap `kw` reaches inside the image: [first, last).
void row_range(const Conv2d& conv, int64_t kw, int64_t width, int64_t out, int64_t& first, int64_t& last) {
  const int64_t shift = kw * conv.dilation_w - conv.pad_left;
  first = shift >= 0 ? 0 : (-shift + conv.stride_w - 1) / conv.stride_w;
  last = shift >= width ? 0 : std::min(out, (width - 1 - shift) / conv.stride_w + 1);
}

void convolve(Machine& machine, const Node& node, const Conv2d& conv) {
  const Shape &xs = machine.shape(node.inputs[0]), &ws = machine.shape(node.inputs[1]),
              &ys = machine.shape(node.outputs[0]);
  const Array &x = machine.in(node, 0), &w = machine.in(node, 1);
  Array& y = machine.out(node);
  const int64_t per_group = ys[1] / conv.groups;
  for (int64_t n = 0; n < ys[0]; ++n)
    for (int64_t o = 0; o < ys[1]; ++o)
      for (int64_t kh = 0; kh < ws[2]; ++kh)
        for (int64_t kw = 0; kw < ws[3]; ++kw)
          for (int64_t c = 0; c < ws[1]; ++c) {
            const float weight = w[static_cast<size_t>(((o * ws[1] + c) * ws[2] + kh) * ws[3] + kw)];
            const int64_t channel = o / per_group * ws[1] + c;
            int64_t first, last;
            row_range(conv, kw, xs[3], ys[3], first, last);
            for (int64_t oh = 0; oh < ys[2]; ++oh) {
              const int64_t ih = oh * conv.stride_h + kh * conv.dilation_h - conv.pad_top;
              if (ih < 0 || ih >= xs[2]) continue;
              const float* from =
                  x.data() + ((n * xs[1] + channel) * xs[2] + ih) * xs[3] + kw * conv.dilation_w - conv.pad_left;
              float* to = y.data() + ((n * ys[1] + o) * ys[2] + oh) * ys[3];
              for (int64_t ow = first; ow < last; ++ow) to[ow] += from[ow * conv.stride_w] * weight;
            }
          }
  finish(machine, node, conv.epilogue, y, static_cast<size_t>(ys[1]), static_cast<size_t>(ys[2] * ys[3]));
}

Status multiply(Machine& machine, const Node& node, const Matmul& matmul) {
  const Shape &as = machine.shape(node.inputs[0]), &bs = machine.shape(node.inputs[1]),
              &ys = machine.shape(node.outputs[0]);
  if (bs.size() != 2 || matmul.transpose_a)
    return node_error(node, Code::kUnsupported, "not emulated: batched or transposed left");
  const Array &a = machine.in(node, 0), &b = machine.in(node, 1);
  Array& y = machine.out(node);
  const auto k = static_cast<size_t>(as.back()), n = static_cast<size_t>(ys.back()), rows = y.size() / n;
  for (size_t m = 0; m < rows; ++m)
    for (size_t i = 0; i < k; ++i)
      for (size_t j = 0; j < n; ++j) y[m * n + j] += a[m * k + i] * (matmul.transpose_b ? b[j * k + i] : b[i * n + j]);
  finish(machine, node, matmul.epilogue, y, n, 1);
  return {};
}

void pool(Machine& machine, const Node& node, const Pool& op) {
  const Shape &xs = machine.shape(node.inputs[0]), &ys = machine.shape(node.outputs[0]);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  size_t at = 0;
  for (int64_t plane = 0; plane < ys[0] * ys[1]; ++plane)
    for (int64_t oh = 0; oh < ys[2]; ++oh)
      for (int64_t ow = 0; ow < ys[3]; ++ow) {
        float most = -std::numeric_limits<float>::infinity(), sum = 0;
        int64_t inside = 0, padded = 0;
        for (int64_t kh = 0; kh < op.kernel_h; ++kh)
          for (int64_t kw = 0; kw < op.kernel_w; ++kw) {
            const int64_t h = oh * op.stride_h + kh * op.dilation_h - op.pad_top;
            const int64_t w = ow * op.stride_w + kw * op.dilation_w - op.pad_left;
            padded += h < xs[2] + op.pad_bottom && w < xs[3] + op.pad_right;
            if (h < 0 || h >= xs[2] || w < 0 || w >= xs[3]) continue;
            const float v = x[static_cast<size_t>((plane * xs[2] + h) * xs[3] + w)];
            most = std::max(most, v);
            sum += v;
            ++inside;
          }
        const int64_t count = op.count_include_pad ? padded : inside;
        y[at++] = op.kind == PoolKind::kMax ? most : sum / static_cast<float>(count);
      }
}

Status unary(Machine& machine, const Node& node, const Unary& op) {
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  for (size_t i = 0; i < y.size(); ++i) {
    if (op.kind == UnaryKind::kRelu)
      y[i] = std::max(x[i], 0.0f);
    else if (op.kind == UnaryKind::kClip)
      y[i] = std::min(std::max(x[i], op.alpha), op.beta);
    else if (op.kind == UnaryKind::kSigmoid)
      y[i] = 1.0f / (1.0f + std::exp(-x[i]));
    else if (op.kind == UnaryKind::kLeakyRelu)
      y[i] = x[i] < 0 ? x[i] * op.alpha : x[i];
    else if (op.kind == UnaryKind::kNeg)
      y[i] = -x[i];
    else
      return node_error(node, Code::kUnsupported, "not emulated");
  }
  return {};
}

// Calls visit(linear index of the output, index of it along every axis).
template <typename Visit>
void for_each_index(const Shape& shape, Visit visit) {
  std::vector<int64_t> index(shape.size(), 0);
  const int64_t count = element_count(shape);
  for (int64_t i = 0; i < count; ++i) {
    visit(static_cast<size_t>(i), index);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

// Position in a row-major array of `shape` under broadcasting to the index's rank.
size_t broadcast_position(const Shape& shape, const std::vector<int64_t>& index) {
  const size_t shift = index.size() - shape.size();
  int64_t position = 0;
  for (size_t a = 0; a < shape.size(); ++a) position = position * shape[a] + (shape[a] == 1 ? 0 : index[a + shift]);
  return static_cast<size_t>(position);
}

Status binary(Machine& machine, const Node& node, const Binary& op) {
  const Shape &as = machine.shape(node.inputs[0]), &bs = machine.shape(node.inputs[1]);
  const Array &a = machine.in(node, 0), &b = machine.in(node, 1);
  Array& y = machine.out(node);
  bool known = true;
  for_each_index(machine.shape(node.outputs[0]), [&](size_t i, const std::vector<int64_t>& index) {
    const float l = a[broadcast_position(as, index)], r = b[broadcast_position(bs, index)];
    float v = 0;
    switch (op.kind) {
      case BinaryKind::kAdd:
        v = l + r;
        break;
      case BinaryKind::kSub:
        v = l - r;
        break;
      case BinaryKind::kMul:
        v = l * r;
        break;
      case BinaryKind::kDiv:
        v = l / r;
        break;
      case BinaryKind::kMin:
        v = std::min(l, r);
        break;
      case BinaryKind::kMax:
        v = std::max(l, r);
        break;
      default:
        known = false;
    }
    y[i] = activate(v, op.activation, op.clip_lo, op.clip_hi);
  });
  return known ? Status() : node_error(node, Code::kUnsupported, "not emulated");
}

Status reduce(Machine& machine, const Node& node, const Reduce& op) {
  if (op.kind != ReduceKind::kSum && op.kind != ReduceKind::kMean)
    return node_error(node, Code::kUnsupported, "not emulated");
  const Shape &xs = machine.shape(node.inputs[0]), &ys = machine.shape(node.outputs[0]);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  for_each_index(xs, [&](size_t i, const std::vector<int64_t>& index) { y[broadcast_position(ys, index)] += x[i]; });
  const auto count = static_cast<float>(x.size() / y.size());
  if (op.kind == ReduceKind::kMean)
    for (float& value : y) value /= count;
  return {};
}

void softmax(Machine& machine, const Node& node, const Softmax& op) {
  const Shape& shape = machine.shape(node.outputs[0]);
  const auto axis = static_cast<size_t>(op.axis < 0 ? op.axis + static_cast<int>(shape.size()) : op.axis);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  size_t inner = 1;
  for (size_t a = axis + 1; a < shape.size(); ++a) inner *= static_cast<size_t>(shape[a]);
  const auto length = static_cast<size_t>(shape[axis]);
  for (size_t outer = 0; outer < x.size() / (length * inner); ++outer)
    for (size_t i = 0; i < inner; ++i) {
      const size_t start = outer * length * inner + i;
      float most = x[start], sum = 0;
      for (size_t k = 1; k < length; ++k) most = std::max(most, x[start + k * inner]);
      for (size_t k = 0; k < length; ++k) sum += std::exp(x[start + k * inner] - most);
      for (size_t k = 0; k < length; ++k) {
        const float shifted = x[start + k * inner] - most;
        y[start + k * inner] = op.log ? shifted - std::log(sum) : std::exp(shifted) / sum;
      }
    }
}

void copy(Machine& machine, const Node& node) {
  const Shape& xs = machine.shape(node.inputs[0]);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  const auto perm = ints_attr(node, "perm").value_or(std::vector<int64_t>{});
  const auto starts = ints_attr(node, "starts").value_or(std::vector<int64_t>{});
  const auto steps = ints_attr(node, "steps").value_or(std::vector<int64_t>{});
  for_each_index(machine.shape(node.outputs[0]), [&](size_t i, const std::vector<int64_t>& index) {
    std::vector<int64_t> from = index;
    if (node.type == "Transpose")
      for (size_t a = 0; a < perm.size(); ++a) from[static_cast<size_t>(perm[a])] = index[a];
    if (node.type == "Slice")
      for (size_t a = 0; a < starts.size(); ++a) from[a] = starts[a] + index[a] * (a < steps.size() ? steps[a] : 1);
    y[i] = x[broadcast_position(xs, from)];
  });
}

void join(Machine& machine, const Node& node) {
  Array& y = machine.out(node);
  const Shape& ys = machine.shape(node.outputs[0]);
  const auto place = [&](const Array& part, const Shape& shape, const std::vector<int64_t>& at) {
    for_each_index(shape, [&](size_t i, const std::vector<int64_t>& index) {
      int64_t position = 0;
      for (size_t a = 0; a < ys.size(); ++a) position = position * ys[a] + index[a] + at[a];
      y[static_cast<size_t>(position)] = part[i];
    });
  };
  std::vector<int64_t> at(ys.size(), 0);
  if (node.type == "Pad") {
    y = machine.in(node, 0);
    const auto pads = ints_attr(node, "pads").value_or(std::vector<int64_t>(2 * ys.size(), 0));
    place(machine.in(node, 1), machine.shape(node.inputs[1]),
          {pads.begin(), pads.begin() + static_cast<int64_t>(ys.size())});
    return;
  }
  const auto axis = static_cast<size_t>(int_attr(node, "axis", 1));
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    place(machine.in(node, i), machine.shape(node.inputs[i]), at);
    at[axis] += machine.shape(node.inputs[i])[axis];
  }
}

Status step(Machine& machine, const Node& node) {
  if (!node.op) {
    if (node.type == "Concat" || node.type == "Pad")
      join(machine, node);
    else if (node.type == "Reshape" || node.type == "DeviceCopy")
      machine.out(node) = machine.in(node, 0);
    else
      return node_error(node, Code::kUnsupported, "host ops are not emulated");
    return {};
  }
  const Op& op = *node.op;
  if (const auto* conv = std::get_if<Conv2d>(&op))
    convolve(machine, node, *conv);
  else if (const auto* matmul = std::get_if<Matmul>(&op))
    return multiply(machine, node, *matmul);
  else if (const auto* window = std::get_if<Pool>(&op))
    pool(machine, node, *window);
  else if (const auto* one = std::get_if<Unary>(&op))
    return unary(machine, node, *one);
  else if (const auto* two = std::get_if<Binary>(&op))
    return binary(machine, node, *two);
  else if (const auto* fold = std::get_if<Reduce>(&op))
    return reduce(machine, node, *fold);
  else if (const auto* soft = std::get_if<Softmax>(&op))
    softmax(machine, node, *soft);
  else if (std::holds_alternative<Copy>(op))
    copy(machine, node);
  else if (std::holds_alternative<Cast>(op))
    machine.out(node) = machine.in(node, 0);
  else if (const auto* fill = std::get_if<Fill>(&op))
    std::fill(machine.out(node).begin(), machine.out(node).end(), static_cast<float>(fill->value));
  else
    return node_error(node, Code::kUnsupported, "not emulated");
  return {};
}

Status load_constants(Machine& machine) {
  for (size_t v = 0; v < machine.graph.values.size(); ++v) {
    const Value& value = machine.graph.values[v];
    if (!value.is_constant() || (value.dtype != DType::kF32 && value.dtype != DType::kBF16)) continue;
    const int64_t count = element_count(value.shape);
    SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> bytes,
                             value.data->map(0, bytes_for(value.dtype, count), MapAccess::kRead));
    Array& array = machine.arrays[v];
    array.resize(static_cast<size_t>(count));
    if (value.dtype == DType::kF32) {
      std::memcpy(array.data(), bytes.data(), bytes.size());
    } else {
      for (size_t i = 0; i < array.size(); ++i) {
        uint16_t bits;
        std::memcpy(&bits, bytes.data() + 2 * i, 2);
        array[i] = std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
      }
    }
    value.data->unmap();
  }
  return {};
}

}  // namespace

Result<TensorMap> bf16_emulation(const Graph& graph, const TensorMap& inputs) {
  Machine machine{graph, std::vector<Array>(graph.values.size())};
  SYSTOLE_RETURN_IF_ERROR(load_constants(machine));
  for (ValueId id : graph.inputs) {
    const Value& value = graph.at(id);
    const auto found = inputs.find(value.name);
    if (found == inputs.end() || value.dtype != DType::kF32)
      return Status(Code::kUnsupported, "emulation needs an f32 value for input '" + value.name + "'");
    machine.arrays[static_cast<size_t>(id)].assign(found->second.f32(),
                                                   found->second.f32() + element_count(value.shape));
  }
  for (const Node& node : graph.nodes) {
    for (ValueId id : node.outputs)
      if (id != kAbsent && graph.at(id).dtype != DType::kF32 && graph.at(id).dtype != DType::kBF16)
        return node_error(node, Code::kUnsupported, "integer types are not emulated");
    SYSTOLE_RETURN_IF_ERROR(step(machine, node));
    if (graph.at(node.outputs[0]).dtype == DType::kBF16)
      for (float& value : machine.arrays[static_cast<size_t>(node.outputs[0])]) value = to_bf16(value);
  }
  TensorMap outputs;
  for (ValueId id : graph.outputs) {
    HostTensor tensor = make_host_tensor(DType::kF32, graph.at(id).shape);
    const Array& array = machine.arrays[static_cast<size_t>(id)];
    std::memcpy(tensor.data.data(), array.data(), tensor.data.size());
    outputs.emplace(graph.at(id).name, std::move(tensor));
  }
  return outputs;
}

}  // namespace systole::graph

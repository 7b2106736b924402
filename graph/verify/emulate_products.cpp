// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Convolutions, matrix products, attention and pools.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/verify/emulation.h"

namespace systole::graph::emulation {
namespace {

// Bias and residual operands follow the two factors, in this order.
void finish(const Machine& machine, const Node& node, const Epilogue& epilogue, Array& y, size_t channels,
            size_t inner) {
  const Array* bias = epilogue.bias ? &machine.in(node, 2) : nullptr;
  const Quantization* weights = machine.graph.at(node.inputs[1]).quant.get();  // integers: their scale comes first
  const Array* residual = epilogue.residual ? &machine.in(node, epilogue.bias ? 3 : 2) : nullptr;
  for (size_t i = 0; i < y.size(); ++i) {
    float v = y[i];
    if (weights) v *= weights->scale[weights->per_channel() ? i / inner % channels : 0];
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

// First element of matrix `index` (along the leading axes of the result) of an operand of `shape`.
size_t matrix_at(const Shape& shape, const std::vector<int64_t>& index) {
  const Shape lead(shape.begin(), shape.end() - 2);
  return broadcast_position(lead, index) * static_cast<size_t>(shape.end()[-1] * shape.end()[-2]);
}

}  // namespace

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

void multiply(Machine& machine, const Node& node, const Matmul& matmul) {
  const Shape &as = machine.shape(node.inputs[0]), &bs = machine.shape(node.inputs[1]),
              &ys = machine.shape(node.outputs[0]);
  const Array &a = machine.in(node, 0), &b = machine.in(node, 1);
  Array& y = machine.out(node);
  const auto n = static_cast<size_t>(ys.back()), m = static_cast<size_t>(ys.end()[-2]),
             k = static_cast<size_t>(as.end()[matmul.transpose_a ? -2 : -1]);
  for_each_index(Shape(ys.begin(), ys.end() - 2), [&](size_t batch, const std::vector<int64_t>& index) {
    const float *left = a.data() + matrix_at(as, index), *right = b.data() + matrix_at(bs, index);
    float* to = y.data() + batch * m * n;
    for (size_t row = 0; row < m; ++row)
      for (size_t i = 0; i < k; ++i) {
        const float factor = left[matmul.transpose_a ? i * m + row : row * k + i];
        for (size_t j = 0; j < n; ++j) to[row * n + j] += factor * right[matmul.transpose_b ? j * k + i : i * n + j];
      }
  });
  finish(machine, node, matmul.epilogue, y, n, 1);
}

// Probabilities are rounded to bf16 where the values are, as hal/op.h allows a device.
void attend(Machine& machine, const Node& node, const Attention& op) {
  const Shape &qs = machine.shape(node.inputs[0]), &ks = machine.shape(node.inputs[1]),
              &vs = machine.shape(node.inputs[2]), &ys = machine.shape(node.outputs[0]);
  const Array &q = machine.in(node, 0), &k = machine.in(node, 1), &v = machine.in(node, 2);
  Array& y = machine.out(node);
  const auto queries = static_cast<size_t>(qs.end()[-2]), depth = static_cast<size_t>(qs.back()),
             keys = static_cast<size_t>(ks.end()[-2]), width = static_cast<size_t>(ys.back());
  const bool rounds = machine.graph.at(node.inputs[2]).dtype == DType::kBF16;
  Array p(keys);
  const Shape rows(ys.begin(), ys.end() - 1);
  for_each_index(rows, [&](size_t row, const std::vector<int64_t>& index) {
    const std::vector<int64_t> lead(index.begin(), index.end() - 1);
    const float *keys_of = k.data() + matrix_at(ks, lead), *values_of = v.data() + matrix_at(vs, lead);
    const size_t s = row % queries;
    const size_t seen = !op.causal ? keys : s + keys + 1 > queries ? std::min(keys, s + keys + 1 - queries) : 0;
    float most = -std::numeric_limits<float>::infinity(), sum = 0;
    std::vector<int64_t> at = index;
    at.push_back(0);
    for (size_t t = 0; t < seen; ++t) {
      float score = 0;
      for (size_t d = 0; d < depth; ++d) score += q[row * depth + d] * keys_of[t * depth + d];
      score *= op.scale;
      at.back() = static_cast<int64_t>(t);
      if (op.mask) score += machine.in(node, 3)[broadcast_position(machine.shape(node.inputs[3]), at)];
      p[t] = score;
      most = std::max(most, score);
    }
    for (size_t t = 0; t < seen; ++t) sum += p[t] = std::exp(p[t] - most);
    for (size_t t = 0; t < seen; ++t) {
      const float weight = rounds ? to_bf16(p[t] / sum) : p[t] / sum;
      for (size_t e = 0; e < width; ++e) y[row * width + e] += weight * values_of[t * width + e];
    }
  });
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

}  // namespace systole::graph::emulation

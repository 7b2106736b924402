// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace systole::graph {

double Probe::mean() const {
  double sum = 0;
  for (float value : data) sum += value;
  return sum / static_cast<double>(data.size());
}

double Probe::rms() const {
  double sum = 0;
  for (float value : data) sum += static_cast<double>(value) * value;
  return std::sqrt(sum / static_cast<double>(data.size()));
}

double Probe::deviation() const {
  const double m = mean(), r = rms();
  return std::sqrt(std::max(r * r - m * m, 0.0));
}

int64_t window_extent(int64_t in, const Window& window) {
  return (in + 2 * window.pad - window.kernel) / window.stride + 1;
}

double tap_share(int64_t height, int64_t width, const Window& window) {
  const auto share = [&](int64_t in) {
    const int64_t out = window_extent(in, window);
    int64_t inside = 0;
    for (int64_t o = 0; o < out; ++o)
      for (int64_t k = 0; k < window.kernel; ++k) {
        const int64_t at = o * window.stride + k - window.pad;
        inside += at >= 0 && at < in;
      }
    return static_cast<double>(inside) / static_cast<double>(std::max<int64_t>(out * window.kernel, 1));
  };
  return share(height) * share(width);
}

namespace {

// Eight running sums: the compiler can keep them in one vector, and their order is fixed.
float dot(const float* a, const float* b, int64_t count) {
  float sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  float total = 0;
  for (float sum : sums) total += sum;
  for (; i < count; ++i) total += a[i] * b[i];
  return total;
}

// The window at (oh, ow) of one group as in, kernel, kernel: the order of the weights.
void gather(const Probe& x, const Window& window, int64_t group, int64_t each, int64_t oh, int64_t ow, float* patch) {
  for (int64_t c = 0; c < each; ++c)
    for (int64_t kh = 0; kh < window.kernel; ++kh)
      for (int64_t kw = 0; kw < window.kernel; ++kw) {
        const int64_t h = oh * window.stride + kh - window.pad, w = ow * window.stride + kw - window.pad;
        const bool inside = h >= 0 && h < x.height && w >= 0 && w < x.width;
        *patch++ = inside ? x.data[static_cast<size_t>((h * x.width + w) * x.channels + group * each + c)] : 0.0f;
      }
}

}  // namespace

Probe probe_conv(const Probe& x, const std::vector<float>& weights, int64_t out, const Window& window) {
  Probe y{out, window_extent(x.height, window), window_extent(x.width, window), {}};
  y.data.resize(static_cast<size_t>(y.channels * y.height * y.width));
  const int64_t each = x.channels / window.groups, outs = out / window.groups;
  const int64_t depth = each * window.kernel * window.kernel;
  std::vector<float> patch(static_cast<size_t>(depth));
  for (int64_t oh = 0; oh < y.height; ++oh)
    for (int64_t ow = 0; ow < y.width; ++ow)
      for (int64_t g = 0; g < window.groups; ++g) {
        gather(x, window, g, each, oh, ow, patch.data());
        for (int64_t o = g * outs; o < (g + 1) * outs; ++o)
          y.data[static_cast<size_t>((oh * y.width + ow) * out + o)] =
              dot(patch.data(), weights.data() + o * depth, depth);
      }
  return y;
}

Probe probe_max_pool(const Probe& x, const Window& window) {
  Probe y{x.channels, window_extent(x.height, window), window_extent(x.width, window), {}};
  if (x.data.empty()) return y;
  y.data.assign(static_cast<size_t>(y.channels * y.height * y.width), -std::numeric_limits<float>::infinity());
  for (int64_t oh = 0; oh < y.height; ++oh)
    for (int64_t ow = 0; ow < y.width; ++ow)
      for (int64_t k = 0; k < window.kernel * window.kernel; ++k) {
        const int64_t h = oh * window.stride + k / window.kernel - window.pad;
        const int64_t w = ow * window.stride + k % window.kernel - window.pad;
        if (h < 0 || h >= x.height || w < 0 || w >= x.width) continue;
        const float* from = x.data.data() + (h * x.width + w) * x.channels;
        float* to = y.data.data() + (oh * y.width + ow) * x.channels;
        for (int64_t c = 0; c < x.channels; ++c) to[c] = std::max(to[c], from[c]);
      }
  return y;
}

Probe probe_average(const Probe& x) {
  if (x.data.empty()) return {x.channels, 1, 1, {}};
  Probe y{x.channels, 1, 1, std::vector<float>(static_cast<size_t>(x.channels), 0.0f)};
  const int64_t pixels = x.height * x.width;
  for (int64_t p = 0; p < pixels; ++p)
    for (int64_t c = 0; c < x.channels; ++c)
      y.data[static_cast<size_t>(c)] += x.data[static_cast<size_t>(p * x.channels + c)];
  for (float& value : y.data) value /= static_cast<float>(pixels);
  return y;
}

Probe probe_add(const Probe& a, const Probe& b) {
  Probe y = a;
  for (size_t i = 0; i < y.data.size(); ++i) y.data[i] += b.data[i];
  return y;
}

void probe_affine(Probe& x, const std::vector<float>& scale, const std::vector<float>& shift) {
  const size_t channels = scale.size();
  for (size_t i = 0; i < x.data.size(); ++i) x.data[i] = x.data[i] * scale[i % channels] + shift[i % channels];
}

void probe_clamp(Probe& x, float lo, float hi) {
  for (float& value : x.data) value = std::min(std::max(value, lo), hi);
}

}  // namespace systole::graph

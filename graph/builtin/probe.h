// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A small activation carried along while a network is built: its spread says what the layer's scale must be.
#pragma once

#include <cstdint>
#include <vector>

namespace systole::graph {

struct Probe {
  int64_t channels = 0, height = 1, width = 1;
  std::vector<float> data;  // channels last; empty: only its shape is followed
  double mean() const;
  double rms() const;
  double deviation() const;
};

struct Window {
  int64_t kernel = 1, stride = 1, pad = 0, groups = 1;
};
int64_t window_extent(int64_t in, const Window& window);
// The share of a window's taps that fall inside an image of this extent, both axes.
double tap_share(int64_t height, int64_t width, const Window& window);

// weights: out, in/groups, kernel, kernel.
Probe probe_conv(const Probe& x, const std::vector<float>& weights, int64_t out, const Window& window);
Probe probe_max_pool(const Probe& x, const Window& window);
Probe probe_average(const Probe& x);
Probe probe_add(const Probe& a, const Probe& b);
void probe_affine(Probe& x, const std::vector<float>& scale, const std::vector<float>& shift);
void probe_clamp(Probe& x, float lo, float hi);

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/window.h"

#include <algorithm>

namespace systole::npu {
namespace {

int64_t reach(int64_t outputs, int64_t stride, int64_t kernel, int64_t dilation) { return (outputs - 1) * stride + (kernel - 1) * dilation + 1; }

// Fills the plan for given tile extents.
WindowPlan lay_out(const Window& o, int64_t fixed_bytes, int64_t h, int64_t w, int64_t c, const spec::NpuSpec& spec) {
  WindowPlan p;
  p.tile_h = h, p.tile_w = w, p.tile_c = c;
  p.x_row = reach(w, o.stride_w, o.kernel_w, o.dilation_w) * c * size_of(o.x_type);
  p.extra_at = 0;
  p.x_at = round_up(o.extra_channel_bytes * c, stream_align(spec));
  p.y_at = p.x_at + round_up(reach(h, o.stride_h, o.kernel_h, o.dilation_h) * p.x_row, stream_align(spec));
  p.stream = stream_plan(spec, fixed_bytes, p.y_at + h * w * c * size_of(o.y_type));
  return p;
}

double estimate(const Window& o, const WindowPlan& p, const spec::NpuSpec& spec) {
  const double lanes = static_cast<double>(ceil_div(p.tile_c, std::max(1, spec.vector.lanes)) * ceil_div(o.channels, p.tile_c));
  const double pixels = static_cast<double>(o.batch * o.out_h * o.out_w);
  const double vector = pixels * lanes * static_cast<double>(o.kernel_h * o.kernel_w);
  const double tiles = static_cast<double>(o.batch * ceil_div(o.out_h, p.tile_h) * ceil_div(o.out_w, p.tile_w) * ceil_div(o.channels, p.tile_c));
  const double slot = static_cast<double>(p.stream.slot_bytes);
  const double per_cycle = spec.dram.bytes_per_second / static_cast<double>(spec.clock.hz);
  const double memory = tiles * slot / per_cycle;
  const double fill = (memory + vector) / tiles + spec.dram.latency_cycles;
  return (p.stream.slots >= 2 ? std::max(vector, memory) : vector + memory) + fill + tiles * 30.0;
}

}  // namespace

std::string WindowPlan::summary() const {
  return "vector engine, tile " + std::to_string(tile_h) + "x" + std::to_string(tile_w) + " by " + std::to_string(tile_c) + " channels";
}

Result<WindowPlan> plan_window(const Window& o, int64_t fixed_bytes, const spec::NpuSpec& spec) {
  if (o.kernel_h > kMostTaps || o.kernel_w > kMostTaps) {
    return Status(Code::kUnsupported, "a window of " + std::to_string(o.kernel_h) + "x" + std::to_string(o.kernel_w) + " exceeds " + std::to_string(kMostTaps) + " positions along an axis");
  }
  bool found = false;
  WindowPlan best;
  int64_t least = 0;
  const int64_t lanes = std::max(1, spec.vector.lanes);
  std::vector<int64_t> channels = {std::min(o.channels, kMostLoops)};
  for (int64_t c = round_up(ceil_div(channels[0], 2), lanes); c < channels.back(); c = c > lanes ? round_up(ceil_div(c, 2), lanes) : c / 2) {
    if (c < 1) break;
    channels.push_back(c);
  }
  if (channels.back() > 1) channels.push_back(1);
  for (int64_t c : channels) {
    for (int64_t w = std::min(o.out_w, kMostLoops);; w = ceil_div(w, 2)) {
      for (int64_t h = std::min(o.out_h, kMostLoops);; h = h > 8 ? ceil_div(h * 3, 4) : h - 1) {
        WindowPlan p = lay_out(o, fixed_bytes, h, w, c, spec);
        least = p.stream.fixed_bytes + p.stream.slot_bytes;
        const bool loops_fit = reach(h, o.stride_h, o.kernel_h, o.dilation_h) <= kMostLoops && reach(w, o.stride_w, o.kernel_w, o.dilation_w) <= kMostLoops;
        if (p.stream.slots > 0 && loops_fit) {
          p.cycles = estimate(o, p, spec);
          if (!found || p.cycles < best.cycles) best = p, found = true;
        }
        if (h == 1) break;
      }
      if (w == 1) break;
    }
  }
  if (found) return best;
  return Status(Code::kOutOfMemory, "one output pixel of one channel needs " + std::to_string(least) + " bytes of scratchpad, the NPU has " + std::to_string(spec.scratchpad.bytes));
}

void window_moves(const Window& o, const WindowPlan& p, const WindowTile& t, const DramAddress& x, const DramAddress& y, StreamTile& out) {
  const int64_t es_x = size_of(o.x_type), es_y = size_of(o.y_type), pixel = t.c * es_x;
  const WindowSpan h = window_span(t.h0, t.h, o.stride_h, o.kernel_h, o.dilation_h, o.pad_top, o.in_h);
  const WindowSpan w = window_span(t.w0, t.w, o.stride_w, o.kernel_w, o.dilation_w, o.pad_left, o.in_w);
  DmaBlock in;
  in.pad_pattern = o.pad_pattern, in.pad_bytes = static_cast<int>(es_x);
  const bool dense_x = t.c == 1 || o.x.c == es_x, dense_y = t.c == 1 || o.y.c == es_y;
  in.row_bytes = dense_x ? pixel : es_x;
  in.loops = {DmaLoop{w.count, o.x.w, pixel, w.pad_before, w.pad_after}, DmaLoop{h.count, o.x.h, p.x_row, h.pad_before, h.pad_after},
              dense_x ? DmaLoop{} : DmaLoop{t.c, o.x.c, es_x}};
  out.loads.push_back({in, p.x_at, x + t.n * o.x.n + t.c0 * o.x.c + h.start * o.x.h + w.start * o.x.w});
  DmaBlock result;
  result.row_bytes = dense_y ? t.c * es_y : es_y;
  result.loops = {DmaLoop{t.w, o.y.w, t.c * es_y}, DmaLoop{t.h, o.y.h, t.w * t.c * es_y}, dense_y ? DmaLoop{} : DmaLoop{t.c, o.y.c, es_y}};
  out.stores.push_back({result, p.y_at, y + t.n * o.y.n + t.c0 * o.y.c + t.h0 * o.y.h + t.w0 * o.y.w});
}

contract::Vector window_vector(const Window& o, const WindowPlan& p, const WindowTile& t, int64_t h0, int64_t h, int64_t w0, int64_t w) {
  const int64_t pixel = t.c * size_of(o.x_type), out_pixel = t.c * size_of(o.y_type), out_row = t.w * out_pixel;
  contract::Vector c;
  c.src_addr = static_cast<uint32_t>(p.x_at + (h0 - t.h0) * o.stride_h * p.x_row + (w0 - t.w0) * o.stride_w * pixel);
  c.dst_addr = static_cast<uint32_t>(p.y_at + (h0 - t.h0) * out_row + (w0 - t.w0) * out_pixel);
  c.channels = static_cast<uint32_t>(t.c), c.n0 = static_cast<uint32_t>(w), c.n1 = static_cast<uint32_t>(h);
  c.a_stride0 = w > 1 ? static_cast<int32_t>(o.stride_w * pixel) : 0, c.a_stride1 = h > 1 ? static_cast<int32_t>(o.stride_h * p.x_row) : 0;
  c.d_stride0 = w > 1 ? static_cast<int32_t>(out_pixel) : 0, c.d_stride1 = h > 1 ? static_cast<int32_t>(out_row) : 0;
  c.win_kh = static_cast<uint32_t>(o.kernel_h), c.win_kw = static_cast<uint32_t>(o.kernel_w);
  c.win_stride0 = static_cast<int32_t>(o.dilation_w * pixel), c.win_stride1 = static_cast<int32_t>(o.dilation_h * p.x_row);
  c.a_dtype = o.x_type, c.d_dtype = o.y_type;
  return c;
}

}  // namespace systole::npu

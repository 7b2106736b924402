// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Convolutions as products of a library: of the image itself where every window is a pixel, else of its columns, which
// a kernel lays out part by part in scratch memory.
#include <algorithm>
#include <array>

#include "devices/gpu/lower/library.h"

namespace systole::gpu {
namespace {

constexpr int64_t kMostColumnBytes = int64_t{32} << 20;  // that a GPU's cache may hold
constexpr int64_t kMostParts = 64;

// One of the axes that a window is summed over, with the weights' stride.
struct TapAxis {
  int64_t extent, w_stride;
  int step_h, step_w;    // in the padded image
  int64_t channel_step;  // in x, bytes
};

// In the order of the weights; nothing where those do not lie as one axis.
std::optional<std::array<TapAxis, 3>> tap_axes(const Conv2d& op, const OpDesc& desc) {
  const TensorDesc &x = desc.inputs[0], &w = desc.inputs[1];
  std::array<TapAxis, 3> axes = {TapAxis{w.shape[1], w.strides[1], 0, 0, x.strides[1]},
                                 {w.shape[2], w.strides[2], static_cast<int>(op.dilation_h), 0, 0},
                                 {w.shape[3], w.strides[3], 0, static_cast<int>(op.dilation_w), 0}};
  // Axes of one position anywhere: outermost.
  std::stable_sort(axes.begin(), axes.end(), [](const TapAxis& a, const TapAxis& b) {
    if ((a.extent == 1) != (b.extent == 1)) return a.extent == 1;
    return a.extent > 1 && a.w_stride > b.w_stride;
  });
  for (size_t i = 0; i + 1 < axes.size(); ++i)
    if (axes[i].extent > 1 && axes[i].w_stride != axes[i + 1].w_stride * axes[i + 1].extent) return std::nullopt;
  return axes;
}

class ConvProduct {
 public:
  ConvProduct(const Conv2d& op, const OpDesc& desc, const Facts& facts, Finish finish, int algorithm)
      : op_(op),
        x_(desc.inputs[0]),
        w_(desc.inputs[1]),
        y_(desc.outputs[0]),
        residual_(op.epilogue.residual ? desc.inputs.back() : y_),
        facts_(facts),
        residual_ref_(finish.residual),
        params_(finish.params),
        product_(desc, op.epilogue, std::move(finish), facts, algorithm) {}

  std::optional<LoweredOp> pixels() {
    MatmulParams p = part(y_.shape[0], y_.shape[2]);
    p.k = x_.shape[1];
    p.w_stride[0] = w_.strides[1];
    p.a_stride[0] = op_.stride_w * x_.strides[3];
    p.a_stride[1] = x_.strides[1];
    p.lead_stride[1][0] = x_.strides[0];
    p.lead_stride[1][1] = op_.stride_h * x_.strides[2];
    if (!product_.add(p, output(), input(0), input(1), residual_ref_)) return std::nullopt;
    return product_.finished();
  }

  std::optional<LoweredOp> columns(const std::array<TapAxis, 3>& axes) {
    const int64_t taps = axes[0].extent * axes[1].extent * axes[2].extent, size = byte_size(x_.dtype);
    const int64_t line = y_.shape[3] * taps * size, image = y_.shape[2] * line;
    if (line > kMostColumnBytes) return std::nullopt;
    const int64_t images = std::clamp<int64_t>(kMostColumnBytes / image, 1, y_.shape[0]);
    const int64_t rows = image <= kMostColumnBytes ? y_.shape[2] : kMostColumnBytes / line;
    if ((y_.shape[0] + images - 1) / images * ((y_.shape[2] + rows - 1) / rows) > kMostParts) return std::nullopt;
    const int64_t at = product_.reserve(images * rows * line);
    for (int64_t first = 0; first < y_.shape[0]; first += images)
      for (int64_t row = 0; row < y_.shape[2]; row += rows) {
        const int64_t many = std::min(images, y_.shape[0] - first), high = std::min(rows, y_.shape[2] - row);
        product_.add(im2col(axes, at, first, row, many, high, taps));
        MatmulParams p = part(many, high);
        p.k = taps;
        p.w_stride[0] = axes[2].w_stride;
        p.a_stride[0] = taps * size;
        p.a_stride[1] = size;
        p.lead_stride[1][0] = high * line;
        p.lead_stride[1][1] = line;
        const auto place = [&](const TensorDesc& of) { return first * of.strides[0] + row * of.strides[2]; };
        OperandRef y = output(), residual = residual_ref_;
        y.offset = place(y_);
        if (op_.epilogue.residual) residual.offset = place(residual_);
        if (!product_.add(p, y, scratch(at), input(1), residual)) return std::nullopt;
      }
    return product_.finished();
  }

 private:
  // Of `images` images and `rows` of their rows: an output channel a column. All but what it is summed over.
  MatmulParams part(int64_t images, int64_t rows) const {
    MatmulParams p{};
    p.finish = params_;
    p.m = y_.shape[3];
    p.n = y_.shape[1];
    p.lead_rank = 2;
    p.lead[0] = images, p.lead[1] = rows;
    for (auto [o, of] : {std::pair{0, &y_}, {3, &residual_}}) {
      p.lead_stride[o][0] = of->strides[0];
      p.lead_stride[o][1] = of->strides[2];
    }
    p.y_stride[0] = y_.strides[3], p.y_stride[1] = y_.strides[1];
    p.residual_stride[0] = residual_.strides[3], p.residual_stride[1] = residual_.strides[1];
    p.w_stride[1] = w_.strides[0];
    p.a_type = type_number(x_.dtype);
    p.w_type = type_number(w_.dtype);
    p.a_zero = zero_of(x_);
    return p;
  }

  Launch im2col(const std::array<TapAxis, 3>& axes, int64_t at, int64_t first, int64_t row, int64_t images,
                int64_t rows, int64_t taps) const {
    ColumnParams p{};
    p.items = images * rows * y_.shape[3] * taps;
    p.image_stride = x_.strides[0];
    p.x_stride[0] = x_.strides[2], p.x_stride[1] = x_.strides[3];
    p.taps = static_cast<int>(taps);
    p.out_width = static_cast<int>(y_.shape[3]);
    p.out_rows = static_cast<int>(rows), p.first_row = static_cast<int>(row);
    p.height = static_cast<int>(x_.shape[2]), p.width = static_cast<int>(x_.shape[3]);
    p.stride_h = static_cast<int>(op_.stride_h), p.stride_w = static_cast<int>(op_.stride_w);
    p.pad_top = static_cast<int>(op_.pad_top), p.pad_left = static_cast<int>(op_.pad_left);
    for (size_t i = 0; i < axes.size(); ++i) {
      p.extent[i] = static_cast<int>(axes[i].extent);
      p.step_h[i] = axes[i].step_h;
      p.step_w[i] = axes[i].step_w;
      p.channel_step[i] = axes[i].channel_step;
    }
    p.outside = zero_of(x_);
    const char* element = byte_size(x_.dtype) == 1 ? "uchar" : byte_size(x_.dtype) == 2 ? "ushort" : "uint";
    Launch launch;
    launch.program = "library";
    launch.entry = "im2col";
    launch.macros = {{"ELEMENT", element}};
    launch.grid = line_grid(p.items, facts_);
    launch.operands = {scratch(at), {OperandRef::Kind::kInput, 0, first * x_.strides[0]}};
    launch.set_params(p);
    return launch;
  }

  const Conv2d& op_;
  const TensorDesc &x_, &w_, &y_, &residual_;
  const Facts& facts_;
  OperandRef residual_ref_;
  FinishParams params_;
  LibraryProduct product_;
};

}  // namespace

std::optional<LoweredOp> library_conv(const Conv2d& op, const OpDesc& desc, const Facts& facts, int algorithm) {
  const TensorDesc& w = desc.inputs[1];
  if (op.groups != 1) return std::nullopt;
  const auto finish = finish_of(op.epilogue, desc);
  if (!finish.ok()) return std::nullopt;
  const bool one_pixel = w.shape[2] == 1 && w.shape[3] == 1 && op.pad_top == 0 && op.pad_left == 0 &&
                         op.pad_bottom == 0 && op.pad_right == 0;
  if (one_pixel) {
    auto made = ConvProduct(op, desc, facts, *finish, algorithm).pixels();
    if (made) return made;
  }
  const auto axes = tap_axes(op, desc);
  if (!axes) return std::nullopt;
  return ConvProduct(op, desc, facts, *finish, algorithm).columns(*axes);
}

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Convolutions as products by tiles: a row of positions of y is a tile's rows, the taps are read where they lie.
#include <algorithm>
#include <cstring>
#include <vector>

#include "devices/cpu/tile_operands.h"
#include "devices/cpu/tile_product.h"

namespace systole::cpu {
namespace {

// Channels-last in memory, in floats; gaps between pixels, rows and images are allowed.
struct Image {
  int64_t image = 0, line = 0, pixel = 0;
};

bool channels_adjoin(const TensorDesc& desc) { return desc.shape[1] == 1 || desc.strides[1] == 4; }

// Strides of extent-1 axes are any: they get what a dense tensor would have.
Image image_of(const TensorDesc& desc) {
  Image result;
  result.pixel = desc.shape[3] > 1 ? desc.strides[3] / 4 : desc.shape[1];
  result.line = desc.shape[2] > 1 ? desc.strides[2] / 4 : desc.shape[3] * result.pixel;
  result.image = desc.shape[0] > 1 ? desc.strides[0] / 4 : desc.shape[2] * result.line;
  return result;
}

bool is_even(const TensorDesc& desc, const Image& image) {
  return image.line == desc.shape[3] * image.pixel && image.image == desc.shape[2] * image.line;
}

// x with its padding written out: dense, channels-last. The border is zeroed once.
class PaddedImage {
 public:
  PaddedImage(const Conv2d& op, const TensorDesc& x)
      : height_(x.shape[2] + op.pad_top + op.pad_bottom), width_(x.shape[3] + op.pad_left + op.pad_right) {
    const int64_t line = width_ * x.shape[1] * 4;
    offset_ = op.pad_top * line + op.pad_left * x.shape[1] * 4;
    nest_ = make_nest(x.shape, {{height_ * line, 4, line, x.shape[1] * 4}, x.strides});
    memory_ = std::make_unique<Packed>(static_cast<size_t>(x.shape[0] * height_ * line));
    std::fill_n(memory_->data(), memory_->bytes(), std::byte{0});
    layout_ = {height_ * line / 4, line / 4, x.shape[1]};
  }

  const Image& layout() const { return layout_; }

  const float* fill(const Workers& workers, const std::byte* x) {
    std::byte* inside = memory_->data() + offset_;
    for_blocks(workers, nest_, [&](const int64_t* at, int64_t count) {
      if (nest_.inner[1] == 4 && nest_.inner[0] == 4) {
        std::memcpy(inside + at[0], x + at[1], static_cast<size_t>(count * 4));
        return;
      }
      for (int64_t i = 0; i < count; ++i)
        *floats(inside + at[0] + i * nest_.inner[0]) = *floats(x + at[1] + i * nest_.inner[1]);
    });
    return floats(memory_->data());
  }

 private:
  int64_t height_, width_, offset_ = 0;
  Nest nest_;  // the copy, x
  std::unique_ptr<Packed> memory_;
  Image layout_;
};

TileShape shape_of(const Conv2d& op, const OpCall& call, const Image& from, bool even) {
  const TensorDesc &x = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  const int64_t group_c = w.shape[1], kernel_h = w.shape[2], kernel_w = w.shape[3];
  const Image to = image_of(y), residual = op.epilogue.residual ? image_of(call.inputs.back().desc) : to;
  TileShape shape;
  shape.columns = w.shape[0] / op.groups;
  shape.x_row = op.stride_w * from.pixel, shape.y_row = to.pixel, shape.residual_row = residual.pixel;
  // Taps of a row of the kernel adjoin where nothing lies between them.
  const bool adjoin = op.groups == 1 && from.pixel == x.shape[1] && (op.dilation_w == 1 || kernel_w == 1);
  shape.run = adjoin ? kernel_w * group_c : group_c;
  for (int64_t kh = 0; kh < kernel_h; ++kh)
    for (int64_t kw = 0; kw < (adjoin ? 1 : kernel_w); ++kw)
      shape.taps.push_back(kh * op.dilation_h * from.line + kw * op.dilation_w * from.pixel);
  if (even) {
    shape.length = y.shape[0] * y.shape[2] * y.shape[3];
    shape.segments = {{0, 0, 0}};
  } else {
    shape.length = y.shape[3];
    for (int64_t n = 0; n < y.shape[0]; ++n)
      for (int64_t oh = 0; oh < y.shape[2]; ++oh)
        shape.segments.push_back({n * from.image + oh * op.stride_h * from.line, n * to.image + oh * to.line,
                                  n * residual.image + oh * residual.line});
  }
  for (int64_t g = 0; g < op.groups; ++g) {
    const int64_t column = g * shape.columns;
    shape.matrices.push_back({g * group_c, column, column, column, g});
  }
  return shape;
}

// Weights O, C, KH, KW to panels of (kh, kw, c) x o, group by group.
void pack_weights(const TensorDesc& w, int64_t groups, const float* data, float* packed) {
  const int64_t columns = w.shape[0] / groups, c = w.shape[1], h = w.shape[2], width = w.shape[3], k = c * h * width;
  std::vector<float> matrix(static_cast<size_t>(columns * k));  // o x (kh, kw, c)
  for (int64_t g = 0; g < groups; ++g) {
    float* to = matrix.data();
    for (int64_t o = g * columns; o < (g + 1) * columns; ++o)
      for (int64_t kh = 0; kh < h; ++kh)
        for (int64_t kw = 0; kw < width; ++kw)
          for (int64_t i = 0; i < c; ++i)
            *to++ = data[(o * w.strides[0] + i * w.strides[1] + kh * w.strides[2] + kw * w.strides[3]) / 4];
    pack_panels(matrix.data(), k, columns, 1, k, packed + g * packed_floats(k, columns));
  }
}

class TileConv final : public OpKernel {
 public:
  TileConv(TileProduct product, TileOperands operands, std::unique_ptr<PaddedImage> padded, const Workers& workers)
      : product_(std::move(product)), operands_(std::move(operands)), padded_(std::move(padded)), workers_(workers) {}

  Status run(Tensors inputs, Tensors outputs) override {
    const float* x = padded_ ? padded_->fill(workers_, inputs[0].data) : floats(inputs[0].data);
    product_.run(x, operands_.weights(inputs), operands_.bias(inputs), operands_.residual(inputs, outputs[0]),
                 floats(outputs[0].data));
    return {};
  }

 private:
  TileProduct product_;
  TileOperands operands_;
  std::unique_ptr<PaddedImage> padded_;
  Workers workers_;
};

}  // namespace

Kernel tile_conv(const Conv2d& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  if (!tiles_take(op.epilogue, call, context) || !channels_adjoin(y)) return std::unique_ptr<OpKernel>();
  const TensorDesc& residual = op.epilogue.residual ? call.inputs.back().desc : y;
  if (!channels_adjoin(residual)) return std::unique_ptr<OpKernel>();
  const bool pads = op.pad_top + op.pad_bottom + op.pad_left + op.pad_right > 0;
  std::unique_ptr<PaddedImage> padded;
  if (pads || !channels_adjoin(x)) padded = std::make_unique<PaddedImage>(op, x);
  const Image from = padded ? padded->layout() : image_of(x);
  const bool pointwise = !padded && w.shape[2] * w.shape[3] == 1 && op.stride_h == 1 && op.stride_w == 1;
  const bool even = pointwise && is_even(x, from) && is_even(y, image_of(y)) && is_even(residual, image_of(residual));
  const TileShape shape = shape_of(op, call, from, even);
  const int64_t size = op.groups * packed_floats(shape.k(), shape.columns);
  auto pack = [desc = w, groups = op.groups](const float* data, float* packed) {
    pack_weights(desc, groups, data, packed);
  };
  const std::string form = "tile conv " + to_string(w.shape) + " " + std::to_string(op.groups);
  SYSTOLE_ASSIGN_OR_RETURN(TileOperands operands,
                           TileOperands::make(op.epilogue, call, context, form, size, std::move(pack)));
  return std::unique_ptr<OpKernel>(
      std::make_unique<TileConv>(TileProduct(shape, op.epilogue, context.workers, tile_kernels()), std::move(operands),
                                 std::move(padded), context.workers));
}

}  // namespace systole::cpu

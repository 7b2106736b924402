// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution as windows of multiply-accumulates on the vector engine.
#include <cstring>
#include <map>

#include "devices/npu/compiler/gemm_op.h"
#include "devices/npu/compiler/window.h"

namespace systole::npu {
namespace {

class DepthwiseOp : public LoweredOp {
 public:
  DepthwiseOp(const Window& window, const WindowPlan& tiles, Gemm types, Epilogue epilogue)
      : window_(window), tiles_(tiles), types_(std::move(types)), epilogue_(epilogue) {
    plan = "depthwise, " + tiles_.summary(), scratchpad_bytes = tiles_.stream.used_bytes(), cycles = tiles_.cycles;
  }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    Data data;
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress x, constants.address(call.inputs[0]));
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress y, constants.address(call.outputs[0]));
    if (types_.constant_weights) {
      SYSTOLE_ASSIGN_OR_RETURN(data.w_bytes, Constants::read(call.inputs[1]));
    } else {
      SYSTOLE_ASSIGN_OR_RETURN(data.w, constants.address(call.inputs[1]));
    }
    if (types_.bias && types_.constant_bias) {
      SYSTOLE_ASSIGN_OR_RETURN(data.bias_words, bias_words(call.inputs[2]));
    } else if (types_.bias) {
      SYSTOLE_ASSIGN_OR_RETURN(data.bias, constants.address(call.inputs[2]));
    }
    if (types_.requant != contract::Requant::kNone)
      requant_words(epilogue_, describe(call), window_.channels, data.p1, data.p2);
    Stream stream(tiles_.stream, emitter);
    std::map<int64_t, DramAddress> packed;  // by first channel
    for_window_tiles(window_, tiles_, [&](const WindowTile& tile) {
      StreamTile t;
      t.params_in_slot = types_.params() > 0;
      add_extras(tile, data, packed, constants, t);
      window_moves(window_, tiles_, tile, x, y, t);
      t.vectors.push_back(vector(tile));
      stream.tile(t);
    });
    return {};
  }

 private:
  struct Data {
    DramAddress w, bias;
    std::vector<std::byte> w_bytes;
    std::vector<uint32_t> bias_words, p1, p2;
  };

  int64_t taps() const { return window_.kernel_h * window_.kernel_w; }
  int64_t w_size() const { return size_of(types_.w_type); }
  int64_t param_at(const WindowTile& tile) const { return round_up(taps() * tile.c * w_size(), 4); }

  // Weights as taps x channels, then the parameters; what is constant comes in one piece.
  std::vector<std::byte> pack(const WindowTile& tile, const Data& data) const {
    std::vector<std::byte> bytes(static_cast<size_t>(param_at(tile) + 4 * tile.c * types_.params()));
    if (types_.constant_weights) {
      for (int64_t tap = 0; tap < taps(); ++tap) {
        for (int64_t c = 0; c < tile.c; ++c) {
          const int64_t from =
              (tile.c0 + c) * types_.w_j + tap / window_.kernel_w * types_.w_kh + tap % window_.kernel_w * types_.w_kw;
          std::memcpy(bytes.data() + (tap * tile.c + c) * w_size(), data.w_bytes.data() + from,
                      static_cast<size_t>(w_size()));
        }
      }
    }
    std::byte* at = bytes.data() + param_at(tile);
    const auto append = [&](const std::vector<uint32_t>& words) {
      if (!words.empty()) std::memcpy(at, words.data() + tile.c0, static_cast<size_t>(tile.c) * 4);
      at += tile.c * 4;
    };
    if (types_.bias) append(data.bias_words);
    if (types_.requant != contract::Requant::kNone) append(data.p1);
    if (types_.requant == contract::Requant::kTflite) append(data.p2);
    return bytes;
  }

  void add_extras(const WindowTile& tile, const Data& data, std::map<int64_t, DramAddress>& packed,
                  Constants& constants, StreamTile& t) const {
    const bool loaded_bias = types_.bias && !types_.constant_bias;
    if (types_.constant_weights || types_.params() > (loaded_bias ? 1 : 0)) {
      const auto [entry, fresh] = packed.try_emplace(tile.c0);
      if (fresh) entry->second = constants.add(pack(tile, data));
      DmaBlock block;
      block.row_bytes = param_at(tile) + 4 * tile.c * types_.params();
      t.loads.push_back({block, tiles_.extra_at, entry->second});
    }
    if (!types_.constant_weights) {
      DmaBlock block;
      block.row_bytes = w_size();
      block.loops = {DmaLoop{tile.c, types_.w_j, w_size()}, DmaLoop{window_.kernel_w, types_.w_kw, tile.c * w_size()},
                     DmaLoop{window_.kernel_h, types_.w_kh, window_.kernel_w * tile.c * w_size()}};
      t.loads.push_back({block, tiles_.extra_at, data.w + tile.c0 * types_.w_j});
    }
    if (loaded_bias) {
      DmaBlock block;
      block.row_bytes = tile.c * 4;
      t.loads.push_back({block, tiles_.extra_at + param_at(tile), data.bias + tile.c0 * 4});
    }
  }

  contract::Vector vector(const WindowTile& tile) const {
    contract::Vector c = window_vector(window_, tiles_, tile, tile.h0, tile.h, tile.w0, tile.w);
    c.window = contract::WindowOp::kMac;
    c.b_dtype = types_.w_type, c.b_addr = static_cast<uint32_t>(tiles_.extra_at),
    c.b_stride0 = static_cast<int32_t>(tile.c * w_size());
    c.a_zero = types_.x_zero, c.b_zero = types_.w_zero, c.d_zero = types_.y_zero;
    c.bias = types_.bias, c.requant = types_.requant;
    if (types_.params()) c.param_addr = static_cast<uint32_t>(tiles_.extra_at + param_at(tile));
    types_.finish.put(c);
    return c;
  }

  Window window_;
  WindowPlan tiles_;
  Gemm types_;
  Epilogue epilogue_;
};

}  // namespace

Lowered lower_depthwise(const Lowering& in, const Conv2d& op) {
  const TensorDesc &x = in.op.inputs[0], &w = in.op.inputs[1], &y = in.op.outputs[0];
  SYSTOLE_ASSIGN_OR_RETURN(Gemm types, gemm_types(in, op.epilogue));
  if (w.shape[1] != 1 || w.shape[0] != x.shape[1] || op.groups != x.shape[1]) {
    return Status(Code::kUnsupported, "a convolution that is not depthwise, on the vector engine");
  }
  if (types.has_residual) return Status(Code::kUnsupported, "a residual with a window of the vector engine");
  types.w_j = w.strides[0], types.w_kh = w.strides[2], types.w_kw = w.strides[3];
  Window o;
  o.batch = y.shape[0], o.channels = y.shape[1], o.in_h = x.shape[2], o.in_w = x.shape[3], o.out_h = y.shape[2],
  o.out_w = y.shape[3];
  o.kernel_h = w.shape[2], o.kernel_w = w.shape[3], o.stride_h = op.stride_h, o.stride_w = op.stride_w;
  o.dilation_h = op.dilation_h, o.dilation_w = op.dilation_w, o.pad_top = op.pad_top, o.pad_left = op.pad_left;
  o.x_type = types.x_type, o.y_type = types.y_type;
  o.x = {x.strides[0], x.strides[2], x.strides[3], x.strides[1]},
  o.y = {y.strides[0], y.strides[2], y.strides[3], y.strides[1]};
  o.pad_pattern = static_cast<uint32_t>(types.x_zero & 0xff);
  o.extra_channel_bytes = o.kernel_h * o.kernel_w * size_of(types.w_type) + 4 * types.params() + 4;
  SYSTOLE_ASSIGN_OR_RETURN(const WindowPlan tiles, plan_window(o, 0, in.spec));
  return std::unique_ptr<LoweredOp>(std::make_unique<DepthwiseOp>(o, tiles, std::move(types), op.epilogue));
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "devices/npu/compiler/lower.h"
#include "devices/npu/compiler/window.h"

namespace systole::npu {
namespace {

Status no(const std::string& reason) { return {Code::kUnsupported, reason}; }

// Consecutive outputs along an axis whose windows hold equally many positions.
struct CountRun {
  int64_t first = 0, outputs = 0, count = 0;
};
std::vector<CountRun> count_runs(int64_t first, int64_t outputs, int64_t stride, int64_t kernel, int64_t dilation,
                                 int64_t pad_before, int64_t pad_after, int64_t extent, bool include_pad) {
  std::vector<CountRun> runs;
  for (int64_t i = first; i < first + outputs; ++i) {
    int64_t count = 0;
    for (int64_t k = 0; k < kernel; ++k) {
      const int64_t at = i * stride + k * dilation - pad_before;
      count += include_pad ? at < extent + pad_after : at >= 0 && at < extent;
    }
    if (!runs.empty() && runs.back().count == count) {
      ++runs.back().outputs;
    } else {
      runs.push_back({i, 1, count});
    }
  }
  return runs;
}

uint32_t lowest(contract::Dtype type) {
  switch (type) {
    case contract::Dtype::kI8:
      return 0x80u;
    case contract::Dtype::kBf16:
      return 0xff80u;
    case contract::Dtype::kF32:
      return 0xff800000u;
    default:
      return 0;
  }
}

class PoolOp : public LoweredOp {
 public:
  // scale: what one over the count is multiplied by; 0: plain sums
  PoolOp(const Window& window, const WindowPlan& tiles, const Pool& pool, float scale, int32_t x_zero, int32_t y_zero,
         std::vector<int64_t> counts)
      : window_(window),
        tiles_(tiles),
        pool_(pool),
        scale_(scale),
        x_zero_(x_zero),
        y_zero_(y_zero),
        counts_(std::move(counts)) {
    plan = tiles_.summary(), scratchpad_bytes = tiles_.stream.used_bytes(), cycles = tiles_.cycles;
  }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress x, constants.address(call.inputs[0]));
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress y, constants.address(call.outputs[0]));
    Stream stream(tiles_.stream, emitter);
    if (!counts_.empty()) {
      std::vector<float> factors;
      for (int64_t count : counts_) factors.push_back(scale_ / static_cast<float>(count));
      DmaBlock block;
      block.row_bytes = static_cast<int64_t>(factors.size()) * 4;
      stream.fixed(block, 0, constants.add(std::as_bytes(std::span(factors))));
    }
    for_window_tiles(window_, tiles_, [&](const WindowTile& tile) {
      StreamTile t;
      window_moves(window_, tiles_, tile, x, y, t);
      add_vectors(tile, t);
      stream.tile(t);
    });
    return {};
  }

 private:
  void add_vectors(const WindowTile& tile, StreamTile& t) const {
    if (counts_.empty()) {
      contract::Vector c = window_vector(window_, tiles_, tile, tile.h0, tile.h, tile.w0, tile.w);
      c.window = pool_.kind == PoolKind::kMax ? contract::WindowOp::kMax : contract::WindowOp::kSum;
      t.vectors.push_back(c);
      return;
    }
    const auto& o = window_;
    for (const CountRun& h : count_runs(tile.h0, tile.h, o.stride_h, o.kernel_h, o.dilation_h, o.pad_top,
                                        pool_.pad_bottom, o.in_h, pool_.count_include_pad)) {
      for (const CountRun& w : count_runs(tile.w0, tile.w, o.stride_w, o.kernel_w, o.dilation_w, o.pad_left,
                                          pool_.pad_right, o.in_w, pool_.count_include_pad)) {
        contract::Vector c = window_vector(window_, tiles_, tile, h.first, h.outputs, w.first, w.outputs);
        const bool integer = o.x_type == contract::Dtype::kI8 || o.x_type == contract::Dtype::kU8;
        c.window = contract::WindowOp::kSum, c.scalar_params = 1;
        c.requant = integer ? contract::Requant::kOnnx : contract::Requant::kScale;
        c.a_zero = x_zero_, c.d_zero = y_zero_;
        const auto index = std::find(counts_.begin(), counts_.end(), h.count * w.count) - counts_.begin();
        c.param_addr = static_cast<uint32_t>(index * 4);
        t.vectors.push_back(c);
      }
    }
  }

  Window window_;
  WindowPlan tiles_;
  Pool pool_;
  float scale_;
  int32_t x_zero_, y_zero_;
  std::vector<int64_t> counts_;
};

Lowered make(const Lowering& in, const Pool& op, bool sum_only) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  const auto type = contract_type(x.dtype);
  const bool integer = x.dtype == DType::kI8 || x.dtype == DType::kU8;
  if (!type || x.dtype == DType::kI32) return no(std::string("pooling of ") + dtype_name(x.dtype));
  if (y.elements() > 0 && x.elements() == 0) return no("pooling of an empty tensor");
  Window o;
  o.batch = y.shape[0], o.channels = y.shape[1], o.in_h = x.shape[2], o.in_w = x.shape[3], o.out_h = y.shape[2],
  o.out_w = y.shape[3];
  o.kernel_h = op.kernel_h, o.kernel_w = op.kernel_w, o.stride_h = op.stride_h, o.stride_w = op.stride_w;
  o.dilation_h = op.dilation_h, o.dilation_w = op.dilation_w, o.pad_top = op.pad_top, o.pad_left = op.pad_left;
  o.x_type = *type, o.y_type = *contract_type(y.dtype);
  o.x = {x.strides[0], x.strides[2], x.strides[3], x.strides[1]},
  o.y = {y.strides[0], y.strides[2], y.strides[3], y.strides[1]};
  std::vector<int64_t> counts;
  float scale = 1.0f;
  int32_t x_zero = 0, y_zero = 0;
  if (op.kind == PoolKind::kMax) {
    o.pad_pattern = lowest(*type);
  } else if (!sum_only) {
    if (integer) {
      x_zero = x.quant->zero_point[0], y_zero = y.quant->zero_point[0];
      scale = x.quant->scale[0] / y.quant->scale[0];
      o.pad_pattern = static_cast<uint32_t>(x_zero & 0xff);
    }
    for (const CountRun& h : count_runs(0, o.out_h, o.stride_h, o.kernel_h, o.dilation_h, o.pad_top, op.pad_bottom,
                                        o.in_h, op.count_include_pad)) {
      for (const CountRun& w : count_runs(0, o.out_w, o.stride_w, o.kernel_w, o.dilation_w, o.pad_left, op.pad_right,
                                          o.in_w, op.count_include_pad)) {
        const int64_t count = h.count * w.count;
        if (count == 0) return no("an average over no position");
        if (std::find(counts.begin(), counts.end(), count) == counts.end()) counts.push_back(count);
      }
    }
  }
  SYSTOLE_ASSIGN_OR_RETURN(const WindowPlan tiles, plan_window(o, static_cast<int64_t>(counts.size()) * 4, in.spec));
  return std::unique_ptr<LoweredOp>(std::make_unique<PoolOp>(o, tiles, op, scale, x_zero, y_zero, std::move(counts)));
}

}  // namespace

Lowered lower_pool(const Lowering& in, const Pool& op) { return make(in, op, false); }

Lowered lower_reduce(const Lowering& in, const Reduce& op) {
  const TensorDesc& x = in.op.inputs[0];
  // Over an image whose channels lie side by side: a window of all of it. Else along rows.
  const bool image = x.shape.size() == 4 && op.axes == std::vector<int>{2, 3} && x.strides[1] == byte_size(x.dtype) &&
                     x.shape[1] > 1 && x.shape[2] < 256 && x.shape[3] < 256;
  const bool windowed = op.kind == ReduceKind::kMean || op.kind == ReduceKind::kSum || op.kind == ReduceKind::kMax;
  if (!image || !windowed) return lower_row_reduce(in, op);
  if (x.dtype != DType::kBF16 && x.dtype != DType::kF32) return no(std::string("reductions of ") + dtype_name(x.dtype));
  Pool pool;
  pool.kernel_h = x.shape[2], pool.kernel_w = x.shape[3];
  switch (op.kind) {
    case ReduceKind::kMean:
      pool.kind = PoolKind::kAverage;
      return make(in, pool, false);
    case ReduceKind::kSum:
      pool.kind = PoolKind::kAverage;
      return make(in, pool, true);
    case ReduceKind::kMax:
      pool.kind = PoolKind::kMax;
      return make(in, pool, false);
    default:
      return lower_row_reduce(in, op);
  }
}

}  // namespace systole::npu

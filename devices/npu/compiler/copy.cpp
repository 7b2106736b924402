// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/copy.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "devices/npu/compiler/element_space.h"
#include "devices/npu/compiler/stream.h"
#include "hal/numeric/bf16.h"
#include "hal/numeric/requantize.h"

namespace systole::npu {
namespace {

// Moves elements, or writes a pattern over them: LOAD's padding fills the scratchpad.
class MoveOp : public LoweredOp {
 public:
  MoveOp(ElementSpace space, const spec::NpuSpec& spec, uint32_t pattern, int pattern_bytes)
      : space_(std::move(space)), pattern_(pattern), pattern_bytes_(pattern_bytes) {
    int64_t total = 1;
    for (const ElementAxis& axis : space_.axes) total *= axis.extent;
    const int64_t most = std::max<int64_t>(
        1,
        std::min(spec.scratchpad.usable() / 4, std::max<int64_t>(4096, total * space_.size[0] / 8)) / space_.size[0]);
    tile_ = element_tile(space_, most);
    stream_ = stream_plan(spec, 0, local_layout(space_, 0, tile_).bytes);
    scratchpad_bytes = stream_.used_bytes();
    plan = "tiles of " + std::to_string(stream_.slot_bytes) + " bytes";
  }
  bool fits() const { return stream_.slots > 0; }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    SYSTOLE_ASSIGN_OR_RETURN(const DramAddress y, constants.address(call.outputs[0]));
    DramAddress x;
    if (!pattern_bytes_) {
      SYSTOLE_ASSIGN_OR_RETURN(x, constants.address(call.inputs[0]));
    }
    Stream stream(stream_, emitter);
    for_tiles(space_, tile_, [&](const ElementTile& now, const std::array<int64_t, kElementOperands>& offset) {
      StreamTile t;
      if (pattern_bytes_) {
        t.loads.push_back({padding(now[0] * now[1] * now[2]), 0, y + offset[0]});
      } else {
        t.loads.push_back({source(now), 0, x + offset[1]});
      }
      t.stores.push_back({element_block(space_, 0, now), 0, y + offset[0]});
      stream.tile(t);
    });
    return {};
  }

 private:
  // x as y lies in the slot: an element that is broadcast is read for each place it goes to.
  DmaBlock source(const ElementTile& tile) const {
    const LocalLayout local = local_layout(space_, 0, tile);
    DmaBlock block;
    block.row_bytes = space_.size[1];
    std::vector<DmaLoop> loops;
    for (size_t i = 0; i < 3; ++i)
      if (tile[i] > 1) loops.push_back({tile[i], space_.axes[i].stride[1], local.stride[i]});
    std::stable_sort(loops.begin(), loops.end(),
                     [](const DmaLoop& a, const DmaLoop& b) { return a.dram_stride < b.dram_stride; });
    std::copy(loops.begin(), loops.end(), block.loops.begin());
    return block;
  }

  // Nothing but padding: one row for each element.
  DmaBlock padding(int64_t elements) const {
    DmaBlock block;
    block.row_bytes = elements * space_.size[0];
    block.loops[0].pad_before = 1;
    block.pad_pattern = pattern_, block.pad_bytes = pattern_bytes_;
    return block;
  }

  ElementSpace space_;
  ElementTile tile_{};
  StreamPlan stream_;
  uint32_t pattern_;
  int pattern_bytes_;
};

Lowered move(ElementSpace space, const spec::NpuSpec& spec, uint32_t pattern, int pattern_bytes) {
  auto op = std::make_unique<MoveOp>(std::move(space), spec, pattern, pattern_bytes);
  if (!op->fits())
    return Status(Code::kOutOfMemory, "a copy needs at least one element of scratchpad, the NPU has " +
                                          std::to_string(spec.scratchpad.bytes) + " bytes");
  return std::unique_ptr<LoweredOp>(std::move(op));
}

}  // namespace

Lowered lower_bytes(int64_t bytes, uint32_t pattern, int pattern_bytes, const spec::NpuSpec& spec) {
  if (bytes == 0) return nothing_to_do();
  const TensorDesc desc = row_major(DType::kU8, {bytes});
  ElementSpace space = pattern_bytes ? element_space(desc, {}) : element_space(desc, {&desc});
  // Tiles of 4-byte words where the size allows, so that patterns begin anew at each tile.
  if (pattern_bytes > 1) {
    space.size[0] = pattern_bytes;
    space.axes[0].extent /= pattern_bytes;
    space.axes[0].stride[0] = pattern_bytes;
  }
  return move(std::move(space), spec, pattern, pattern_bytes);
}

Lowered lower_copy(const Lowering& in) {
  const TensorDesc &x = in.op.inputs[0], &y = in.op.outputs[0];
  return move(element_space(y, {&x}), in.spec, 0, 0);
}

Lowered lower_fill(const Lowering& in, const Fill& op) {
  const TensorDesc& y = in.op.outputs[0];
  const auto value = static_cast<float>(op.value);
  uint32_t pattern = 0;
  switch (y.dtype) {
    case DType::kF32:
      pattern = std::bit_cast<uint32_t>(value);
      break;
    case DType::kBF16:
      pattern = numeric::to_bf16(value).bits;
      break;
    default:
      if (op.value != 0.0 || bit_width(y.dtype) < 8 || y.quant || bit_width(y.dtype) > 32) {
        return Status(Code::kUnsupported,
                      std::string("fills of ") + dtype_name(y.dtype) + " with " + std::to_string(op.value));
      }
  }
  return move(element_space(y, {}), in.spec, pattern, static_cast<int>(byte_size(y.dtype)));
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/element_op.h"

#include <cstdlib>

#include "devices/npu/compiler/stream.h"

namespace systole::npu {
namespace {

class ElementOp : public LoweredOp {
 public:
  ElementOp(ElementChain chain, const spec::NpuSpec& spec) : chain_(std::move(chain)) {
    ElementSpace& space = chain_.space;
    read_gaps(space, spec.dma.burst_bytes);
    if (chain_.has_constant) chain_.params.push_back(chain_.constant);
    int64_t bytes = 0, total = 1;
    for (int k = 0; k < kElementOperands; ++k) bytes += bytes_of_element(space, k);
    for (const ElementAxis& axis : space.axes) total *= axis.extent;
    const int64_t budget = std::min(spec.scratchpad.usable() / 4, std::max<int64_t>(4096, total * bytes / 8));
    const int64_t elements = std::max<int64_t>(1, std::min(budget / bytes, kMostLoops));
    tile_ = element_tile(space, elements);
    // A slot may hold what several vector commands walk.
    const ElementTile several = element_tile(space, elements, kTileAxes);
    bool one_block = chain_.steps.size() == 1;
    for (int k = 0; k < kBetween; ++k)
      one_block = one_block && (space.size[static_cast<size_t>(k)] == 0 || is_one_block(space, k, several));
    if (one_block) tile_ = several;
    int64_t at = 0;
    for (int k = kElementOperands - 1; k >= 0; --k) {  // what is read, then y
      if (space.size[static_cast<size_t>(k)] == 0) continue;
      base_[static_cast<size_t>(k)] = at;
      at += round_up(local_layout(space, k, tile_).bytes, stream_align(spec));
    }
    stream_ = stream_plan(spec, static_cast<int64_t>(chain_.params.size()) * 4, at);
    scratchpad_bytes = stream_.used_bytes();
    plan = "tiles of " + (tile_[3] > 1 ? std::to_string(tile_[3]) + "x" : "") + std::to_string(tile_[2]) + "x" +
           std::to_string(tile_[1]) + "x" + std::to_string(tile_[0]) + " elements";
    if (chain_.steps.size() > 1) plan += ", " + std::to_string(chain_.steps.size()) + " passes";
  }
  bool fits() const { return stream_.slots > 0; }
  int64_t slot_bytes() const { return stream_.slot_bytes; }

  Status write(const OpCall& call, Constants& constants, Emitter& emitter) const override {
    std::array<DramAddress, kElementOperands> at;
    SYSTOLE_ASSIGN_OR_RETURN(at[0], constants.address(call.outputs[0]));
    for (size_t k = 0; k < chain_.inputs.size(); ++k) {
      SYSTOLE_ASSIGN_OR_RETURN(at[k + 1], constants.address(call.inputs[chain_.inputs[k]]));
    }
    Stream stream(stream_, emitter, chain_.steps.size() > 1);
    if (!chain_.params.empty()) {
      DmaBlock block;
      block.row_bytes = static_cast<int64_t>(chain_.params.size()) * 4;
      stream.fixed(block, 0, constants.add(std::as_bytes(std::span(chain_.params))));
    }
    const ElementSpace& space = chain_.space;
    const int64_t apart = interleaved(at);  // one of them is read with the other, which lies before it
    const size_t within = apart > 0 ? kB : kA, around = apart > 0 ? kA : kB;
    Bases base = base_;
    if (apart != 0) base[within] = base[around] + std::abs(apart);
    for_tiles(space, tile_, [&](const ElementTile& now, const std::array<int64_t, kElementOperands>& offset) {
      StreamTile t;
      for (size_t k = 1; k <= chain_.inputs.size(); ++k) {
        if (apart != 0 && k == within) continue;
        t.loads.push_back({element_block(space, static_cast<int>(k), now), base[k], at[k] + offset[k]});
        t.loads.back().block.row_bytes += std::abs(apart);
      }
      for (int64_t i = 0; i < now[3]; ++i)
        for (const ElementStep& step : chain_.steps) {
          t.vectors.push_back(vector(step, now, i, base));
          t.fixed_b.push_back(step.b == kConstant);
        }
      t.stores.push_back({element_block(space, 0, now), base_[0], at[0] + offset[0]});
      stream.tile(t);
    });
    return {};
  }

 private:
  using Bases = std::array<int64_t, kElementOperands>;

  // Bytes from a to b where each lies in the gaps of the other, as two slices of one tensor do; 0: they don't.
  int64_t interleaved(const std::array<DramAddress, kElementOperands>& at) const {
    const ElementSpace& space = chain_.space;
    if (chain_.inputs.size() != 2 || !space.with_gaps[kA] || !space.with_gaps[kB]) return 0;
    if (space.size[kA] != space.size[kB] || at[kA].target != at[kB].target || at[kA].index != at[kB].index) return 0;
    for (const ElementAxis& axis : space.axes)
      if (axis.stride[kA] != axis.stride[kB]) return 0;
    const int64_t apart = at[kB].offset - at[kA].offset;
    const bool between = std::abs(apart) + space.axes[0].extent * space.size[kA] <= space.axes[1].stride[kA];
    return between ? apart : 0;
  }

  // The tile's elements at `outer` of its fourth axis.
  contract::Vector vector(const ElementStep& step, ElementTile now, int64_t outer, const Bases& base) const {
    const ElementSpace& space = chain_.space;
    contract::Vector c = step.command;
    for (int i = 0; i < 3; ++i)
      if (space.broadcast(step.d, i)) now[static_cast<size_t>(i)] = 1;
    const auto at = [&](int operand) {
      return static_cast<uint32_t>(base[static_cast<size_t>(operand)] +
                                   outer * local_layout(space, operand, now).stride[3]);
    };
    c.src_addr = at(step.a);
    c.dst_addr = at(step.d);
    const bool tensor_b = step.b > 0 && step.b < kElementOperands;
    if (tensor_b) c.b_addr = at(step.b);
    if (step.b == kConstant) {
      c.b_addr = static_cast<uint32_t>((chain_.params.size() - 1) * 4);
      c.b_broadcast = 1;
    }
    bool dense = now[0] * now[1] * now[2] <= kMostLoops;
    for (int i = 0; i < 3 && now[0] * now[1] * now[2] > 1; ++i) {
      if (now[static_cast<size_t>(i)] == 1) continue;
      dense = dense && lies_dense(step.a, i) && !(tensor_b && !lies_dense(step.b, i));
    }
    if (dense) {
      c.channels = static_cast<uint32_t>(now[0] * now[1] * now[2]), c.n0 = c.n1 = 1;
      return c;
    }
    const auto stride = [](int64_t count, int64_t bytes) { return count > 1 ? static_cast<int32_t>(bytes) : 0; };
    const LocalLayout d = local_layout(space, step.d, now), a = local_layout(space, step.a, now);
    c.channels = static_cast<uint32_t>(now[0]), c.n0 = static_cast<uint32_t>(now[1]),
    c.n1 = static_cast<uint32_t>(now[2]);
    c.a_stride0 = stride(now[1], a.stride[1]), c.a_stride1 = stride(now[2], a.stride[2]);
    c.d_stride0 = stride(now[1], d.stride[1]), c.d_stride1 = stride(now[2], d.stride[2]);
    if (tensor_b) {
      const LocalLayout b = local_layout(space, step.b, now);
      c.b_stride0 = stride(now[1], b.stride[1]), c.b_stride1 = stride(now[2], b.stride[2]);
      c.b_broadcast = space.broadcast(step.b, 0) ? 1 : 0;
    }
    return c;
  }

  bool lies_dense(int operand, int axis) const {
    return !chain_.space.broadcast(operand, axis) &&
           !(axis > 0 && chain_.space.with_gaps[static_cast<size_t>(operand)]);
  }

  ElementChain chain_;
  ElementTile tile_{};
  Bases base_{};
  StreamPlan stream_;
};

}  // namespace

Lowered make_element_op(ElementChain chain, const spec::NpuSpec& spec) {
  auto op = std::make_unique<ElementOp>(std::move(chain), spec);
  if (!op->fits()) {
    return Status(Code::kOutOfMemory, "a tile needs " + std::to_string(op->slot_bytes()) +
                                          " bytes of scratchpad, the NPU has " + std::to_string(spec.scratchpad.bytes));
  }
  return std::unique_ptr<LoweredOp>(std::move(op));
}

}  // namespace systole::npu

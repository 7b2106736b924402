// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/array_engine.h"

namespace systole::sim {
namespace {

using contract::Dataflow;
using contract::ErrorCode;

class PreloadEngine final : public EngineModel {
 public:
  explicit PreloadEngine(ArrayContext context) : c_(context) {}
  void reset() override {
    c_.state.shadow_is_bf16 = false;
    c_.state.matrix.reset();
  }

  Fault check(const Command& command) const override {
    const auto& p = std::get<contract::Preload>(command.body);
    const bool bf16 = p.dtype == contract::Dtype::kBf16;
    const Fault bad{ErrorCode::kBadOperand, p.addr};
    if (p.rows == 0 || p.cols == 0 || p.cols > static_cast<uint32_t>(c_.spec.array.cols)) return bad;
    if (p.dataflow == Dataflow::kWeightStationary && p.rows > static_cast<uint32_t>(c_.spec.array.rows)) return bad;
    if (bf16 && (p.addr % 2 || p.row_stride % 2 || p.zero_point)) return bad;
    if (p.zero_point < -255 || p.zero_point > 255) return bad;
    return matrix_box(p).within(c_.scratchpad.bytes()) ? Fault{} : bad;
  }

  uint64_t ready_at(const Command& command, uint64_t now) override {
    const auto& p = std::get<contract::Preload>(command.body);
    return p.dataflow == Dataflow::kOutputStationary ? now : c_.timer.preload_ready(banks(p), now);
  }

  void issue(Command& command, uint64_t now) override {
    const auto& p = std::get<contract::Preload>(command.body);
    if (p.dataflow == Dataflow::kOutputStationary) {
      c_.state.matrix = p;
      command.port_free = command.complete = kNever;
      return;
    }
    c_.timer.preload(p.rows, banks(p), now, command.port_free, command.complete);
    c_.state.shadow_is_bf16 = p.dtype == contract::Dtype::kBf16;
    if (c_.values) c_.values->preload(p, c_.scratchpad);
  }

  void accesses(const Command& command, std::vector<Access>& out) const override {
    out.push_back({Race::Space::kScratchpad, false, matrix_box(std::get<contract::Preload>(command.body))});
  }

 private:
  Banks banks(const contract::Preload& p) const {
    const Box b = matrix_box(p);
    return c_.timer.banks(b.low(), b.high());
  }

  ArrayContext c_;
};

}  // namespace

Box matrix_box(const contract::Preload& p) {
  return {p.addr, int64_t{p.cols} * element_size(p.dtype), {p.rows, 1, 1}, {p.row_stride, 0, 0}};
}

std::unique_ptr<EngineModel> make_preload_engine(ArrayContext context) {
  return std::make_unique<PreloadEngine>(context);
}

}  // namespace systole::sim

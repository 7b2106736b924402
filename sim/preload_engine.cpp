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
    const bool bf16 = p.dtype == contract::Dtype::kBf16, words = bf16 && p.weights == contract::Weights::kSame;
    const Fault bad{ErrorCode::kBadOperand, p.addr};
    if (p.rows == 0 || p.cols == 0 || p.cols > static_cast<uint32_t>(c_.spec.array.cols)) return bad;
    if (p.dataflow == Dataflow::kWeightStationary && p.rows > static_cast<uint32_t>(c_.spec.array.rows)) return bad;
    if ((words && (p.addr % 2 || p.row_stride % 2)) || (bf16 && p.zero_point)) return bad;
    if (p.zero_point < -255 || p.zero_point > 255) return bad;
    const Box box = matrix_box(p);
    banks_ = c_.timer.banks(box.low(), box.high());
    return box.within(c_.scratchpad.bytes()) ? Fault{} : bad;
  }

  uint64_t ready_at(const Command& command, uint64_t now) override {
    const auto& p = std::get<contract::Preload>(command.body);
    return p.dataflow == Dataflow::kOutputStationary ? now : c_.timer.preload_ready(banks_, now);
  }

  void issue(Command& command, uint64_t now) override {
    const auto& p = std::get<contract::Preload>(command.body);
    if (p.dataflow == Dataflow::kOutputStationary) {
      c_.state.matrix = p;
      command.port_free = command.complete = kNever;
      return;
    }
    c_.timer.preload(p.rows, banks_, now, command.port_free, command.complete);
    c_.state.shadow_is_bf16 = p.dtype == contract::Dtype::kBf16;
    if (c_.values) c_.values->preload(p, c_.scratchpad);
  }

  void accesses(const Command& command, std::vector<Access>& out) const override {
    out.push_back({Race::Space::kScratchpad, false, matrix_box(std::get<contract::Preload>(command.body))});
  }

 private:
  ArrayContext c_;
  mutable Banks banks_;  // of the command checked last, which is at the head
};

}  // namespace

int64_t stored_row_bytes(const contract::Preload& p) {
  switch (p.weights) {
    case contract::Weights::kI4:
      return (int64_t{p.cols} + 1) / 2;
    case contract::Weights::kI8:
      return p.cols;
    default:
      return int64_t{p.cols} * element_size(p.dtype);
  }
}

int stored_integer(const contract::Preload& p, const std::byte* row, int64_t column) {
  if (p.weights == contract::Weights::kI8) return std::to_integer<int8_t>(row[column]);
  const int nibble = std::to_integer<int>(row[column / 2]) >> (column % 2 ? 4 : 0) & 15;
  return (nibble ^ 8) - 8;
}

Box matrix_box(const contract::Preload& p) {
  return {p.addr, stored_row_bytes(p), {p.rows, 1, 1}, {p.row_stride, 0, 0}};
}

std::unique_ptr<EngineModel> make_preload_engine(ArrayContext context) {
  return std::make_unique<PreloadEngine>(context);
}

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "sim/array_engine.h"

namespace systole::sim {
namespace {

using contract::Dataflow;
using contract::Dtype;
using contract::ErrorCode;

class ComputeEngine final : public EngineModel {
 public:
  explicit ComputeEngine(ArrayContext context) : c_(context) {}
  void reset() override {
    c_.state.active_is_bf16 = false;
    gather_.reset();
  }

  Fault check(const Command& command) const override {
    const auto& p = std::get<contract::Compute>(command.body);
    const Fault bad{ErrorCode::kBadOperand, p.addr};
    const Fault bad_row{ErrorCode::kBadOperand, p.acc_row};
    const bool bf16 = p.dtype == Dtype::kBf16;
    if (p.m0 == 0 || p.m1 == 0 || p.m2 == 0 || p.rows == 0 || p.cols == 0 || p.k_c == 0 || p.k_w == 0) return bad;
    if (p.rows > static_cast<uint32_t>(c_.spec.array.rows) || p.cols > static_cast<uint32_t>(c_.spec.array.cols))
      return bad;
    if (p.c0 >= p.k_c || p.kw0 >= p.k_w || p.zero_point < -255 || p.zero_point > 255) return bad;
    if (bf16 && (p.zero_point || p.addr % 2 || p.stride0 % 2 || p.stride1 % 2 || p.stride2 % 2 || p.kw_stride % 2 ||
                 p.kh_stride % 2))
      return bad;
    const uint64_t vectors = uint64_t{p.m0} * p.m1 * p.m2;
    if (vectors > UINT32_MAX) return bad;
    const auto rows = static_cast<uint64_t>(c_.spec.accumulator.rows);
    const uint64_t results = stays(p) ? p.rows : vectors;
    if (p.acc_row >= rows || (p.acc_stride != 0 && results - 1 > (rows - 1 - p.acc_row) / p.acc_stride)) return bad_row;
    if (stays(p) && p.acc_stride == 0 && results > 1) return bad_row;
    gather(p);
    return gather_->low() >= 0 && gather_->high() <= c_.scratchpad.bytes() ? Fault{} : bad;
  }

  Fault check_at_issue(const Command& command) const override {
    const auto& p = std::get<contract::Compute>(command.body);
    const bool bf16 = p.dtype == Dtype::kBf16;
    bool good = bf16 == (p.swap ? c_.state.shadow_is_bf16 : c_.state.active_is_bf16);
    if (stays(p)) {
      const contract::Preload& b = *c_.state.matrix;
      const Box box = matrix_box(b);
      good = bf16 == (b.dtype == Dtype::kBf16) && b.rows == gather_->vectors() &&
             !banks_.meet(c_.timer.banks(box.low(), box.high()));
    }
    return good ? Fault{} : Fault{ErrorCode::kBadOperand, p.addr};
  }

  uint64_t ready_at(const Command& command, uint64_t now) override {
    const auto& p = std::get<contract::Compute>(command.body);
    if (!stays(p)) return c_.timer.compute_ready(p, banks_, now);
    return c_.state.matrix ? c_.timer.multiply_ready(p, gather_->vectors(), now) : kNever;
  }

  void issue(Command& command, uint64_t now) override {
    const auto& p = std::get<contract::Compute>(command.body);
    command.macs = gather_->vectors() * p.rows * p.cols;
    if (stays(p)) {
      uint64_t preload_complete = 0;
      c_.timer.multiply(p, *gather_, banks_, now, command.port_free, command.complete, preload_complete);
      c_.preload_ends(command.port_free, preload_complete);
      if (c_.values)
        command.overflow = c_.values->multiply(*c_.state.matrix, p, *gather_, c_.scratchpad, c_.accumulators);
      c_.state.matrix.reset();
      return;
    }
    c_.timer.compute(p, *gather_, banks_, now, command.port_free, command.complete);
    if (p.swap) {
      c_.state.active_is_bf16 = c_.state.shadow_is_bf16;
      if (c_.values) c_.values->swap();
    }
    if (c_.values) command.overflow = c_.values->compute(p, *gather_, c_.scratchpad, c_.accumulators);
  }

  void accesses(const Command& command, std::vector<Access>& out) const override {
    const auto& p = std::get<contract::Compute>(command.body);
    for (const Box& box : Gather(p, c_.spec.scratchpad).boxes()) out.push_back({Race::Space::kScratchpad, false, box});
    const int64_t row_bytes = int64_t{c_.spec.array.cols} * 4;
    const int64_t stride = p.acc_stride * row_bytes;
    Box rows{int64_t{p.acc_row} * row_bytes,
             int64_t{p.cols} * 4,
             {p.m0, p.m1, p.m2},
             {stride, stride * p.m0, stride * p.m0 * p.m1}};
    if (stays(p)) rows.counts = {p.rows, 1, 1};
    if (p.accumulate) out.push_back({Race::Space::kAccumulator, false, rows});
    out.push_back({Race::Space::kAccumulator, true, rows});
  }

 private:
  static bool stays(const contract::Compute& p) { return p.dataflow == Dataflow::kOutputStationary; }

  void gather(const contract::Compute& p) const {
    if (!gather_ || !gather_->move_to(p)) gather_.emplace(p, c_.spec.scratchpad);
    banks_ = c_.timer.banks(gather_->low(), gather_->high());
  }

  ArrayContext c_;
  mutable std::optional<Gather> gather_;  // of the command checked last, which is at the head
  mutable Banks banks_;
};

}  // namespace

std::unique_ptr<EngineModel> make_compute_engine(ArrayContext context) {
  return std::make_unique<ComputeEngine>(context);
}

}  // namespace systole::sim

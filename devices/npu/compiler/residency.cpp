// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/residency.h"

#include <algorithm>

#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/stream.h"
#include "devices/npu/compiler/transients.h"

namespace systole::npu {
namespace {

struct Resident {
  TransientBytes bytes;
  int64_t at = 0;  // scratchpad
};

class Placer {
 public:
  Placer(std::span<const Command> commands, const spec::NpuSpec& spec) : commands_(commands), spec_(spec) {}

  Placement place(bool keep) {
    Placement result;
    result.ops.resize(commands_.size());
    for (size_t i = 0; i < commands_.size(); ++i) {
      if (!std::holds_alternative<OpCall>(commands_[i])) continue;
      Result<PlacedOp> placed = lower_beside(i, residents_);
      if (!placed.ok()) {
        result.status = placed.status(), result.failed = i;
        return result;
      }
      result.ops[i] = std::move(placed).value();
    }
    if (keep) keep_some(result.ops);
    for (size_t i = 0; i < commands_.size(); ++i) beside(i, residents_, result.ops[i]);
    return result;
  }

 private:
  void keep_some(std::vector<PlacedOp>& ops) {
    std::vector<TransientBytes> candidates = transient_bytes(commands_);
    // Short lives first, so that long ones take what is left; of equal lives the larger.
    std::stable_sort(candidates.begin(), candidates.end(), [](const TransientBytes& a, const TransientBytes& b) {
      const size_t x = a.last - a.first, y = b.last - b.first;
      return x != y ? x < y : a.bytes() > b.bytes();
    });
    for (TransientBytes& candidate : candidates) {
      const auto at = free_place(candidate);
      if (!at) continue;
      std::vector<Resident> with = residents_;
      with.push_back({std::move(candidate), *at});
      if (worth_it(with, ops)) residents_ = std::move(with);
    }
  }

  // The highest place that is free through its life and leaves a quarter of the scratchpad below it.
  std::optional<int64_t> free_place(const TransientBytes& bytes) const {
    const int64_t align = std::max<int64_t>(64, spec_.scratchpad.line_bytes);
    const auto meets = [&](const Resident& r) { return r.bytes.first <= bytes.last && bytes.first <= r.bytes.last; };
    std::vector<int64_t> tops{spec_.scratchpad.bytes};
    for (const Resident& r : residents_)
      if (meets(r)) tops.push_back(r.at);
    std::sort(tops.rbegin(), tops.rend());
    for (int64_t top : tops) {
      const int64_t at = (top - bytes.bytes()) / align * align;
      if (at < spec_.scratchpad.bytes / 4) return std::nullopt;
      const bool free = std::none_of(residents_.begin(), residents_.end(), [&](const Resident& r) {
        return meets(r) && r.at < at + bytes.bytes() && at < r.at + r.bytes.bytes();
      });
      if (free) return at;
    }
    return std::nullopt;
  }

  // Plans the ops that live beside the last of `with` anew, and takes the plans where they are better.
  bool worth_it(const std::vector<Resident>& with, std::vector<PlacedOp>& ops) const {
    const TransientBytes& added = with.back().bytes;
    std::vector<PlacedOp> fresh;
    double traffic = 0, cycles = 0, old_traffic = 0, old_cycles = 0;
    for (size_t i = added.first; i <= added.last; ++i) {
      fresh.emplace_back();
      if (!ops[i].lowered) continue;
      Result<PlacedOp> placed = lower_beside(i, with);
      if (!placed.ok()) return false;
      fresh.back() = std::move(placed).value();
      traffic += fresh.back().lowered->traffic, cycles += fresh.back().lowered->cycles;
      old_traffic += ops[i].lowered->traffic, old_cycles += ops[i].lowered->cycles;
    }
    if (traffic >= old_traffic || cycles > old_cycles) return false;
    std::move(fresh.begin(), fresh.end(), ops.begin() + static_cast<std::ptrdiff_t>(added.first));
    return true;
  }

  Result<PlacedOp> lower_beside(size_t index, const std::vector<Resident>& residents) const {
    const auto& call = std::get<OpCall>(commands_[index]);
    const OpDesc op = describe(call);
    PlacedOp placed;
    beside(index, residents, placed);
    std::vector<bool> frozen, on_chip;
    for (const TensorView& view : call.inputs) {
      frozen.push_back(Constants::frozen(view));
      placed.on_chip.push_back(place_of(view, {index, placed.on_chip.size()}, residents));
    }
    placed.on_chip.push_back(place_of(call.outputs[0], {index, placed.on_chip.size()}, residents));
    for (int64_t at : placed.on_chip) on_chip.push_back(at >= 0);
    spec::NpuSpec spec = spec_;
    spec.scratchpad.part_bytes = placed.room;
    Lowered lowered = lower({op, frozen, spec, std::move(on_chip)});
    if (!lowered.ok()) return lowered.status();
    placed.lowered = std::move(lowered).value();
    return placed;
  }

  void beside(size_t index, const std::vector<Resident>& residents, PlacedOp& placed) const {
    placed.room = spec_.scratchpad.bytes, placed.resident_bytes = 0;
    for (const Resident& r : residents) {
      if (index < r.bytes.first || r.bytes.last < index) continue;
      placed.room = std::min(placed.room, r.at);
      placed.resident_bytes += r.bytes.bytes();
    }
  }

  static int64_t place_of(const TensorView& view, const TransientBytes::Use& use,
                          const std::vector<Resident>& residents) {
    for (const Resident& r : residents)
      if (std::find(r.bytes.uses.begin(), r.bytes.uses.end(), use) != r.bytes.uses.end())
        return r.at + view.offset - r.bytes.low;
    return -1;
  }

  std::span<const Command> commands_;
  const spec::NpuSpec& spec_;
  std::vector<Resident> residents_;
};

}  // namespace

Placement place_ops(std::span<const Command> commands, const spec::NpuSpec& spec, bool keep) {
  return Placer(commands, spec).place(keep);
}

}  // namespace systole::npu

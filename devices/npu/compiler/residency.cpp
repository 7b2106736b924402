// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/residency.h"

#include <algorithm>
#include <deque>

#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/stream.h"
#include "devices/npu/compiler/transients.h"

namespace systole::npu {
namespace {

struct Resident {
  Resident(TransientBytes of, int64_t place) : bytes(std::move(of)), at(place) {}
  TransientBytes bytes;
  int64_t at;  // scratchpad
};

class Placer {
 public:
  Placer(std::span<const Command> commands, const spec::NpuSpec& spec)
      : commands_(commands), spec_(spec), beside_(commands.size()), weights_(commands.size()) {}

  Placement place(Residency what) {
    Placement result;
    result.ops.resize(commands_.size());
    for (size_t i = 0; i < commands_.size(); ++i) {
      if (!std::holds_alternative<OpCall>(commands_[i])) continue;
      Result<PlacedOp> placed = lower_beside(i);
      if (!placed.ok()) {
        result.status = placed.status(), result.failed = i;
        return result;
      }
      result.ops[i] = std::move(placed).value();
    }
    if (what == Residency::kBoth || what == Residency::kTensors) keep_some(result.ops);
    if (what == Residency::kBoth || what == Residency::kWeights) bring_ahead(result.ops);
    for (size_t i = 0; i < commands_.size(); ++i) measure(i, result.ops[i]);
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
      const Resident& added = add(std::move(candidate), *at);
      if (!worth_it(added.bytes, ops)) remove_last();
    }
  }

  // Weights live from the op before theirs to their own.
  void bring_ahead(std::vector<PlacedOp>& ops) {
    size_t before = 0;
    for (size_t i = 0; i < ops.size(); ++i) {
      if (std::holds_alternative<Barrier>(commands_[i])) continue;
      if (i > 0 && ops[i].lowered && ops[before].lowered) {
        const std::vector<int> choices = ops[i].lowered->weights_ahead;
        if (std::any_of(choices.begin(), choices.end(), [&](int blocks) { return bring(before, i, blocks, ops); }))
          ops[before].next = i;
      }
      before = i;
    }
  }

  bool bring(size_t before, size_t index, int blocks, std::vector<PlacedOp>& ops) {
    TransientBytes bytes{nullptr, 0, blocks * ops[index].lowered->weight_bytes, before, index, {}};
    const auto at = free_place(bytes);
    if (!at) return false;
    weights_[index] = {&add(std::move(bytes), *at), blocks};
    auto other = unchanged(before, *ops[before].lowered), own = unchanged(index, *ops[index].lowered);
    if (other && own) {
      ops[before].lowered = std::move(other), ops[index].lowered = std::move(own);
      return true;
    }
    weights_[index] = {};
    remove_last();
    return false;
  }

  const Resident& add(TransientBytes bytes, int64_t at) {
    const Resident& added = residents_.emplace_back(std::move(bytes), at);
    for (size_t i = added.bytes.first; i <= added.bytes.last; ++i) beside_[i].push_back(&added);
    return added;
  }
  void remove_last() {
    const TransientBytes& bytes = residents_.back().bytes;
    for (size_t i = bytes.first; i <= bytes.last; ++i) beside_[i].pop_back();
    residents_.pop_back();
  }

  // The op planned as it is, beside what was added last; null where that takes another plan.
  std::unique_ptr<LoweredOp> unchanged(size_t index, const LoweredOp& op) const {
    PlacedOp placed;
    measure(index, placed);
    const Ahead& ahead = weights_[index];
    if (auto same = op.beside(placed.room, ahead.place ? ahead.place->at : -1, ahead.blocks)) return same;
    if (op.weight_bytes > 0) return nullptr;
    Result<PlacedOp> anew = lower_beside(index);
    if (!anew.ok()) return nullptr;
    std::unique_ptr<LoweredOp> lowered = std::move(anew.value().lowered);
    const bool same = lowered->plan == op.plan && lowered->scratchpad_bytes == op.scratchpad_bytes;
    return same || (op.cycles > 0 && lowered->cycles <= op.cycles) ? std::move(lowered) : nullptr;
  }

  // The highest place that is free through its life and leaves a quarter of the scratchpad below it.
  std::optional<int64_t> free_place(const TransientBytes& bytes) const {
    const int64_t align = std::max<int64_t>(64, spec_.scratchpad.line_bytes);
    std::vector<const Resident*> met;
    for (size_t i = bytes.first; i <= bytes.last; ++i) met.insert(met.end(), beside_[i].begin(), beside_[i].end());
    std::vector<int64_t> tops{spec_.scratchpad.bytes};
    for (const Resident* r : met) tops.push_back(r->at);
    std::sort(tops.rbegin(), tops.rend());
    tops.erase(std::unique(tops.begin(), tops.end()), tops.end());
    for (int64_t top : tops) {
      const int64_t at = (top - bytes.bytes()) / align * align;
      if (at < spec_.scratchpad.bytes / 4) return std::nullopt;
      const bool free = std::none_of(met.begin(), met.end(), [&](const Resident* r) {
        return r->at < at + bytes.bytes() && at < r->at + r->bytes.bytes();
      });
      if (free) return at;
    }
    return std::nullopt;
  }

  // Plans the ops that live beside what was added last anew, and takes the plans where they are better.
  bool worth_it(const TransientBytes& added, std::vector<PlacedOp>& ops) const {
    std::vector<PlacedOp> fresh;
    double traffic = 0, cycles = 0, old_traffic = 0, old_cycles = 0;
    for (size_t i = added.first; i <= added.last; ++i) {
      fresh.emplace_back();
      if (!ops[i].lowered) continue;
      Result<PlacedOp> placed = lower_beside(i);
      if (!placed.ok()) return false;
      fresh.back() = std::move(placed).value();
      traffic += fresh.back().lowered->traffic, cycles += fresh.back().lowered->cycles;
      old_traffic += ops[i].lowered->traffic, old_cycles += ops[i].lowered->cycles;
    }
    if (traffic >= old_traffic || cycles > old_cycles) return false;
    std::move(fresh.begin(), fresh.end(), ops.begin() + static_cast<std::ptrdiff_t>(added.first));
    return true;
  }

  Result<PlacedOp> lower_beside(size_t index) const {
    const auto& call = std::get<OpCall>(commands_[index]);
    const OpDesc op = describe(call);
    PlacedOp placed;
    measure(index, placed);
    std::vector<bool> frozen, on_chip;
    for (const TensorView& view : call.inputs) {
      frozen.push_back(Constants::frozen(view));
      placed.on_chip.push_back(place_of(view, {index, placed.on_chip.size()}));
    }
    placed.on_chip.push_back(place_of(call.outputs[0], {index, placed.on_chip.size()}));
    for (int64_t at : placed.on_chip) on_chip.push_back(at >= 0);
    spec::NpuSpec spec = spec_;
    spec.scratchpad.part_bytes = placed.room;
    Lowered lowered = lower({op, frozen, spec, std::move(on_chip)});
    if (!lowered.ok()) return lowered.status();
    placed.lowered = std::move(lowered).value();
    return placed;
  }

  // What is left for a command, and what takes the rest.
  void measure(size_t index, PlacedOp& placed) const {
    placed.room = spec_.scratchpad.bytes, placed.resident_bytes = 0;
    for (const Resident* r : beside_[index]) {
      placed.room = std::min(placed.room, r->at);
      if (r != weights_[index].place) placed.resident_bytes += r->bytes.bytes();
    }
  }

  int64_t place_of(const TensorView& view, const TransientBytes::Use& use) const {
    for (const Resident* r : beside_[use.command])
      if (std::find(r->bytes.uses.begin(), r->bytes.uses.end(), use) != r->bytes.uses.end())
        return r->at + view.offset - r->bytes.low;
    return -1;
  }

  std::span<const Command> commands_;
  const spec::NpuSpec& spec_;
  std::deque<Resident> residents_;                    // those that are kept stay where they are
  std::vector<std::vector<const Resident*>> beside_;  // those that live while a command runs
  struct Ahead {
    const Resident* place = nullptr;
    int blocks = 0;
  };
  std::vector<Ahead> weights_;  // a command's own, where they may come ahead
};

}  // namespace

Placement place_ops(std::span<const Command> commands, const spec::NpuSpec& spec, Residency what) {
  return Placer(commands, spec).place(what);
}

}  // namespace systole::npu

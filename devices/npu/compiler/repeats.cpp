// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/repeats.h"

#include <algorithm>

#include "devices/npu/compiler/gemm.h"

namespace systole::npu {
namespace {

constexpr size_t kMostEntries = 256;  // are looked at

bool same_place(const DramAddress& a, const DramAddress& b) { return a.target == b.target && a.index == b.index; }

// Operands lie in the same buffers, all of a buffer's moved by as much; what is on chip has not moved.
bool moved_alike(const std::vector<DramAddress>& a, const std::vector<DramAddress>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same_place(a[i], b[i])) return false;
    if (a[i].target == Target::kOnChip && a[i].offset != b[i].offset) return false;
    for (size_t j = 0; j < i; ++j)
      if (same_place(a[i], a[j]) && a[i].offset - b[i].offset != a[j].offset - b[j].offset) return false;
  }
  return true;
}

bool same(const Repeats::Op& a, const Repeats::Op& b) {
  return a.ahead == b.ahead && a.lowered->same_commands(*b.lowered) && !a.next == !b.next &&
         (!a.next || a.next->same_commands(*b.next));
}

}  // namespace

std::vector<DramAddress> operand_addresses(const OpCall& call, Constants& constants) {
  std::vector<DramAddress> at;
  for (const auto* views : {&call.inputs, &call.outputs})
    for (const TensorView& view : *views) {
      if (Constants::frozen(view)) continue;
      auto address = constants.address(view);
      if (address.ok()) at.push_back(*address);
    }
  return at;
}

bool packs_from_host(const OpCall& call) {
  return std::all_of(call.inputs.begin(), call.inputs.end(), [](const TensorView& view) {
    return !Constants::frozen(view) || view.buffer->device() == nullptr;
  });
}

Repeats::Begin Repeats::begin() const {
  Begin at{program_.relocations.size(), program_.constant_bytes, program_.constant_bytes};
  for (const auto& [block, address] : constants_.ahead.blocks) at.ahead = std::min(at.ahead, address.offset);
  for (const auto& [first, address] : constants_.ahead.params) at.ahead = std::min(at.ahead, address.offset);
  return at;
}

std::optional<OpRange> Repeats::repeat(const Op& op) {
  const size_t begin = entries_.size() > kMostEntries ? entries_.size() - kMostEntries : 0;
  for (size_t i = entries_.size(); i-- > begin;) {
    const Entry& entry = entries_[i];
    if (!same(op, entry.op) || !moved_alike(entry.op.at, op.at)) continue;
    OpRange range = entry.range;
    const int64_t from = round_up(entry.constant, kPackedAlignment),
                  to = round_up(program_.constant_bytes, kPackedAlignment);
    if (entry.constants > entry.constant) program_.constant_bytes = to + entry.constants - from;
    range.moves = {{Target::kRecords, 0, (int64_t{op.index} - entry.op.index) * 64},
                   {Target::kConstants, 0, to - from}};
    for (size_t k = 0; k < op.at.size(); ++k)
      range.moves.push_back({op.at[k].target, op.at[k].index, op.at[k].offset - entry.op.at[k].offset});
    constants_.ahead = entry.ahead;
    for (auto& [block, address] : constants_.ahead.blocks) address.offset += to - from;
    for (auto& [first, address] : constants_.ahead.params) address.offset += to - from;
    return range;
  }
  return std::nullopt;
}

void Repeats::remember(Op op, const OpRange& range, const Begin& begin) {
  const auto elsewhere = [&](const Relocation& r) {  // in constants that an earlier op brought
    return r.target == Target::kConstants && r.offset < begin.ahead;
  };
  if (std::any_of(program_.relocations.begin() + static_cast<std::ptrdiff_t>(begin.relocation),
                  program_.relocations.end(), elsewhere))
    return;
  entries_.push_back({std::move(op), range, begin.constant, program_.constant_bytes, constants_.ahead});
}

}  // namespace systole::npu

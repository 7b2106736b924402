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

std::optional<OpRange> Repeats::repeat(const LoweredOp& op, const std::vector<DramAddress>& at, uint32_t index) {
  const size_t begin = entries_.size() > kMostEntries ? entries_.size() - kMostEntries : 0;
  for (size_t i = entries_.size(); i-- > begin;) {
    const Entry& entry = entries_[i];
    if (!op.same_commands(*entry.op) || !moved_alike(entry.at, at)) continue;
    OpRange range = entry.range;
    const int64_t from = round_up(entry.constant, kPackedAlignment),
                  to = round_up(program_.constant_bytes, kPackedAlignment);
    if (entry.constants > entry.constant) program_.constant_bytes = to + entry.constants - from;
    range.moves = {{Target::kRecords, 0, (int64_t{index} - entry.index) * 64}, {Target::kConstants, 0, to - from}};
    for (size_t k = 0; k < at.size(); ++k)
      range.moves.push_back({at[k].target, at[k].index, at[k].offset - entry.at[k].offset});
    return range;
  }
  return std::nullopt;
}

void Repeats::remember(const LoweredOp& op, std::vector<DramAddress> at, const OpRange& range, uint32_t index,
                       size_t relocation, int64_t constant) {
  if (!op.same_commands(op)) return;
  const auto elsewhere = [&](const Relocation& r) {  // in constants that an earlier op brought
    return r.target == Target::kConstants && r.offset < constant;
  };
  if (std::any_of(program_.relocations.begin() + static_cast<std::ptrdiff_t>(relocation), program_.relocations.end(),
                  elsewhere))
    return;
  entries_.push_back({&op, std::move(at), range, index, constant, program_.constant_bytes});
}

}  // namespace systole::npu

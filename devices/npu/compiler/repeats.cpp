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

// Two headers that differ in the tag differ in its bits.
void set_tag(contract::Descriptor& descriptor, uint16_t tag) {
  const contract::Opcode code = contract::opcode(descriptor);
  contract::Header header;
  contract::Descriptor before, after;
  header.tag = contract::decode_header(descriptor).tag;
  contract::put_header(before, header, code);
  header.tag = tag;
  contract::put_header(after, header, code);
  for (size_t i = 0; i < descriptor.words.size(); ++i) descriptor.words[i] ^= before.words[i] ^ after.words[i];
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

const OpRange* Repeats::repeat(const LoweredOp& op, const std::vector<DramAddress>& at, uint32_t index) {
  const size_t first = entries_.size() > kMostEntries ? entries_.size() - kMostEntries : 0;
  for (size_t i = entries_.size(); i-- > first;) {
    if (!op.same_commands(*entries_[i].op) || !moved_alike(entries_[i].at, at)) continue;
    copy(entries_[i], at, index);
    return &entries_[i].range;
  }
  return nullptr;
}

void Repeats::copy(const Entry& entry, const std::vector<DramAddress>& at, uint32_t index) {
  const auto tag = static_cast<uint16_t>(index & 0xffff);
  const size_t begin = program_.descriptors.size();
  const int64_t from = round_up(entry.constant, kPackedAlignment),
                to = round_up(program_.constant_bytes, kPackedAlignment);
  if (entry.constants > entry.constant) program_.constant_bytes = to + entry.constants - from;
  for (size_t i = entry.range.first; i <= entry.range.last; ++i) {
    contract::Descriptor descriptor = program_.descriptors[i];
    set_tag(descriptor, tag);
    program_.descriptors.push_back(descriptor);
  }
  patch_fence(program_.descriptors.back(), uint64_t{index} + 1, false);
  for (size_t i = entry.relocation; i < entry.relocations; ++i) {
    Relocation r = program_.relocations[i];
    r.descriptor = static_cast<uint32_t>(begin + r.descriptor - entry.range.first);
    if (r.target == Target::kRecords) r.offset = int64_t{index} * 64;
    if (r.target == Target::kConstants) r.offset += to - from;
    for (size_t k = 0; k < at.size(); ++k) {
      if (at[k].target != r.target || at[k].index != r.index) continue;
      r.offset += at[k].offset - entry.at[k].offset;
      break;
    }
    program_.relocations.push_back(r);
  }
}

void Repeats::remember(const LoweredOp& op, std::vector<DramAddress> at, const OpRange& range, size_t relocation,
                       int64_t constant) {
  if (!op.same_commands(op)) return;
  const auto elsewhere = [&](const Relocation& r) {  // in constants that an earlier op brought
    return r.target == Target::kConstants && r.offset < constant;
  };
  if (std::any_of(program_.relocations.begin() + static_cast<std::ptrdiff_t>(relocation), program_.relocations.end(),
                  elsewhere))
    return;
  entries_.push_back(
      {&op, std::move(at), range, relocation, program_.relocations.size(), constant, program_.constant_bytes});
}

}  // namespace systole::npu

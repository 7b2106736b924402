// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/transients.h"

#include <algorithm>
#include <numeric>

#include "hal/buffer.h"

namespace systole::npu {
namespace {

struct Interval {
  int64_t low = 0, high = 0;
};

bool meets(const Interval& a, const Interval& b) { return a.low < b.high && b.low < a.high; }

// One view of one op, and what is still visible of a written one.
struct Access {
  size_t command = 0;
  const Buffer* buffer = nullptr;
  Interval range;
  size_t operand = 0;
  bool write = false, eligible = true;
  std::vector<Interval> visible;
};

class Analysis {
 public:
  void read(size_t command, size_t operand, const TensorView& view, bool eligible) {
    if (!view.buffer || view.buffer->frozen()) return;
    const size_t self = add(command, operand, view, false, eligible);
    const Interval range = accesses_[self].range;
    std::vector<Interval> seen;
    for (size_t w = 0; w < self; ++w) {
      const Access& writer = accesses_[w];
      if (!writer.write || writer.buffer != view.buffer.get()) continue;
      for (const Interval& part : writer.visible) {
        if (!meets(part, range)) continue;
        unite(w, self);
        seen.push_back(part);
      }
    }
    // What nothing in the list has written comes from outside.
    std::sort(seen.begin(), seen.end(), [](const Interval& a, const Interval& b) { return a.low < b.low; });
    int64_t covered = range.low;
    for (const Interval& part : seen)
      if (part.low <= covered) covered = std::max(covered, part.high);
    if (covered < range.high) accesses_[self].eligible = false;
  }

  void write(size_t command, size_t operand, const TensorView& view, bool eligible) {
    if (!view.buffer) return;
    const size_t self = add(command, operand, view, true, eligible);
    const Interval range = accesses_[self].range;
    accesses_[self].visible = {range};
    if (view.desc.elements() * byte_size(view.desc.dtype) != view.desc.span_bytes()) return;  // hides nothing for sure
    for (size_t w = 0; w < self; ++w) {
      Access& older = accesses_[w];
      if (!older.write || older.buffer != view.buffer.get()) continue;
      std::vector<Interval> left;
      for (const Interval& part : older.visible) {
        if (part.low < std::min(part.high, range.low)) left.push_back({part.low, std::min(part.high, range.low)});
        if (std::max(part.low, range.high) < part.high) left.push_back({std::max(part.low, range.high), part.high});
      }
      older.visible = std::move(left);
    }
  }

  std::vector<TransientBytes> groups() {
    std::vector<TransientBytes> all(accesses_.size());
    std::vector<bool> eligible(accesses_.size(), true), written(accesses_.size(), false);
    for (size_t i = 0; i < accesses_.size(); ++i) {
      const Access& access = accesses_[i];
      const size_t root = find(i);
      TransientBytes& group = all[root];
      if (!group.buffer) group = {access.buffer, access.range.low, access.range.high, access.command, 0, {}};
      group.low = std::min(group.low, access.range.low), group.high = std::max(group.high, access.range.high);
      group.first = std::min(group.first, access.command), group.last = std::max(group.last, access.command);
      group.uses.push_back({access.command, access.operand});
      written[root] = written[root] || access.write;
      eligible[root] = eligible[root] && access.eligible;
    }
    std::vector<TransientBytes> result;
    for (size_t i = 0; i < all.size(); ++i)
      if (all[i].buffer && eligible[i] && written[i]) result.push_back(std::move(all[i]));
    std::stable_sort(result.begin(), result.end(),
                     [](const TransientBytes& a, const TransientBytes& b) { return a.first < b.first; });
    return result;
  }

 private:
  size_t add(size_t command, size_t operand, const TensorView& view, bool write, bool eligible) {
    parent_.push_back(parent_.size());
    accesses_.push_back({command,
                         view.buffer.get(),
                         {view.offset, view.offset + view.desc.span_bytes()},
                         operand,
                         write,
                         eligible && view.transient && view.slot < 0,
                         {}});
    return accesses_.size() - 1;
  }
  size_t find(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void unite(size_t a, size_t b) { parent_[std::max(find(a), find(b))] = std::min(find(a), find(b)); }

  std::vector<Access> accesses_;
  std::vector<size_t> parent_;
};

TensorView bytes_of(TensorView view, int64_t bytes) {
  view.desc = row_major(DType::kU8, {bytes});
  return view;
}

}  // namespace

std::vector<TransientBytes> transient_bytes(std::span<const Command> commands) {
  Analysis analysis;
  for (size_t i = 0; i < commands.size(); ++i) {
    if (const auto* call = std::get_if<OpCall>(&commands[i])) {
      for (size_t k = 0; k < call->inputs.size(); ++k) analysis.read(i, k, call->inputs[k], true);
      analysis.write(i, call->inputs.size(), call->outputs[0], true);
    } else if (const auto* copy = std::get_if<CopyBytes>(&commands[i])) {
      analysis.read(i, 0, bytes_of(copy->source, copy->bytes), false);
      analysis.write(i, 1, bytes_of(copy->target, copy->bytes), false);
    } else if (const auto* fill = std::get_if<FillBytes>(&commands[i])) {
      analysis.write(i, 0, bytes_of(fill->target, fill->bytes), false);
    }
  }
  return analysis.groups();
}

}  // namespace systole::npu

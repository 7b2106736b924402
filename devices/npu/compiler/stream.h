// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Work without the array: tiles are loaded, passed through the vector engine (or not) and stored, several in flight.
#pragma once

#include <algorithm>
#include <vector>

#include "devices/npu/compiler/dma.h"
#include "devices/npu/compiler/emitter.h"
#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/tokens.h"

namespace systole::npu {

struct StreamMove {
  DmaBlock block;
  int64_t local = 0;  // bytes from the slot's start
  DramAddress at;
};

// One slot's worth. Local addresses of moves and vectors count from the slot's start, params_in_slot says whether
// param_addr does too; else it is absolute. In a chained stream every vector reads what the one before it wrote.
struct StreamTile {
  std::vector<StreamMove> loads, stores;
  std::vector<contract::Vector> vectors;
  bool params_in_slot = false;
  std::vector<bool> fixed_b;  // by vector: b_addr is absolute; empty: never
};

// The scratchpad of a stream: `fixed` bytes loaded once, then slots.
struct StreamPlan {
  int64_t fixed_bytes = 0, slot_bytes = 0;
  int slots = 0;
  int64_t used_bytes() const { return fixed_bytes + slots * slot_bytes; }
};
inline int64_t stream_align(const spec::NpuSpec& spec) { return std::max<int64_t>(64, spec.scratchpad.line_bytes); }
// slots == 0: not even one fits.
inline StreamPlan stream_plan(const spec::NpuSpec& spec, int64_t fixed_bytes, int64_t slot_bytes) {
  StreamPlan p{round_up(fixed_bytes, stream_align(spec)), round_up(slot_bytes, stream_align(spec)), 0};
  if (p.slot_bytes > 0)
    p.slots = static_cast<int>(std::clamp<int64_t>((spec.scratchpad.usable() - p.fixed_bytes) / p.slot_bytes, 0, 3));
  return p;
}

class Stream {
 public:
  // `chained`: tiles have chained vectors.
  Stream(const StreamPlan& plan, Emitter& emitter, bool chained = false)
      : plan_(plan), out_(emitter), chained_(chained) {
    if (chained_) out_.set_semaphore(static_cast<int>(Token::kChain), 0);
    out_.set_semaphore(static_cast<int>(Token::kXFull), 0);
    out_.set_semaphore(static_cast<int>(Token::kOutFull), 0);
    out_.set_semaphore(static_cast<int>(Token::kOutFree), plan.slots);
  }

  // Into the fixed area; before the first tile.
  void fixed(const DmaBlock& block, int64_t local, const DramAddress& from) {
    out_.load(dma_command<contract::Load>(block, local), from);
  }

  void tile(const StreamTile& t) {
    const int64_t base = plan_.fixed_bytes + slot_ * plan_.slot_bytes;
    slot_ = (slot_ + 1) % plan_.slots;
    for (size_t i = 0; i < t.loads.size(); ++i) {
      auto c = dma_command<contract::Load>(t.loads[i].block, base + t.loads[i].local);
      if (i == 0) wait(c, Token::kOutFree);
      if (i + 1 == t.loads.size()) signal(c, Token::kXFull);
      out_.load(c, t.loads[i].at);
    }
    for (size_t i = 0; i < t.vectors.size(); ++i) {
      contract::Vector c = t.vectors[i];
      c.src_addr += static_cast<uint32_t>(base), c.dst_addr += static_cast<uint32_t>(base);
      if (t.fixed_b.empty() || !t.fixed_b[i]) c.b_addr += static_cast<uint32_t>(base);
      if (t.params_in_slot) c.param_addr += static_cast<uint32_t>(base);
      if (i == 0) wait(c, Token::kXFull);
      if (chained_ && i > 0) wait(c, Token::kChain);
      if (i + 1 == t.vectors.size())
        signal(c, Token::kOutFull);
      else if (chained_)
        signal(c, Token::kChain);
      out_.vector(c);
    }
    for (size_t i = 0; i < t.stores.size(); ++i) {
      auto c = dma_command<contract::Store>(t.stores[i].block, base + t.stores[i].local);
      if (i == 0) wait(c, t.vectors.empty() ? Token::kXFull : Token::kOutFull);
      if (i + 1 == t.stores.size()) signal(c, Token::kOutFree);
      out_.store(c, t.stores[i].at);
    }
    out_.tile_done();
  }

 private:
  StreamPlan plan_;
  Emitter& out_;
  bool chained_;
  int64_t slot_ = 0;
};

}  // namespace systole::npu

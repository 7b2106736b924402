// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/dma_engine.h"

#include <algorithm>
#include <cstring>

#include "sim/dma_shape.h"

namespace systole::sim {
namespace {

using contract::ErrorCode;

// f(local address, dram address) of every row, both walked in the same order.
template <typename F>
void each_pair(const Box& local, const Box& dram, F&& f) {
  for (uint32_t i2 = 0; i2 < local.counts[2]; ++i2)
    for (uint32_t i1 = 0; i1 < local.counts[1]; ++i1) {
      int64_t l = local.base + int64_t{i2} * local.strides[2] + int64_t{i1} * local.strides[1];
      int64_t d = dram.base + int64_t{i2} * dram.strides[2] + int64_t{i1} * dram.strides[1];
      for (uint32_t i0 = 0; i0 < local.counts[0]; ++i0, l += local.strides[0], d += dram.strides[0]) f(l, d);
    }
}

void write_padding(const contract::Load& load, LocalMemory& to) {
  std::byte pattern[4];
  std::memcpy(pattern, &load.pad_pattern, 4);
  const Box box = dma_shape(load).local;
  for (uint32_t i2 = 0; i2 < load.n2; ++i2)
    for (uint32_t i1 = 0; i1 < load.n1; ++i1)
      for (uint32_t i0 = 0; i0 < load.n0; ++i0) {
        if (i1 >= load.pad1_before && i1 < load.n1 - load.pad1_after && i0 >= load.pad0_before &&
            i0 < load.n0 - load.pad0_after)
          continue;
        std::byte* row = to.at(box.base + int64_t{i2} * box.strides[2] + int64_t{i1} * box.strides[1] +
                               int64_t{i0} * box.strides[0]);
        for (uint32_t b = 0; b < load.row_bytes; ++b) row[b] = pattern[b % load.pad_bytes];
      }
}

}  // namespace

DmaEngine::DmaEngine(const char* name, Engine engine, const Context& context, Listener& listener)
    : port(name, *this), engine_(engine), c_(context), listener_(listener) {}

void DmaEngine::reset() {
  port.reset();
  busy_.clear();
}

Fault DmaEngine::check(const Command& command) const {
  return with_transfer(command, [&](const auto& t) -> Fault {
    const Fault bad{ErrorCode::kBadOperand, t.local_addr};
    const bool pads = t.pad0_before || t.pad0_after || t.pad1_before || t.pad1_after;
    if (t.n0 == 0 || t.n1 == 0 || t.n2 == 0 || t.row_bytes == 0) return bad;
    if (uint64_t{t.n0} * t.n1 * t.n2 > UINT32_MAX) return bad;
    if (t.pad0_before + t.pad0_after > t.n0 || t.pad1_before + t.pad1_after > t.n1) return bad;
    if (engine_ == Engine::kStore && (pads || t.pad_bytes || t.pad_pattern)) return bad;
    if (pads ? t.pad_bytes != 1 && t.pad_bytes != 2 && t.pad_bytes != 4 : t.pad_bytes != 0) return bad;
    const DmaShape shape = dma_shape(t);
    if (!shape.local.within(local(t.space).bytes())) return bad;
    if (t.space == contract::Space::kAccumulator &&
        (t.local_addr % 4 || t.row_bytes % 4 || t.local_stride0 % 4 || t.local_stride1 % 4 || t.local_stride2 % 4))
      return bad;
    if (t.far == contract::Far::kScratchpad)
      return shape.empty || (t.dram_addr <= UINT32_MAX && shape.dram.within(c_.scratchpad.bytes()))
                 ? Fault{}
                 : Fault{ErrorCode::kBadOperand, t.dram_addr};
    if (t.dram_addr >> 62) return {ErrorCode::kDmaFault, t.dram_addr};
    if (shape.empty || c_.windows.allow(shape.dram, engine_ == Engine::kStore)) return {};
    return {ErrorCode::kDmaFault, static_cast<uint64_t>(shape.dram.low())};
  });
}

void DmaEngine::issue(Command& command, uint64_t now) {
  const uint64_t rate = static_cast<uint64_t>(c_.spec.dma.bytes_per_cycle);
  const uint64_t start = now + static_cast<uint64_t>(c_.spec.dma.setup_cycles);
  const DmaShape shape = with_transfer(command, [](const auto& t) { return dma_shape(t); });
  pad_cycles_ = (shape.pad_bytes + rate - 1) / rate;
  const bool on_chip = with_transfer(command, [](const auto& t) { return t.far == contract::Far::kScratchpad; });
  if (shape.empty) {
    command.port_free = command.complete = start + pad_cycles_;
  } else if (on_chip) {
    command.port_free = start + on_chip_cycles(shape.dram, rate) + pad_cycles_;
    command.complete = command.port_free + static_cast<uint64_t>(c_.spec.scratchpad.read_latency);
  } else {
    AccessPattern pattern;
    pattern.row_bytes = static_cast<uint64_t>(shape.dram.bytes);
    pattern.counts = shape.dram.counts;
    pattern.strides = shape.dram.strides;
    const auto answer =
        port.request(command.index, static_cast<uint64_t>(shape.dram.base), pattern, engine_ == Engine::kStore, start);
    if (answer) accepted(command.index, *answer);
  }
  if (!c_.functional) return;
  std::byte* dram = on_chip ? c_.scratchpad.at(0) : port.direct();
  if (const auto* load = std::get_if<contract::Load>(&command.body)) {
    LocalMemory& to = load->space == contract::Space::kScratchpad ? c_.scratchpad : c_.accumulators;
    if (!shape.empty)
      each_pair(shape.inner, shape.dram,
                [&](int64_t l, int64_t d) { std::memmove(to.at(l), dram + d, load->row_bytes); });
    if (shape.pad_bytes) write_padding(*load, to);
  } else {
    const auto& store = std::get<contract::Store>(command.body);
    const LocalMemory& from = local(store.space);
    each_pair(shape.inner, shape.dram,
              [&](int64_t l, int64_t d) { std::memmove(dram + d, from.at(l), store.row_bytes); });
  }
}

void DmaEngine::accesses(const Command& command, std::vector<Access>& out) const {
  with_transfer(command, [&](const auto& t) {
    const DmaShape shape = dma_shape(t);
    const bool store = engine_ == Engine::kStore;
    const auto space = t.space == contract::Space::kScratchpad ? Race::Space::kScratchpad : Race::Space::kAccumulator;
    out.push_back({space, !store, shape.local});
    const auto far = t.far == contract::Far::kScratchpad ? Race::Space::kScratchpad : Race::Space::kDram;
    if (!shape.empty) out.push_back({far, store, shape.dram});
  });
}

void DmaEngine::imprint(memory::Imprint& print) const {
  print.word(pad_cycles_);
  for (const Busy& each : busy_) {
    print.number(each.index);
    print.distance(each.not_before);
  }
}

void DmaEngine::accepted(uint64_t id, MemoryAnswer answer) {
  const uint64_t at = answer.at + pad_cycles_;
  busy_.push_back({id, at});
  listener_.port_free_known(engine_, id, at, answer.bursts * static_cast<uint64_t>(c_.spec.dma.burst_bytes));
}

void DmaEngine::done(uint64_t id, MemoryAnswer answer) {
  uint64_t at = answer.at;
  const auto it = std::find_if(busy_.begin(), busy_.end(), [&](const Busy& b) { return b.index == id; });
  if (engine_ == Engine::kLoad) at = std::max(at + 1, it->not_before);
  busy_.erase(it);
  listener_.complete_known(engine_, id, at);
}

}  // namespace systole::sim

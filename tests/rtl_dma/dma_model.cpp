// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl_dma/dma_model.h"

#include <algorithm>

namespace systole::sim {
namespace {

memory::PortSpec port_of(const spec::DmaSpec& dma) {
  return {static_cast<uint64_t>(dma.outstanding), static_cast<uint64_t>(dma.bytes_per_cycle)};
}

}  // namespace

DmaModel::DmaModel(const spec::NpuSpec& spec)
    : dma_(spec.dma),
      read_latency_(static_cast<uint64_t>(spec.scratchpad.read_latency)),
      system_(spec.dram, spec.clock, static_cast<uint64_t>(spec.dma.burst_bytes), {port_of(dma_), port_of(dma_), {}}) {}

bool DmaModel::port_free(int engine, uint64_t now) const { return now >= port_free_[engine]; }

std::vector<Move> DmaModel::completing(int engine, uint64_t now) {
  std::vector<Move> moves;
  for (auto& flying = flying_[engine]; !flying.empty() && flying.front().complete <= now; flying.pop_front())
    moves.push_back(flying.front().move);
  return moves;
}

void DmaModel::issue(const Move& m, uint64_t now) {
  const DmaShape shape = dma_shape(m.transfer);
  const auto rate = static_cast<uint64_t>(dma_.bytes_per_cycle);
  const uint64_t start = now + static_cast<uint64_t>(dma_.setup_cycles);
  Flight flight{m, next_id_++, (shape.pad_bytes + rate - 1) / rate};
  if (shape.empty) {
    flight.port_free = flight.complete = start + flight.padding;
  } else if (m.transfer.far == contract::Far::kScratchpad) {
    flight.port_free = start + on_chip_cycles(shape.dram, rate) + flight.padding;
    flight.complete = flight.port_free + read_latency_;
  } else {
    memory::Request request;
    request.id = flight.id;
    request.port = m.store;
    request.address = m.transfer.dram_addr;
    request.bytes = m.transfer.row_bytes;
    request.write = m.store;
    request.counts = shape.dram.counts;
    request.strides = shape.dram.strides;
    system_.push(start, request);
  }
  port_free_[m.store] = flight.port_free;
  flying_[m.store].push_back(flight);
}

void DmaModel::end_cycle(uint64_t now) {
  replies_.clear();
  system_.advance(now, replies_);
  for (const memory::Reply& reply : replies_)
    for (Flight& flight : flying_[reply.port]) {
      if (flight.id != reply.id) continue;
      if (reply.kind == memory::Reply::Kind::kAccepted)
        flight.port_free = port_free_[reply.port] = reply.at + flight.padding;
      else
        flight.complete = reply.port == 0 ? std::max(reply.at + 1, flight.port_free) : reply.at;
    }
}

uint64_t DmaModel::requested(int engine) const {
  const memory::Stats stats = system_.stats();
  return engine == 0 ? stats.bursts_read : stats.bursts_written;
}

void DmaModel::reset() {
  system_.reset();
  for (int e = 0; e < 2; ++e) flying_[e].clear(), port_free_[e] = 0;
}

}  // namespace systole::sim

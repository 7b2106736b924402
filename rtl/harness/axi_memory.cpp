// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/harness/axi_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace systole::rtl {
namespace {

// The RTL keeps dma.outstanding by itself. This is beyond it, but bounded: a port forgets answers when it is full.
constexpr uint64_t kMostInFlight = 1 << 17;
constexpr memory::PortSpec kEngine{kMostInFlight, 0}, kProcessor{kMostInFlight, 0, true};

}  // namespace

AxiMemory::AxiMemory(const spec::NpuSpec& spec, std::span<std::byte> bytes)
    : system_(spec.dram, spec.clock, static_cast<uint64_t>(spec.dma.burst_bytes), {kEngine, kEngine, kProcessor},
              spec.noc, spec.l2),
      bytes_(bytes.first(static_cast<size_t>(spec.dram.bytes))),
      burst_bytes_(static_cast<size_t>(spec.dma.burst_bytes)) {}

void AxiMemory::reset(uint64_t now) {
  system_.reset(now);
  for (auto& master : bursts_)
    for (auto& direction : master) direction.clear();
  in_flight_ = 0;
}

std::span<std::byte> AxiMemory::at(uint64_t address) const {
  if (address > bytes_.size() || burst_bytes_ > bytes_.size() - address) return {};
  return bytes_.subspan(address, burst_bytes_);
}

void AxiMemory::answer(uint64_t now, MasterPins (&masters)[kMasters]) {
  for (int m = 0; m < kMasters; ++m) {
    MasterPins& pins = masters[m];
    pins.ar_ready = pins.aw_ready = system_.room(static_cast<size_t>(m));
    pins.r_valid = pins.b_valid = 0;
    if (in_flight_ == 0) continue;
    for (int write = 0; write < 2; ++write) {
      auto& bursts = bursts_[m][write];
      if (bursts.empty() || bursts.front().at > now) continue;
      if (write) {
        pins.b_valid = 1;
      } else {
        pins.r_valid = 1;
        const auto from = at(bursts.front().address);
        if (from.empty())
          std::memset(pins.r_data, 0, burst_bytes_);
        else
          std::memcpy(pins.r_data, from.data(), burst_bytes_);
      }
      bursts.pop_front();
      --in_flight_;
    }
  }
}

void AxiMemory::push(uint64_t now, int master, bool write, uint64_t address, size_t bytes) {
  memory::Request request;
  request.id = next_id_++;
  request.port = master;
  request.address = address;
  request.bytes = bytes;
  request.write = write;
  system_.push(now, request);
  bursts_[master][write].push_back({request.id, address, memory::kNever});
  ++in_flight_;
}

void AxiMemory::request(uint64_t now, const MasterPins (&masters)[kMasters]) {
  for (int m = 0; m < kMasters; ++m) {
    const MasterPins& pins = masters[m];
    if (pins.ar_valid && pins.ar_ready) push(now, m, false, pins.ar_addr, burst_bytes_);
    if (!pins.aw_valid || !pins.aw_ready) continue;
    size_t written = 0;
    for (size_t i = 0; i < burst_bytes_; i += 8) written += static_cast<size_t>(std::popcount(pins.w_strobe[i / 8]));
    push(now, m, true, pins.aw_addr, std::max<size_t>(written, 1));
    const auto to = at(pins.aw_addr);
    for (size_t i = 0; i < to.size(); ++i)
      if (pins.w_strobe[i / 8] >> i % 8 & 1) to[i] = static_cast<std::byte>(pins.w_data[i]);
  }
  if (system_.next_event() > now) return;
  replies_.clear();
  system_.advance(now, replies_);
  for (const memory::Reply& reply : replies_) {
    if (reply.kind != memory::Reply::Kind::kDone) continue;
    for (auto& bursts : bursts_[reply.port])
      for (Burst& burst : bursts)
        if (burst.id == reply.id) burst.at = reply.at;
  }
}

}  // namespace systole::rtl

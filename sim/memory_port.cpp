// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory_port.h"

#include <algorithm>
#include <cassert>

#include "sim/kernel.h"

namespace systole::sim {

MemoryPort::MemoryPort(const sc_core::sc_module_name& name, MemoryClient& client)
    : sc_module(name), socket("socket"), client_(client) {
  socket.register_nb_transport_bw(this, &MemoryPort::backward);
}

MemoryPort::~MemoryPort() = default;

MemoryPort::Slot& MemoryPort::find(tlm::tlm_generic_payload& payload) {
  auto it = std::find_if(flying_.begin(), flying_.end(), [&](Slot* s) { return &s->payload == &payload; });
  assert(it != flying_.end());
  return **it;
}

void MemoryPort::free(tlm::tlm_generic_payload* payload) {
  auto it = std::find_if(flying_.begin(), flying_.end(), [&](Slot* s) { return &s->payload == payload; });
  assert(it != flying_.end());
  idle_.push_back(*it);
  flying_.erase(it);
}

std::optional<MemoryAnswer> MemoryPort::request(uint64_t id, uint64_t address, const AccessPattern& pattern, bool write,
                                                uint64_t from) {
  if (idle_.empty()) {
    slots_.push_back(std::make_unique<Slot>(this));
    slots_.back()->pattern = new AccessPattern;
    slots_.back()->payload.set_extension(slots_.back()->pattern);
    idle_.push_back(slots_.back().get());
  }
  Slot& slot = *idle_.back();
  idle_.pop_back();
  flying_.push_back(&slot);
  slot.id = id;
  *slot.pattern = pattern;
  tlm::tlm_generic_payload& p = slot.payload;
  const uint64_t bytes = pattern.row_bytes * pattern.counts[0] * pattern.counts[1] * pattern.counts[2];
  p.set_address(address);
  p.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  p.set_data_length(static_cast<unsigned>(std::min<uint64_t>(bytes, ~0u)));
  p.set_streaming_width(p.get_data_length());
  p.set_data_ptr(nullptr);
  p.set_byte_enable_ptr(nullptr);
  p.set_dmi_allowed(true);
  p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  p.acquire();
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = cycles(from - cycle());
  if (socket->nb_transport_fw(p, phase, delay) == tlm::TLM_ACCEPTED) return std::nullopt;
  assert(phase == tlm::END_REQ);
  return MemoryAnswer{cycle() + delay.value(), slot.pattern->bursts};
}

void MemoryPort::want() {
  tlm::tlm_phase phase = WANTED;
  sc_core::sc_time delay;
  if (!flying_.empty()) socket->nb_transport_fw(flying_.back()->payload, phase, delay);
}

tlm::tlm_sync_enum MemoryPort::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
  Slot& slot = find(payload);
  const MemoryAnswer answer{cycle() + delay.value(), slot.pattern->bursts};
  const uint64_t id = slot.id;
  if (phase == tlm::END_REQ) {
    client_.accepted(id, answer);
    return tlm::TLM_ACCEPTED;
  }
  assert(phase == tlm::BEGIN_RESP && payload.is_response_ok());
  payload.release();
  client_.done(id, answer);
  phase = tlm::END_RESP;
  return tlm::TLM_COMPLETED;
}

void MemoryPort::reset() {
  while (!flying_.empty()) flying_.back()->payload.release();
}

std::byte* MemoryPort::direct() {
  if (direct_ == nullptr) {
    tlm::tlm_dmi dmi;
    tlm::tlm_generic_payload probe;
    probe.set_address(0);
    probe.set_read();
    if (socket->get_direct_mem_ptr(probe, dmi)) direct_ = reinterpret_cast<std::byte*>(dmi.get_dmi_ptr());
  }
  return direct_;
}

}  // namespace systole::sim

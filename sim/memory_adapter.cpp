// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory_adapter.h"

#include "sim/memory_port.h"

namespace systole::sim {

MemoryAdapter::MemoryAdapter(const sc_core::sc_module_name& name, const Kernel& kernel, memory::System& system,
                             std::byte* data, uint64_t bytes, int cores)
    : sc_module(name), kernel_(kernel), system_(system), data_(data), bytes_(bytes) {
  for (int tag = 0; tag < cores * kMemoryPorts; ++tag) {
    sockets_.push_back(std::make_unique<Socket>(sc_core::sc_gen_unique_name("port")));
    sockets_.back()->register_nb_transport_fw(this, &MemoryAdapter::forward, tag);
    sockets_.back()->register_get_direct_mem_ptr(this, &MemoryAdapter::direct, tag);
  }
  SC_HAS_PROCESS(MemoryAdapter);
  SC_METHOD(defer);
  sensitive << due_;
  dont_initialize();
  SC_METHOD(serve);
  sensitive << settled_;
  dont_initialize();
}

void MemoryAdapter::reset() {
  due_.cancel();
  settled_.cancel();
  kernel_.changed();
  system_.reset(cycle());
  for (auto& [id, payload] : flying_) payload->release();
  flying_.clear();
  awaited_ = memory::kNever;
}

tlm::tlm_sync_enum MemoryAdapter::forward(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  if (phase == WANTED) {
    system_.want(static_cast<size_t>(port));
    settle();
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  memory::Request request;
  request.id = next_id_++;
  request.port = port;
  request.address = payload.get_address();
  request.bytes = payload.get_data_length();
  request.write = payload.is_write();
  auto* pattern = payload.get_extension<AccessPattern>();
  if (pattern) {
    request.bytes = pattern->row_bytes;
    request.counts = pattern->counts;
    request.strides = pattern->strides;
    request.patient = pattern->patient;
  }
  payload.acquire();
  flying_.emplace(request.id, &payload);
  const auto accepted = system_.ask(cycle() + delay.value(), request);
  settle();
  if (!accepted) return tlm::TLM_ACCEPTED;
  if (pattern) pattern->bursts = accepted->bursts;
  phase = tlm::END_REQ;
  delay = cycles(accepted->at - cycle());
  return tlm::TLM_UPDATED;
}

bool MemoryAdapter::direct(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(data_));
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_ - 1);
  dmi.allow_read_write();
  return data_ != nullptr;
}

// Where a reply could come before the one that serve() waits for.
void MemoryAdapter::settle() {
  if (system_.next_reply() >= awaited_) return;
  settled_.notify(sc_core::SC_ZERO_TIME);
  kernel_.changed();
}

void MemoryAdapter::defer() { settled_.notify(sc_core::SC_ZERO_TIME); }

// The memory lags behind until a reply could come too late: what happens in it meanwhile is done at once. Up to the
// cycle before, nobody can ask for anything that a reply brought about.
void MemoryAdapter::serve() {
  kernel_.changed();
  for (uint64_t next = system_.next_reply(); (awaited_ = next) != memory::kNever; next = system_.next_reply()) {
    if (next > cycle() + 1 && next > kernel_.next_activity()) {
      due_.notify(cycles(next - 1 - cycle()));
      return;
    }
    advance(next - 1);
  }
}

void MemoryAdapter::advance(uint64_t until) {
  replies_.clear();
  system_.advance(until, replies_);
  for (const memory::Reply& reply : replies_) answer(reply);
}

void MemoryAdapter::answer(const memory::Reply& reply) {
  const auto it = flying_.find(reply.id);
  tlm::tlm_generic_payload& payload = *it->second;
  if (auto* pattern = payload.get_extension<AccessPattern>()) pattern->bursts = reply.bursts;
  sc_core::sc_time delay = cycles(reply.at - cycle());
  const bool done = reply.kind == memory::Reply::Kind::kDone;
  tlm::tlm_phase phase = done ? tlm::BEGIN_RESP : tlm::END_REQ;
  if (done) payload.set_response_status(tlm::TLM_OK_RESPONSE);
  (*sockets_[static_cast<size_t>(reply.port)])->nb_transport_bw(payload, phase, delay);
  if (!done) return;
  flying_.erase(it);
  payload.release();
}

}  // namespace systole::sim

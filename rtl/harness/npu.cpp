// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/harness/npu.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <utility>

namespace systole::rtl {

std::unique_ptr<Npu> Npu::create(const spec::NpuSpec& spec, const std::string& library, std::string& error) {
  std::unique_ptr<Npu> npu(new Npu);
  npu->library_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!npu->library_) {
    error = dlerror();
    return nullptr;
  }
  const auto create = reinterpret_cast<CreateFunction*>(dlsym(npu->library_, "systole_rtl_create"));
  npu->destroy_ = reinterpret_cast<DestroyFunction*>(dlsym(npu->library_, "systole_rtl_destroy"));
  npu->clock_ = reinterpret_cast<CycleFunction*>(dlsym(npu->library_, "systole_rtl_cycle"));
  npu->waves_ = reinterpret_cast<WavesFunction*>(dlsym(npu->library_, "systole_rtl_waves"));
  if (!create || !npu->destroy_ || !npu->clock_ || !npu->waves_) {
    error = library + " is no Verilated NPU";
    return nullptr;
  }
  const auto bytes = static_cast<size_t>(spec.dram.bytes);
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) {
    error = "no room for " + std::to_string(bytes) + " bytes of device memory";
    return nullptr;
  }
  npu->memory_bytes_ = {static_cast<std::byte*>(data), bytes};
  npu->memory_ = std::make_unique<AxiMemory>(spec, npu->memory_bytes_);
  npu->instance_ = create();
  npu->pins_.reset = 1;
  npu->cycle();
  npu->cycle();
  npu->pins_.reset = 0;
  npu->now_ = 0;
  npu->cycle();
  return npu;
}

// The library stays loaded: Verilator's runtime keeps things of its own for each thread.
Npu::~Npu() {
  if (instance_) destroy_(instance_);
  if (!memory_bytes_.empty()) munmap(memory_bytes_.data(), memory_bytes_.size());
}

void Npu::cycle() {
  memory_->answer(now_, pins_.master);
  clock_(instance_, &pins_);
  if (pins_.resetting) {
    memory_->reset(now_);
    for (int e = 0; e < kEngines; ++e) waiting_[e].clear(), flying_[e].clear();
    next_index_ = 0;
  } else {
    memory_->request(now_, pins_.master);
    if (trace_) observe();
  }
  // A port that is free in the cycle after an issue was busy for that one cycle.
  bool event = pins_.dispatched || pins_.fired || last_fired_ || pins_.fence_end || pins_.failed || pins_.resetting ||
               pins_.port_free != last_port_free_ || pins_.pending != last_pending_ || pending_changed_;
  for (uint8_t done : pins_.done) event |= done != 0;
  if (event && observer_) observer_(pins_, now_);
  last_port_free_ = pins_.port_free;
  last_fired_ = pins_.fired;
  pending_changed_ = pins_.pending != last_pending_;
  last_pending_ = pins_.pending;
  idle_ = pins_.idle;
  ++now_;
  ++clocked_;
}

void Npu::observe() {
  for (int e = 0; e < kEngines; ++e) {
    if (pins_.port_free >> e & 1 && !flying_[e].empty() && flying_[e].back().port_free == 0)
      flying_[e].back().port_free = now_;
    for (int n = 0; n < pins_.done[e] && !flying_[e].empty(); ++n) {
      Span span = flying_[e].front();
      span.complete = now_;
      if (span.port_free == 0) span.port_free = now_;
      spans_.push_back(span);
      flying_[e].pop_front();
    }
    if (pins_.fired >> e & 1 && !waiting_[e].empty()) {
      flying_[e].push_back(waiting_[e].front());
      flying_[e].back().issue = now_;
      waiting_[e].pop_front();
    }
  }
  if (!pins_.dispatched) return;
  Span span;
  span.index = next_index_++;
  span.sequence = pins_.dispatched_sequence;
  span.engine = pins_.dispatched_engine;
  span.opcode = pins_.dispatched_opcode;
  span.tag = pins_.dispatched_tag;
  span.dispatch = now_;
  if (span.engine < kEngines) waiting_[static_cast<size_t>(span.engine)].push_back(span);
}

bool Npu::write(uint32_t offset, uint32_t value) {
  pins_.write = 1;
  pins_.write_address = offset;
  pins_.write_data = value;
  cycle();
  pins_.write = 0;
  return pins_.written && pins_.write_response == 0;
}

bool Npu::read(uint32_t offset, uint32_t& value) {
  pins_.read = 1;
  pins_.read_address = offset;
  cycle();
  pins_.read = 0;
  value = pins_.read_data;
  return pins_.answered && pins_.read_response == 0;
}

uint64_t Npu::run(uint64_t max_cycles, bool stop_on_irq) {
  uint64_t passed = 0;
  while (passed < max_cycles && !(stop_on_irq && irq())) {
    if (idle()) {  // only a register write would change anything
      now_ += max_cycles - passed;
      return max_cycles;
    }
    cycle();
    ++passed;
  }
  return passed;
}

std::vector<Span> Npu::take_trace() { return std::exchange(spans_, {}); }

bool Npu::waves(const std::string& file) { return waves_(instance_, file.c_str()) != 0; }

}  // namespace systole::rtl

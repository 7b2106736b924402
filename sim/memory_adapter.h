// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Device memory as TLM-2.0 targets, one a port: values by direct memory pointer, time by the memory system of
// sim/memory. In a cycle it arbitrates after everything else has acted, so requests made at t are seen at t.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstddef>
#include <memory>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "sim/kernel.h"
#include "sim/memory/system.h"

namespace systole::sim {

enum MemoryPortNumber { kLoadPort, kStorePort, kProcessorPort, kMemoryPorts };

class MemoryAdapter : public sc_core::sc_module {
 public:
  using Socket = tlm_utils::simple_target_socket_tagged<MemoryAdapter>;

  MemoryAdapter(const sc_core::sc_module_name& name, const Kernel& kernel, memory::System& system, std::byte* data,
                uint64_t bytes, int cores);
  Socket& socket(int core, MemoryPortNumber port) { return *sockets_[static_cast<size_t>(core * kMemoryPorts + port)]; }

  void reset();  // drops what is in flight; contents stay
  // The memory does all that is due by the end of this cycle: its counters are those of now. Not from a process.
  void catch_up() { advance(cycle()); }

 private:
  tlm::tlm_sync_enum forward(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  bool direct(int port, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void serve();
  void advance(uint64_t until);
  void defer();
  void settle();
  void answer(const memory::Reply& reply);

  std::vector<std::unique_ptr<Socket>> sockets_;  // by port of the system
  const Kernel& kernel_;
  memory::System& system_;
  std::byte* data_;
  uint64_t bytes_;
  std::unordered_map<uint64_t, tlm::tlm_generic_payload*> flying_;  // looked up only, never walked but to forget
  uint64_t next_id_ = 0;
  std::vector<memory::Reply> replies_;
  sc_core::sc_event due_, settled_;
  uint64_t awaited_ = memory::kNever;  // next_reply() as serve() left it
};

}  // namespace systole::sim

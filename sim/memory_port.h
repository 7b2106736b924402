// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An initiator's side of the memory: one TLM-2.0 base-protocol socket. BEGIN_REQ asks for a strided access, END_REQ
// (or at once TLM_UPDATED) says that its last burst has been requested, BEGIN_RESP that the last data or write response
// has arrived. Delays are annotated: both answers may come ahead of their time. Values do not travel in payloads: they
// move by the direct memory pointer.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

namespace systole::sim {

// Ignorable extension: the payload's rows when it is not one run. Without it: one row of data_length bytes.
struct AccessPattern : tlm::tlm_extension<AccessPattern> {
  uint64_t row_bytes = 0;
  std::array<uint32_t, 3> counts{1, 1, 1};
  std::array<int64_t, 3> strides{};
  uint64_t bursts = 0;   // set by the memory before END_REQ
  bool patient = false;  // BEGIN_RESP may come after its time, until the phase WANTED
  tlm::tlm_extension_base* clone() const override { return new AccessPattern(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const AccessPattern&>(other); }
};

struct MemoryAnswer {
  uint64_t at = 0;  // cycle
  uint64_t bursts = 0;
};

DECLARE_EXTENDED_PHASE(WANTED);  // from the initiator: of the access and those before it

// Who is told; never called from within request().
class MemoryClient {
 public:
  virtual ~MemoryClient() = default;
  virtual void accepted(uint64_t id, MemoryAnswer answer) = 0;
  virtual void done(uint64_t id, MemoryAnswer answer) = 0;
};

class MemoryPort : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  MemoryPort(const sc_core::sc_module_name& name, MemoryClient& client);
  ~MemoryPort() override;
  tlm_utils::simple_initiator_socket<MemoryPort> socket;

  // One at a time: the next only from the cycle of the `accepted` before on. The first burst is requested in cycle
  // `from` at the earliest, which is now or later. Where the memory accepts it at once, that answer: the client is not
  // told then.
  std::optional<MemoryAnswer> request(uint64_t id, uint64_t address, const AccessPattern& pattern, bool write,
                                      uint64_t from);
  void want();          // somebody waits for every answer to come, in a patient access's case not before now
  void reset();         // forgets every access in flight; the memory must be reset too
  std::byte* direct();  // device memory, or null

 private:
  struct Slot {
    tlm::tlm_generic_payload payload;
    AccessPattern* pattern = nullptr;  // owned by the payload
    uint64_t id = 0;
    explicit Slot(tlm::tlm_mm_interface* owner) : payload(owner) {}
  };
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void free(tlm::tlm_generic_payload* payload) override;
  Slot& find(tlm::tlm_generic_payload& payload);

  MemoryClient& client_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> idle_;
  std::vector<Slot*> flying_;
  std::byte* direct_ = nullptr;
};

}  // namespace systole::sim

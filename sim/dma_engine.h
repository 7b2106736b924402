// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// LOAD or STORE: strided copies between device memory and on-chip storage, timed by the memory.
#pragma once

#include <functional>

#include "configs/spec/npu_spec.h"
#include "sim/engine_model.h"
#include "sim/local_memory.h"
#include "sim/memory/imprint.h"
#include "sim/memory_port.h"
#include "sim/windows.h"

namespace systole::sim {

class DmaEngine final : public EngineModel, private MemoryClient {
 public:
  // Told once for a command: that its port_free or its complete is known, by the command's index.
  struct Listener {
    virtual ~Listener() = default;
    virtual void port_free_known(Engine engine, uint64_t index, uint64_t at, uint64_t dram_bytes) = 0;
    virtual void complete_known(Engine engine, uint64_t index, uint64_t at) = 0;
  };
  struct Context {
    const spec::NpuSpec& spec;
    const Windows& windows;
    LocalMemory& scratchpad;
    LocalMemory& accumulators;
    bool functional;
  };

  DmaEngine(const char* name, Engine engine, const Context& context, Listener& listener);
  MemoryPort port;

  void reset() override;
  Fault check(const Command& command) const override;
  uint64_t ready_at(const Command&, uint64_t now) override { return now; }
  void issue(Command& command, uint64_t now) override;
  void accesses(const Command& command, std::vector<Access>& out) const override;
  void imprint(memory::Imprint& print) const;

 private:
  void accepted(uint64_t id, MemoryAnswer answer) override;
  void done(uint64_t id, MemoryAnswer answer) override;
  const LocalMemory& local(contract::Space space) const {
    return space == contract::Space::kScratchpad ? c_.scratchpad : c_.accumulators;
  }

  Engine engine_;
  Context c_;
  Listener& listener_;
  uint64_t pad_cycles_ = 0;  // of the command whose requests are being made
  struct Busy {
    uint64_t index, not_before;
  };
  std::vector<Busy> busy_;  // loads: completion is not before the padding is written
};

}  // namespace systole::sim

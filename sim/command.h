// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A command on its way through the core: decoded words, with loop increments applied, and its moments in cycles.
#pragma once

#include <cstdint>
#include <variant>

#include "configs/contract/generated/npu_contract.h"
#include "sim/npu.h"
#include "sim/vector_clock.h"

namespace systole::sim {

inline constexpr uint64_t kNever = ~uint64_t{0};

constexpr int number(Engine engine) { return static_cast<int>(engine); }

struct Command {
  struct Count {
    uint32_t id = 0, count = 0;
    bool elsewhere = false;  // a signal: to the semaphore of core `core`
  };
  contract::Opcode opcode{};
  Engine engine = Engine::kControl;
  uint16_t tag = 0;
  uint32_t core = 0;
  std::array<Count, 2> waits{}, signals{};
  std::variant<contract::Nop, contract::Load, contract::Store, contract::Preload, contract::Compute, contract::Vector,
               contract::Repeat, contract::Fence, contract::Sem>
      body;

  uint64_t index = 0;     // in order of dispatch
  uint64_t sequence = 0;  // ring index
  uint64_t dispatch = 0, issue = kNever, port_free = kNever, complete = kNever;
  bool copies = false;  // a LOAD or STORE within the scratchpad
  uint64_t macs = 0, overflow = 0, dram_bytes = 0;
  uint64_t number = 0;  // among its engine's commands, from 1
  VectorClock clock;    // at issue: what certainly happened before it
};

// f of a LOAD's or STORE's body, which have the same fields.
template <typename AnyCommand, typename F>
auto with_transfer(AnyCommand& command, F&& f) {
  if (auto* load = std::get_if<contract::Load>(&command.body)) return f(*load);
  return f(std::get<contract::Store>(command.body));
}

}  // namespace systole::sim

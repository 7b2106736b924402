// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Fetches descriptors from the ring ahead of dispatch, replays loop bodies, and writes fence records, over its own
// port.
#pragma once

#include "configs/spec/npu_spec.h"
#include "sim/loop_stack.h"
#include "sim/memory/imprint.h"
#include "sim/memory/ring.h"
#include "sim/memory_port.h"

namespace systole::sim {

struct RingRegisters {
  uint64_t base = 0;
  uint32_t size = 0, head = 0, tail = 0;
};

class CommandProcessor : private MemoryClient {
 public:
  // Told that a fetch or a record has an answer, so that the core looks again in that cycle if it can do something
  // then.
  struct Listener {
    virtual ~Listener() = default;
    virtual void wake(uint64_t at) = 0;
    virtual void arrived(uint64_t at) = 0;  // the next descriptor; that cycle may be over
    virtual void record_done(uint64_t at) = 0;
    virtual void control_bytes(uint64_t bytes) = 0;
  };
  CommandProcessor(const char* name, const spec::NpuSpec& spec, RingRegisters& ring, Listener& listener);
  MemoryPort port;

  void reset();
  // Whether there is a descriptor or a record to ask for, and the port is free.
  bool fetches(uint64_t now) const { return state_.port_free <= now && wanted(); }
  // The cycle after now in which that will be so; kNever: none is known.
  uint64_t next_fetch(uint64_t now) const { return state_.port_free > now && wanted() ? state_.port_free : kNever; }
  // Asks for it; call whenever a cycle of the core ends in which it fetches.
  void fetch(uint64_t now);
  // The core waits for the next descriptor, if its arrival is not known: call as each of its cycles ends.
  void want_next();
  // The next descriptor to dispatch, or null when none has arrived yet.
  const Fetched* next(uint64_t now) const;
  uint64_t next_arrival() const;  // of the next descriptor, kNever when not known
  bool untaken() const { return loops_.replaying() || ring_.head != ring_.tail; }
  LoopCounts iterations() const { return loops_.iterations(); }
  // The descriptor of next() has been dispatched. False for a REPEAT that is the loop error.
  bool take(const Command& command);
  void write_record(uint64_t address, const std::array<uint64_t, 8>& record);

  LoopStack& loops() { return loops_; }
  void imprint(memory::Imprint& print, uint64_t now) const;

 private:
  void free_at(MemoryAnswer answer);  // the port, as answered
  void accepted(uint64_t id, MemoryAnswer answer) override;
  void done(uint64_t id, MemoryAnswer answer) override;

  struct Arriving {
    Fetched fetched;
    uint64_t at = kNever;
  };
  struct State {
    memory::Ring<Arriving> ahead;  // from ring.head on
    uint64_t port_free = 0;        // kNever: a request is being made
    bool wanted = false;           // the front, by want_next()
    bool record_waits = false;     // for the port
    uint64_t record_address = 0;
  };
  bool wanted() const {
    return state_.record_waits || (ring_.head + static_cast<uint32_t>(state_.ahead.size()) != ring_.tail &&
                                   state_.ahead.size() < static_cast<size_t>(spec_.core.fetch_ahead));
  }

  const spec::NpuSpec& spec_;
  RingRegisters& ring_;
  Listener& listener_;
  LoopStack loops_;
  State state_;
};

}  // namespace systole::sim

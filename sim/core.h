// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The core: in-order dispatch into per-engine queues, semaphores, issue and completion. One process, run only in cycles
// in which something can change; within a cycle: completions and their signals, then issue, then dispatch
// (docs/timing.md).
#pragma once

#include <functional>
#include <memory>
#include <systemc>

#include "sim/accounting.h"
#include "sim/array_engine.h"
#include "sim/dma_engine.h"
#include "sim/fast_forward.h"
#include "sim/memory/ring.h"
#include "sim/memory/system.h"
#include "sim/race_checker.h"
#include "sim/register_block.h"
#include "sim/semaphores.h"

namespace systole::sim {

class Kernel;

// The other cores of the device, as one sees them.
struct Neighbours {
  std::function<void(uint64_t at, uint32_t core, uint32_t semaphore, uint32_t count)> signal;
  uint64_t* progress = nullptr;  // cycle of the last completion or dispatch of any core
};

class Core : public sc_core::sc_module,
             public DeviceState,
             private DmaEngine::Listener,
             private CommandProcessor::Listener {
 public:
  // `array` may be null: then values are not computed. on_irq is called in a cycle in which the interrupt line is high.
  Core(const sc_core::sc_module_name& name, const spec::NpuSpec& spec, const NpuOptions& options,
       RegisterBlock& registers, std::unique_ptr<ArrayPort> array, std::function<void()> on_irq,
       std::function<void()> on_reset, Kernel& kernel, Neighbours neighbours);
  ~Core() override;

  // The three initiators, to be bound to the memory.
  MemoryPort& load_port() { return load_.port; }
  MemoryPort& store_port() { return store_.port; }
  MemoryPort& processor_port() { return processor_.port; }

  void reset() override;
  void signalled(uint64_t at, uint32_t semaphore, uint32_t count);  // by another core: can be taken from then on
  void registers_changed() override;
  bool busy() const override;
  uint64_t cycles_since_reset() const override;
  uint64_t busy_from() const override { return busy_from_; }
  const Stats& counters() const override { return accounting_.stats(); }

  bool pending() const;  // something would change if time passed
  Accounting& accounting() { return accounting_; }
  // Whose sums of core `number` are taken at fences; outlives the core.
  void watch(memory::System& memory, size_t number) { memory_ = &memory, number_ = number; }
  void set_trace(bool on) { options_.trace = on; }
  std::vector<Span> take_trace() { return std::exchange(trace_, {}); }
  const std::vector<Race>& races() const { return races_.races(); }

 private:
  struct Lane {
    EngineModel* model = nullptr;
    size_t depth = 0;
    memory::Ring<Command> queue;
    memory::Ring<Command> flight;  // issued, not complete; in order of issue, and so of completion
    uint64_t port_free = 0;        // kNever while not known
    uint64_t issued = 0;           // commands, ever
    bool checked = false;          // the head's operands
    VectorClock clock;             // what its next command certainly comes after
  };

  void step();
  void step_at(uint64_t now);
  void arrive_due(uint64_t now);
  void complete_due(uint64_t now);
  void finish(Command& command);
  void issue_due(uint64_t now);
  bool waits_met(const Command& command) const {
    const auto& [a, b] = command.waits;
    if (a.count && b.count && a.id == b.id) return semaphores_.value(a.id) >= a.count + b.count;
    return (!a.count || semaphores_.value(a.id) >= a.count) && (!b.count || semaphores_.value(b.id) >= b.count);
  }
  void take_waits(const Command& command, VectorClock& clock);
  void issue(int engine, uint64_t now);
  static void complete_in_order(Lane& lane);
  static Command& flying(Lane& lane, uint64_t index);
  static bool full(const Lane& lane) { return lane.queue.size() >= lane.depth; }
  void dispatch_due(uint64_t now);
  bool dispatch_control(Command& command, uint64_t now);
  void execute_sem(const Command& command, const contract::Sem& sem);
  void begin_fence(Command& command, uint64_t now);
  void end_fence(uint64_t now);
  void fail(Fault fault, const Command& command);
  void fail(Fault fault, uint32_t sequence, Engine engine);
  void check_watchdog(uint64_t now);
  uint64_t next_step(uint64_t now);  // kNever: not before somebody wakes it
  uint64_t next_issue(int engine, uint64_t now) const;
  uint64_t next_dispatch(uint64_t now);
  void describe_state();
  bool drained() const;
  bool can_dispatch() const;
  void forget_races();
  void fast_forward();
  bool describe_loop(const LoopStack::Outermost& loop);
  void imprint(memory::Imprint& print) const;
  void note(uint64_t iteration);
  void skip(uint64_t iterations, uint64_t period, uint64_t times);
  void stop_noting();
  void forget_loop();
  void end_run() { sc_core::sc_pause(); }
  uint64_t since_reset(uint64_t at) const;  // as seen from outside
  void trace(const Command& command);

  void port_free_known(Engine engine, uint64_t index, uint64_t at, uint64_t dram_bytes) override;
  void preload_ends(uint64_t port_free, uint64_t complete);
  void complete_known(Engine engine, uint64_t index, uint64_t at) override;
  void wake(uint64_t at) override;
  void arrived(uint64_t at) override { wake(std::max(at, now_ + 1)); }
  void record_done(uint64_t at) override;
  void control_bytes(uint64_t bytes) override { accounting_.control_bytes(bytes); }

  Kernel& kernel_;
  const spec::NpuSpec& spec_;
  NpuOptions options_;
  RegisterBlock& registers_;
  std::function<void()> on_irq_, on_reset_;
  Neighbours neighbours_;

  LocalMemory scratchpad_, accumulators_;
  ArrayTimer timer_;
  std::unique_ptr<ArrayPort> array_;
  ArrayState array_state_;
  DmaEngine load_, store_;
  std::unique_ptr<EngineModel> preload_, compute_, vector_;
  CommandProcessor processor_;
  Semaphores semaphores_;
  Accounting accounting_;
  memory::System* memory_ = nullptr;
  size_t number_ = 0;  // in the device
  RaceChecker races_;
  std::array<VectorClock, 2> preload_clocks_;  // of the last PRELOAD of each dataflow: the next swap's, the next pair's

  std::array<Lane, kEngines> lanes_;
  memory::Ring<Command> fence_;  // under way: at most one
  struct Signal {
    uint64_t at = 0;
    uint32_t semaphore = 0, count = 0;
  };
  memory::Ring<Signal> arriving_;  // of other cores
  uint64_t next_index_ = 0;
  uint64_t next_dispatch_ = 0;  // first cycle in which a command may be dispatched
  uint64_t next_issue_ = 0;     // first cycle in which one may be issued, unless
  bool reconsider_ = true;      // a head, a port, a semaphore or the array is not as it was then
  uint64_t last_progress_ = 0;
  bool was_pending_ = false, pending_ = false;  // as the cycle before and this one ended
  uint64_t now_ = 0;                            // the last cycle that was stepped; it may lie ahead of the kernel's
  uint64_t busy_from_ = 0;
  uint64_t reset_at_ = 0;  // as seen from outside
  FastForward forward_;
  bool iterates_ = false;  // an iteration of the outermost loop begins, in this cycle
  std::vector<Span> trace_;
  std::vector<Access> accesses_;
  sc_core::sc_event wake_, end_;
};

}  // namespace systole::sim

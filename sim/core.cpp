// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/core.h"

#include "sim/kernel.h"
#include "sim/vector_engine.h"

namespace systole::sim {

Core::Core(const sc_core::sc_module_name& name, const spec::NpuSpec& spec, const NpuOptions& options,
           RegisterBlock& registers, std::unique_ptr<ArrayPort> array, std::function<void()> on_irq,
           std::function<void()> on_reset, Kernel& kernel, Neighbours neighbours)
    : sc_module(name),
      kernel_(kernel),
      spec_(spec),
      options_(options),
      registers_(registers),
      on_irq_(std::move(on_irq)),
      on_reset_(std::move(on_reset)),
      neighbours_(std::move(neighbours)),
      scratchpad_(spec.scratchpad.bytes, options.functional),
      accumulators_(int64_t{spec.accumulator.rows} * spec.array.cols * 4, options.functional),
      timer_(spec),
      array_(std::move(array)),
      load_("load", Engine::kLoad, {spec, registers.windows(), scratchpad_, accumulators_, options.functional}, *this),
      store_("store", Engine::kStore, {spec, registers.windows(), scratchpad_, accumulators_, options.functional},
             *this),
      processor_("processor", spec, registers.ring(), *this),
      semaphores_(spec.core.semaphores, options.race_check),
      races_(options.race_check ? scratchpad_.bytes() : 0, options.race_check ? accumulators_.bytes() : 0) {
  const ArrayContext context{spec,
                             timer_,
                             array_.get(),
                             scratchpad_,
                             accumulators_,
                             array_state_,
                             [this](uint64_t port_free, uint64_t complete) { preload_ends(port_free, complete); }};
  preload_ = make_preload_engine(context);
  compute_ = make_compute_engine(context);
  vector_ = make_vector_engine(spec, scratchpad_, accumulators_, options.functional);
  EngineModel* const models[] = {&load_, &store_, preload_.get(), compute_.get(), vector_.get()};
  const int depths[] = {spec.core.load_queue, spec.core.store_queue, spec.core.preload_queue, spec.core.compute_queue,
                        spec.core.vector_queue};
  for (int e = 0; e < number(Engine::kControl); ++e) {
    lanes_[e].model = models[e];
    lanes_[e].depth = static_cast<size_t>(depths[e]);
  }
  SC_HAS_PROCESS(Core);
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
  SC_METHOD(end_run);
  sensitive << end_;
  dont_initialize();
}

Core::~Core() = default;

void Core::reset() {
  registers_.reset();
  wake_.cancel();
  kernel_.changed();
  on_reset_();  // the memory drops its side of what was in flight; then the ports theirs
  for (Lane& lane : lanes_) {
    EngineModel* model = lane.model;
    const size_t depth = lane.depth;
    lane = {};
    lane.model = model;
    lane.depth = depth;
    if (model) model->reset();
  }
  processor_.reset();
  timer_.reset();
  if (array_) array_->reset();
  scratchpad_.reset();
  accumulators_.reset();
  semaphores_.reset();
  races_.reset();
  fence_.clear();
  arriving_.clear();
  preload_clocks_ = {};
  next_index_ = 0;
  reconsider_ = true;
  now_ = cycle();
  was_pending_ = pending_ = false;
  last_progress_ = next_dispatch_ = cycle();
  reset_at_ = cycle() + kernel_.skipped();
  iterates_ = false;
  forget_loop();
  busy_from_ = 0;
  accounting_.reset(cycle());
}

void Core::registers_changed() {
  reconsider_ = true;
  forget_loop();
  wake(cycle() + 1);
}

void Core::signalled(uint64_t at, uint32_t semaphore, uint32_t count) {
  arriving_.push_back({at, semaphore, count});
  wake(at);
}

void Core::wake(uint64_t at) {
  wake_.notify(cycles(at - cycle()));
  kernel_.changed();
}

uint64_t Core::since_reset(uint64_t at) const { return at + kernel_.skipped() - reset_at_; }

uint64_t Core::cycles_since_reset() const { return since_reset(cycle()); }

bool Core::drained() const {
  for (const Lane& lane : lanes_)
    if (!lane.queue.empty() || !lane.flight.empty()) return false;
  return fence_.empty();
}

bool Core::can_dispatch() const {
  return registers_.enabled() && !registers_.error().fault && (!registers_.halted() || registers_.step_requested());
}

bool Core::busy() const {
  if (!registers_.error().fault && registers_.enabled()) return !drained() || processor_.untaken();
  for (const Lane& lane : lanes_)
    if (!lane.flight.empty()) return true;
  return !fence_.empty();
}

bool Core::pending() const {
  if (registers_.error().fault) return busy();
  return !drained() || (can_dispatch() && processor_.untaken());
}

void Core::fail(Fault fault, const Command& command) {
  accounting_.dispatched(command.tag);  // what waited for a dispatch: none is to come
  fail(fault, static_cast<uint32_t>(command.sequence), command.engine);
}

void Core::fail(Fault fault, uint32_t sequence, Engine engine) {
  accounting_.dispatched(0);
  registers_.raise({fault, sequence, engine});
}

// Ahead of the kernel's time as long as no process of the device is due before: then nothing that happens meanwhile
// could be seen by any.
void Core::step() {
  kernel_.changed();
  uint64_t next = cycle();
  // The interrupt of a cycle that was stepped ahead: only the line is due.
  if (now_ < next || !registers_.irq()) step_at(next);
  while (true) {
    const bool irq = registers_.irq();
    if (irq && now_ > cycle()) return wake(now_);
    if (irq) on_irq_(), pending_ = pending();
    next = next_step(now_);
    if (next == kNever) return;
    if (irq || next >= kernel_.next_activity()) return wake(next);
    step_at(next);
  }
}

void Core::step_at(uint64_t now) {
  now_ = now;
  accounting_.account(now);
  arrive_due(now);
  complete_due(now);
  if (!registers_.error().fault && registers_.enabled()) issue_due(now);
  dispatch_due(now);
  check_watchdog(now);
  if (processor_.fetches(now) && !registers_.error().fault && registers_.enabled() && !registers_.check_ring())
    processor_.fetch(now);
  processor_.want_next();
  describe_state();
  if (std::exchange(iterates_, false) && options_.fast_forward && !options_.trace) fast_forward();
}

void Core::arrive_due(uint64_t now) {
  for (; !arriving_.empty() && arriving_.front().at <= now; arriving_.pop_front()) {
    const Signal& signal = arriving_.front();
    reconsider_ = true;
    if (!semaphores_.add(signal.semaphore, signal.count, {}))
      fail({contract::ErrorCode::kSemOverflow, signal.semaphore}, registers_.ring().head, Engine::kControl);
  }
}

void Core::complete_due(uint64_t now) {
  for (Lane& lane : lanes_)
    while (!lane.flight.empty() && lane.flight.front().complete <= now) {
      finish(lane.flight.front());
      lane.flight.pop_front();
      last_progress_ = now;
    }
  if (!fence_.empty() && fence_.front().complete <= now) end_fence(now);
}

void Core::finish(Command& command) {
  VectorClock clock = command.clock;
  clock.known[number(command.engine)] = std::max(clock.known[number(command.engine)], command.number);
  for (const Command::Count& signal : command.signals) reconsider_ = reconsider_ || signal.count > 0;
  for (const Command::Count& signal : command.signals)
    if (signal.elsewhere && signal.count)
      neighbours_.signal(now_ + 1, command.core, signal.id, signal.count);
    else if (signal.count && !semaphores_.add(signal.id, signal.count, clock))
      fail({contract::ErrorCode::kSemOverflow, signal.id}, command);
  accounting_.port_freed(command);
  accounting_.completed(command);
  trace(command);
}

void Core::trace(const Command& c) {
  if (!options_.trace) return;
  const uint64_t later = kernel_.skipped();
  trace_.push_back({c.index, c.sequence, c.engine, contract::name(c.opcode), c.tag, c.dispatch + later, c.issue + later,
                    c.port_free + later, c.complete + later});
}

void Core::take_waits(const Command& command, VectorClock& clock) {
  for (const Command::Count& wait : command.waits)
    if (wait.count) semaphores_.subtract(wait.id, wait.count, clock);
}

void Core::issue_due(uint64_t now) {
  if (!reconsider_ && next_issue_ > now) return;
  reconsider_ = true;
  for (int e = 0; e < number(Engine::kControl); ++e) {
    Lane& lane = lanes_[e];
    if (lane.queue.empty() || lane.port_free > now) continue;
    const Command& head = lane.queue.front();
    if (head.dispatch >= now || !waits_met(head)) continue;
    if (!lane.checked) {
      if (Fault fault = lane.model->check(head)) return fail(fault, head);
      lane.checked = true;
    }
    if (lane.model->ready_at(head, now) > now) continue;
    if (Fault fault = lane.model->check_at_issue(head)) return fail(fault, head);
    issue(e, now);
  }
}

void Core::issue(int engine, uint64_t now) {
  Lane& lane = lanes_[engine];
  lane.flight.push_back(lane.queue.front());
  lane.queue.pop_front();
  accounting_.queued(static_cast<Engine>(engine), lane.queue.size());
  lane.checked = false;
  Command& command = lane.flight.back();
  take_waits(command, lane.clock);
  if (const auto* compute = std::get_if<contract::Compute>(&command.body)) {
    const bool pair = compute->dataflow == contract::Dataflow::kOutputStationary;
    if (pair || compute->swap) lane.clock.join(preload_clocks_[pair]);
  }
  command.clock = lane.clock;
  command.number = ++lane.issued;
  command.issue = now;
  if (const auto* preload = std::get_if<contract::Preload>(&command.body)) {
    VectorClock& clock = preload_clocks_[preload->dataflow == contract::Dataflow::kOutputStationary];
    clock = command.clock;
    clock.known[engine] = std::max(clock.known[engine], command.number);
  }
  if (options_.race_check) {
    accesses_.clear();
    lane.model->accesses(command, accesses_);
    races_.check(command, accesses_);
    forget_races();
  }
  lane.model->issue(command, now);
  lane.port_free = command.port_free;
  complete_in_order(lane);
  accounting_.issued(command);
}

void Core::forget_races() {
  for (int e = 0; e < kEngines; ++e) {
    uint64_t least = ~uint64_t{0};
    for (int other = 0; other < number(Engine::kControl); ++other)
      if (other != e || other == number(Engine::kVector)) least = std::min(least, lanes_[other].clock.known[e]);
    races_.forget(e, least);
  }
}

// None before the one ahead of it; those behind a command that is not known yet are settled with it.
void Core::complete_in_order(Lane& lane) {
  uint64_t least = 0;
  for (size_t i = 0; i < lane.flight.size(); ++i) {
    Command& command = lane.flight[i];
    if (command.complete == kNever) return;
    command.complete = least = std::max(least, command.complete);
  }
}

Command& Core::flying(Lane& lane, uint64_t index) {
  size_t i = 0;
  while (lane.flight[i].index != index) ++i;
  return lane.flight[i];
}

void Core::port_free_known(Engine engine, uint64_t index, uint64_t at, uint64_t dram_bytes) {
  Lane& lane = lanes_[number(engine)];
  Command& command = flying(lane, index);
  command.port_free = lane.port_free = at;
  reconsider_ = true;
  command.dram_bytes = dram_bytes;
  if (!lane.queue.empty()) wake(at);
}

void Core::complete_known(Engine engine, uint64_t index, uint64_t at) {
  Lane& lane = lanes_[number(engine)];
  flying(lane, index).complete = at;
  complete_in_order(lane);
  if (lane.flight.front().complete != kNever) wake(std::max(lane.flight.front().complete, cycle() + 1));
}

void Core::preload_ends(uint64_t port_free, uint64_t complete) {
  Lane& lane = lanes_[number(Engine::kPreload)];
  Command& command = lane.flight.back();
  command.port_free = lane.port_free = port_free;
  command.complete = complete;
  complete_in_order(lane);
}

void Core::record_done(uint64_t at) {
  fence_.front().complete = at;
  wake(at);
}

}  // namespace systole::sim

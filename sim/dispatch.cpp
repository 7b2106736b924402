// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Core: dispatch, fences, the watchdog, and when to look next.
#include <algorithm>

#include "sim/core.h"
#include "sim/kernel.h"

namespace systole::sim {

void Core::dispatch_due(uint64_t now) {
  if (!can_dispatch() || now < next_dispatch_ || !fence_.empty() || !processor_.untaken()) return;
  if (Fault fault = registers_.check_ring()) return fail(fault, registers_.ring().head, Engine::kControl);
  const Fetched* fetched = processor_.next(now);
  if (fetched == nullptr) return;
  const Decoded& decoded = fetched->decoded;
  const Engine engine = decoded.command.engine;
  const auto dispatched = [&](Command& command) -> Command& {
    command.sequence = fetched->sequence;
    command.dispatch = now;
    advance_operands(decoded, processor_.iterations(), command);
    return command;
  };
  if (decoded.fault || engine == Engine::kControl) {
    Command command = decoded.command;
    dispatched(command);
    if (decoded.fault) return fail(decoded.fault, command);
    if (!dispatch_control(command, now)) return;
  } else {
    Lane& lane = lanes_[number(engine)];
    if (full(lane)) return;
    lane.queue.push_back(decoded.command);
    Command& command = dispatched(lane.queue.back());
    processor_.take(command);
    command.index = next_index_++;
    accounting_.dispatched(command.tag);
    accounting_.queued(engine, lane.queue.size());
    reconsider_ = reconsider_ || lane.queue.size() == 1;
  }
  iterates_ = processor_.loops().at_iteration();
  if (!processor_.loops().replaying()) stop_noting();  // the loop has ended
  registers_.take_step();
  last_progress_ = now;
  next_dispatch_ = now + 1;
}

// True when the command has been dispatched.
bool Core::dispatch_control(Command& command, uint64_t now) {
  if (!waits_met(command)) return false;
  const auto* fence = std::get_if<contract::Fence>(&command.body);
  if (fence && !drained()) return false;
  if (fence && fence->record_addr) {
    const Box record{static_cast<int64_t>(fence->record_addr), 64};
    if (fence->record_addr >> 62 || !registers_.windows().allow(record, true))
      return fail({contract::ErrorCode::kDmaFault, fence->record_addr}, command), false;
    if (fence->record_addr % 64) return fail({contract::ErrorCode::kBadOperand, fence->record_addr}, command), false;
  }
  if (const auto* repeat = std::get_if<contract::Repeat>(&command.body))
    if (repeat->count == 0 || repeat->body == 0)
      return fail({contract::ErrorCode::kBadOperand, processor_.next(now)->address}, command), false;
  const uint64_t address = processor_.next(now)->address;
  if (!processor_.take(command)) return fail({contract::ErrorCode::kLoop, address}, command), false;
  Lane& lane = lanes_[number(Engine::kControl)];
  take_waits(command, lane.clock);
  reconsider_ = true;
  command.index = next_index_++;
  command.number = ++lane.issued;
  command.clock = lane.clock;
  command.issue = command.port_free = command.complete = now;
  accounting_.dispatched(command.tag);
  if (fence) {
    begin_fence(command, now);
    return true;
  }
  if (const auto* sem = std::get_if<contract::Sem>(&command.body)) execute_sem(command, *sem);
  if (!registers_.error().fault) finish(command);
  return true;
}

void Core::execute_sem(const Command& command, const contract::Sem& sem) {
  VectorClock& clock = lanes_[number(Engine::kControl)].clock;
  switch (sem.op) {
    case contract::SemOp::kSet:
      semaphores_.set(sem.id, sem.value, clock);
      return;
    case contract::SemOp::kAdd:
      if (!semaphores_.add(sem.id, sem.value, clock)) fail({contract::ErrorCode::kSemOverflow, sem.id}, command);
      return;
    case contract::SemOp::kSub:
      if (!semaphores_.subtract(sem.id, sem.value, clock)) fail({contract::ErrorCode::kSemUnderflow, sem.id}, command);
      return;
  }
}

void Core::begin_fence(Command& command, uint64_t now) {
  const auto fence = std::get<contract::Fence>(command.body);
  fence_.push_back(command);
  if (fence.record_addr == 0) return end_fence(now);
  fence_.front().complete = kNever;
  const Counters& total = accounting_.stats().total;
  processor_.write_record(fence.record_addr,
                          {fence.sequence, since_reset(now), total.macs, total.dram_bytes[number(Engine::kLoad)],
                           total.dram_bytes[number(Engine::kStore)], total.commands, total.overflow, 0});
}

void Core::end_fence(uint64_t now) {
  Command& command = fence_.front();
  const auto& fence = std::get<contract::Fence>(command.body);
  command.complete = now;
  registers_.fence(fence.sequence, fence.irq != 0);
  VectorClock all;
  for (int e = 0; e < kEngines; ++e) all.known[e] = lanes_[e].issued;
  for (Lane& lane : lanes_) lane.clock = all;
  command.clock = all;
  if (fence.record_addr && memory_) accounting_.fence_ended(command.tag, memory_->served(number_));
  finish(command);
  fence_.pop_front();
  last_progress_ = now;
  next_dispatch_ = now + 1;
  if (options_.race_check) forget_races();
}

void Core::check_watchdog(uint64_t now) {
  pending_ = pending();
  if (pending_ && !was_pending_) {
    last_progress_ = std::max(last_progress_, now);
    busy_from_ = since_reset(now) - 1;  // a register write is seen a cycle later
  }
  was_pending_ = pending_;
  *neighbours_.progress = std::max(*neighbours_.progress, last_progress_);
  const uint64_t limit = registers_.watchdog();
  if (!pending_ || limit == 0 || registers_.error().fault || now - *neighbours_.progress < limit) return;
  // Of the commands that wait, the oldest is blamed.
  const Command* oldest = nullptr;
  for (const Lane& lane : lanes_)
    for (const auto* list : {&lane.queue, &lane.flight})
      if (!list->empty() && (!oldest || list->front().index < oldest->index)) oldest = &list->front();
  const Fault fault{contract::ErrorCode::kWatchdog, 0};
  if (oldest)
    fail(fault, *oldest);
  else
    fail(fault, registers_.ring().head, Engine::kControl);
  pending_ = pending();
}

uint64_t Core::next_issue(int engine, uint64_t now) const {
  const Lane& lane = lanes_[engine];
  if (lane.queue.empty() || lane.port_free == kNever || !waits_met(lane.queue.front())) return kNever;
  const Command& head = lane.queue.front();
  const uint64_t from = std::max({now + 1, head.dispatch + 1, lane.port_free});
  if (!lane.checked) return from;
  const uint64_t ready = lane.model->ready_at(head, from);
  return ready == kNever ? kNever : std::max(from, ready);
}

uint64_t Core::next_dispatch(uint64_t now) {
  if (!can_dispatch() || !fence_.empty() || !processor_.untaken()) return kNever;
  const uint64_t arrival = processor_.next_arrival();
  if (arrival == kNever) return kNever;
  const uint64_t from = std::max({now + 1, next_dispatch_, arrival});
  // One that could go now but did not waits for an issue, a signal or a completion, which are cycles of their own.
  return arrival <= now && next_dispatch_ <= now ? kNever : from;
}

uint64_t Core::next_step(uint64_t now) {
  uint64_t next = kNever;
  for (Lane& lane : lanes_)
    if (!lane.flight.empty()) next = std::min(next, lane.flight.front().complete);
  if (!fence_.empty()) next = std::min(next, fence_.front().complete);
  if (!arriving_.empty()) next = std::min(next, arriving_.front().at);
  if (!registers_.error().fault && registers_.enabled()) {
    if (std::exchange(reconsider_, false)) {
      next_issue_ = kNever;
      for (int e = 0; e < number(Engine::kControl); ++e) next_issue_ = std::min(next_issue_, next_issue(e, now));
    }
    next = std::min(next, next_issue_);
    next = std::min(next, next_dispatch(now));
    next = std::min(next, processor_.next_fetch(now));
    if (pending_ && registers_.watchdog()) next = std::min(next, *neighbours_.progress + registers_.watchdog());
  }
  return next == kNever ? kNever : std::max(next, now + 1);
}

void Core::describe_state() {
  Accounting::Now& now = accounting_.now;
  accounting_.describe(lanes_);
  if (registers_.error().fault) now.held[static_cast<size_t>(Cause::kDispatch)] = {};
  now.held[static_cast<size_t>(Cause::kFence)] =
      fence_.empty() ? Accounting::Now::Held{} : Accounting::Now::Held{kNever, fence_.front().tag};
  now.pending = pending_;
}

}  // namespace systole::sim

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/queue.h"

#include <algorithm>

#include "hal/guard.h"
#include "hal/queue_state.h"

namespace systole {

struct Queue::State {
  std::shared_ptr<QueueCore> core = std::make_shared<QueueCore>();
  Device* device = nullptr;
  std::thread thread;
};

namespace {

using Item = QueueCore::Item;

std::string origin_of(const QueueCore& core, const Item& item) {
  return core.label + ", sequence " + std::to_string(item.sequence);
}

Status with_item(const Status& status, const QueueCore& core, const Item& item) {
  Status located = status.with_origin(origin_of(core, item));
  if (const FaultReport* fault = located.fault(); fault != nullptr && fault->sequence == 0) {
    FaultReport numbered = *fault;
    numbered.sequence = item.sequence;
    located = located.with_fault(std::move(numbered));
  }
  return located;
}

// A signal that its timeline refuses fails that timeline: the waiters must not hang on the caller's mistake.
// Waiters must hear of an end: where the host's memory is short, once there is some.
template <typename F>
void persist(F&& body) {
  for (;;) {
    try {
      return body();
    } catch (const std::bad_alloc&) {
      std::this_thread::yield();
    }
  }
}

void complete(const QueueCore& core, const Item& item, const Status& status) {
  for (const SemaphorePoint& point : item.submission.signals)
    persist([&] {
      Status refused = status.ok() ? point.semaphore->signal(point.value) : status;
      if (!refused.ok()) point.semaphore->fail(refused.with_origin(origin_of(core, item)));
    });
}

Status check_bindings(const CommandList& list, const Bindings& bindings, Device* device) {
  for (size_t i = 0; i < list.slots().size(); ++i) {
    const auto& slot = list.slots()[i];
    std::string what = "list '" + list.name() + "': slot " + std::to_string(i) + " '" + slot.name + "'";
    if (i >= bindings.slots.size() || !bindings.slots[i].buffer) {
      return {Code::kInvalidArgument,
              what + " is not bound: " + std::to_string(bindings.slots.size()) + " bindings given"};
    }
    const TensorView& bound = bindings.slots[i];
    if (bound.buffer->device() != nullptr && bound.buffer->device() != device) {
      return {Code::kInvalidArgument,
              what + " is bound to buffer '" + bound.buffer->params().name + "' of another device"};
    }
    if (bound.offset < 0 || bound.offset > bound.buffer->size() || slot.size > bound.buffer->size() - bound.offset) {
      return {Code::kOutOfRange, what + " needs " + std::to_string(slot.size) + " bytes; the buffer bound has " +
                                     std::to_string(bound.buffer->size()) + " bytes, offset " +
                                     std::to_string(bound.offset)};
    }
    if (bound.offset % slot.alignment != 0) {
      return {Code::kInvalidArgument, what + " is bound at offset " + std::to_string(bound.offset) +
                                          ", not a multiple of the " + std::to_string(slot.alignment) +
                                          " bytes of its elements"};
    }
    if (slot.written && bound.buffer->frozen())
      return {Code::kInvalidArgument, what + " is written and bound to a frozen buffer"};
  }
  return {};
}

Status check_points(const std::vector<SemaphorePoint>& points, const char* what, bool growing) {
  for (size_t i = 0; i < points.size(); ++i) {
    std::string name = std::string(what) + " " + std::to_string(i);
    if (!points[i].semaphore) return {Code::kInvalidArgument, name + " has no semaphore"};
    if (!growing) continue;
    uint64_t value = points[i].semaphore->value();
    if (points[i].value <= value) {
      return {Code::kInvalidArgument, name + ": a timeline only grows, it is at " + std::to_string(value) +
                                          " and would be signalled " + std::to_string(points[i].value)};
    }
  }
  return {};
}

Status check_submission(const Submission& submission, Device* device) {
  SYSTOLE_RETURN_IF_ERROR(check_points(submission.waits, "wait", false));
  SYSTOLE_RETURN_IF_ERROR(check_points(submission.signals, "signal", true));
  for (const auto& list : submission.lists) {
    if (!list) return {Code::kInvalidArgument, "a command list is null"};
    if (list->device().get() != device) {
      return {Code::kInvalidArgument, "list '" + list->name() + "' was recorded for another device"};
    }
    if (!list->executable()) {
      return {Code::kFailedPrecondition, "list '" + list->name() + "' is not compiled: end() has not succeeded"};
    }
    SYSTOLE_RETURN_IF_ERROR(check_bindings(*list, submission.bindings, device));
  }
  return {};
}

}  // namespace

std::deque<std::shared_ptr<Item>> QueueCore::take_pending() {
  std::lock_guard lock(mutex);
  std::deque<std::shared_ptr<Item>> taken;
  taken.swap(pending);
  if (!running) idle.notify_all();
  return taken;
}

void fail_items(const std::deque<std::shared_ptr<Item>>& items, const QueueCore& core, const Status& status) {
  for (const auto& item : items) complete(core, *item, with_item(status, core, *item));
}

namespace {

// The thread's view of the queue. It touches the device only while a submission's lists keep it alive.
class Worker {
 public:
  Worker(std::shared_ptr<QueueCore> core, Device* device, std::shared_ptr<DeviceQueues> shared)
      : core_(std::move(core)), device_(device), shared_(std::move(shared)) {}
  ~Worker() { unsubscribe(); }

  void loop() {
    for (;;) {
      uint64_t seen = core_->wakeup->epoch();
      std::shared_ptr<Item> item;
      {
        std::lock_guard lock(core_->mutex);
        if (core_->stop) return;
        if (!core_->pending.empty()) item = core_->pending.front();
      }
      if (!item) {
        unsubscribe();
        core_->wakeup->wait_change(seen);
        continue;
      }
      Status status;
      bool ready = false;
      persist([&] {
        subscribe(item);
        ready = settled(*item, status);
      });
      if (!ready) {
        item.reset();
        core_->wakeup->wait_change(seen);
        continue;
      }
      unsubscribe();
      if (start(item)) finish(std::move(item), status);
    }
  }

 private:
  void subscribe(const std::shared_ptr<Item>& item) {
    if (subscribed_ == item->sequence) return;
    unsubscribe();
    watched_.reserve(item->submission.waits.size());
    for (const SemaphorePoint& point : item->submission.waits) {
      watched_.push_back(point.semaphore);
      point.semaphore->add_wakeup(core_->wakeup);
    }
    subscribed_ = item->sequence;
  }

  void unsubscribe() {
    for (const auto& semaphore : watched_) semaphore->remove_wakeup(core_->wakeup);
    watched_.clear();
    subscribed_ = 0;
  }

  // True when the item can start (`status` ok) or never will (`status` says why).
  bool settled(const Item& item, Status& status) {
    status = loss(item);
    if (!status.ok()) return true;
    bool reached = true;
    for (const SemaphorePoint& point : item.submission.waits) {
      status = point.semaphore->failure();
      if (!status.ok()) return true;
      reached = reached && point.semaphore->value() >= point.value;
    }
    return reached;
  }

  Status loss(const Item& item) {
    Status lost = shared_->lost_status();
    if (lost.ok() || item.submission.lists.empty() || device_->health() == Health::kLost) return lost;
    shared_->clear_lost();  // the device keeps its own health and has been reset
    return {};
  }

  // False when it was cancelled meanwhile.
  bool start(const std::shared_ptr<Item>& item) {
    std::lock_guard lock(core_->mutex);
    if (core_->pending.empty() || core_->pending.front() != item) return false;
    core_->pending.pop_front();
    core_->running = true;
    return true;
  }

  void finish(std::shared_ptr<Item> item, Status status) {
    bool started = status.ok();
    for (const auto& list : item->submission.lists) {
      if (!status.ok()) break;
      status = guarded(list->name(), [&] {
        return list->executable()->run_exclusively(item->submission.bindings, item->submission.profile);
      });
    }
    if (!status.ok()) {
      persist([&] { status = with_item(status, *core_, *item); });
      if (started && status.code() == Code::kDeviceLost) shared_->mark_lost(status);
    }
    // Before the signals, so that a waiter may drop the last references itself; this may destroy the device and its
    // queue.
    item->submission.lists.clear();
    item->submission.bindings.slots.clear();
    complete(*core_, *item, status);
    std::lock_guard lock(core_->mutex);
    core_->running = false;
    core_->idle.notify_all();
  }

  std::shared_ptr<QueueCore> core_;
  Device* device_;
  std::shared_ptr<DeviceQueues> shared_;
  uint64_t subscribed_ = 0;  // sequence whose waits notify the wakeup
  std::vector<std::shared_ptr<Semaphore>> watched_;
};

}  // namespace

Queue::Queue(Device* device, int index) : state_(std::make_unique<State>()) {
  state_->device = device;
  state_->core->label = device->info().uri + " queue " + std::to_string(index);
  std::shared_ptr<DeviceQueues> shared = device->queues_;
  {
    std::lock_guard lock(shared->mutex);
    std::erase_if(shared->cores, [](const auto& core) { return core.expired(); });
    shared->cores.push_back(state_->core);
  }
  auto worker = std::make_unique<Worker>(state_->core, device, shared);
  state_->thread = std::thread([owned = std::move(worker)] { owned->loop(); });
}

Queue::~Queue() {
  {
    std::lock_guard lock(state_->core->mutex);
    state_->core->stop = true;
  }
  fail_items(state_->core->take_pending(), *state_->core, Status(Code::kCancelled, "the queue was destroyed"));
  state_->core->wakeup->notify();
  // The last reference to a device may be dropped by its queue's thread, which can't wait for itself.
  if (state_->thread.get_id() == std::this_thread::get_id()) {
    state_->thread.detach();
  } else {
    state_->thread.join();
  }
}

Result<uint64_t> Queue::submit(Submission submission) {
  return guarded(state_->core->label, [&]() -> Result<uint64_t> {
    SYSTOLE_RETURN_IF_ERROR(check_submission(submission, state_->device));
    auto item = std::make_shared<Item>();
    item->submission = std::move(submission);
    uint64_t sequence = 0;
    {
      std::lock_guard lock(state_->core->mutex);
      sequence = item->sequence = state_->core->last_sequence + 1;
      state_->core->pending.push_back(std::move(item));
      state_->core->last_sequence = sequence;
    }
    state_->core->wakeup->notify();
    return sequence;
  });
}

Status Queue::cancel(uint64_t sequence) {
  std::deque<std::shared_ptr<Item>> taken;
  {
    std::lock_guard lock(state_->core->mutex);
    auto& pending = state_->core->pending;
    if (sequence == 0 || sequence > state_->core->last_sequence) {
      return {Code::kNotFound, state_->core->label + " has no submission " + std::to_string(sequence) +
                                   ": the last is " + std::to_string(state_->core->last_sequence)};
    }
    auto found =
        std::find_if(pending.begin(), pending.end(), [&](const auto& item) { return item->sequence == sequence; });
    if (found == pending.end()) {
      return {Code::kFailedPrecondition, state_->core->label + ": submission " + std::to_string(sequence) +
                                             " has started, completed or been cancelled"};
    }
    taken.push_back(std::move(*found));
    pending.erase(found);
    if (pending.empty() && !state_->core->running) state_->core->idle.notify_all();
  }
  fail_items(taken, *state_->core,
             Status(Code::kCancelled, "submission " + std::to_string(sequence) + " was cancelled"));
  state_->core->wakeup->notify();
  return {};
}

Status Queue::wait_idle(Deadline deadline) {
  std::unique_lock lock(state_->core->mutex);
  auto quiet = [&] { return state_->core->pending.empty() && !state_->core->running; };
  if (deadline == kForever) {
    state_->core->idle.wait(lock, quiet);
    return {};
  }
  if (state_->core->idle.wait_until(lock, deadline, quiet)) return {};
  return {Code::kDeadlineExceeded, state_->core->label + " is not idle: " +
                                       std::to_string(state_->core->pending.size()) + " submissions have not started"};
}

Status run_and_wait(Device& device, std::shared_ptr<CommandList> list, Bindings bindings, Profile* profile) {
  SYSTOLE_ASSIGN_OR_RETURN(Queue * queue, device.queue(0));
  auto done = std::make_shared<Semaphore>();
  Submission submission;
  submission.lists.push_back(std::move(list));
  submission.bindings = std::move(bindings);
  submission.signals.push_back({done, 1});
  submission.profile = profile;
  SYSTOLE_ASSIGN_OR_RETURN([[maybe_unused]] uint64_t sequence, queue->submit(std::move(submission)));
  return done->wait(1);
}

}  // namespace systole

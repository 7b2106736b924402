// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/device.h"

#include <chrono>

#include "hal/queue_state.h"

namespace systole {

Status DeviceQueues::lost_status() {
  std::lock_guard lock(mutex);
  return lost;
}

std::vector<std::shared_ptr<QueueCore>> DeviceQueues::live_cores() {
  std::lock_guard lock(mutex);
  std::vector<std::shared_ptr<QueueCore>> alive;
  for (const auto& weak : cores) {
    if (auto core = weak.lock()) alive.push_back(std::move(core));
  }
  return alive;
}

void DeviceQueues::mark_lost(const Status& status) {
  {
    std::lock_guard lock(mutex);
    if (!lost.ok()) return;
    lost = status;
  }
  for (const auto& core : live_cores()) core->wakeup->notify();
}

void DeviceQueues::clear_lost() {
  std::lock_guard lock(mutex);
  lost = {};
}

Status Executable::run_exclusively(const Bindings& bindings, Profile* profile) {
  std::lock_guard lock(running_);
  return run(bindings, profile);
}

Device::Device() : queues_(std::make_shared<DeviceQueues>()) {}

Device::~Device() {
  // Queues look at the shared state only, which outlives them.
  std::map<int, std::unique_ptr<Queue>> made;
  {
    std::lock_guard lock(queues_->mutex);
    made.swap(queues_->made);
  }
}

Health Device::health() const { return queues_->lost_status().ok() ? Health::kOk : Health::kLost; }

Status Device::reset() {
  Status cancelled(Code::kCancelled, "the device was reset");
  auto cores = queues_->live_cores();
  Status lost = queues_->lost_status();
  for (const auto& core : cores) fail_items(core->take_pending(), *core, lost.ok() ? cancelled : lost);
  stop();
  for (const auto& core : cores) {
    core->wakeup->notify();
    std::unique_lock lock(core->mutex);
    // What had been started but did not run yet may not have seen the first call.
    while (!core->idle.wait_for(lock, std::chrono::milliseconds(5), [&] { return !core->running; })) {
      lock.unlock();
      stop();
      lock.lock();
    }
  }
  queues_->clear_lost();
  return restart();
}

Result<Queue*> Device::queue(int index) {
  if (index < 0 || index >= info().queue_count) {
    return Status(Code::kOutOfRange, info().uri + " has " + std::to_string(info().queue_count) +
                                         " queues, asked for queue " + std::to_string(index));
  }
  {
    std::lock_guard lock(queues_->mutex);
    auto found = queues_->made.find(index);
    if (found != queues_->made.end()) return found->second.get();
  }
  auto fresh = std::make_unique<Queue>(this, index);
  std::lock_guard lock(queues_->mutex);
  auto& place = queues_->made[index];
  if (!place) place = std::move(fresh);
  return place.get();
}

Result<std::vector<std::byte>> Executable::save(const CommandList&) const {
  return Status(Code::kUnsupported, "the device compiles lists anew: there is no form of them to save");
}

Result<std::shared_ptr<Executable>> Device::load(const CommandList&, std::span<const std::byte>) {
  return Status(Code::kUnsupported, info().uri + " has no saved form of command lists");
}

}  // namespace systole

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The state a device shares with its queues, and queues with their threads. Internal to hal.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hal/queue.h"

namespace systole {

// One queue's state; its thread and the queue share it, so that a device may be destroyed by its own queue's thread.
struct QueueCore {
  struct Item {
    uint64_t sequence = 0;
    Submission submission;
  };

  std::mutex mutex;
  std::condition_variable idle;                                 // notified when outstanding becomes 0
  std::shared_ptr<Wakeup> wakeup = std::make_shared<Wakeup>();  // submit, cancel, stop, loss, reset
  std::deque<std::shared_ptr<Item>> pending;                    // the front may be waiting for its points
  uint64_t last_sequence = 0;
  bool running = false;  // an item is past its waits
  bool stop = false;
  std::string label;  // "npu:edge-16x16 queue 0"

  // Takes what has not started. The caller fails its signals, outside the lock.
  std::deque<std::shared_ptr<Item>> take_pending();
};

// Fails the signals of each item with `status`; its origin is kept, else it is the item's.
void fail_items(const std::deque<std::shared_ptr<QueueCore::Item>>& items, const QueueCore& core, const Status& status);

struct DeviceQueues {
  std::mutex mutex;
  Status lost;                                  // ok while the device is not lost
  std::vector<std::weak_ptr<QueueCore>> cores;  // every queue alive, made by the device or not
  std::map<int, std::unique_ptr<Queue>> made;

  Status lost_status();
  // The first loss wins. Wakes every queue.
  void mark_lost(const Status& status);
  void clear_lost();
  std::vector<std::shared_ptr<QueueCore>> live_cores();
};

}  // namespace systole

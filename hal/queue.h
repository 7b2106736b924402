// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where work is submitted. One implementation serves every device: a host thread a queue that waits, runs, signals.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hal/device.h"
#include "hal/semaphore.h"

namespace systole {

struct Submission {
  std::vector<SemaphorePoint> waits;
  std::vector<std::shared_ptr<CommandList>> lists;  // may be empty: a pure synchronisation point
  Bindings bindings;                                // for every list of the submission
  std::vector<SemaphorePoint> signals;
  Profile* profile = nullptr;  // filled before the signals; must outlive them
};

// Submissions of a queue start and complete in order; queues run in parallel. Buffers of a submission are kept alive
// until its signals. submit() never blocks and returns only errors of its arguments; everything later travels by the
// signals: a failed wait or run fails every signal of the submission with the first failure, origin kept. Later
// submissions still run unless they wait on what failed. Thread-safe.
class Queue {
 public:
  Queue(Device* device, int index);
  ~Queue();  // cancels what has not started, waits for what has
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Returns the submission's sequence number on this queue, from 1.
  Result<uint64_t> submit(Submission submission);
  // Cancels a submission that has not started: its signals fail with kCancelled. kFailedPrecondition once started.
  Status cancel(uint64_t sequence);
  Status wait_idle(Deadline deadline = kForever);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Submits one list and waits for it: for tools and tests.
Status run_and_wait(Device& device, std::shared_ptr<CommandList> list, Bindings bindings = {},
                    Profile* profile = nullptr);

}  // namespace systole

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A device: what it is, what it can do, its memory, its queues. One folder of devices/ implements this and nothing
// else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "hal/buffer.h"
#include "hal/command_list.h"
#include "hal/op.h"
#include "hal/profile.h"
#include "hal/status.h"

namespace systole {

class Queue;
struct DeviceQueues;

// Yes, or no with the reason a person can act on.
struct Support {
  bool yes = false;
  std::string reason;  // empty when yes
};
inline Support supported() { return {true, ""}; }
inline Support unsupported(std::string reason) { return {false, std::move(reason)}; }

struct Limit {
  std::string name;  // snake_case with unit: "peak_macs_per_cycle", "dram_bytes_per_s", "scratchpad_bytes"
  double value = 0;
  NumberKind kind = NumberKind::kMeasured;
};

struct DeviceInfo {
  std::string uri;  // canonical: "npu:edge-16x16?fidelity=model"
  std::string description;
  int queue_count = 1;
  int64_t memory_bytes = 0;  // what allocate can give out at most
  int64_t buffer_alignment = 64;
  bool coherent = true;    // host-visible memory needs no flush or invalidate
  bool simulated = false;  // its times are simulated device time
  bool functional = true;  // false: timing only, tensor payloads are not computed
  std::vector<Limit> limits;
};

struct MemoryUse {
  int64_t in_use_bytes = 0;
  int64_t peak_bytes = 0;
  int64_t prepared_bytes = 0;  // packed constants, apart
  double prepare_ms = 0;       // host time spent packing: measured
  // The most that any list compiled so far uses of the limit of that name ("scratchpad_bytes"). May be empty.
  std::vector<Counter> high_water;
};

enum class Health : uint8_t { kOk, kLost };

// The bindings of one submission, resolved: slot number -> view of a buffer.
struct Bindings {
  std::vector<TensorView> slots;
};

// A compiled command list. Called by one queue thread at a time; different executables of a device may run concurrently
// where the device has several queues.
class Executable {
 public:
  Executable() = default;
  virtual ~Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  // Runs to completion. Appends one record per op when `profile` is not null. A returned failure fails the submission's
  // signals; kDeviceLost marks the device lost.
  virtual Status run(const Bindings& bindings, Profile* profile) = 0;
  // The compiled form of `list`, which this was compiled from, as bytes for Device::load. kUnsupported where a device
  // has none (the default): then lists are compiled anew.
  virtual Result<std::vector<std::byte>> save(const CommandList& list) const;
  // The same, one caller at a time: what queues call.
  Status run_exclusively(const Bindings& bindings, Profile* profile);

 private:
  std::mutex running_;
};

// Shared ownership: buffers, lists and queues keep their device alive. All methods are thread-safe.
class Device : public std::enable_shared_from_this<Device> {
 public:
  Device();
  virtual ~Device();

  // Never changes.
  virtual const DeviceInfo& info() const = 0;
  // Honest: what it says yes to compiles and runs (memory permitting), what it says no to is refused with that reason.
  virtual Support supports(const OpDesc& op) const = 0;
  // kOutOfMemory with both numbers beyond the device's memory.
  virtual Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) = 0;
  virtual Result<std::shared_ptr<Executable>> compile(const CommandList& list) = 0;
  // What save() gave of an equal list on a device of the same URI. kDataLoss for an image that is damaged, kUnsupported
  // for one of another device, or where a device has none (the default).
  virtual Result<std::shared_ptr<Executable>> load(const CommandList& list, std::span<const std::byte> image);
  virtual MemoryUse memory_use() const = 0;
  // kLost from the first executable that returned kDeviceLost until reset(): everything outstanding and everything
  // submitted meanwhile fails with that status, its origin kept.
  virtual Health health() const;
  // Cancels what the queues have not started, stops what runs, waits until nothing does, and makes the device usable
  // again: their signals fail with kCancelled, or with the loss of a lost device. From any thread, any number at once.
  // Buffers with their bytes, maps, compiled lists and semaphores outlive it: there are no generations. What a stopped
  // command was writing is undefined, and what other threads submit meanwhile runs or is cancelled.
  Status reset();
  // Spans of engines are collected into profiles while on. Off by default.
  virtual void set_tracing(bool) {}

  // Queues are made on first use and live as long as the device. Out of range: kOutOfRange.
  Result<Queue*> queue(int index = 0);

 protected:
  // The two hooks of reset(). stop: nothing is left to start; what runs soon ends with kCancelled; called again every
  // few milliseconds until nothing runs, never waits. restart: brings the hardware up again.
  virtual void stop() {}
  virtual Status restart() { return {}; }

 private:
  friend class Queue;
  std::shared_ptr<DeviceQueues> queues_;
};

}  // namespace systole

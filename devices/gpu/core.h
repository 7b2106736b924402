// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a device, its buffers and its executables share; it lives as long as any of them.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "devices/gpu/memory_pool.h"
#include "devices/gpu/program_cache.h"
#include "devices/gpu/provider.h"
#include "devices/gpu/stream_pool.h"
#include "devices/gpu/tuner.h"

namespace systole::gpu {

// A provider with the kernels built for it. Devices opened on the same hardware in one process share it, so that a
// kernel is built once; a lost one is shared no further.
struct Runtime {
  Runtime(std::shared_ptr<Provider> of, DiskCache disk) : Runtime(std::move(of), disk, disk) {}
  Runtime(std::shared_ptr<Provider> of, DiskCache of_programs, DiskCache of_choices)
      : provider(std::move(of)), programs(provider, std::move(of_programs)), tuner(std::move(of_choices)) {}

  std::shared_ptr<Provider> provider;
  ProgramCache programs;
  Tuner tuner;
  std::atomic<bool> lost{false};
};

// What a URI's options choose.
enum class LibraryUse : uint8_t { kWhereFaster, kAlways, kNever };
struct DeviceOptions {
  bool tune = true;                  // time an op's candidates; else its first is taken
  std::optional<bool> host_kernels;  // those for host threads, those for graphics processors; unset: as the device is
  LibraryUse library = LibraryUse::kWhereFaster;  // of products that it does
};

struct Core {
  Core(std::shared_ptr<Runtime> of, std::string name, int64_t memory_limit, const DeviceOptions& options)
      : runtime(std::move(of)),
        uri(std::move(name)),
        facts(runtime->provider->facts()),
        tune(options.tune),
        pool(std::make_shared<MemoryPool>(runtime->provider, memory_limit)),
        streams(runtime->provider) {
    // On host threads a library of a GPU's is never faster, and slow to start: only where it is asked for.
    library = facts.is_cpu && options.library == LibraryUse::kWhereFaster ? LibraryUse::kNever : options.library;
    if (library != LibraryUse::kNever) facts.library = runtime->provider->library();
    facts.is_cpu = options.host_kernels.value_or(facts.is_cpu);
  }

  // Of whatever touches the hardware: the loss of the context is noted, and everything after it refused.
  Status noted(Status status) {
    if (status.code() == Code::kDeviceLost) runtime->lost = true;
    return status;
  }
  Status alive() const {
    if (!runtime->lost) return {};
    return {Code::kDeviceLost, uri + ": its context is lost; what is opened from now on has a new one"};
  }
  // Transfers of the host's, done on return.
  template <typename Body>
  Status transfer(Body&& body) {
    SYSTOLE_RETURN_IF_ERROR(alive());
    return noted(streams.with_stream(std::forward<Body>(body)));
  }
  double now_ns() const {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - epoch).count();
  }

  std::shared_ptr<Runtime> runtime;
  std::string uri;
  Facts facts;  // what ops are lowered for: the provider's, with the options applied
  bool tune;
  LibraryUse library;
  std::shared_ptr<MemoryPool> pool;
  StreamPool streams;
  std::atomic<uint64_t> generation{0};  // grows at reset
  std::atomic<int64_t> prepared_bytes{0}, prepare_us{0};
  std::chrono::steady_clock::time_point epoch = std::chrono::steady_clock::now();
};

// Counts time spent on constants into prepare_us.
class PrepareTimer {
 public:
  explicit PrepareTimer(Core& core) : core_(core) {}
  ~PrepareTimer() {
    core_.prepare_us +=
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  Core& core_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace systole::gpu

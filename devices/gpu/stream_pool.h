// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Streams for whoever has commands: taken, used by one thread, given back.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "devices/gpu/provider.h"

namespace systole::gpu {

// Thread-safe.
class StreamPool {
 public:
  explicit StreamPool(std::shared_ptr<Provider> provider) : provider_(std::move(provider)) {}

  // body(stream), which gives a Status. All of it has ended on return, whatever came of it; a stream on which something
  // failed is not used again.
  template <typename Body>
  Status with_stream(Body&& body) {
    SYSTOLE_ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, take());
    Status status = body(*stream);
    const Status finished = stream->finish();
    // The loss of the device says more than what came of it.
    if (status.ok() || finished.code() == Code::kDeviceLost) status = finished;
    if (status.ok()) give_back(std::move(stream));
    return status;
  }

 private:
  Result<std::unique_ptr<Stream>> take() {
    {
      std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto stream = std::move(free_.back());
        free_.pop_back();
        return stream;
      }
    }
    return provider_->stream();
  }

  void give_back(std::unique_ptr<Stream> stream) {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(stream));
  }

  std::shared_ptr<Provider> provider_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Stream>> free_;
};

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which of an op's candidates is fastest here: timed once a device, driver and class of shapes, kept on disk beside the
// programs. All candidates give the same integers, and floats within the declared tolerance: a choice is of time alone.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>

#include "devices/gpu/disk_cache.h"
#include "devices/gpu/provider.h"

namespace systole::gpu {

// Thread-safe.
class Tuner {
 public:
  struct Counts {
    int timed = 0, from_disk = 0;  // choices
  };
  // Device time of a candidate's launches, of several runs the least; a failure leaves the candidate out. Once they add
  // up to kMostNs the others are left out.
  using Timing = std::function<Result<double>(size_t candidate)>;

  static constexpr double kMostNs = 1e9;

  explicit Tuner(DiskCache disk) : disk_(std::move(disk)) {}

  // The number of a candidate, of `names` (one at least, all different). `what` names the op's class: of the same, with
  // the same names on the same hardware, a choice is made once. Where every candidate fails it is 0, and is not kept.
  // kDeviceLost where a timing says so.
  Result<size_t> choose(const Facts& facts, const std::string& what, std::span<const std::string> names,
                        const Timing& time_ns);
  Counts counts() const;
  static std::string key_of(const Facts& facts, const std::string& what, std::span<const std::string> names);

 private:
  DiskCache disk_;
  mutable std::mutex mutex_;
  Counts counts_;
  std::map<std::string, size_t> chosen_;  // by key
};

}  // namespace systole::gpu

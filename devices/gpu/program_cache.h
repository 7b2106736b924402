// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Kernels of one provider, each built once: from the disk where an earlier process left it, else compiled.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "devices/gpu/disk_cache.h"
#include "devices/gpu/launch.h"

namespace systole::gpu {

// Thread-safe.
class ProgramCache {
 public:
  struct Counts {
    int compiled = 0, from_disk = 0;
  };

  ProgramCache(std::shared_ptr<Provider> provider, DiskCache disk)
      : provider_(std::move(provider)), disk_(std::move(disk)) {}

  // As Provider::build. The same text, macros and entry give the same kernel.
  Result<std::shared_ptr<Kernel>> kernel(const ProgramSource& source, const std::string& entry);
  // Of a program of devices/gpu/kernels.
  Result<std::shared_ptr<Kernel>> own_kernel(const std::string& program,
                                             const std::vector<std::pair<std::string, std::string>>& macros,
                                             const std::string& entry);
  // What a launch runs: the library's product, or a kernel of our own.
  Result<std::shared_ptr<Kernel>> kernel(const Launch& launch);
  Counts counts() const;
  std::string disk_key(const ProgramSource& source) const;

 private:
  std::shared_ptr<Provider> provider_;
  DiskCache disk_;
  mutable std::mutex mutex_;
  Counts counts_;
  std::map<std::string, std::shared_ptr<Kernel>> kernels_;           // by key and entry
  std::map<std::string, std::shared_ptr<Kernel>> own_;               // by names alone: their texts never change
  std::map<ProductSpec, Result<std::shared_ptr<Kernel>>> products_;  // with those that the library does not do
};

}  // namespace systole::gpu

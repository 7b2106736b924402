// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/program_cache.h"

#include "devices/gpu/compile_note.h"
#include "devices/gpu/kernels/sources.h"

namespace systole::gpu {

std::string ProgramCache::disk_key(const ProgramSource& source) const {
  const Facts& facts = provider_->facts();
  std::string key = facts.provider + '\n' + facts.name + '\n' + facts.driver + '\n';
  for (const auto& [name, value] : source.macros) key += name + '=' + value + '\n';
  return key + '\n' + source.text;
}

Result<std::shared_ptr<Kernel>> ProgramCache::kernel(const ProgramSource& source, const std::string& entry) {
  const std::string disk_key = this->disk_key(source), key = entry + '\n' + disk_key;
  std::lock_guard lock(mutex_);
  if (const auto found = kernels_.find(key); found != kernels_.end()) return found->second;
  const std::vector<std::byte> stored = disk_.load(disk_key).value_or(std::vector<std::byte>());
  std::vector<std::byte> binary = stored;
  if (stored.empty()) note_work(CompileNote::Work::kCompiling, source.name, provider_->facts().name);
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Kernel> kernel, provider_->build(source, entry, binary));
  if (stored.empty() || binary != stored) {
    ++counts_.compiled;
    if (!binary.empty()) (void)disk_.store(disk_key, binary);
  } else {
    ++counts_.from_disk;
  }
  kernels_.emplace(key, kernel);
  return kernel;
}

Result<std::shared_ptr<Kernel>> ProgramCache::own_kernel(const std::string& program,
                                                         const std::vector<std::pair<std::string, std::string>>& macros,
                                                         const std::string& entry) {
  std::string key = program + '\n' + entry;
  for (const auto& [name, value] : macros) key += '\n' + name + '=' + value;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = own_.find(key); found != own_.end()) return found->second;
  }
  SYSTOLE_ASSIGN_OR_RETURN(std::string text, kernel_text(program));
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Kernel> built, kernel({program, std::move(text), macros}, entry));
  std::lock_guard lock(mutex_);
  own_.emplace(std::move(key), built);
  return built;
}

Result<std::shared_ptr<Kernel>> ProgramCache::kernel(const Launch& launch) {
  if (!launch.product) return own_kernel(launch.program, launch.macros, launch.entry);
  std::lock_guard lock(mutex_);
  if (const auto found = products_.find(*launch.product); found != products_.end()) return found->second;
  auto made = provider_->product(*launch.product);
  if (made.ok() || made.status().code() == Code::kUnsupported) products_.emplace(*launch.product, made);
  return made;
}

ProgramCache::Counts ProgramCache::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace systole::gpu

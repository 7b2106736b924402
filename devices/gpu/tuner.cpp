// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/tuner.h"

#include <algorithm>
#include <optional>

#include "devices/gpu/compile_note.h"

namespace systole::gpu {
namespace {

// A name that is none of them is of no use: another version's.
std::optional<size_t> stored_choice(const std::optional<std::vector<std::byte>>& stored,
                                    std::span<const std::string> names) {
  if (!stored) return std::nullopt;
  const std::string name(reinterpret_cast<const char*>(stored->data()), stored->size());
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

std::string Tuner::key_of(const Facts& facts, const std::string& what, std::span<const std::string> names) {
  std::string key =
      "choice 1\n" + facts.provider + '\n' + facts.name + '\n' + facts.driver + '\n' + facts.library.name + '\n' + what;
  for (const std::string& each : names) key += '\n' + each;
  return key;
}

Result<size_t> Tuner::choose(const Facts& facts, const std::string& what, std::span<const std::string> names,
                             const Timing& time_ns) {
  if (names.size() == 1) return size_t{0};
  const std::string key = key_of(facts, what, names);
  std::lock_guard lock(mutex_);  // two that ask for the same at once time it once
  if (const auto known = chosen_.find(key); known != chosen_.end()) return known->second;
  if (const auto stored = stored_choice(disk_.load(key), names)) {
    ++counts_.from_disk;
    return chosen_.emplace(key, *stored).first->second;
  }
  note_work(CompileNote::Work::kTuning, what, facts.name);
  std::optional<size_t> best;
  double best_ns = 0, all_ns = 0;
  for (size_t i = 0; i < names.size() && all_ns < kMostNs; ++i) {
    const Result<double> taken = time_ns(i);
    if (taken.status().code() == Code::kDeviceLost) return taken.status();
    if (!taken.ok()) continue;
    all_ns += *taken;
    if (best && *taken >= best_ns) continue;
    best = i;
    best_ns = *taken;
  }
  if (!best) return size_t{0};
  ++counts_.timed;
  (void)disk_.store(key, std::as_bytes(std::span(names[*best])));
  return chosen_.emplace(key, *best).first->second;
}

Tuner::Counts Tuner::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace systole::gpu

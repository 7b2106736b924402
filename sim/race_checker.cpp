// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/race_checker.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace systole::sim {
namespace {

constexpr size_t kMaxRaces = 1000;
constexpr size_t kMaxRecords = 4096;  // of an engine; beyond it the oldest are forgotten, which can only miss races

}  // namespace

std::string Race::to_string() const {
  static const char* const spaces[] = {"scratchpad", "accumulator", "dram"};
  const std::string where = std::string(" of ") + spaces[static_cast<int>(space)] + " byte " + std::to_string(address);
  const std::string who = std::string(engine_name(engine)) + " at ring index " + std::to_string(sequence);
  if (kind == Kind::kUnwritten) return "read" + where + ", never written, by " + who;
  return std::string(kind == Kind::kWriteWrite ? "two unordered writes" : "unordered read and write") + where + ": " +
         who + " and " + engine_name(other_engine) + " at ring index " + std::to_string(other_sequence);
}

RaceChecker::RaceChecker(int64_t scratchpad_bytes, int64_t accumulator_bytes)
    : written_{std::vector<uint8_t>(static_cast<size_t>(scratchpad_bytes)),
               std::vector<uint8_t>(static_cast<size_t>(accumulator_bytes))} {}

void RaceChecker::reset() {
  for (auto& records : records_) records.clear();
  for (auto& written : written_) std::fill(written.begin(), written.end(), uint8_t{0});
  races_.clear();
}

void RaceChecker::fill(Record& record) {
  auto& rows = record.rows;
  if (!rows.empty()) return;
  record.box.each_row([&](int64_t at) { return rows.emplace_back(at, at + record.box.bytes), true; });
  std::sort(rows.begin(), rows.end());
  size_t last = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].first <= rows[last].second)
      rows[last].second = std::max(rows[last].second, rows[i].second);
    else
      rows[++last] = rows[i];
  }
  rows.resize(last + 1);
}

int64_t RaceChecker::first_common(Record& a, Record& b) {
  if (a.low >= b.high || b.low >= a.high) return -1;
  fill(a);
  fill(b);
  for (size_t i = 0, j = 0; i < a.rows.size() && j < b.rows.size();) {
    const int64_t low = std::max(a.rows[i].first, b.rows[j].first);
    if (low < std::min(a.rows[i].second, b.rows[j].second)) return low;
    if (a.rows[i].second < b.rows[j].second)
      ++i;
    else
      ++j;
  }
  return -1;
}

void RaceChecker::report(const Race& race) {
  if (races_.size() < kMaxRaces) races_.push_back(race);
}

void RaceChecker::check_pair(const Command& command, Record& mine, Engine other, Record& theirs) {
  if (mine.space != theirs.space || (!mine.write && !theirs.write)) return;
  const int64_t at = first_common(mine, theirs);
  if (at < 0) return;
  const auto kind = mine.write && theirs.write ? Race::Kind::kWriteWrite : Race::Kind::kReadWrite;
  report({kind, mine.space, static_cast<uint64_t>(at), command.sequence, command.engine, theirs.sequence, other});
}

void RaceChecker::check_written(const Command& command, const Record& record) {
  const uint8_t* written = written_[static_cast<int>(record.space)].data();
  record.box.each_row([&](int64_t at) {
    const void* hole = std::memchr(written + at, 0, static_cast<size_t>(record.box.bytes));
    if (hole == nullptr) return true;
    report({Race::Kind::kUnwritten, record.space, static_cast<uint64_t>(static_cast<const uint8_t*>(hole) - written),
            command.sequence, command.engine, command.sequence, command.engine});
    return false;
  });
}

void RaceChecker::mark_written(const Record& record) {
  uint8_t* written = written_[static_cast<int>(record.space)].data();
  record.box.each_row([&](int64_t at) {
    std::memset(written + at, 1, static_cast<size_t>(record.box.bytes));
    return true;
  });
}

void RaceChecker::check(const Command& command, const std::vector<Access>& accesses) {
  const int own = static_cast<int>(command.engine);
  std::vector<Record> mine;
  for (const Access& a : accesses)
    mine.push_back({command.number, command.sequence, a.space, a.write, a.box, a.box.low(), a.box.high(), {}});
  for (Record& record : mine) {
    for (int e = 0; e < kEngines; ++e) {
      // An engine does its own commands in order; only the vector engine's pipeline lets a read pass an earlier write.
      const bool pipeline = e == own && command.engine == Engine::kVector && !record.write;
      if (e == own && !pipeline) continue;
      auto& records = records_[e];
      for (auto other = records.rbegin(); other != records.rend() && other->number > command.clock.known[e]; ++other)
        check_pair(command, record, static_cast<Engine>(e), *other);
    }
    if (!record.write && record.space != Race::Space::kDram) check_written(command, record);
  }
  for (Record& record : mine) {
    if (record.write && record.space != Race::Space::kDram) mark_written(record);
    records_[own].push_back(std::move(record));
  }
  while (records_[own].size() > kMaxRecords) records_[own].pop_front();
}

void RaceChecker::forget(int engine, uint64_t known_by_all) {
  auto& records = records_[engine];
  while (!records.empty() && records.front().number <= known_by_all) records.pop_front();
}

}  // namespace systole::sim

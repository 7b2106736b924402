// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One random command at a time, over a layout of typed zones of every memory, so that nothing is read as what it isn't.
#pragma once

#include <optional>
#include <random>
#include <vector>

#include "rtl/differential/program.h"

namespace systole::differential {

enum class Kind : uint8_t { kInteger, kF32, kBf16, kParameters };

struct Zone {
  Kind kind = Kind::kInteger;
  int64_t base = 0, bytes = 0;
  int64_t end() const { return base + bytes; }
};

// What a VECTOR's parameters are at a place of the scratchpad, and `blocks` times one after another.
struct Parameters {
  uint32_t address = 0;
  int64_t bytes = 0, blocks = 1;
  int channels = 1;
  bool bias = false, real_bias = false, scalar = false, b_scaled = false, out_scaled = false;
  contract::Requant requant = contract::Requant::kNone;
};

struct Layout {
  std::vector<Zone> scratchpad, accumulator;  // accumulator: bytes too, in whole rows
  std::vector<Zone> outputs, constants;       // of DRAM
  std::vector<Parameters> parameters;
};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t operator()() { return engine_(); }
  bool chance(int percent) { return static_cast<int>(engine_() % 100) < percent; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  template <typename T>
  const T& pick(const std::vector<T>& list) {
    return list[engine_() % list.size()];
  }

 private:
  std::mt19937_64 engine_;
};

class Commands {
 public:
  Commands(const spec::NpuSpec& spec, const Layout& layout, Random& random)
      : spec_(spec), layout_(layout), random_(random) {}

  // Iterations by level of the loops that the next commands lie in; 1: none.
  std::array<uint32_t, 3> loops{1, 1, 1};
  bool integers_only = false;

  // Nothing where this try found no place. Legal, and none that reads what it writes itself, but a VECTOR in its place.
  std::optional<contract::Load> load();
  std::optional<contract::Store> store();
  std::optional<contract::Preload> preload(Kind kind);
  std::optional<contract::Compute> compute(Kind kind, bool stays = false);
  // Output-stationary, for so many steps.
  std::optional<contract::Preload> matrix(Kind kind, uint32_t steps);
  std::optional<contract::Vector> vector();

 private:
  template <typename Transfer>
  std::optional<Transfer> transfer(bool is_load);
  std::optional<contract::Preload> preload(Kind kind, uint32_t rows);
  contract::Weights stored(Kind kind);
  const Zone* zone(const std::vector<Zone>& zones, Kind kind);
  int32_t stride(int64_t row, int64_t unit);
  // One increment a level, a multiple of `unit`; widens [low, high) to what all iterations touch.
  std::array<int32_t, 3> increments(int64_t row, int64_t unit, int64_t& low, int64_t& high);
  // Likewise from one of so many blocks to another; and the block to begin with.
  std::array<int32_t, 3> increments(const Parameters& parameters, int64_t& begin);
  std::optional<int64_t> fit(const Zone& zone, int64_t low, int64_t high, int64_t unit);
  int64_t count(int64_t most);
  void chain(contract::Vector& v);
  Kind kind_of(contract::Dtype dtype) const;

  const spec::NpuSpec& spec_;
  const Layout& layout_;
  Random& random_;
};

int64_t element_bytes(contract::Dtype dtype);

}  // namespace systole::differential

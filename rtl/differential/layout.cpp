// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/layout.h"

#include <algorithm>

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Requant;
using contract::Space;

constexpr int64_t kMostScratchpad = 16 * 1024, kMostAccumulator = 16 * 1024, kParameterBytes = 1024;

// Parts of a memory that programs use: all of a small one, else its ends and where banks meet.
std::vector<Zone> parts(int64_t bytes, int64_t bank, int64_t most) {
  if (bytes <= most) return {{Kind::kInteger, 0, bytes}};
  const int64_t part = most / 4;
  std::vector<Zone> result = {{Kind::kInteger, 0, part}};
  for (int64_t at : {bank - part / 2, bytes / 2 - part / 4, bytes - part})
    if (at >= result.back().end()) result.push_back({Kind::kInteger, at, std::min(part, bytes - at)});
  return result;
}

std::vector<Zone> cut(const std::vector<Zone>& parts, size_t count, int64_t unit, Random& random) {
  std::vector<Zone> zones = parts;
  while (zones.size() < count) {
    auto most =
        std::max_element(zones.begin(), zones.end(), [](const Zone& a, const Zone& b) { return a.bytes < b.bytes; });
    if (most->bytes < 4 * unit) break;
    const int64_t units = most->bytes / unit, first = random.between(units / 3, units - units / 3) * unit;
    const Zone rest{Kind::kInteger, most->base + first, most->bytes - first};
    most->bytes = first;
    zones.push_back(rest);
  }
  return zones;
}

struct Maker {
  const spec::NpuSpec& spec;
  Random& random;
  Program& program;
  uint64_t next_constant = kConstants;

  Values values(Kind kind) {
    if (kind == Kind::kF32) return Values::kF32;
    if (kind == Kind::kBf16) return Values::kBf16;
    return random.chance(60) ? Values::kBytes : Values::kI32;
  }
  void fill(uint64_t at, int64_t bytes, Values kind) {
    if (bytes > 0) program.fills.push_back({at, static_cast<uint64_t>(bytes), kind, random() % 100000});
  }

  // Blocks of parameters one after another in a zone, and the same bytes among the constants.
  uint64_t parameters(const Zone& zone, Layout& layout) {
    const uint64_t constants = next_constant;
    int64_t at = zone.base;
    const auto words = [&](int64_t count, Values kind) {
      fill(constants + static_cast<uint64_t>(at - zone.base), count * 4, kind);
      at += count * 4;
    };
    for (int block = 0; block < 5; ++block) {
      Parameters p;
      p.address = static_cast<uint32_t>(at);
      const int64_t lanes = spec.vector.lanes;
      p.channels = static_cast<int>(random.chance(50) ? lanes : random.between(1, 2 * lanes + 1));
      p.bias = random.chance(60), p.real_bias = random.chance(40), p.scalar = random.chance(40);
      p.requant = static_cast<Requant>(random.between(0, 3));
      p.b_scaled = random.chance(25), p.out_scaled = random.chance(60);
      const int64_t most = 4 * (3 * p.channels + 2);
      if (at + most > zone.end()) break;
      p.blocks = random.chance(50) ? 1 : std::min<int64_t>(random.between(2, 6), (zone.end() - at) / most);
      const int64_t per = p.scalar ? 1 : p.channels;
      for (int64_t i = 0; i < p.blocks; ++i) {
        if (p.bias) words(p.channels, p.real_bias ? Values::kF32 : Values::kI32);
        if (p.requant != Requant::kNone) words(per, Values::kScale);
        if (p.requant == Requant::kTflite) words(per, Values::kShift);
        words((p.b_scaled ? 1 : 0) + (p.out_scaled ? 1 : 0), Values::kScale);
        if (i == 0) p.bytes = at - p.address;
      }
      layout.parameters.push_back(p);
    }
    fill(constants + static_cast<uint64_t>(at - zone.base), zone.end() - at, Values::kScale);
    next_constant += static_cast<uint64_t>((zone.bytes + 63) / 64 * 64);
    return constants;
  }

  void dram(Layout& layout) {
    uint64_t at = kOutputs;
    for (Kind kind : {Kind::kInteger, Kind::kF32, Kind::kBf16, Kind::kInteger}) {
      const int64_t bytes = random.chance(50) ? 2048 : 8192;
      layout.outputs.push_back({kind, static_cast<int64_t>(at), bytes});
      fill(at, bytes, values(kind));
      at += static_cast<uint64_t>(bytes);
    }
    for (Kind kind : {Kind::kInteger, Kind::kF32, Kind::kBf16, Kind::kInteger}) {
      layout.constants.push_back({kind, static_cast<int64_t>(next_constant), kMostScratchpad});
      fill(next_constant, kMostScratchpad, values(kind));
      next_constant += kMostScratchpad;
    }
  }
};

// The whole zone, as one row.
template <typename Transfer>
Descriptor moved(const Zone& zone, Space space, uint64_t dram) {
  Transfer t;
  t.space = space;
  t.dram_addr = dram;
  t.local_addr = static_cast<uint32_t>(zone.base);
  t.row_bytes = static_cast<uint32_t>(zone.bytes);
  t.n0 = t.n1 = t.n2 = 1;
  return contract::encode(t);
}

}  // namespace

Layout make_layout(const spec::NpuSpec& spec, Random& random, Program& program, std::vector<Descriptor>& loads) {
  Layout layout;
  Maker maker{spec, random, program};
  const int64_t row = int64_t{spec.array.cols} * 4;
  layout.scratchpad =
      cut(parts(spec.scratchpad.bytes, spec.scratchpad.bytes / spec.scratchpad.banks, kMostScratchpad), 7, 16, random);
  layout.accumulator =
      cut(parts(spec.accumulator.rows * row, spec.accumulator.rows * row / 2, kMostAccumulator / row * row / 4 * 4),
          random.chance(50) ? 2 : 4, row, random);
  // Whole rows, wherever a part began.
  for (Zone& z : layout.accumulator) {
    const int64_t end = z.end() / row * row;
    z.base = (z.base + row - 1) / row * row, z.bytes = end - z.base;
  }
  for (size_t i = 0; i < layout.accumulator.size(); ++i)
    layout.accumulator[i].kind = i % 2 ? Kind::kF32 : Kind::kInteger;
  constexpr Kind kinds[] = {Kind::kInteger, Kind::kF32, Kind::kBf16, Kind::kInteger, Kind::kF32, Kind::kBf16};
  size_t least = 0;
  for (size_t i = 0; i < layout.scratchpad.size(); ++i)
    if (layout.scratchpad[i].bytes < layout.scratchpad[least].bytes) least = i;
  std::swap(layout.scratchpad[least], layout.scratchpad.back());
  const size_t turn = random() % 6;
  for (size_t i = 0; i + 1 < layout.scratchpad.size(); ++i) layout.scratchpad[i].kind = kinds[(i + turn) % 6];
  Zone& last = layout.scratchpad.back();
  last.kind = Kind::kParameters;
  last.bytes = std::min(last.bytes, kParameterBytes);
  loads.push_back(moved<contract::Load>(last, Space::kScratchpad, maker.parameters(last, layout)));
  maker.dram(layout);
  const auto constants = [&](const Zone& zone) {
    std::vector<const Zone*> of_kind;
    for (const Zone& c : layout.constants)
      if (c.kind == zone.kind) of_kind.push_back(&c);
    const Zone& from = *random.pick(of_kind);
    return static_cast<uint64_t>(from.base + random.between(0, (from.bytes - zone.bytes) / 4) * 4);
  };
  for (const Zone& z : layout.scratchpad)
    if (z.kind != Kind::kParameters) loads.push_back(moved<contract::Load>(z, Space::kScratchpad, constants(z)));
  for (const Zone& z : layout.accumulator) loads.push_back(moved<contract::Load>(z, Space::kAccumulator, constants(z)));
  return layout;
}

std::vector<Descriptor> dump(const Layout& layout) {
  std::vector<Descriptor> commands;
  uint64_t at = kDump;
  const auto store = [&](const Zone& zone, Space space) {
    commands.push_back(moved<contract::Store>(zone, space, at));
    at += static_cast<uint64_t>((zone.bytes + 63) / 64 * 64);
  };
  for (const Zone& z : layout.scratchpad) store(z, Space::kScratchpad);
  for (const Zone& z : layout.accumulator) store(z, Space::kAccumulator);
  return commands;
}

}  // namespace systole::differential

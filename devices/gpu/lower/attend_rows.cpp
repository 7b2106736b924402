// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/gpu/lower/attention.h"

namespace systole::gpu {
namespace {

constexpr int64_t kItems = 128, kMostLanes = 32;  // of kernels/attend_row.cl
constexpr int64_t kMostColumns = 256;             // of queries and values in registers
constexpr int64_t kLeastSpan = 256;               // keys that are worth a work-group's start
constexpr int64_t kGroupsPerUnit = 4;             // that keep a compute unit's memory reads in flight

int64_t steps_of(int64_t extent, int64_t step) { return (extent + step - 1) / step; }

}  // namespace

std::vector<Candidate> attend_rows(const AttentionLaunch& attention, const Facts& facts) {
  AttentionParams p = attention.params;
  if (p.queries > kFewQueries || std::max(p.depth, p.width) > kMostColumns || kItems > facts.most_work_items) return {};
  int64_t rows = 1, lanes = 8;
  while (rows < p.queries && rows < 8) rows *= 2;
  while (4 * lanes < std::max(p.depth, p.width) && lanes < kMostLanes) lanes *= 2;
  const int64_t keys = kItems / rows;  // of a step
  p.blocks = steps_of(p.queries, rows);
  // As many parts as give every compute unit its work-groups, of as many keys each.
  const int64_t groups = attention.batches() * p.blocks;
  const int64_t most = std::max<int64_t>(p.keys / kLeastSpan, 1);
  p.parts = std::clamp<int64_t>(steps_of(kGroupsPerUnit * facts.compute_units, groups), 1, most);
  p.span = steps_of(steps_of(p.keys, p.parts), keys) * keys;
  p.parts = std::max<int64_t>(steps_of(p.keys, p.span), 1);
  Launch launch;
  launch.program = launch.entry = "attend_row";
  for (auto [name, value] : {std::pair{"BQ", rows},
                             {"LANES", lanes},
                             {"DEPTH", steps_of(p.depth, 4 * lanes) * 4 * lanes},
                             {"WIDTH", steps_of(p.width, 4 * lanes) * 4 * lanes},
                             {"TYPE", int64_t{p.type}},
                             {"KEY_TYPE", int64_t{p.key_type}}})
    launch.macros.emplace_back(name, std::to_string(value));
  launch.grid.group[0] = kItems;
  launch.grid.items[0] = groups * p.parts * kItems;
  launch.operands = attention.operands;
  launch.operands.push_back(p.parts > 1 ? scratch() : output());
  launch.set_params(p);
  Candidate candidate{"attend rows", {}};
  LoweredOp& op = candidate.lowered;
  op.constants = attention.constants;
  op.launches.push_back(launch);
  if (p.parts > 1) {
    op.scratch_bytes = p.lines * p.parts * (p.width + 2) * 4;
    launch.entry = "attend_join";
    launch.grid = line_grid(p.lines * p.width, facts);
    launch.operands = {output(), scratch()};
    op.launches.push_back(std::move(launch));
  }
  return {std::move(candidate)};
}

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Arenas of a session: which buffer and offset each value of a plan has.
#pragma once

#include <memory>
#include <vector>

#include "graph/plan/memory_plan.h"
#include "graph/plan/plan.h"
#include "graph/run/run_report.h"

namespace systole::graph {

// Consecutive nodes that run together: one command list, or one host op, or one move.
struct Step {
  int place = kHost;
  std::vector<int> nodes;
};
std::vector<Step> steps_of(const Plan& plan);

struct Arena {
  int place = kHost;
  MemoryKind kind = MemoryKind::kHostVisible;
  std::vector<ValueId> roots;
  std::vector<Lifetime> lifetimes;  // in steps' nodes; -1: before the first
  ArenaPlan plan;
  std::shared_ptr<Buffer> buffer;
};

struct SessionMemory {
  std::vector<Arena> arenas;
  std::vector<int> arena_of;       // by root; -1 for constants, unused values and slices
  std::vector<int64_t> offset_of;  // by root
  std::vector<bool> transient;     // by root: only one command list touches it
  int64_t constant_bytes[3] = {};  // by place

  // A view of `operand` in its arena, or of the constant's own buffer.
  TensorView view(const Plan& plan, const Operand& operand) const;
};

// Lifetimes and offsets; allocates nothing.
SessionMemory plan_memory(const Plan& plan, const std::vector<Step>& steps);
// kOutOfMemory with both numbers where a device can't hold its arenas and constants.
Status allocate_memory(const Plan& plan, SessionMemory& memory);

}  // namespace systole::graph

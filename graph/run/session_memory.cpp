// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/run/session_memory.h"

#include <algorithm>

namespace systole::graph {

std::vector<Step> steps_of(const Plan& plan) {
  std::vector<Step> steps;
  bool open = false;
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    const Node& node = plan.graph.nodes[n];
    if (is_alias(node)) continue;
    const int place = node.op ? plan.place[n] : kHost;
    if (!open || steps.back().place != place) steps.push_back({place, {}});
    steps.back().nodes.push_back(static_cast<int>(n));
    open = place != kHost;
  }
  return steps;
}

TensorView SessionMemory::view(const Plan& plan, const Operand& operand) const {
  TensorView view;
  view.offset = operand.offset;
  view.desc = operand.desc;
  const Value& root = plan.graph.at(operand.root);
  if (root.is_constant()) {
    view.buffer = root.data;
    return view;
  }
  const auto slot = static_cast<size_t>(operand.root);
  view.buffer = arenas[static_cast<size_t>(arena_of[slot])].buffer;
  view.offset += offset_of[slot];
  view.transient = transient[slot];
  return view;
}

namespace {

struct Touch {
  int first = -2, last = -2;  // -2: never
  int step = -1;              // the only step that touches it; -2: several
  bool by_host = false;
};

void touch(Touch& entry, int time, int step, bool host) {
  if (entry.first == -2) entry.first = time;
  entry.first = std::min(entry.first, time);
  entry.last = std::max(entry.last, time);
  entry.by_host = entry.by_host || host;
  entry.step = entry.step == -1 || entry.step == step ? step : -2;
}

std::vector<Touch> touches_of(const Plan& plan, const std::vector<Step>& steps) {
  std::vector<Touch> touches(plan.graph.values.size());
  const auto root = [&](ValueId id) { return static_cast<size_t>(plan.storage[static_cast<size_t>(id)].root); };
  const int outside = static_cast<int>(steps.size());
  for (ValueId id : plan.graph.inputs) touch(touches[root(id)], -1, outside, true);
  for (size_t s = 0; s < steps.size(); ++s)
    for (int n : steps[s].nodes) {
      const Node& node = plan.graph.nodes[static_cast<size_t>(n)];
      for (const auto* ids : {&node.inputs, &node.outputs})
        for (ValueId id : *ids)
          if (id != kAbsent) touch(touches[root(id)], n, static_cast<int>(s), !node.op);
    }
  for (ValueId id : plan.graph.outputs)
    touch(touches[root(id)], static_cast<int>(plan.graph.nodes.size()), outside, true);
  return touches;
}

// The device whose memory the root is: where its first toucher runs.
int arena_index(SessionMemory& memory, int place, MemoryKind kind) {
  for (size_t i = 0; i < memory.arenas.size(); ++i)
    if (memory.arenas[i].place == place && memory.arenas[i].kind == kind) return static_cast<int>(i);
  memory.arenas.push_back({place, kind, {}, {}, {}, nullptr});
  return static_cast<int>(memory.arenas.size()) - 1;
}

void count_constants(const Plan& plan, SessionMemory& memory) {
  std::vector<std::vector<uint64_t>> seen(3);
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n)
    for (ValueId id : plan.graph.nodes[n].inputs) {
      if (id == kAbsent || !plan.graph.at(id).is_constant()) continue;
      auto& known = seen[static_cast<size_t>(plan.place[n])];
      const uint64_t key = plan.graph.at(id).data->id();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      known.push_back(key);
      memory.constant_bytes[plan.place[n]] += plan.graph.at(id).data->size();
    }
}

}  // namespace

SessionMemory plan_memory(const Plan& plan, const std::vector<Step>& steps) {
  SessionMemory memory;
  const size_t count = plan.graph.values.size();
  memory.arena_of.assign(count, -1);
  memory.offset_of.assign(count, 0);
  memory.transient.assign(count, false);
  const auto touches = touches_of(plan, steps);
  for (size_t v = 0; v < count; ++v) {
    const Touch& entry = touches[v];
    if (entry.first == -2 || plan.graph.values[v].is_constant()) continue;
    const int place = plan.home[v];
    const auto kind = place == kHost || entry.by_host ? MemoryKind::kHostVisible : MemoryKind::kDeviceLocal;
    const int index = arena_index(memory, place, kind);
    Arena& arena = memory.arenas[static_cast<size_t>(index)];
    memory.arena_of[v] = index;
    memory.transient[v] = kind == MemoryKind::kDeviceLocal && entry.step >= 0;
    arena.roots.push_back(static_cast<ValueId>(v));
    arena.lifetimes.push_back({desc_of(plan, static_cast<ValueId>(v)).span_bytes(), entry.first, entry.last});
  }
  for (Arena& arena : memory.arenas) {
    const int64_t alignment =
        arena.place == kHost ? 64 : std::max<int64_t>(64, plan.devices[arena.place]->info().buffer_alignment);
    arena.plan = plan_arena(arena.lifetimes, alignment);
    for (size_t i = 0; i < arena.roots.size(); ++i)
      memory.offset_of[static_cast<size_t>(arena.roots[i])] = arena.plan.offsets[i];
  }
  count_constants(plan, memory);
  return memory;
}

Status allocate_memory(const Plan& plan, SessionMemory& memory) {
  for (int place : {kMain, kFallback}) {
    if (!plan.devices[place]) continue;
    int64_t arenas = 0;
    for (const Arena& arena : memory.arenas)
      if (arena.place == place) arenas += arena.plan.peak_bytes;
    const int64_t available = plan.devices[place]->info().memory_bytes;
    const int64_t needed = arenas + memory.constant_bytes[place];
    if (available > 0 && needed > available)
      return Status(Code::kOutOfMemory, "graph '" + plan.graph.name + "' needs " + std::to_string(needed) +
                                            " bytes on " + plan.devices[place]->info().uri + " (" +
                                            std::to_string(arenas) + " of activations, " +
                                            std::to_string(memory.constant_bytes[place]) + " of weights), which has " +
                                            std::to_string(available));
  }
  for (Arena& arena : memory.arenas) {
    BufferParams params{arena.plan.peak_bytes, 0, arena.kind, plan.place_name(arena.place) + " arena"};
    if (arena.place == kHost) {
      SYSTOLE_ASSIGN_OR_RETURN(arena.buffer, allocate_host(params));
    } else {
      SYSTOLE_ASSIGN_OR_RETURN(arena.buffer, plan.devices[arena.place]->allocate(params));
    }
  }
  return {};
}

}  // namespace systole::graph

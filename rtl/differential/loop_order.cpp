// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/loop_order.h"

#include <algorithm>
#include <map>

#include "rtl/differential/synchronise.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Opcode;

struct Node {
  int engine = 5;
  std::vector<size_t> loops;  // REPEATs around it, outermost first
  uint64_t runs = 1;          // in the whole loop
};

class Orderer {
 public:
  Orderer(const std::vector<Descriptor>& loop, const spec::NpuSpec& spec, const std::vector<uint32_t>& semaphores,
          LoopOrder& order)
      : loop_(loop), free_(semaphores), order_(order), nodes_(loop.size()), reach_(loop.size()) {
    order_.commands = loop;
    for (auto& row : reach_) row.assign(loop.size(), false);
    for (const Instance& i : expand(loop, kMost)) {
      instances_.push_back(i);
      footprints_.push_back(footprint(at(loop, i), spec));
      runs_of_[i.command].push_back(instances_.size() - 1);
    }
    describe();
  }

  bool run() {
    if (instances_.size() >= kMost) return false;
    const size_t count = loop_.size();
    for (size_t distance = 0; distance < count; ++distance)  // near ones first: they may imply far ones
      for (size_t i = 0; i + distance < count; ++i)
        if (!pair(i, i + distance)) return false;
    return true;
  }

 private:
  static constexpr size_t kMost = 600;

  void describe() {
    for (size_t i = 0; i < loop_.size(); ++i) {
      nodes_[i].engine = static_cast<int>(contract::engine_of(contract::opcode(loop_[i])));
      for (size_t r = 0; r < i; ++r) {
        if (contract::opcode(loop_[r]) != Opcode::kRepeat) continue;
        const contract::Repeat repeat = contract::decode_repeat(loop_[r]);
        if (i > r + repeat.body) continue;
        nodes_[i].loops.push_back(r);
        nodes_[i].runs *= repeat.count;
      }
    }
  }

  uint64_t trips(size_t repeat) const { return contract::decode_repeat(loop_[repeat]).count; }

  // Both orders of commands i <= j, as far as some of their executions conflict.
  bool pair(size_t i, size_t j) {
    const Node &a = nodes_[i], &b = nodes_[j];
    if (a.engine == 5 || b.engine == 5) return true;
    size_t common = 0;
    while (common < std::min(a.loops.size(), b.loops.size()) && a.loops[common] == b.loops[common]) ++common;
    uint64_t each_i = 1, each_j = 1;  // executions in an iteration of the innermost loop that holds both
    for (size_t l = common; l < a.loops.size(); ++l) each_i *= trips(a.loops[l]);
    for (size_t l = common; l < b.loops.size(); ++l) each_j *= trips(b.loops[l]);
    bool forward = false;
    uint64_t backward = 0;  // least number of iterations between; 0: never
    const Opcode opcode = contract::opcode(loop_[i]);
    const auto conflict = [&](size_t x, size_t y) {
      const Hazard h = hazard(footprints_[x], footprints_[y]);
      if (h == Hazard::kNone || h == Hazard::kBank) return false;
      return a.engine != b.engine || needs_own_order(opcode, footprints_[x], footprints_[y]);
    };
    for (size_t x : runs_of_[i])
      for (size_t y : runs_of_[j]) {
        const uint64_t at_x = instances_[x].iteration / each_i, at_y = instances_[y].iteration / each_j;
        if (x < y && !forward && i != j) forward = conflict(x, y);
        if (i == j && x < y && conflict(x, y)) backward = least(backward, at_y - at_x);
        if (y < x && at_x > at_y && (!backward || at_x - at_y < backward) && conflict(y, x)) backward = at_x - at_y;
      }
    if (!forward && !backward) return true;
    if (each_i != 1 && each_j != 1 && a.loops != b.loops) return false;
    if (a.loops == b.loops) each_i = each_j = 1;
    if (forward && !reach_[i][j] && !edge(i, j, each_i, each_j, 0)) return false;
    return !backward || edge(j, i, each_j, each_i, backward);
  }

  static uint64_t least(uint64_t known, uint64_t value) { return known ? std::min(known, value) : value; }

  // from's executions in an iteration before to's, or before to's in the iteration that is `later` ones later.
  bool edge(size_t from, size_t to, uint64_t each_from, uint64_t each_to, uint64_t later) {
    if (free_.empty()) return false;
    const uint64_t signal = each_from == 1 ? each_to : 1, wait = each_to == 1 ? each_from : 1;
    const uint64_t credit = each_from * signal * later;
    if (signal * nodes_[from].runs + credit > 255 || wait > 255) return false;
    const uint32_t id = free_.back();
    if (!add_signal(order_.commands[from], id, static_cast<uint32_t>(signal)) ||
        !add_wait(order_.commands[to], id, static_cast<uint32_t>(wait)))
      return false;
    free_.pop_back();
    if (credit) order_.credits.emplace_back(id, static_cast<uint32_t>(credit));
    if (!later && nodes_[from].loops == nodes_[to].loops) reaches(from, to);
    return true;
  }

  // Whoever comes before `from` on its engine is before whoever comes after `to` on its own, in one iteration.
  void reaches(size_t from, size_t to) {
    for (size_t i = 0; i < loop_.size(); ++i)
      for (size_t j = 0; j < loop_.size(); ++j) {
        if (nodes_[i].loops != nodes_[from].loops || nodes_[j].loops != nodes_[from].loops) continue;
        const bool before = (i <= from && nodes_[i].engine == nodes_[from].engine) || reach_[i][from];
        const bool after = (j >= to && nodes_[j].engine == nodes_[to].engine) || reach_[to][j];
        if (before && after && i < j) reach_[i][j] = true;
      }
  }

  const std::vector<Descriptor>& loop_;
  std::vector<uint32_t> free_;
  LoopOrder& order_;
  std::vector<Node> nodes_;
  std::vector<std::vector<bool>> reach_;
  std::vector<Instance> instances_;
  std::vector<Footprint> footprints_;
  std::map<size_t, std::vector<size_t>> runs_of_;
};

}  // namespace

bool order_loop(const std::vector<Descriptor>& loop, const spec::NpuSpec& spec, const std::vector<uint32_t>& semaphores,
                LoopOrder& order) {
  return Orderer(loop, spec, semaphores, order).run();
}

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/coverage.h"

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>

#include "rtl/differential/synchronise.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Opcode;

constexpr size_t kNear = 10, kMostInstances = 400;
using Clock = std::array<uint64_t, kEngines>;

struct Executed {
  int kind = 0, engine = 0;
  uint64_t number = 0;  // of its engine
  Clock clock{};
  Footprint footprint;
  std::vector<size_t> waited_for;  // whose signals it took
};

// The semaphores of a program run in a row: who gave what to whom.
class Tokens {
 public:
  void give(uint32_t id, uint32_t count, size_t by, const Clock& clock) {
    if (count) queues_[id].push_back({count, by, clock});
  }
  void take(uint32_t id, uint32_t count, Executed& by) {
    auto& queue = queues_[id];
    while (count && !queue.empty()) {
      Token& token = queue.front();
      const uint32_t n = std::min(count, token.count);
      by.waited_for.push_back(token.by);
      for (size_t e = 0; e < kEngines; ++e) by.clock[e] = std::max(by.clock[e], token.clock[e]);
      count -= n;
      if ((token.count -= n) == 0) queue.pop_front();
    }
  }
  void clear(uint32_t id) { queues_[id].clear(); }

 private:
  struct Token {
    uint32_t count;
    size_t by;
    Clock clock;
  };
  std::map<uint32_t, std::deque<Token>> queues_;
};

constexpr int kStaysPreload = 9, kStaysCompute = 10;

int kind_of(const Descriptor& d) {
  if (begins_pair(d)) return kStaysPreload;
  return ends_pair(d) ? kStaysCompute : static_cast<int>(contract::opcode(d));
}

}  // namespace

std::string kind_name(int kind) {
  const Opcode opcode = kind == kStaysPreload   ? Opcode::kPreload
                        : kind == kStaysCompute ? Opcode::kCompute
                                                : static_cast<Opcode>(kind);
  return std::string(contract::name(opcode)) + (kind >= kStaysPreload ? " os" : "");
}

const char* name(Order order) {
  constexpr const char* names[] = {"none", "queue", "semaphore", "chain"};
  return names[static_cast<int>(order)];
}
const char* name(Hazard hazard) {
  constexpr const char* names[] = {"none", "read_after_write", "write_after_read", "write_after_write", "bank"};
  return names[static_cast<int>(hazard)];
}

void Coverage::add(const Program& program, const spec::NpuSpec& spec) {
  std::vector<Executed> done;
  std::array<Clock, kEngines> known{};
  Clock issued{};
  Tokens tokens;
  for (const Instance& instance : expand(program.commands, kMostInstances)) {
    const Descriptor d = at(program.commands, instance);
    const Opcode opcode = contract::opcode(d);
    if (!contract::find_command(opcode)) break;
    const contract::Header h = contract::decode_header(d);
    Executed e;
    e.kind = kind_of(d);
    e.engine = static_cast<int>(contract::engine_of(opcode));
    const auto engine = static_cast<size_t>(e.engine);
    e.clock = opcode == Opcode::kFence ? issued : known[engine];
    e.footprint = footprint(d, spec);
    tokens.take(h.wait0_id, h.wait0_count, e);
    tokens.take(h.wait1_id, h.wait1_count, e);
    known[engine] = e.clock;
    e.number = ++issued[engine];
    Clock after = e.clock;
    after[engine] = e.number;
    if (opcode == Opcode::kFence) known.fill(issued);
    if (opcode == Opcode::kSem) {
      const contract::Sem sem = contract::decode_sem(d);
      if (sem.op == contract::SemOp::kSet) tokens.clear(sem.id);
      if (sem.op == contract::SemOp::kSub)
        tokens.take(sem.id, sem.value, e);
      else
        tokens.give(sem.id, sem.value, done.size(), after);
    }
    tokens.give(h.signal0_id, h.signal0_count, done.size(), after);
    tokens.give(h.signal1_id, h.signal1_count, done.size(), after);
    for (size_t i = done.size() - std::min(done.size(), kNear); i < done.size(); ++i) {
      const Executed& earlier = done[i];
      const bool direct = std::find(e.waited_for.begin(), e.waited_for.end(), i) != e.waited_for.end();
      const Order order = earlier.engine == e.engine                                       ? Order::kQueue
                          : direct                                                         ? Order::kSemaphore
                          : e.clock[static_cast<size_t>(earlier.engine)] >= earlier.number ? Order::kChain
                                                                                           : Order::kNone;
      ++counts_[index(earlier.kind, e.kind, static_cast<int>(order),
                      static_cast<int>(hazard(earlier.footprint, e.footprint)))];
    }
    done.push_back(std::move(e));
  }
}

uint64_t Coverage::pairs() const { return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}); }

std::vector<Coverage::Row> Coverage::rows() const {
  std::vector<Row> rows;
  for (int earlier = 0; earlier < kKinds; ++earlier)
    for (int later = 0; later < kKinds; ++later) {
      Row row{earlier, later, {}};
      uint64_t sum = 0;
      for (int o = 0; o < kOrders; ++o)
        for (int h = 0; h < kHazards; ++h)
          sum += row.counts[static_cast<size_t>(o)][static_cast<size_t>(h)] = counts_[index(earlier, later, o, h)];
      if (sum) rows.push_back(row);
    }
  return rows;
}

int Coverage::cells() const {
  return static_cast<int>(std::count_if(counts_.begin(), counts_.end(), [](uint64_t n) { return n != 0; }));
}
int Coverage::pair_kinds() const { return static_cast<int>(rows().size()); }

}  // namespace systole::differential

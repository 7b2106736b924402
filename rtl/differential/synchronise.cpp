// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/synchronise.h"

#include <algorithm>
#include <map>
#include <random>
#include <span>
#include <tuple>

#include "rtl/differential/loop_order.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Opcode;

constexpr int kControl = 5;

int engine_of(const Descriptor& d) { return static_cast<int>(contract::engine_of(contract::opcode(d))); }

bool add_count(uint32_t& word, uint32_t id, uint32_t count) {
  for (int slot = 0; slot < 2; ++slot) {
    if (word >> (16 * slot + 8) & 0xff) continue;
    word |= (id | count << 8) << (16 * slot);
    return true;
  }
  return false;
}
int free_slots(uint32_t word) { return (word & 0xff00 ? 0 : 1) + (word & 0xff000000 ? 0 : 1); }

template <typename T>
Descriptor encoded(const T& command) {
  return contract::encode(command);
}

class Synchroniser {
 public:
  Synchroniser(const spec::NpuSpec& spec, uint64_t seed, std::vector<Descriptor>& out)
      : spec_(spec), random_(seed), out_(out) {
    const int count = std::min(spec.core.semaphores, 256) - kPrivateSemaphores;
    for (int id = 0; id < count; ++id) free_.push_back(static_cast<uint32_t>(id));
    std::shuffle(free_.begin(), free_.end(), random_);
    all_ = free_;
  }

  void command(const Descriptor& d) {
    const Opcode opcode = contract::opcode(d);
    if (opcode == Opcode::kFence) return fence(d);
    if (engine_of(d) == kControl) {
      emit(d, {});
      return;
    }
    together({&d, 1});
  }

  // With no fence between them.
  void together(std::span<const Descriptor> commands) {
    if (chance(3)) fence(encoded(contract::Fence{.sequence = 0}));
    const auto saved = std::tuple(out_, known_, issued_, preload_, channels_, free_, history_.size());
    if (std::all_of(commands.begin(), commands.end(), [&](const Descriptor& d) { return place(d); })) return;
    size_t before = 0;
    std::tie(out_, known_, issued_, preload_, channels_, free_, before) = saved;
    history_.resize(before);
    fence(encoded(contract::Fence{.sequence = 0}));
    for (const Descriptor& d : commands) place(d);
  }

  // A REPEAT with its body: fences around it, its own semaphores inside.
  bool loop(const std::vector<Descriptor>& body) {
    if (!history_.empty()) fence(encoded(contract::Fence{.sequence = 0}));
    LoopOrder order;
    if (!order_loop(body, spec_, all_, order)) return false;
    for (const auto& [id, count] : order.credits) {
      const auto op = chance(50) ? contract::SemOp::kAdd : contract::SemOp::kSet;
      emit(encoded(contract::Sem{.id = id, .value = count, .op = op}), {});
    }
    for (const Descriptor& d : order.commands) out_.push_back(d);
    fence(encoded(contract::Fence{.sequence = 0}));
    for (const auto& [id, count] : order.credits) {
      const bool set = chance(50);
      emit(encoded(contract::Sem{
               .id = id, .value = set ? 0 : count, .op = set ? contract::SemOp::kSet : contract::SemOp::kSub}),
           {});
    }
    return true;
  }

 private:
  using Clock = std::array<uint64_t, kEngines>;  // how many commands of each engine have certainly completed
  struct Done {
    int engine = 0;
    uint64_t number = 0;  // from 1, of its engine
    size_t out = 0;
    Opcode opcode{};
    Clock clock{};
    Footprint footprint;
  };

  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  static void join(Clock& into, const Clock& other) {
    for (size_t e = 0; e < into.size(); ++e) into[e] = std::max(into[e], other[e]);
  }
  Clock done(size_t n) const {
    Clock clock = history_[n].clock;
    clock[static_cast<size_t>(history_[n].engine)] = history_[n].number;
    return clock;
  }

  // After what it needs; false where semaphores or slots don't suffice.
  bool place(const Descriptor& d) {
    const Opcode opcode = contract::opcode(d);
    const Footprint f = footprint(d, spec_);
    if (opcode == Opcode::kCompute && contract::decode_compute(d).swap) join(known_[3], preload_[0]);
    if (ends_pair(d)) join(known_[3], preload_[1]);
    Descriptor ordered = d;
    if (!meet(what_it_needs(engine_of(d), opcode, f), engine_of(d), ordered)) return false;
    const size_t n = emit(ordered, f);
    if (opcode == Opcode::kPreload) preload_[begins_pair(d)] = done(n);
    return true;
  }

  size_t emit(const Descriptor& d, Footprint f) {
    const int engine = engine_of(d);
    history_.push_back({engine, ++issued_[static_cast<size_t>(engine)], out_.size(), contract::opcode(d),
                        known_[static_cast<size_t>(engine)], std::move(f)});
    out_.push_back(d);
    return history_.size() - 1;
  }

  void fence(Descriptor d) {
    if (contract::decode_fence(d).sequence == 0) d.words[13] = ++fences_;
    out_.push_back(d);
    for (Clock& clock : known_) clock = issued_;
    history_.clear();
  }

  // Of each engine the last command that it has to come after, and doesn't yet: places in history_.
  std::vector<size_t> what_it_needs(int engine, Opcode opcode, const Footprint& f) const {
    std::array<size_t, kEngines> last;
    last.fill(history_.size());
    for (size_t n = 0; n < history_.size(); ++n) {
      const Done& d = history_[n];
      if (d.number <= known_[static_cast<size_t>(engine)][static_cast<size_t>(d.engine)]) continue;
      const Hazard h = d.engine == kControl ? Hazard::kNone : hazard(d.footprint, f);
      if (h == Hazard::kNone || h == Hazard::kBank) continue;
      if (d.engine == engine && !needs_own_order(opcode, d.footprint, f)) continue;
      last[static_cast<size_t>(d.engine)] = n;
    }
    std::vector<size_t> needs;
    for (size_t n : last)
      if (n < history_.size()) needs.push_back(n);
    for (size_t i = 0; i < needs.size();) {
      const auto implied = [&](size_t other) {
        return other != needs[i] &&
               done(other)[static_cast<size_t>(history_[needs[i]].engine)] >= history_[needs[i]].number;
      };
      if (std::any_of(needs.begin(), needs.end(), implied))
        needs.erase(needs.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    }
    return needs;
  }

  // Waits for all of them on `command`, which will be emitted next.
  bool meet(std::vector<size_t> needs, int engine, Descriptor& command) {
    while (needs.size() > 2 || (!needs.empty() && chance(8))) {
      Descriptor nop = encoded(contract::Nop{});
      for (int i = 0; i < 2 && !needs.empty(); ++i) {
        if (!token(needs.back(), kControl, nop)) return false;
        needs.pop_back();
      }
      needs.push_back(emit(nop, {}));
    }
    for (size_t n : needs)
      if (!token(n, engine, command)) return false;
    return true;
  }

  // A signal of history_[n], or of a later command of its engine, for which `command` waits. None where `to` knows:
  // counts of a semaphore must be taken in the order in which they are given.
  bool token(size_t n, int to, Descriptor& command) {
    const int from = history_[n].engine;
    if (known_[static_cast<size_t>(to)][static_cast<size_t>(from)] >= history_[n].number) return true;
    const auto [place, fresh] = channels_.try_emplace({from, to});
    if (fresh) {
      if (free_.empty()) return channels_.erase(place), false;
      place->second = {free_.back(), chance(30) ? static_cast<uint32_t>(2 + random_() % 3) : 1};
      free_.pop_back();
    }
    const auto [id, count] = place->second;
    if (!free_slots(command.words[1])) return false;
    for (; n < history_.size(); ++n) {
      if (history_[n].engine != from || !add_signal(out_[history_[n].out], id, count)) continue;
      const bool split = count > 1 && free_slots(command.words[1]) == 2 && chance(50);
      add_wait(command, id, split ? 1 : count);
      if (split) add_wait(command, id, count - 1);
      join(known_[static_cast<size_t>(to)], done(n));
      return true;
    }
    return false;
  }

  const spec::NpuSpec& spec_;
  std::mt19937_64 random_;
  std::vector<Descriptor>& out_;
  std::vector<uint32_t> free_, all_;
  std::map<std::pair<int, int>, std::pair<uint32_t, uint32_t>> channels_;  // engines: semaphore, count
  std::vector<Done> history_;                                              // since the last fence
  std::array<Clock, kEngines> known_{};
  Clock issued_{};
  std::array<Clock, 2> preload_{};  // of the last one that keeps its weights, of the last output-stationary one
  uint32_t fences_ = 0;
};

}  // namespace

bool begins_pair(const Descriptor& command) {
  return contract::opcode(command) == Opcode::kPreload &&
         contract::decode_preload(command).dataflow == contract::Dataflow::kOutputStationary;
}
bool ends_pair(const Descriptor& command) {
  return contract::opcode(command) == Opcode::kCompute &&
         contract::decode_compute(command).dataflow == contract::Dataflow::kOutputStationary;
}

bool add_wait(Descriptor& command, uint32_t id, uint32_t count) { return add_count(command.words[1], id, count); }
bool add_signal(Descriptor& command, uint32_t id, uint32_t count) { return add_count(command.words[2], id, count); }

bool needs_own_order(Opcode opcode, const Footprint& earlier, const Footprint& later) {
  const Hazard h = hazard(earlier, later);
  if (opcode == Opcode::kVector) return h == Hazard::kReadAfterWrite;
  // What is on its way from or to DRAM, and what a transfer on the chip reads or writes at once.
  const bool transfer = opcode == Opcode::kLoad || opcode == Opcode::kStore;
  return transfer && (h == Hazard::kReadAfterWrite || h == Hazard::kWriteAfterWrite);
}

bool synchronise(const std::vector<Descriptor>& plan, const spec::NpuSpec& spec, uint64_t seed,
                 std::vector<Descriptor>& commands) {
  commands.clear();
  Synchroniser synchroniser(spec, seed, commands);
  for (size_t i = 0; i < plan.size(); ++i) {
    if (begins_pair(plan[i]) && i + 1 < plan.size()) {
      synchroniser.together({&plan[i++], 2});
      continue;
    }
    if (contract::opcode(plan[i]) != Opcode::kRepeat) {
      synchroniser.command(plan[i]);
      continue;
    }
    const size_t end = i + 1 + contract::decode_repeat(plan[i]).body;
    if (end > plan.size()) return false;
    const std::vector<Descriptor> body(plan.begin() + static_cast<std::ptrdiff_t>(i),
                                       plan.begin() + static_cast<std::ptrdiff_t>(end));
    if (!synchroniser.loop(body)) return false;
    i = end - 1;
  }
  return true;
}

std::vector<Descriptor> without_semaphores(const std::vector<Descriptor>& commands, const spec::NpuSpec& spec) {
  std::vector<Descriptor> plan;
  std::vector<size_t> open;  // REPEATs in plan, and where their bodies end in commands
  std::vector<size_t> ends;
  for (size_t i = 0; i < commands.size(); ++i) {
    while (!ends.empty() && ends.back() <= i) ends.pop_back(), open.pop_back();
    Descriptor d = commands[i];
    const bool bare = contract::opcode(d) == Opcode::kNop && (d.words[1] || d.words[2]);
    const bool sem = contract::opcode(d) == Opcode::kSem &&
                     static_cast<int>(contract::decode_sem(d).id) < spec.core.semaphores - kPrivateSemaphores;
    const bool fence = contract::opcode(d) == Opcode::kFence && !contract::decode_fence(d).irq &&
                       !contract::decode_fence(d).record_addr && ends.empty();
    if (bare || sem || fence) {
      for (size_t repeat : open) plan[repeat].words[14] -= 1;
      continue;
    }
    d.words[1] = d.words[2] = 0;
    plan.push_back(d);
    if (contract::opcode(d) != Opcode::kRepeat) continue;
    open.push_back(plan.size() - 1);
    ends.push_back(i + 1 + contract::decode_repeat(d).body);
  }
  return plan;
}

}  // namespace systole::differential

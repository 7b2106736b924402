// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/shrink.h"

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>

#include "rtl/differential/footprint.h"
#include "rtl/differential/synchronise.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Opcode;

// A place of a command that gives or takes counts: wait0, wait1, signal0, signal1, and what a SEM does.
constexpr size_t kSlots = 5;

// Slots whose counts meet are in one group.
class Groups {
 public:
  explicit Groups(const std::vector<Descriptor>& commands) : parent_(commands.size() * kSlots) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
    for (const Instance& i : expand(commands)) {
      const Descriptor& d = commands[i.command];
      const size_t slot = i.command * kSlots;
      for (size_t k : {0, 1}) take(d.words[1] >> (16 * k), slot + k);
      if (contract::opcode(d) == Opcode::kSem) {
        const contract::Sem sem = contract::decode_sem(d);
        if (sem.op == contract::SemOp::kSet) queues_[sem.id].clear();
        if (sem.op == contract::SemOp::kSub)
          take(sem.id | sem.value << 8, slot + 4);
        else
          give(sem.id | sem.value << 8, slot + 4);
      }
      for (size_t k : {0, 1}) give(d.words[2] >> (16 * k), slot + 2 + k);
    }
  }
  size_t of(size_t slot) {
    while (parent_[slot] != slot) slot = parent_[slot] = parent_[parent_[slot]];
    return slot;
  }

 private:
  void give(uint32_t id_and_count, size_t slot) {
    if (id_and_count >> 8 & 0xff) queues_[id_and_count & 0xff].emplace_back(slot, id_and_count >> 8 & 0xff);
  }
  void take(uint32_t id_and_count, size_t slot) {
    auto& queue = queues_[id_and_count & 0xff];
    for (uint32_t count = id_and_count >> 8 & 0xff; count && !queue.empty();) {
      parent_[of(queue.front().first)] = of(slot);
      const uint32_t n = std::min(count, queue.front().second);
      count -= n;
      if ((queue.front().second -= n) == 0) queue.pop_front();
    }
  }

  std::vector<size_t> parent_;
  std::map<uint32_t, std::deque<std::pair<size_t, uint32_t>>> queues_;
};

bool used(const Descriptor& d, size_t slot) {
  if (slot == 4) return contract::opcode(d) == Opcode::kSem;
  return d.words[slot / 2 + 1] >> (16 * (slot % 2) + 8) & 0xff;
}

class Shrinker {
 public:
  Shrinker(const spec::NpuSpec& spec, const std::function<bool(const Program&)>& fails, int most)
      : spec_(spec), fails_(fails), left_(most) {}

  Program run(Program program) {
    best_ = std::move(program);
    for (size_t before = 0; before != best_.commands.size() && left_ > 0;) {
      before = best_.commands.size();
      remove(true);
      remove(false);
      hand_over();
    }
    fields();
    remove(true);
    fills();
    return best_;
  }

 private:
  bool accept(const Program& candidate) {
    if (left_ <= 0) return false;
    --left_;
    if (!fails_(candidate)) return false;
    best_ = candidate;
    return true;
  }

  // Runs of commands, long ones first. `keep`: the semaphores of the rest stay as they are; else they are made anew.
  void remove(bool keep) {
    for (size_t length = std::max<size_t>(1, best_.commands.size() / 2); length >= 1; length /= 2)
      for (size_t at = 0; at + 1 < best_.commands.size();) {
        std::vector<bool> removed(best_.commands.size(), false);
        for (size_t i = at; i < std::min(at + length, best_.commands.size() - 1); ++i) removed[i] = true;
        whole_pairs(removed);
        Program candidate = without(best_, removed);
        if (!keep && !anew(candidate)) {
          at += length;
          continue;
        }
        if (candidate.commands.size() >= best_.commands.size() || !accept(candidate)) at += length;
      }
  }

  // Neither of an output-stationary pair can do without the other one.
  void whole_pairs(std::vector<bool>& removed) const {
    std::deque<size_t> begun;
    for (size_t i = 0; i < removed.size(); ++i) {
      if (begins_pair(best_.commands[i])) begun.push_back(i);
      if (!ends_pair(best_.commands[i]) || begun.empty()) continue;
      if (removed[i] || removed[begun.front()]) removed[i] = removed[begun.front()] = true;
      begun.pop_front();
    }
  }

  // A command that was left for its signals alone goes, and the one before it of its engine gives them.
  void hand_over() {
    for (size_t i = best_.commands.size(); i-- > 1;) {
      const auto& commands = best_.commands;
      const Opcode opcode = contract::opcode(commands[i]);
      if (!commands[i].words[2] ||
          std::ranges::any_of(commands, [](const Descriptor& d) { return contract::opcode(d) == Opcode::kRepeat; }))
        continue;
      size_t to = i;
      while (to-- > 0 && contract::opcode(commands[to]) != opcode) {
      }
      if (to == SIZE_MAX || commands[to].words[2]) continue;
      Program candidate = best_;
      candidate.commands[to].words[2] = commands[i].words[2];
      candidate.commands.erase(candidate.commands.begin() + static_cast<std::ptrdiff_t>(i));
      accept(candidate);
    }
  }

  bool anew(Program& program) const {
    std::vector<Descriptor> ordered;
    if (program.expects_error || !synchronise(without_semaphores(program.commands, spec_), spec_, 1, ordered))
      return false;
    program.commands = std::move(ordered);
    return !program.commands.empty();
  }

  void fields() {
    for (size_t i = 0; i < best_.commands.size(); ++i) {
      const contract::CommandInfo* info = contract::find_command(contract::opcode(best_.commands[i]));
      if (!info || info->opcode == Opcode::kSem) continue;
      for (const auto& list : {std::span<const contract::FieldInfo>(contract::kFieldsOfHeader), info->fields})
        for (const contract::FieldInfo& f : list) {
          const bool counts = f.word >= 1 && f.word <= 3;
          const bool kept = std::string_view(f.name) == "opcode" || std::string_view(f.name) == "body" ||
                            std::string_view(f.name) == "sequence" || std::string_view(f.name).ends_with("addr");
          if (!counts && !kept) field(i, f);
        }
    }
  }

  void field(size_t command, const contract::FieldInfo& f) {
    for (uint64_t wanted : {0, 1, 2, 4}) {
      Program candidate = best_;
      uint32_t* words = candidate.commands[command].words.data();
      const uint64_t now = contract::get_bits(words, f.word, f.lsb, f.bits);
      if (now <= wanted || f.bits > 32) return;
      words[f.word] &= ~static_cast<uint32_t>(contract::low_mask(f.bits) << f.lsb);
      contract::put_bits(words, f.word, f.lsb, f.bits, wanted);
      if (accept(candidate)) return;
    }
  }

  void fills() {
    for (size_t i = best_.fills.size(); i-- > 0;) {
      Program candidate = best_;
      candidate.fills.erase(candidate.fills.begin() + static_cast<std::ptrdiff_t>(i));
      accept(candidate);
    }
  }

  const spec::NpuSpec& spec_;
  const std::function<bool(const Program&)>& fails_;
  int left_;
  Program best_;
};

}  // namespace

Program without(const Program& program, const std::vector<bool>& asked) {
  const auto& commands = program.commands;
  std::vector<bool> removed = asked;
  Groups groups(commands);
  std::map<size_t, bool> gone;
  for (bool more = true; more;) {  // a SEM that loses its partner goes too
    more = false;
    for (size_t i = 0; i < commands.size(); ++i)
      for (size_t s = 0; s < kSlots; ++s)
        if (removed[i] && used(commands[i], s) && !gone[groups.of(i * kSlots + s)])
          gone[groups.of(i * kSlots + s)] = more = true;
    for (size_t i = 0; i + 1 < commands.size(); ++i)
      if (!removed[i] && used(commands[i], 4) && gone[groups.of(i * kSlots + 4)]) removed[i] = more = true;
  }
  Program result = program;
  result.commands.clear();
  std::vector<size_t> open, ends;  // REPEATs in the result; where their bodies end in the program
  for (size_t i = 0; i < commands.size(); ++i) {
    while (!ends.empty() && ends.back() <= i) {
      const uint32_t body = contract::decode_repeat(result.commands[open.back()]).body;
      if (body == 0 && open.back() + 1 == result.commands.size()) {
        result.commands.pop_back();
        for (size_t o = 0; o + 1 < open.size(); ++o) result.commands[open[o]].words[14] -= 1;
      }
      ends.pop_back(), open.pop_back();
    }
    if (removed[i]) {
      for (size_t repeat : open) result.commands[repeat].words[14] -= 1;
      continue;
    }
    Descriptor d = commands[i];
    for (size_t s = 0; s < 4; ++s)
      if (used(d, s) && gone[groups.of(i * kSlots + s)]) d.words[s / 2 + 1] &= ~(0xffffu << (16 * (s % 2)));
    result.commands.push_back(d);
    if (contract::opcode(d) != Opcode::kRepeat) continue;
    open.push_back(result.commands.size() - 1);
    ends.push_back(i + 1 + contract::decode_repeat(d).body);
  }
  return result;
}

Program shrink(const Program& program, const spec::NpuSpec& spec, const std::function<bool(const Program&)>& fails,
               int most) {
  return Shrinker(spec, fails, most).run(program);
}

}  // namespace systole::differential

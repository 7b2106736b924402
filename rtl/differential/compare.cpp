// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/compare.h"

#include <algorithm>
#include <sstream>

#include "rtl/differential/footprint.h"

namespace systole::differential {
namespace {

using contract::Opcode;

const char* engine_name(int engine) { return contract::name(static_cast<contract::Engine>(engine)); }

std::string hex(uint64_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

struct Comparison {
  const Program& program;
  const spec::NpuSpec& spec;
  const Substrate& a;
  const Substrate& b;
  const Outcome& of_a;
  const Outcome& of_b;

  void blame(Divergence& d, size_t sequence) const {
    if (sequence >= program.commands.size()) return;
    d.sequence = sequence;
    d.command = to_text(program.commands[sequence]);
    d.engine = engine_name(static_cast<int>(contract::engine_of(contract::opcode(program.commands[sequence]))));
  }

  std::optional<Divergence> times() const {
    std::optional<Divergence> first;
    const auto differ = [&](uint64_t x, uint64_t y, const CommandTimes& command, const std::string& what) {
      const uint64_t cycle = std::min(x, y);
      if (x == y || (first && first->cycle <= cycle)) return;
      first.emplace();
      first->kind = Divergence::Kind::kTime;
      first->cycle = cycle;
      first->text = what + ": " + a.name() + " in cycle " + std::to_string(x) + ", " + b.name() + " in cycle " +
                    std::to_string(y);
      blame(*first, command.sequence);
    };
    const size_t count = std::min(of_a.commands.size(), of_b.commands.size());
    for (size_t i = 0; i < count; ++i) {
      const CommandTimes &x = of_a.commands[i], &y = of_b.commands[i];
      if (x.sequence != y.sequence || x.engine != y.engine) {
        if (first) return first;
        first.emplace();
        first->kind = Divergence::Kind::kTime;
        first->cycle = std::min(x.dispatch, y.dispatch);
        first->text = std::string("command ") + std::to_string(i) + " that completes: " + a.name() +
                      " has ring index " + std::to_string(x.sequence) + ", " + b.name() + " " +
                      std::to_string(y.sequence);
        blame(*first, std::min(x.sequence, y.sequence));
        return first;
      }
      differ(x.dispatch, y.dispatch, x, "dispatch");
      differ(x.issue, y.issue, x, "issue");
      differ(x.port_free, y.port_free, x, "port free");
      differ(x.complete, y.complete, x, "completion");
    }
    if (first || of_a.commands.size() == of_b.commands.size()) return first;
    const auto& longer = of_a.commands.size() > count ? of_a : of_b;
    first.emplace();
    first->kind = Divergence::Kind::kTime;
    first->cycle = longer.commands[count].issue;
    first->text = std::string(a.name()) + " completes " + std::to_string(of_a.commands.size()) + " commands, " +
                  b.name() + " " + std::to_string(of_b.commands.size());
    blame(*first, longer.commands[count].sequence);
    return first;
  }

  // Ring index of the last command, before execution `before`, that writes a byte; size of the program: none.
  size_t last_writer(int space, int64_t byte, size_t before, const std::vector<Instance>& run,
                     size_t& execution) const {
    for (execution = before; execution-- > 0;) {
      const Footprint f = footprint(at(program.commands, run[execution]), spec);
      if (overlap(f.write[static_cast<size_t>(space)], {{byte, byte + 1}})) return run[execution].command;
    }
    return program.commands.size();
  }

  // Through the STORE that wrote it to the command that made the value.
  void blame_byte(Divergence& d, int64_t byte) const {
    const std::vector<Instance> run = expand(program.commands);
    size_t execution = run.size();
    int space = 2;
    for (int steps = 0; steps < 8; ++steps) {
      const size_t sequence = last_writer(space, byte, execution, run, execution);
      if (sequence >= program.commands.size()) return;
      blame(d, sequence);
      const contract::Descriptor command = at(program.commands, run[execution]);
      if (contract::opcode(command) != Opcode::kStore) return;
      const contract::Store s = contract::decode_store(command);
      bool found = false;
      for (int64_t i2 = 0; i2 < s.n2 && !found; ++i2)
        for (int64_t i1 = 0; i1 < s.n1 && !found; ++i1)
          for (int64_t i0 = 0; i0 < s.n0 && !found; ++i0) {
            const int64_t to =
                static_cast<int64_t>(s.dram_addr) + i2 * s.dram_stride2 + i1 * s.dram_stride1 + i0 * s.dram_stride0;
            if (byte < to || byte >= to + s.row_bytes) continue;
            byte += s.local_addr + i2 * s.local_stride2 + i1 * s.local_stride1 + i0 * s.local_stride0 - to;
            found = true;
          }
      if (!found) return;
      space = static_cast<int>(s.space);
    }
  }

  std::optional<Divergence> memory(const std::vector<bool>& ignore) const {
    const auto& x = of_a.memory;
    const auto& y = of_b.memory;
    const size_t size = std::min(x.size(), y.size());
    for (size_t n = 0; n < size; ++n) {
      const size_t i = (n + kData) % size;  // fences' records last
      if (x[i] == y[i] || (i < ignore.size() && ignore[i])) continue;
      const bool record = i >= kRecords && i < kData;
      if (record && i % 64 >= 8 && !(of_a.timed && of_b.timed)) continue;  // counters
      Divergence d;
      d.kind = Divergence::Kind::kMemory;
      size_t bytes = 0;
      for (size_t j = i; j < x.size(); ++j) bytes += x[j] != y[j];
      d.text = "device memory at " + hex(i) + ": " + a.name() + " has " + hex(static_cast<uint64_t>(x[i])) + ", " +
               b.name() + " " + hex(static_cast<uint64_t>(y[i])) + "; " + std::to_string(bytes) + " bytes differ";
      blame_byte(d, static_cast<int64_t>(i));
      for (const Outcome* outcome : {&of_b, &of_a})
        for (const CommandTimes& c : outcome->commands)
          if (!d.command.empty() && c.sequence == d.sequence) d.cycle = c.complete;
      return d;
    }
    return std::nullopt;
  }

  std::optional<Divergence> registers() const {
    for (size_t i = 0; i < std::min(of_a.registers.size(), of_b.registers.size()); ++i) {
      if (of_a.registers[i].second == of_b.registers[i].second) continue;
      Divergence d;
      d.kind = Divergence::Kind::kRegister;
      d.text = std::string("register ") + of_a.registers[i].first + ": " + a.name() + " has " +
               hex(of_a.registers[i].second) + ", " + b.name() + " " + hex(of_b.registers[i].second);
      d.cycle = std::min(of_a.cycles, of_b.cycles);
      return d;
    }
    return std::nullopt;
  }

  std::optional<Divergence> causes() const {
    const auto cycles = [](const Outcome& outcome, uint16_t tag, size_t cause) {
      const auto found = outcome.causes.find(tag);
      return found == outcome.causes.end() ? 0 : found->second[cause];
    };
    Causes either = of_a.causes;
    either.insert(of_b.causes.begin(), of_b.causes.end());
    for (const auto& [tag, unused] : either)
      for (size_t i = 0; i < sim::kCauses; ++i) {
        const uint64_t x = cycles(of_a, tag, i), y = cycles(of_b, tag, i);
        if (x == y) continue;
        Divergence d;
        d.kind = Divergence::Kind::kCause;
        d.text = std::string("cycles of cause ") + sim::cause_name(static_cast<sim::Cause>(i)) + " of tag " +
                 std::to_string(tag) + ": " + a.name() + " has " + std::to_string(x) + ", " + b.name() + " " +
                 std::to_string(y);
        d.cycle = std::min(of_a.cycles, of_b.cycles);
        return d;
      }
    return std::nullopt;
  }
};

}  // namespace

const char* name(Divergence::Kind kind) {
  constexpr const char* names[] = {"problem", "time", "memory", "register", "cause"};
  return names[static_cast<int>(kind)];
}

std::optional<Divergence> compare(const Program& program, const spec::NpuSpec& spec, const Substrate& a,
                                  const Outcome& of_a, const Substrate& b, const Outcome& of_b,
                                  const std::vector<bool>& ignore) {
  const Comparison c{program, spec, a, b, of_a, of_b};
  if (of_a.timed && of_b.timed)
    if (auto d = c.times()) return d;
  if (of_a.problem != of_b.problem) {
    Divergence d;
    const auto said = [](const Outcome& o) {
      return o.problem.empty() ? std::string("nothing wrong") : "'" + o.problem + "'";
    };
    d.text = std::string(a.name()) + " says " + said(of_a) + ", " + b.name() + " " + said(of_b);
    return d;
  }
  if (auto d = c.memory(ignore)) return d;
  if (auto d = c.registers()) return d;
  return of_a.timed && of_b.timed ? c.causes() : std::nullopt;
}

}  // namespace systole::differential

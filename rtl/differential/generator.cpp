// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/generator.h"

#include <algorithm>
#include <bit>

#include "rtl/differential/faults.h"
#include "rtl/differential/layout.h"
#include "rtl/differential/synchronise.h"

namespace systole::differential {
namespace {

using contract::Descriptor;
using contract::Opcode;

class Generator {
 public:
  Generator(const spec::NpuSpec& spec, uint64_t seed, const GeneratorOptions& options)
      : spec_(spec), seed_(seed), options_(options), random_(seed * 0x9e3779b97f4a7c15u + 1) {}

  Program run() {
    Program program;
    program.npu = spec_.name;
    illegal_ = random_.chance(options_.illegal_percent);
    std::vector<Descriptor> plan;
    layout_ = make_layout(spec_, random_, program, plan);
    Commands commands(spec_, layout_, random_);
    commands.integers_only = illegal_;
    make_ = &commands;
    const size_t wanted = plan.size() + static_cast<size_t>(random_.between(options_.commands / 2, options_.commands));
    while (plan.size() < wanted) {
      if (random_.chance(6))
        loop(plan);
      else if (random_.chance(8))
        control(plan);
      else
        move_or_compute(plan, true);
    }
    if (!illegal_) {
      plan.push_back(fence(true, random_.chance(60)));
      for (const Descriptor& d : dump(layout_)) plan.push_back(d);
    }
    plan.push_back(fence(true, random_.chance(60)));
    std::vector<Descriptor> ordered;
    if (!synchronise(plan, spec_, random_(), ordered)) return {};
    for (Descriptor& d : ordered)
      if (random_.chance(70)) d.words[0] |= static_cast<uint32_t>(random_.between(0, 7)) << 16;  // tag
    if (illegal_) put_fault(spec_, random_, ordered, program.watchdog);
    program.expects_error = illegal_;
    program.commands = std::move(ordered);
    return program;
  }

 private:
  Descriptor fence(bool irq, bool record) {
    contract::Fence f;
    f.sequence = 1000 + ++fences_;
    f.irq = irq;
    if (record) f.record_addr = kRecords + 64 * (fences_ % 64);
    return contract::encode(f);
  }

  // NOPs, fences, and the semaphores that only SEM counts in.
  void control(std::vector<Descriptor>& plan) {
    const uint32_t which = static_cast<uint32_t>(random_.between(0, kPrivateSemaphores - 1));
    const uint32_t id = static_cast<uint32_t>(spec_.core.semaphores) - 1 - which;
    uint32_t& value = private_[which];
    contract::Sem sem{.id = id};
    switch (random_.between(0, 4)) {
      case 0:
        plan.push_back(contract::encode(contract::Nop{}));
        return;
      case 1:
        plan.push_back(fence(random_.chance(30), random_.chance(60)));
        return;
      case 2:
        sem.op = contract::SemOp::kSet;
        sem.value = value = static_cast<uint32_t>(random_.chance(30) ? 255 : random_.between(0, 255));
        break;
      case 3:
        sem.op = contract::SemOp::kAdd;
        sem.value = static_cast<uint32_t>(random_.between(0, 255 - value));
        value += sem.value;
        break;
      default:
        sem.op = contract::SemOp::kSub;
        sem.value = static_cast<uint32_t>(random_.between(0, value));
        value -= sem.value;
    }
    plan.push_back(contract::encode(sem));
  }

  template <typename T>
  bool add(std::vector<Descriptor>& plan, const std::optional<T>& command) {
    if (!command) return false;
    const Descriptor d = contract::encode(*command);
    bool good = true;
    each_iteration([&](const Instance& i) { good = good && defined(at({d}, i), spec_); });
    if (good) plan.push_back(d);
    return good;
  }

  template <typename F>
  void each_iteration(F&& f) {
    Instance i;
    for (i.counts[0] = 0; i.counts[0] < make_->loops[0]; ++i.counts[0])
      for (i.counts[1] = 0; i.counts[1] < make_->loops[1]; ++i.counts[1])
        for (i.counts[2] = 0; i.counts[2] < make_->loops[2]; ++i.counts[2]) f(i);
  }

  void move_or_compute(std::vector<Descriptor>& plan, bool outside) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const int64_t what = random_.between(0, 99);
      if (what < 18) {
        if (add(plan, make_->load())) return;
      } else if (what < 34) {
        if (add(plan, make_->store())) return;
      } else if (what < 64) {
        if (array(plan, outside)) return;
      } else if (add(plan, make_->vector())) {
        return;
      }
    }
  }

  // PRELOAD or COMPUTE, whichever can be; in a loop both, so that every iteration leaves the weights as it found them.
  bool array(std::vector<Descriptor>& plan, bool outside) {
    const bool bf16 = !illegal_ && spec_.array.bf16_interval > 0 && random_.chance(40);
    const Kind kind = bf16 ? Kind::kBf16 : Kind::kInteger;
    if (spec_.array.output_stationary() && random_.chance(30)) return stationary_pair(plan, kind);
    if (!outside) {
      std::vector<Descriptor> both;
      auto compute = make_->compute(kind);
      if (compute) compute->swap = 1;
      if (!add(both, make_->preload(kind)) || !add(both, compute)) return false;
      plan.insert(plan.end(), both.begin(), both.end());
      active_ = kind, has_active_ = true;
      return true;
    }
    const bool keep = has_active_ && random_.chance(25);
    if (!shadow_full_ && !keep) {
      if (!add(plan, make_->preload(kind))) return false;
      shadow_ = kind, shadow_full_ = true;
      return true;
    }
    if (!keep) return swap(plan);
    auto compute = make_->compute(active_);
    return add(plan, compute);
  }

  // PRELOAD and COMPUTE, output-stationary, one behind the other: nothing between them could wait for the first.
  bool stationary_pair(std::vector<Descriptor>& plan, Kind kind) {
    std::vector<Descriptor> both;
    const auto compute = make_->compute(kind, true);
    if (!compute || !add(both, make_->matrix(kind, compute->m0 * compute->m1 * compute->m2)) || !add(both, compute))
      return false;
    bool apart = true;
    each_iteration([&](const Instance& i) {
      const auto matrix = banks(at({both[0]}, i)), vectors = banks(at({both[1]}, i));
      apart = apart && (matrix.second < vectors.first || vectors.second < matrix.first);
    });
    if (apart) plan.insert(plan.end(), both.begin(), both.end());
    return apart;
  }

  // The first and the last one that it reads.
  std::pair<int, int> banks(const Descriptor& command) const {
    const uint64_t mask = footprint(command, spec_).banks;
    return {std::countr_zero(mask), 63 - std::countl_zero(mask)};
  }

  bool swap(std::vector<Descriptor>& plan) {
    auto compute = make_->compute(shadow_);
    if (compute) compute->swap = 1;
    if (!add(plan, compute)) return false;
    shadow_full_ = false, has_active_ = true, active_ = shadow_;
    return true;
  }

  void loop(std::vector<Descriptor>& plan) {
    for (int attempt = 0; shadow_full_ && attempt < 50; ++attempt) swap(plan);
    if (shadow_full_) return;
    for (int attempt = 0; attempt < 6; ++attempt) {
      const Kind active = active_;
      const bool had = has_active_;
      std::vector<uint32_t> levels = {0, 1, 2};
      std::swap(levels[0], levels[random_() % 3]);
      std::swap(levels[1], levels[1 + random_() % 2]);
      std::vector<Descriptor> body;
      nest(body, levels, 0);
      make_->loops = {1, 1, 1};
      std::vector<Descriptor> checked;
      if (body.size() <= static_cast<size_t>(spec_.core.loop_buffer) && synchronise(body, spec_, 1, checked)) {
        plan.insert(plan.end(), body.begin(), body.end());
        return;
      }
      active_ = active, has_active_ = had;
    }
  }

  void nest(std::vector<Descriptor>& out, const std::vector<uint32_t>& levels, size_t depth) {
    contract::Repeat repeat;
    repeat.level = levels[depth];
    repeat.count = static_cast<uint32_t>(depth ? random_.between(1, 3) : random_.between(1, 6));
    make_->loops[repeat.level] = repeat.count;
    std::vector<Descriptor> body;
    const int64_t wanted = random_.between(1, depth ? 2 : 4);
    for (int64_t i = 0; i < wanted; ++i) {
      if (depth < 2 && random_.chance(20))
        nest(body, levels, depth + 1);
      else if (random_.chance(5))
        body.push_back(random_.chance(50) ? contract::encode(contract::Nop{}) : fence(false, false));
      else
        move_or_compute(body, false);
    }
    if (body.empty()) body.push_back(contract::encode(contract::Nop{}));
    make_->loops[repeat.level] = 1;
    repeat.body = static_cast<uint32_t>(body.size());
    out.push_back(contract::encode(repeat));
    out.insert(out.end(), body.begin(), body.end());
  }

  const spec::NpuSpec& spec_;
  uint64_t seed_;
  GeneratorOptions options_;
  Random random_;
  Layout layout_;
  Commands* make_ = nullptr;
  std::array<uint32_t, kPrivateSemaphores> private_{};
  bool illegal_ = false, shadow_full_ = false, has_active_ = false;
  Kind shadow_ = Kind::kInteger, active_ = Kind::kInteger;
  uint64_t fences_ = 0;
};

}  // namespace

Program generate(const spec::NpuSpec& spec, uint64_t seed, const GeneratorOptions& options) {
  return Generator(spec, seed, options).run();
}

}  // namespace systole::differential

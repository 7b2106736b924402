// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Core: iterations that need no simulation.
#include "sim/fast_forward.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "sim/core.h"
#include "sim/dma_shape.h"
#include "sim/kernel.h"

namespace systole::sim {
namespace {

// Beyond these a loop is let alone.
constexpr uint64_t kMostStride = 64;
constexpr uint64_t kMostCompared = 16;

// A loop around a command.
struct Walk {
  uint32_t level;
  uint64_t count;
  size_t end;  // in the body
};
void stretch(int64_t step, uint64_t count, int64_t& low, int64_t& high) {
  const int64_t all = step * static_cast<int64_t>(count - 1);
  (all < 0 ? low : high) += all;
}

// f(rows in device memory) of a transfer that moves any; else true.
template <typename F>
bool with_dram(const Command& command, F&& f) {
  if (command.engine != Engine::kLoad && command.engine != Engine::kStore) return true;
  return with_transfer(command, [&](const auto& t) {
    if (t.far == contract::Far::kScratchpad) return true;
    const DmaShape shape = dma_shape(t);
    return shape.empty || f(shape.dram);
  });
}

// The addresses that a command's cycles hang on: where the array reads and adds up, and where a transfer goes in
// memory.
struct Addresses {
  memory::Imprint& print;
  template <typename T>
  void transfer(const T& t) const {
    if (t.far != contract::Far::kScratchpad) print.address(t.dram_addr);
  }
  void operator()(const contract::Load& c) const { transfer(c); }
  void operator()(const contract::Store& c) const { transfer(c); }
  void operator()(const contract::Preload& c) const { print.word(c.addr); }
  void operator()(const contract::Compute& c) const {
    print.word(c.addr);
    print.word(c.acc_row);
  }
  template <typename T>
  void operator()(const T&) const {}
};

// f(command) in the first, the second and the last iteration of every loop around it, until it says false: what holds
// for these of bounds and alignment holds for all.
template <typename F>
bool at_corners(const Decoded& decoded, const std::vector<Walk>& walks, F&& f) {
  std::vector<uint64_t> at(walks.size(), 0);
  while (true) {
    LoopCounts iterations{};
    for (size_t i = 0; i < walks.size(); ++i) iterations[walks[i].level] = at[i];
    Command command = decoded.command;
    advance_operands(decoded, iterations, command);
    if (!f(command)) return false;
    size_t i = 0;
    for (; i < walks.size() && at[i] + 1 == walks[i].count; ++i) at[i] = 0;
    if (i == walks.size()) return true;
    at[i] = at[i] == 0 ? 1 : walks[i].count - 1;
  }
}

}  // namespace

// Its transfers walk on in device memory, each apart from those that walk otherwise, and all else stays where it is.
bool Core::describe_loop(const LoopStack::Outermost& loop) {
  FastForward& f = forward_;
  const uint64_t period = memory_->address_period();
  if (period == 0) return false;
  f.streams = memory::Streams(memory_->row_block());
  f.stride = 1;
  f.tags.clear();
  std::vector<Walk> walks{{loop.level, loop.count, loop.body.size()}};
  for (size_t i = 0; i < loop.body.size(); ++i) {
    while (walks.back().end == i) walks.pop_back();
    const Decoded& decoded = loop.body[i].decoded;
    const Command& command = decoded.command;
    const auto& steps = decoded.increments;
    if (decoded.fault || std::holds_alternative<contract::Fence>(command.body)) return false;
    if (std::find(f.tags.begin(), f.tags.end(), command.tag) == f.tags.end()) f.tags.push_back(command.tag);
    if (const auto* repeat = std::get_if<contract::Repeat>(&command.body)) {
      walks.push_back({repeat->level, repeat->count, i + 1 + repeat->body});
      continue;
    }
    const bool array = command.engine == Engine::kPreload || command.engine == Engine::kCompute;
    if (array && (steps[0][loop.level] != 0 || steps[1][loop.level] != 0)) return false;
    const EngineModel* model = array ? nullptr : lanes_[static_cast<size_t>(command.engine)].model;
    if (model && !at_corners(decoded, walks, [&](const Command& c) { return !model->check(c); })) return false;
    const bool apart = with_dram(command, [&](const Box& box) {
      int64_t low = box.low(), high = box.high();
      for (const Walk& walk : walks) stretch(steps[0][walk.level], walk.count, low, high);
      return f.streams.add({static_cast<uint64_t>(low), static_cast<uint64_t>(high), steps[0][loop.level]});
    });
    if (!apart) return false;
  }
  for (const memory::Stream& stream : f.streams.all())
    f.stride = std::lcm(f.stride, period / std::gcd(static_cast<uint64_t>(std::abs(stream.step)), period));
  return f.stride <= kMostStride;
}

void Core::imprint(memory::Imprint& print) const {
  const uint64_t now = now_;
  print.count_from(next_index_);
  for (const Lane& lane : lanes_) {
    print.word(lane.queue.size());
    for (size_t i = 0; i < lane.queue.size(); ++i) {
      const Command& command = lane.queue[i];
      print.number(command.index);
      print.word(command.sequence);
      print.moment(command.dispatch, now);
      std::visit(Addresses{print}, command.body);
    }
    print.word(lane.flight.size());
    for (size_t i = 0; i < lane.flight.size(); ++i) {
      const Command& command = lane.flight[i];
      print.number(command.index);
      print.word(command.sequence);
      for (const uint64_t at : {command.issue, command.port_free, command.complete}) print.distance(at);
      print.word(command.dram_bytes);
    }
    print.moment(lane.port_free, now);
    print.word(lane.checked);
  }
  print.moment(next_dispatch_, now);
  print.moment(next_issue_, now);
  print.word(reconsider_);
  print.distance(last_progress_);
  print.distance(*neighbours_.progress);
  for (uint32_t id = 0; id < semaphores_.size(); ++id) print.word(semaphores_.value(id));
  print.word(uint64_t{array_state_.active_is_bf16} << 1 | uint64_t{array_state_.shadow_is_bf16});
  timer_.imprint(print, now);
  load_.imprint(print);
  store_.imprint(print);
  processor_.imprint(print, now);
  accounting_.imprint(print);
}

// As an iteration of the outermost loop is about to begin and nothing else is to happen in this cycle.
void Core::fast_forward() {
  FastForward& f = forward_;
  const LoopStack::Outermost loop = processor_.loops().outermost();
  if (const uint64_t first = loop.body[0].sequence; f.loop != first) {
    forget_loop();
    f.loop = first;
    f.possible = describe_loop(loop);
  }
  const uint64_t since = f.noted ? loop.done - f.iteration : 0;
  if (!f.possible || loop.done + f.stride >= loop.count || since % f.stride != 0 || registers_.halted() ||
      array_state_.matrix)
    return;
  f.now.begin(now_, static_cast<int64_t>(loop.done), f.streams);
  imprint(f.now);
  memory_->imprint(f.now);
  if (f.noted && f.now == f.then) {
    const uint64_t period = now_ - f.cycle;
    const uint64_t times = std::min((loop.count - 1 - loop.done) / since, kernel_.can_skip(now_) / period);
    if (times > 0) skip(since, period, times);
    note(loop.done + times * since);
    return;
  }
  if (++f.compared > kMostCompared) {
    stop_noting();
    f.possible = false;
    return;
  }
  if (f.noted && since < f.patience * f.stride) return;
  f.patience = f.noted ? 2 * f.patience : 1;
  std::swap(f.then, f.now);
  note(loop.done);
}

void Core::note(uint64_t iteration) {
  FastForward& f = forward_;
  f.noted = true;
  f.iteration = iteration;
  f.cycle = now_;
  f.counts = accounting_.sums(f.tags);
  f.traffic = memory_->sums_to_repeat();
}

void Core::skip(uint64_t iterations, uint64_t period, uint64_t times) {
  const FastForward& f = forward_;
  const auto later = static_cast<int64_t>(iterations * times);
  accounting_.repeat(f.counts, times);
  memory_->repeat(f.traffic, period, times, f.streams, later);
  for (const Engine engine : {Engine::kLoad, Engine::kStore}) {
    auto& queue = lanes_[static_cast<size_t>(engine)].queue;
    for (size_t i = 0; i < queue.size(); ++i)
      with_transfer(queue[i], [&](auto& t) {
        if (t.far != contract::Far::kScratchpad) t.dram_addr = f.streams.moved(t.dram_addr, later);
      });
  }
  processor_.loops().skip(iterations * times);
  const uint64_t end = kernel_.skip(period * times);
  end_.notify(cycles(end - cycle()));
}

void Core::stop_noting() {
  if (std::exchange(forward_.noted, false)) memory_->stop_noting();
}

void Core::forget_loop() {
  stop_noting();
  forward_.loop = kNever;
  forward_.possible = false;
  forward_.compared = 0;
  forward_.patience = 1;
}

}  // namespace systole::sim

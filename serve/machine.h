// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What all policies share: the clock, who waits and who runs, the blocks, and one step.
#pragma once

#include <deque>

#include "serve/server.h"

namespace systole::serve {

struct Sequence {
  size_t request = 0;
  int64_t output = 0;   // tokens asked for
  int64_t prompt = 0;   // tokens to compute before the next output: the prompt, and outputs whose keys were dropped
  int64_t context = 0;  // tokens whose keys and values lie in blocks
  int64_t made = 0;     // outputs
  int64_t blocks = 0;
  int64_t seen = 0;  // tokens that were computed at some time, from the first on

  bool decoding() const { return context >= prompt; }
  bool ready() const { return made == output; }
};

class Machine {
 public:
  Machine(const std::vector<Request>& requests, const ServerSpec& spec, const StepCost& cost);

  Nanoseconds now() const { return now_; }
  bool idle() const { return waiting.empty() && running.empty(); }
  bool more_to_come() const { return next_ < requests_.size(); }
  Nanoseconds next_arrival() const { return requests_[next_].arrival; }
  Nanoseconds waits_since(const Sequence& sequence) const { return requests_[sequence.request].arrival; }
  void advance(Nanoseconds time);  // takes in who comes until then

  int64_t blocks_for(int64_t tokens) const { return (tokens - 1) / spec.block_tokens + 1; }  // at least a token
  int64_t free_blocks() const { return spec.blocks - used_; }
  bool hold(Sequence& sequence,
            int64_t tokens);  // blocks for so many; false, and nothing changed, where too few are free
  void drop(Sequence& sequence);
  void preempt_last();  // the youngest that runs waits again, before all others, and loses what was computed

  // A step under way: prefill and decode say what is in it, finish runs it, gives out its tokens.
  void prefill(Sequence& sequence, int64_t tokens);
  void decode(Sequence& sequence);  // a ready one: computed for nothing
  void finish();                    // the clock stops at kMostNanoseconds
  void sample();
  void retire();  // who is ready leaves

  const ServerSpec& spec;
  std::deque<Sequence> waiting;
  std::deque<Sequence> running;  // oldest first
  Outcome outcome;

 private:
  void give(Sequence& sequence);  // its next token, now

  const std::vector<Request>& requests_;
  const StepCost& cost_;
  StepWork work_;
  std::vector<Sequence*> given_;  // that get a token at the step's end
  size_t next_ = 0;               // request to come
  int64_t used_ = 0;
  int64_t there_ = 0;  // requests come and not gone
  Nanoseconds now_ = 0;
};

}  // namespace systole::serve

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "serve/machine.h"

#include <algorithm>
#include <cstdlib>

namespace systole::serve {

Machine::Machine(const std::vector<Request>& requests, const ServerSpec& server, const StepCost& cost)
    : spec(server), requests_(requests), cost_(cost) {
  outcome.served.resize(requests.size());
}

void Machine::advance(Nanoseconds time) {
  const auto pass = [&](Nanoseconds until) {
    outcome.request_nanoseconds += static_cast<double>(there_) * static_cast<double>(until - now_);
    now_ = until;
  };
  for (; next_ < requests_.size() && requests_[next_].arrival <= time; ++next_) {
    const Request& request = requests_[next_];
    pass(std::max(now_, request.arrival));
    if (blocks_for(request.prompt + request.output) > spec.blocks) {
      outcome.served[next_].rejected = true;
      continue;
    }
    Sequence sequence;
    sequence.request = next_, sequence.output = request.output, sequence.prompt = request.prompt;
    waiting.push_back(sequence);
    ++there_;
  }
  if (time > now_) pass(time);
}

bool Machine::hold(Sequence& sequence, int64_t tokens) {
  const int64_t more = blocks_for(tokens) - sequence.blocks;
  if (more <= 0) return true;
  if (more > free_blocks()) return false;
  sequence.blocks += more, used_ += more;
  outcome.most_blocks = std::max(outcome.most_blocks, used_);
  return true;
}

void Machine::drop(Sequence& sequence) {
  used_ -= sequence.blocks;
  sequence.blocks = 0;
}

void Machine::preempt_last() {
  Sequence sequence = running.back();
  running.pop_back();
  drop(sequence);
  ++outcome.served[sequence.request].preemptions;
  sequence.prompt = requests_[sequence.request].prompt + sequence.made;
  sequence.context = 0;
  waiting.push_front(sequence);
}

void Machine::prefill(Sequence& sequence, int64_t tokens) {
  work_.prompts.push_back({tokens, sequence.context});
  outcome.prompt_tokens += tokens;
  outcome.recomputed_tokens += std::min(tokens, std::max<int64_t>(0, sequence.seen - sequence.context));
  sequence.context += tokens;
  sequence.seen = std::max(sequence.seen, sequence.context);
  if (sequence.decoding()) given_.push_back(&sequence);
}

void Machine::decode(Sequence& sequence) {
  ++work_.sequences;
  if (sequence.ready()) {
    work_.context += sequence.context;
    ++outcome.padded_tokens;
    return;
  }
  work_.context += ++sequence.context;
  sequence.seen = std::max(sequence.seen, sequence.context);
  ++outcome.decoded_tokens;
  given_.push_back(&sequence);
}

void Machine::finish() {
  if (work_.prompts.empty() && work_.sequences == 0) std::abort();  // a policy that does nothing would never end
  const Nanoseconds time = std::min(cost_.of(work_), kMostNanoseconds - now_);
  advance(now_ + time);
  outcome.busy += time;
  outcome.end = now_;
  ++outcome.steps;
  for (Sequence* sequence : given_) give(*sequence);
  work_ = {};
  given_.clear();
}

void Machine::give(Sequence& sequence) {
  Served& served = outcome.served[sequence.request];
  if (sequence.made++ == 0) served.first = now_;
  ++outcome.output_tokens;
  if (!sequence.ready()) return;
  served.end = now_;
  --there_;
}

void Machine::retire() {
  for (Sequence& sequence : running)
    if (sequence.ready()) drop(sequence);
  running.erase(std::remove_if(running.begin(), running.end(), [](const Sequence& s) { return s.ready(); }),
                running.end());
  sample();
}

void Machine::sample() {
  outcome.samples.push_back({now_, static_cast<int64_t>(waiting.size()), static_cast<int64_t>(running.size()), used_});
}

}  // namespace systole::serve

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "serve/server.h"

#include <algorithm>

#include "serve/machine.h"

namespace systole::serve {
namespace {

Status wrong(const char* key, const std::string& expected, int64_t got) {
  return Status(Code::kInvalidArgument, std::string(key) + ": expected " + expected + ", got " + std::to_string(got));
}

Status check(const std::vector<Request>& requests, const ServerSpec& spec) {
  if (spec.max_batch < 1) return wrong("max_batch", "at least 1", spec.max_batch);
  if (spec.timeout < 0 || spec.timeout > kMostNanoseconds)
    return wrong("timeout", "0 to " + std::to_string(kMostNanoseconds), spec.timeout);
  if (spec.prefill_tokens < 1) return wrong("prefill_tokens", "at least 1", spec.prefill_tokens);
  if (spec.chunk_tokens < 0) return wrong("chunk_tokens", "at least 0", spec.chunk_tokens);
  if (spec.chunk_tokens > 0 && spec.chunk_tokens <= spec.max_batch)
    return wrong("chunk_tokens", "more than max_batch, so that prompts get on beside decoding", spec.chunk_tokens);
  if (spec.chunk_tokens > 0 && spec.policy != Policy::kContinuous)
    return wrong("chunk_tokens", "0 unless batching is continuous", spec.chunk_tokens);
  if (spec.block_tokens < 1) return wrong("block_tokens", "at least 1", spec.block_tokens);
  if (spec.blocks < 1) return wrong("blocks", "at least 1", spec.blocks);
  for (size_t i = 0; i < requests.size(); ++i) {
    const Request& r = requests[i];
    if (r.arrival < (i > 0 ? requests[i - 1].arrival : 0) || r.arrival >= kMostNanoseconds || r.prompt < 1 ||
        r.output < 1)
      return Status(Code::kInvalidArgument, "requests[" + std::to_string(i) +
                                                "]: expected ascending arrivals and tokens of at least 1, got " +
                                                std::to_string(r.arrival) + " ns, " + std::to_string(r.prompt) + ", " +
                                                std::to_string(r.output));
  }
  return {};
}

// Static and dynamic: whether a batch begins now.
bool batch_is_due(const Machine& m) {
  if (static_cast<int>(m.waiting.size()) >= m.spec.max_batch || !m.more_to_come()) return true;
  return m.spec.policy == Policy::kDynamic && m.waits_since(m.waiting.front()) + m.spec.timeout <= m.now();
}

Nanoseconds next_event(const Machine& m) {
  if (m.spec.policy != Policy::kDynamic || m.waiting.empty()) return m.next_arrival();
  return std::min(m.next_arrival(), m.waits_since(m.waiting.front()) + m.spec.timeout);
}

// The whole of a batch, with blocks for all that its requests will hold.
void run_batch(Machine& m) {
  while (!m.waiting.empty() && static_cast<int>(m.running.size()) < m.spec.max_batch) {
    Sequence& first = m.waiting.front();
    if (!m.hold(first, first.prompt + first.output)) break;
    m.running.push_back(first);
    m.waiting.pop_front();
  }
  for (Sequence& sequence : m.running) m.prefill(sequence, sequence.prompt);
  m.finish();
  while (!std::all_of(m.running.begin(), m.running.end(), [](const Sequence& s) { return s.ready(); })) {
    m.sample();
    for (Sequence& sequence : m.running) m.decode(sequence);
    m.finish();
  }
  m.retire();
}

// Admits who fits, oldest first; the prompt's blocks and a place for the first output are held from the start.
bool admit(Machine& m) {
  if (m.waiting.empty() || static_cast<int>(m.running.size()) >= m.spec.max_batch) return false;
  Sequence& first = m.waiting.front();
  if (!m.hold(first, first.prompt + 1)) return false;
  m.running.push_back(first);
  m.waiting.pop_front();
  return true;
}

// One token for everyone that decodes, as far as blocks reach: the youngest gives way to older ones.
int64_t decode_all(Machine& m) {
  int64_t tokens = 0;
  for (size_t i = 0; i < m.running.size(); ++i) {
    if (!m.running[i].decoding()) continue;
    while (i < m.running.size() && !m.hold(m.running[i], m.running[i].context + 1)) m.preempt_last();
    if (i == m.running.size()) break;  // it was the youngest itself
  }
  for (Sequence& sequence : m.running) {
    if (!sequence.decoding()) continue;
    m.decode(sequence);
    ++tokens;
  }
  return tokens;
}

// A step with prompts where someone can be admitted, else one with a token for everyone.
void step_whole_prompts(Machine& m) {
  int64_t tokens = 0;
  size_t fresh = m.running.size();
  while (!m.waiting.empty() && (tokens == 0 || tokens + m.waiting.front().prompt <= m.spec.prefill_tokens)) {
    const int64_t prompt = m.waiting.front().prompt;
    if (!admit(m)) break;
    tokens += prompt;
  }
  if (tokens > 0)
    for (; fresh < m.running.size(); ++fresh) m.prefill(m.running[fresh], m.running[fresh].prompt);
  else
    decode_all(m);
  m.finish();
}

// A token for everyone that decodes, and what the step has left for prompts, oldest first.
void step_chunks(Machine& m) {
  int64_t left = m.spec.chunk_tokens - decode_all(m);
  for (size_t i = 0; left > 0; ++i) {
    if (i == m.running.size() && !admit(m)) break;
    Sequence& sequence = m.running[i];
    const int64_t tokens = std::min(left, sequence.prompt - sequence.context);
    if (tokens <= 0) continue;
    m.prefill(sequence, tokens);
    left -= tokens;
  }
  m.finish();
}

}  // namespace

Result<Outcome> serve(const std::vector<Request>& requests, const ServerSpec& spec, const StepCost& cost) {
  SYSTOLE_RETURN_IF_ERROR(check(requests, spec));
  Machine m(requests, spec, cost);
  m.advance(0);
  while (m.now() < kMostNanoseconds) {
    if (m.idle()) {
      if (!m.more_to_come()) return std::move(m.outcome);
      m.advance(m.next_arrival());
    } else if (spec.policy == Policy::kContinuous) {
      spec.chunk_tokens > 0 ? step_chunks(m) : step_whole_prompts(m);
      m.retire();
    } else if (batch_is_due(m)) {
      run_batch(m);
    } else {
      m.advance(next_event(m));
    }
  }
  return Status(Code::kOutOfRange,
                "requests: expected to be served within 31 years of the clock, got steps that last longer");
}

}  // namespace systole::serve

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/command_processor.h"

#include <cstring>

#include "sim/kernel.h"

namespace systole::sim {
namespace {

constexpr uint64_t kRecordId = ~uint64_t{0};  // fetches are numbered by ring index

}  // namespace

CommandProcessor::CommandProcessor(const char* name, const spec::NpuSpec& spec, RingRegisters& ring, Listener& listener)
    : port(name, *this), spec_(spec), ring_(ring), listener_(listener), loops_(spec.core.loop_buffer) {}

void CommandProcessor::reset() {
  state_ = {};
  loops_.reset();
  port.reset();
}

void CommandProcessor::fetch(uint64_t now) {
  AccessPattern pattern;
  if (state_.record_waits) {
    state_.record_waits = false;
    state_.port_free = kNever;
    pattern.row_bytes = 64;
    if (const auto answer = port.request(kRecordId, state_.record_address, pattern, true, now)) free_at(*answer);
    return;
  }
  const uint32_t next = ring_.head + static_cast<uint32_t>(state_.ahead.size());
  Arriving arriving;
  arriving.fetched.sequence = next;
  arriving.fetched.address = ring_.base + uint64_t{next & (ring_.size - 1)} * contract::kDescriptorBytes;
  contract::Descriptor descriptor;
  std::memcpy(descriptor.words.data(), port.direct() + arriving.fetched.address, contract::kDescriptorBytes);
  arriving.fetched.decoded = decode(descriptor, arriving.fetched.address, spec_);
  state_.ahead.push_back(arriving);
  state_.port_free = kNever;
  pattern.row_bytes = contract::kDescriptorBytes;
  pattern.patient = true;
  if (const auto answer = port.request(next, arriving.fetched.address, pattern, false, now)) free_at(*answer);
}

void CommandProcessor::want_next() {
  if (state_.wanted || loops_.replaying() || state_.ahead.empty() || state_.ahead.front().at != kNever) return;
  state_.wanted = true;
  port.want();
}

const Fetched* CommandProcessor::next(uint64_t now) const {
  if (loops_.replaying()) return &loops_.replay();
  if (state_.ahead.empty() || state_.ahead.front().at > now) return nullptr;
  return &state_.ahead.front().fetched;
}

uint64_t CommandProcessor::next_arrival() const {
  if (loops_.replaying()) return 0;
  return state_.ahead.empty() ? kNever : state_.ahead.front().at;
}

bool CommandProcessor::take(const Command& command) {
  const bool from_ring = !loops_.replaying();
  const Fetched& taken = from_ring ? state_.ahead.front().fetched : loops_.replay();
  if (const auto* repeat = std::get_if<contract::Repeat>(&command.body)) {
    if (!loops_.open(taken, *repeat)) return false;
  } else {
    loops_.step(taken);
  }
  if (from_ring) {
    state_.ahead.pop_front();
    state_.wanted = false;
    ++ring_.head;
  }
  return true;
}

void CommandProcessor::write_record(uint64_t address, const std::array<uint64_t, 8>& record) {
  std::memcpy(port.direct() + address, record.data(), sizeof(record));
  state_.record_waits = true;
  state_.record_address = address;
}

void CommandProcessor::imprint(memory::Imprint& print, uint64_t now) const {
  print.word(ring_.head);
  print.word(ring_.tail);
  print.word(state_.ahead.size());
  for (size_t i = 0; i < state_.ahead.size(); ++i) print.moment(state_.ahead[i].at, now + 1);
  print.moment(state_.port_free, now + 1);
  print.word(uint64_t{state_.wanted} << 1 | uint64_t{state_.record_waits});
}

void CommandProcessor::free_at(MemoryAnswer answer) {
  state_.port_free = answer.at;
  listener_.control_bytes(answer.bursts * static_cast<uint64_t>(spec_.dma.burst_bytes));
}

void CommandProcessor::accepted(uint64_t, MemoryAnswer answer) {
  free_at(answer);
  if (wanted()) listener_.wake(answer.at);
}

void CommandProcessor::done(uint64_t id, MemoryAnswer answer) {
  if (id == kRecordId) {
    listener_.record_done(answer.at);
    return;
  }
  size_t i = 0;
  while (state_.ahead[i].fetched.sequence != id) ++i;
  state_.ahead[i].at = answer.at;
  if (i == 0 && !loops_.replaying()) listener_.arrived(answer.at);
}

}  // namespace systole::sim

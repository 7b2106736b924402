// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/array_timer.h"

#include <algorithm>

#include "sim/command.h"

namespace systole::sim {

ArrayTimer::ArrayTimer(const spec::NpuSpec& s)
    : bank_bytes_(s.scratchpad.bank_bytes()),
      weight_rows_(static_cast<uint64_t>(s.array.weight_rows_per_cycle)),
      read_latency_(static_cast<uint64_t>(s.scratchpad.read_latency)),
      drain_(static_cast<uint64_t>(s.scratchpad.read_latency + s.array.rows * s.array.pe_latency + s.array.cols +
                                   s.accumulator.write_latency)),
      rmw_(static_cast<uint64_t>(s.accumulator.rmw_interval)),
      int8_interval_(static_cast<uint64_t>(s.array.int8_interval)),
      bf16_interval_(static_cast<uint64_t>(s.array.bf16_interval)),
      pe_latency_(static_cast<uint64_t>(s.array.pe_latency)) {}

void ArrayTimer::imprint(memory::Imprint& print, uint64_t now) const {
  print.word(state_.shadow_full);
  for (const uint64_t at : {state_.shadow_free_from, state_.preload_free, state_.compute_free, state_.drained})
    print.moment(at, now);
  for (const Banks& banks : {state_.preload_banks, state_.compute_banks}) {
    print.word(static_cast<uint64_t>(banks.first));
    print.word(static_cast<uint64_t>(banks.last));
  }
  for (size_t i = 0; i < state_.touched.size(); ++i) {
    const Touch& touch = state_.touched[i];
    if (touch.entered + rmw_ <= now) continue;
    print.word(touch.row);
    print.distance(touch.entered);
  }
}

uint64_t ArrayTimer::preload_ready(const Banks& banks, uint64_t now) const {
  if (state_.shadow_full) return kNever;
  uint64_t at = std::max(now, state_.shadow_free_from);
  if (banks.meet(state_.compute_banks)) at = std::max(at, state_.compute_free);
  return at;
}

void ArrayTimer::preload(uint64_t rows, const Banks& banks, uint64_t now, uint64_t& port_free, uint64_t& complete) {
  port_free = now + (rows + weight_rows_ - 1) / weight_rows_;
  complete = port_free + read_latency_;
  state_.shadow_full = true;
  state_.preload_free = port_free;
  state_.preload_banks = banks;
}

uint64_t ArrayTimer::compute_ready(const contract::Compute& c, const Banks& banks, uint64_t now) const {
  if (c.swap && !state_.shadow_full) return kNever;
  uint64_t at = std::max(now, state_.drained);
  if (c.swap || banks.meet(state_.preload_banks)) at = std::max(at, state_.preload_free);
  for (size_t i = 0; i < state_.touched.size(); ++i)
    if (const Touch& t = state_.touched[i]; t.row == c.acc_row) at = std::max(at, t.entered + rmw_);
  return at;
}

// First cycle from `earliest` on in which no vector that touched the row entered too recently; notes this one.
uint64_t ArrayTimer::enter(uint64_t row, uint64_t earliest) {
  auto& touched = state_.touched;
  while (!touched.empty() && touched.front().entered + rmw_ <= earliest) touched.pop_front();
  for (size_t i = 0; i < touched.size(); ++i)
    if (touched[i].row == row) earliest = std::max(earliest, touched[i].entered + rmw_);
  touched.push_back({row, earliest});
  return earliest;
}

// Every vector takes `interval`: only those that can meet a row of an earlier command are looked at one by one.
uint64_t ArrayTimer::stream_uniform(const contract::Compute& c, uint64_t vectors, uint64_t interval, uint64_t at) {
  const uint64_t foreign_until = state_.touched.empty() ? 0 : state_.touched.back().entered + rmw_;
  uint64_t m = 0;
  for (; m < vectors && at < foreign_until; ++m) at = enter(c.acc_row + m * c.acc_stride, at) + interval;
  const uint64_t rest = vectors - m;
  if (rest == 0) return at;
  for (uint64_t k = rest - std::min(rest, rmw_); k < rest; ++k)
    state_.touched.push_back({c.acc_row + (m + k) * c.acc_stride, at + k * interval});
  while (state_.touched.size() > rmw_) state_.touched.pop_front();
  return at + rest * interval;
}

void ArrayTimer::compute(const contract::Compute& c, Gather& gather, const Banks& banks, uint64_t now,
                         uint64_t& port_free, uint64_t& complete) {
  const uint64_t dtype_interval = c.dtype == contract::Dtype::kBf16 ? bf16_interval_ : int8_interval_;
  const uint64_t uniform = gather.uniform_interval();
  uint64_t first_interval = 0;
  if (uniform != 0 && c.acc_stride != 0) {
    first_interval = std::max(uniform, dtype_interval);
    port_free = stream_uniform(c, gather.vectors(), first_interval, now);
  } else {
    uint64_t at = now, m = 0;
    gather.each_vector([&](int64_t base) {
      const uint64_t interval = std::max(dtype_interval, gather.interval(base));
      if (m == 0) first_interval = interval;
      at = enter(c.acc_row + m++ * c.acc_stride, at) + interval;
    });
    port_free = at;
  }
  complete = port_free - 1 + drain_;
  state_.compute_free = port_free;
  state_.compute_banks = banks;
  if (c.swap) {
    state_.shadow_full = false;
    state_.shadow_free_from = now + first_interval;
  }
}

// First cycle from `earliest` on in which the last step of a sum may enter: then sums leave, those of row c.rows - 1
// first.
uint64_t ArrayTimer::last_step(const contract::Compute& c, uint64_t earliest) const {
  uint64_t at = std::max(earliest, state_.drained);
  const uint64_t stride = std::max<uint64_t>(c.acc_stride, 1);
  for (size_t i = 0; i < state_.touched.size(); ++i) {
    const Touch& t = state_.touched[i];
    if (t.row < c.acc_row || (t.row - c.acc_row) % stride != 0) continue;
    const uint64_t row = (t.row - c.acc_row) / stride;
    if (row < c.rows) at = std::max(at, t.entered + rmw_ - std::min(t.entered + rmw_, c.rows - 1 - row));
  }
  return at;
}

uint64_t ArrayTimer::multiply_ready(const contract::Compute& c, uint64_t steps, uint64_t now) const {
  return steps == 1 ? last_step(c, now) : now;
}

void ArrayTimer::multiply(const contract::Compute& c, Gather& gather, const Banks& banks, uint64_t now,
                          uint64_t& port_free, uint64_t& complete, uint64_t& preload_complete) {
  // An f32 sum is there pe_latency cycles after its addition began, and the next one needs it; an i32 sum at once.
  const uint64_t least = c.dtype == contract::Dtype::kBf16 ? std::max(bf16_interval_, pe_latency_) : int8_interval_;
  const uint64_t steps = gather.vectors();
  uint64_t at = now;
  if (const uint64_t uniform = gather.uniform_interval(); uniform != 0) {
    const uint64_t interval = std::max(uniform, least);
    at = last_step(c, now + (steps - 1) * interval) + interval;
  } else {
    uint64_t step = 0;
    gather.each_vector([&](int64_t base) {
      if (++step == steps) at = last_step(c, at);
      at += std::max(least, gather.interval(base));
    });
  }
  port_free = at;
  for (uint64_t row = c.rows; row-- > 0; ++at) state_.touched.push_back({c.acc_row + row * c.acc_stride, at - 1});
  while (state_.touched.size() > rmw_) state_.touched.pop_front();
  state_.drained = at - 1;
  complete = at - 2 + drain_;
  preload_complete = port_free + read_latency_;
  state_.compute_free = port_free;
  state_.compute_banks = banks;
}

}  // namespace systole::sim

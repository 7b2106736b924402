// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/pe_stepper/pe_stepper.h"

#include <algorithm>
#include <set>

namespace systole::tests {

PeStepper::PeStepper(const StepperConfig& config, std::vector<int8_t> scratchpad)
    : config_(config),
      scratchpad_(std::move(scratchpad)),
      accumulators_(static_cast<size_t>(config.accumulator_rows) * config.cols, 0),
      pes_(static_cast<size_t>(config.rows) * config.cols),
      weight_lanes_(config.weight_rows_per_cycle, std::vector<WeightFlit>(pes_.size())),
      x_(pes_.size()),
      sums_(pes_.size()),
      row_skew_(config.rows),
      col_skew_(config.weight_rows_per_cycle, std::vector<std::deque<std::pair<int64_t, WeightFlit>>>(config.cols)),
      deskew_(config.cols) {}

std::vector<int64_t> PeStepper::element_addresses(const StepCommand& command, int vector) const {
  std::vector<int64_t> addresses;
  for (int r = 0; r < command.rows; ++r) {
    const int64_t offset = command.gather.empty() ? r : command.gather[r];
    addresses.push_back(command.addr + vector * command.row_stride + offset);
  }
  return addresses;
}

bool PeStepper::touches_bank(const StepCommand& command, int bank) const {
  const int64_t bank_bytes = config_.scratchpad_bytes / config_.banks;
  if (command.kind == StepCommand::Kind::kPreload) {
    for (int r = 0; r < command.rows; ++r) {
      const int64_t first = command.addr + r * command.row_stride;
      if (first / bank_bytes <= bank && bank <= (first + command.cols - 1) / bank_bytes) return true;
    }
    return false;
  }
  for (int m = 0; m < command.vectors; ++m) {
    for (int64_t address : element_addresses(command, m)) {
      if (address / bank_bytes == bank) return true;
    }
  }
  return false;
}

bool PeStepper::bank_shared(const StepCommand& a, const StepCommand& b) const {
  for (int bank = 0; bank < config_.banks; ++bank) {
    if (touches_bank(a, bank) && touches_bank(b, bank)) return true;
  }
  return false;
}

void PeStepper::issue_preload(int64_t now) {
  if (preload_.command >= 0 || next_preload_ == preloads_.size()) return;
  const int index = preloads_[next_preload_];
  const StepCommand& command = (*commands_)[index];
  if (now < command.earliest || !shadow_free_ || now < shadow_free_from_) return;
  if (compute_.command >= 0 && bank_shared(command, (*commands_)[compute_.command])) return;
  events_[index].issue = now;
  preload_ = {index, 0};
  shadow_free_ = false;
  shadow_ready_from_ = INT64_MAX;
  ++next_preload_;
}

void PeStepper::issue_compute(int64_t now) {
  if (compute_.command >= 0 || next_compute_ == computes_.size()) return;
  const int index = computes_[next_compute_];
  const StepCommand& command = (*commands_)[index];
  if (now < command.earliest) return;
  if (command.swap && (shadow_free_ || now < shadow_ready_from_)) return;
  if (preload_.command >= 0 && bank_shared(command, (*commands_)[preload_.command])) return;
  if (row_recently_entered(now, command.acc_row)) return;
  events_[index].issue = now;
  compute_ = {index, 0, now, false, {}};
  ++next_compute_;
}

void PeStepper::read_weights(int64_t now) {
  if (preload_.command < 0) return;
  const StepCommand& command = (*commands_)[preload_.command];
  const int count = std::min(config_.weight_rows_per_cycle, command.rows - preload_.next_row);
  const bool last = preload_.next_row + count == command.rows;
  weight_reads_.push_back({now + config_.read_latency, preload_.command, preload_.next_row, count, last});
  preload_.next_row += count;
  if (last) {
    events_[preload_.command].port_free = now + 1;
    shadow_ready_from_ = now + 1;
    preload_.command = -1;
  }
}

bool PeStepper::row_recently_entered(int64_t now, int row) const {
  return std::any_of(entered_rows_.begin(), entered_rows_.end(), [&](const auto& entry) {
    return entry.second == row && now - entry.first < config_.rmw_interval;
  });
}

void PeStepper::start_vector(int64_t now) {
  const StepCommand& command = (*commands_)[compute_.command];
  const int row = command.acc_row + compute_.vector;
  while (!entered_rows_.empty() && now - entered_rows_.front().first >= config_.rmw_interval) entered_rows_.pop_front();
  if (row_recently_entered(now, row)) return;
  entered_rows_.emplace_back(now, row);
  compute_.reading = true;
  compute_.entered_cycle = now;
  const int64_t bank_bytes = config_.scratchpad_bytes / config_.banks;
  std::set<int64_t> lines;
  for (int64_t address : element_addresses(command, compute_.vector)) lines.insert(address / config_.line_bytes);
  compute_.pending.assign(static_cast<size_t>(config_.banks) * config_.interleave, {});
  for (int64_t line : lines) {
    const int64_t bank = line * config_.line_bytes / bank_bytes;
    const int64_t line_in_bank = line - bank * bank_bytes / config_.line_bytes;
    compute_.pending[bank * config_.interleave + line_in_bank % config_.interleave].push_back(line);
  }
}

void PeStepper::read_vectors(int64_t now) {
  if (compute_.command < 0) return;
  if (!compute_.reading) start_vector(now);
  if (!compute_.reading) return;
  bool empty = true;
  for (auto& lines : compute_.pending) {
    if (!lines.empty()) lines.pop_back();
    empty = empty && lines.empty();
  }
  if (!empty || now + 1 - compute_.entered_cycle < config_.vector_interval) return;
  const StepCommand& command = (*commands_)[compute_.command];
  vector_reads_.push_back(
      {now + config_.read_latency, compute_.command, compute_.vector, command.swap && compute_.vector == 0});
  compute_.reading = false;
  if (command.swap && compute_.vector == 0) {
    shadow_free_ = true;
    shadow_free_from_ = now + 1;
  }
  if (++compute_.vector == command.vectors) {
    events_[compute_.command].port_free = now + 1;
    compute_.command = -1;
  }
}

// What the scratchpad delivers this cycle goes to the skew registers: row i waits i cycles, column j waits j cycles.
void PeStepper::feed_edges(int64_t now) {
  while (!weight_reads_.empty() && weight_reads_.front().arrival == now) {
    const ReadWeights read = weight_reads_.front();
    weight_reads_.pop_front();
    const StepCommand& command = (*commands_)[read.command];
    for (int r = read.first_row; r < read.first_row + read.count; ++r) {
      for (int j = 0; j < config_.cols; ++j) {
        const int8_t value = j < command.cols ? scratchpad_[command.addr + r * command.row_stride + j] : int8_t{0};
        col_skew_[r % config_.weight_rows_per_cycle][j].push_back({now + j, {true, r, value}});
      }
    }
    if (read.last) events_[read.command].complete = now + 1;
  }
  while (!vector_reads_.empty() && vector_reads_.front().arrival == now) {
    const ReadVector read = vector_reads_.front();
    vector_reads_.pop_front();
    const StepCommand& command = (*commands_)[read.command];
    const std::vector<int64_t> addresses = element_addresses(command, read.vector);
    for (int i = 0; i < config_.rows; ++i) {
      const int8_t value = i < command.rows ? scratchpad_[addresses[i]] : int8_t{0};
      row_skew_[i].push_back({now + i, {true, read.swap, read.vector, read.command, value}});
    }
  }
}

void PeStepper::commit_writes(int64_t now) {
  while (!writes_.empty() && writes_.front().visible == now) {
    const Write write = std::move(writes_.front());
    writes_.pop_front();
    const StepCommand& command = (*commands_)[write.command];
    int32_t* row = &accumulators_[static_cast<size_t>(command.acc_row + write.vector) * config_.cols];
    for (int j = 0; j < command.cols; ++j) {
      const uint32_t old = command.accumulate ? static_cast<uint32_t>(row[j]) : 0u;
      row[j] = static_cast<int32_t>(old + static_cast<uint32_t>(write.row[j]));
    }
    if (++vectors_done_[write.command] == command.vectors) events_[write.command].complete = now;
  }
}

// A row is whole when the last column's sum has left the array; it is written write_latency cycles later.
void PeStepper::collect(int64_t now) {
  const int bottom = (config_.rows - 1) * config_.cols;
  for (int j = 0; j < config_.cols; ++j) {
    if (sums_[bottom + j].valid) deskew_[j].push_back({now + config_.cols - 1 - j, sums_[bottom + j]});
  }
  if (deskew_[0].empty() || deskew_[0].front().first != now) return;
  Write write{now + config_.write_latency, deskew_[0].front().second.command, deskew_[0].front().second.vector, {}};
  for (int j = 0; j < config_.cols; ++j) {
    write.row.push_back(deskew_[j].front().second.value);
    deskew_[j].pop_front();
  }
  writes_.push_back(std::move(write));
}

// One clock edge: every register takes its next value from the present ones.
void PeStepper::step_array(int64_t now) {
  const int columns = config_.cols;
  std::vector<Sum> next_sums(sums_.size());
  std::vector<VectorFlit> next_x(x_.size());
  for (int i = 0; i < config_.rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      const size_t at = static_cast<size_t>(i) * columns + j;
      const VectorFlit& x = x_[at];
      if (x.valid) {
        if (x.swap) pes_[at].active = pes_[at].shadow;
        const int32_t above = i == 0 ? 0 : sums_[at - columns].value;
        next_sums[at] = {true, x.vector, x.command, above + int32_t{x.value} * pes_[at].active};
      }
      if (j > 0) next_x[at] = x_[at - 1];
      auto& edge = row_skew_[i];
      if (j == 0 && !edge.empty() && edge.front().first == now) {
        next_x[at] = edge.front().second;
        edge.pop_front();
      }
    }
  }
  for (size_t lane = 0; lane < weight_lanes_.size(); ++lane) {
    std::vector<WeightFlit> next_lane(sums_.size());
    for (size_t at = 0; at < sums_.size(); ++at) {
      const WeightFlit& flit = weight_lanes_[lane][at];
      const int i = static_cast<int>(at) / columns;
      if (flit.valid && flit.row == i) pes_[at].shadow = flit.value;
      if (flit.valid && flit.row > i) next_lane[at + columns] = flit;
    }
    for (int j = 0; j < columns; ++j) {
      auto& edge = col_skew_[lane][j];
      if (edge.empty() || edge.front().first != now) continue;
      next_lane[j] = edge.front().second;
      edge.pop_front();
    }
    weight_lanes_[lane] = std::move(next_lane);
  }
  sums_ = std::move(next_sums);
  x_ = std::move(next_x);
}

std::vector<StepEvents> PeStepper::run(const std::vector<StepCommand>& commands, int64_t limit) {
  commands_ = &commands;
  events_.assign(commands.size(), {});
  vectors_done_.assign(commands.size(), 0);
  for (size_t c = 0; c < commands.size(); ++c) {
    (commands[c].kind == StepCommand::Kind::kPreload ? preloads_ : computes_).push_back(static_cast<int>(c));
  }
  const auto done = [](const StepEvents& events) { return events.complete >= 0; };
  for (int64_t now = 0; now < limit; ++now) {
    commit_writes(now);
    issue_preload(now);
    issue_compute(now);
    read_weights(now);
    read_vectors(now);
    collect(now);
    feed_edges(now);
    step_array(now);
    if (std::all_of(events_.begin(), events_.end(), done)) return events_;
  }
  return {};
}

}  // namespace systole::tests

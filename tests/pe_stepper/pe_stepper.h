// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An independent clocked model of the array, its weight and vector feeders and its accumulators: every PE is stepped
// every cycle, registers are copied at the clock edge, and every event is read off data that really arrived. It exists
// to check sim/ against docs/timing.md and shares nothing with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace systole::tests {

struct StepperConfig {
  int rows = 0, cols = 0;
  int weight_rows_per_cycle = 1;
  int vector_interval = 1;  // of the dtype
  int read_latency = 2;
  int write_latency = 1;
  int rmw_interval = 4;
  int64_t scratchpad_bytes = 0;
  int banks = 1, interleave = 1, line_bytes = 0;
  int accumulator_rows = 0;
};

// One PRELOAD or COMPUTE with the cycle at which it can issue at the earliest (its dispatch + 1).
struct StepCommand {
  enum class Kind { kPreload, kCompute } kind;
  int64_t earliest = 0;
  int64_t addr = 0;        // scratchpad byte of weight row 0, or of vector 0
  int64_t row_stride = 0;  // bytes between weight rows, or between vectors
  int rows = 0, cols = 0;
  // COMPUTE only. `gather`: byte offsets of the elements of a vector; empty: consecutive bytes.
  int vectors = 0;
  int acc_row = 0;
  bool accumulate = false;
  bool swap = true;
  std::vector<int64_t> gather;
};

struct StepEvents {
  int64_t issue = -1, port_free = -1, complete = -1;
};

// int8 weights and vectors, i32 accumulators, partial sums one row a cycle.
class PeStepper {
 public:
  PeStepper(const StepperConfig& config, std::vector<int8_t> scratchpad);

  // Runs all commands to completion; commands of a kind issue in the order given. Fails after `limit` cycles with an
  // empty vector: a deadlock.
  std::vector<StepEvents> run(const std::vector<StepCommand>& commands, int64_t limit);
  const std::vector<int32_t>& accumulators() const { return accumulators_; }

 private:
  struct Pe {
    int8_t active = 0, shadow = 0;
  };
  struct WeightFlit {  // travels down a column until it meets its row
    bool valid = false;
    int row = 0;
    int8_t value = 0;
  };
  struct VectorFlit {  // travels right along a row
    bool valid = false, swap = false;
    int vector = 0, command = 0;
    int8_t value = 0;
  };
  struct Sum {  // travels down a column
    bool valid = false;
    int vector = 0, command = 0;
    int32_t value = 0;
  };
  struct PreloadPort {
    int command = -1;
    int next_row = 0;
  };
  struct ComputePort {
    int command = -1;
    int vector = 0;
    int64_t entered_cycle = 0;  // of the vector being read
    bool reading = false;
    std::vector<std::vector<int64_t>> pending;  // lines still to be read, by sub-bank
  };
  struct ReadWeights {
    int64_t arrival;
    int command, first_row, count;
    bool last;
  };
  struct ReadVector {
    int64_t arrival;
    int command, vector;
    bool swap;
  };
  struct Write {
    int64_t visible;
    int command, vector;
    std::vector<int32_t> row;
  };

  bool bank_shared(const StepCommand& a, const StepCommand& b) const;
  bool touches_bank(const StepCommand& command, int bank) const;
  void issue_preload(int64_t now);
  void issue_compute(int64_t now);
  void read_weights(int64_t now);
  void read_vectors(int64_t now);
  void start_vector(int64_t now);
  bool row_recently_entered(int64_t now, int row) const;
  void feed_edges(int64_t now);
  void step_array(int64_t now);
  void collect(int64_t now);
  void commit_writes(int64_t now);
  std::vector<int64_t> element_addresses(const StepCommand& command, int vector) const;

  StepperConfig config_;
  std::vector<int8_t> scratchpad_;
  std::vector<int32_t> accumulators_;
  const std::vector<StepCommand>* commands_ = nullptr;
  std::vector<StepEvents> events_;
  std::vector<int> preloads_, computes_;  // indices, in order
  size_t next_preload_ = 0, next_compute_ = 0;
  PreloadPort preload_;
  ComputePort compute_;
  bool shadow_free_ = true;
  int64_t shadow_free_from_ = 0;                      // the cycle from which a PRELOAD may issue
  int64_t shadow_ready_from_ = 0;                     // the cycle from which a COMPUTE with swap may issue
  std::deque<std::pair<int64_t, int>> entered_rows_;  // (cycle, accumulator row)
  std::vector<Pe> pes_;
  std::vector<std::vector<WeightFlit>> weight_lanes_;  // by lane: rows * cols registers
  std::vector<VectorFlit> x_;
  std::vector<Sum> sums_;
  std::vector<std::deque<std::pair<int64_t, VectorFlit>>> row_skew_;               // edge of row i: (cycle, flit)
  std::vector<std::vector<std::deque<std::pair<int64_t, WeightFlit>>>> col_skew_;  // lane, column
  std::deque<ReadWeights> weight_reads_;
  std::deque<ReadVector> vector_reads_;
  std::vector<std::deque<std::pair<int64_t, Sum>>> deskew_;  // by column
  std::deque<Write> writes_;
  std::vector<int> vectors_done_;
};

}  // namespace systole::tests

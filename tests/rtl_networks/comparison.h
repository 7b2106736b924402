// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The same networks on two simulated devices, the second held against the first: every op's cycles and what they went
// to, every counter, every output.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "hal/device.h"
#include "hal/profile.h"
#include "hal/status.h"

namespace systole::graph {

// An op's cycles, and the causes that they sum over (docs/timing.md, section 9), by the counters' names.
struct Part {
  const char* title;
  const char* counter;
};
inline constexpr std::array<Part, 10> kParts = {{{"total", "cycles"},
                                                 {"compute", "array_busy_cycles"},
                                                 {"vector", "vector_only_cycles"},
                                                 {"DRAM", "stall_dram_cycles"},
                                                 {"copy", "stall_copy_cycles"},
                                                 {"preload", "stall_preload_cycles"},
                                                 {"array drain", "stall_array_drain_cycles"},
                                                 {"vector drain", "stall_vector_drain_cycles"},
                                                 {"fence", "stall_fence_cycles"},
                                                 {"dispatch", "stall_dispatch_cycles"}}};

struct OpPair {
  ProfileRecord reference, other;
  // `part` of the other less that of the reference, in percent of the op's cycles on the reference.
  double error(const Part& part) const;
};

struct Spread {
  double p50 = 0;   // median
  double p95 = 0;   // the error that 95 % of all are not farther from 0 than, with its sign
  double most = 0;  // the one farthest from 0, with its sign
};
Spread spread_of(std::vector<double> errors);  // of nearest rank; zeros for none

class Comparison {
 public:
  // `fallback` does what the devices don't; both are of simulated time.
  Comparison(std::shared_ptr<Device> reference, std::shared_ptr<Device> other, std::shared_ptr<Device> fallback)
      : reference_(std::move(reference)), other_(std::move(other)), fallback_(std::move(fallback)) {}

  // Runs the network on both; `name` is for differences(). kInternal where the two did not run the same ops.
  Status add(const std::string& name, const Graph& graph, const TensorMap& inputs);

  int networks() const { return networks_; }
  const std::vector<OpPair>& ops() const { return ops_; }
  int64_t reference_cycles(const Part& part) const;  // of all ops
  Spread spread(const Part& part) const;
  // A line for every output whose bytes and every counter whose values are not the same; empty: the devices are.
  const std::vector<std::string>& differences() const { return differences_; }
  int unequal_networks() const { return unequal_networks_; }  // with other outputs

 private:
  std::shared_ptr<Device> reference_, other_, fallback_;
  int networks_ = 0, unequal_networks_ = 0;
  std::vector<OpPair> ops_;
  std::vector<std::string> differences_;
};

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/actions.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "sim/array_engine.h"
#include "sim/dma_shape.h"
#include "sim/vector_shape.h"

namespace systole::npu {
namespace {

int64_t bytes_of(const sim::Box& box) {
  return box.bytes * static_cast<int64_t>(box.counts[0]) * box.counts[1] * box.counts[2];
}

// Adds one command's actions.
struct Count {
  Actions& sum;
  int64_t times;

  void touch(contract::Space space, int64_t bytes) const {
    (space == contract::Space::kScratchpad ? sum.scratchpad_bytes : sum.accumulator_bytes) += times * bytes;
  }
  template <typename Transfer>
  void transfer(const Transfer& t) const {
    const sim::DmaShape shape = sim::dma_shape(t);
    touch(t.space, bytes_of(shape.local));
    if (t.far == contract::Far::kScratchpad) touch(contract::Space::kScratchpad, bytes_of(shape.inner));
  }
  void operator()(const contract::Load& load) const { transfer(load); }
  void operator()(const contract::Store& store) const { transfer(store); }
  void operator()(const contract::Preload& p) const {
    const int64_t rows = p.rows, row = int64_t{p.cols} * sim::element_size(p.dtype);
    touch(contract::Space::kScratchpad, bytes_of(sim::matrix_box(p)));
    sum.register_bytes += times * rows * (rows + 1) / 2 * row;
  }
  void operator()(const contract::Compute& c) const {
    const int64_t vectors = int64_t{c.m0} * c.m1 * c.m2, size = sim::element_size(c.dtype);
    const int64_t macs = vectors * c.rows * c.cols;
    (c.dtype == contract::Dtype::kBf16 ? sum.macs_bf16 : sum.macs_i8) += times * macs;
    sum.register_bytes += times * macs * (size + 4);
    touch(contract::Space::kScratchpad, vectors * c.rows * size);
    touch(contract::Space::kAccumulator, vectors * c.cols * 4 * (c.accumulate ? 2 : 1));
  }
  void operator()(const contract::Vector& v) const {
    const sim::VectorShape shape = sim::vector_shape(v);
    const int64_t windows = int64_t{shape.win_h} * shape.win_w;
    const int64_t elements = int64_t{v.n0} * v.n1 * v.channels * windows;
    sum.vector_elements += times * elements;
    touch(v.a_space, bytes_of(shape.source) * windows);
    touch(v.d_space, bytes_of(shape.destination));
    if (shape.operand) touch(contract::Space::kScratchpad, bytes_of(*shape.operand));
    touch(contract::Space::kScratchpad, shape.param_bytes);
  }
  template <typename Other>
  void operator()(const Other&) const {}
};

// `times` each of the commands; a REPEAT's body, nested ones with it, as often as it says.
void count(std::span<const contract::Descriptor> commands, int64_t times, Actions& sum) {
  for (size_t i = 0; i < commands.size(); ++i) {
    size_t body = 0;
    contract::visit(commands[i], [&](const auto& command) {
      if constexpr (std::is_same_v<std::decay_t<decltype(command)>, contract::Repeat>) {
        body = std::min<size_t>(command.body, commands.size() - i - 1);
        count(commands.subspan(i + 1, body), times * command.count, sum);
      } else {
        Count{sum, times}(command);
      }
    });
    i += body;
  }
}

int64_t picojoules(double joules) { return std::llround(joules * 1e12); }

double dram_joules(const ProfileRecord& record, const spec::NpuSpec& spec) {
  const spec::DramSpec& dram = spec.dram;
  const int64_t read = record.counter("dram_read_bytes"), written = record.counter("dram_write_bytes");
  if (dram.config.empty() || dram.timing == "fixed") {
    const double* byte = spec.energy.figures.dram_byte(spec.energy.dram);
    return byte == nullptr ? 0 : static_cast<double>(read + written) * *byte;
  }
  const spec::DramDevice& device = dram.device;
  const spec::DramEnergy& e = device.energy;
  // A burst of the DMA is a whole number of the device's, at least one.
  const auto bursts = [&](int64_t bytes) {
    return static_cast<double>(bytes) /
           static_cast<double>(std::min<int64_t>(spec.dma.burst_bytes, device.burst_bytes()));
  };
  const double seconds = static_cast<double>(record.counter("cycles")) / static_cast<double>(spec.clock.hz);
  const double ranks = static_cast<double>(device.ranks_of_channel()) * dram.channels;
  const spec::DramTiming& t = device.timing;
  const std::string& kind = device.controller.refresh;
  const double refresh = kind == "all_bank"   ? e.refresh / (t.refi * t.tick)
                         : kind == "per_bank" ? e.refresh_bank / (t.refi_bank * t.tick)
                                              : 0;
  return static_cast<double>(record.counter("dram_row_misses")) * e.activate + bursts(read) * e.read +
         bursts(written) * e.write + seconds * ranks * (e.open + refresh);
}

}  // namespace

Actions& Actions::operator+=(const Actions& other) {
  macs_i8 += other.macs_i8, macs_bf16 += other.macs_bf16;
  vector_elements += other.vector_elements, register_bytes += other.register_bytes;
  scratchpad_bytes += other.scratchpad_bytes, accumulator_bytes += other.accumulator_bytes;
  return *this;
}

Actions count_actions(std::span<const contract::Descriptor> commands) {
  Actions sum;
  count(commands, 1, sum);
  return sum;
}

std::vector<Counter> energy_counters(const Actions& a, const ProfileRecord& record, const spec::NpuSpec& spec) {
  if (spec.energy.table.empty()) return {};
  const spec::EnergyTable& e = spec.energy.figures;
  const auto of = [](int64_t count, double each) { return static_cast<double>(count) * each; };
  const int64_t accumulators = int64_t{spec.accumulator.rows} * spec.array.cols * 4;
  std::vector<Counter> parts = {
      {"energy_array_pj",
       picojoules(of(a.macs_i8, e.mac.int8) + of(a.macs_bf16, e.mac.bf16) + of(a.register_bytes, e.registers.byte))},
      {"energy_scratchpad_pj", picojoules(of(a.scratchpad_bytes, e.sram_byte(spec.scratchpad.bytes)))},
      {"energy_accumulator_pj", picojoules(of(a.accumulator_bytes, e.sram_byte(accumulators)))},
      {"energy_vector_pj", picojoules(of(a.vector_elements, e.vector.operation))},
      {"energy_dram_pj", picojoules(dram_joules(record, spec))}};
  int64_t sum = 0;
  for (const Counter& part : parts) sum += part.value;
  parts.push_back({"energy_pj", sum});
  return parts;
}

}  // namespace systole::npu

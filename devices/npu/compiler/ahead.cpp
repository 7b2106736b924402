// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/ahead.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

#include "devices/npu/compiler/gemm.h"

namespace systole::npu {
namespace {

constexpr double kSustained = 0.9;  // of the peak bandwidth: an estimate

// A command's time in its engine, and from there to its end.
struct Cost {
  contract::Opcode opcode{};
  contract::Header header;
  double cycles = 0, latency = 0;
  int semaphore = 0, count = 0;  // SEM
};

class Schedule {
 public:
  Schedule(const std::vector<Form>& forms, const spec::NpuSpec& spec)
      : forms_(forms),
        spec_(spec),
        known_(forms.size()),
        signals_(static_cast<size_t>(spec.core.semaphores)),
        bytes_per_cycle_(kSustained * spec.dram.bytes_per_second / static_cast<double>(spec.clock.hz)) {}

  std::vector<LoadGap> gaps(const std::vector<Item>& items, size_t from) {
    std::vector<std::pair<size_t, double>> idle;  // of the load engine, before the item there
    size_t behind = from;                         // the last load
    for (size_t i = from; i < items.size(); ++i) {
      const Cost& c = of(items[i].form);
      const double begin = run(c);
      if (c.opcode != contract::Opcode::kLoad) continue;
      if (behind > from && begin > load_end_) idle.emplace_back(behind, begin - load_end_);
      load_end_ = begin + c.cycles, behind = i + 1;
    }
    idle.emplace_back(behind, end_ - load_end_);
    const double loads = 1 - stores_ / std::max(1.0, end_);  // stores have their share of the memory
    std::vector<LoadGap> gaps;
    double room = 0;
    for (auto gap = idle.rbegin(); gap != idle.rend(); ++gap) {
      room += gap->second * loads * bytes_per_cycle_;
      gaps.push_back({gap->first, static_cast<int64_t>(std::max(0.0, room))});
    }
    return gaps;
  }

 private:
  // Takes and gives its signals; when it begins.
  double run(const Cost& c) {
    if (c.opcode == contract::Opcode::kSem)
      signals_[static_cast<size_t>(c.semaphore)].assign(static_cast<size_t>(c.count), 0.0);
    double begin = free_[static_cast<size_t>(c.opcode)];
    const contract::Header& h = c.header;
    begin = std::max({begin, wait(h.wait0_id, h.wait0_count), wait(h.wait1_id, h.wait1_count)});
    if (c.opcode == contract::Opcode::kPreload) begin = std::max(begin, computing_);
    if (c.opcode == contract::Opcode::kCompute) begin = std::max(begin, preloaded_), computing_ = begin;
    const double free = begin + c.cycles, end = free + c.latency;
    free_[static_cast<size_t>(c.opcode)] = free;
    if (c.opcode == contract::Opcode::kPreload) preloaded_ = free;
    if (c.opcode == contract::Opcode::kStore) stores_ += c.cycles;
    signal(h.signal0_id, h.signal0_count, end), signal(h.signal1_id, h.signal1_count, end);
    end_ = std::max(end_, end);
    return begin;
  }
  double wait(uint32_t id, uint32_t count) {
    double last = 0;
    for (auto& given = signals_[id]; count > 0 && !given.empty(); --count) {
      last = std::max(last, given.front());
      given.pop_front();
    }
    return last;
  }
  void signal(uint32_t id, uint32_t count, double at) {
    for (; count > 0; --count) signals_[id].push_back(at);
  }

  const Cost& of(uint32_t form) {
    if (!known_[form]) known_[form] = cost(forms_[form]);
    return *known_[form];
  }
  Cost cost(const Form& form) const {
    Cost c;
    c.opcode = form.opcode;
    c.header = contract::decode_header(form.descriptor);
    switch (form.opcode) {
      case contract::Opcode::kLoad:
        c.cycles = moved(contract::decode_load(form.descriptor)), c.latency = spec_.dram.latency_cycles;
        break;
      case contract::Opcode::kStore:
        c.cycles = moved(contract::decode_store(form.descriptor)), c.latency = spec_.dram.latency_cycles;
        break;
      case contract::Opcode::kPreload:
        c.cycles = static_cast<double>(
            ceil_div(contract::decode_preload(form.descriptor).rows, std::max(1, spec_.array.weight_rows_per_cycle)));
        break;
      case contract::Opcode::kCompute: {
        const contract::Compute each = contract::decode_compute(form.descriptor);
        c.cycles = static_cast<double>(each.m0) * each.m1 * each.m2 *
                   (each.dtype == contract::Dtype::kBf16 ? spec_.array.bf16_interval : spec_.array.int8_interval);
        c.latency = spec_.array.rows * spec_.array.pe_latency + spec_.array.cols;
        break;
      }
      case contract::Opcode::kVector: {
        const contract::Vector each = contract::decode_vector(form.descriptor);
        c.cycles = static_cast<double>(each.n0) * each.n1 *
                   static_cast<double>(ceil_div(each.channels, std::max(1, spec_.vector.lanes))) *
                   std::max<double>(1, each.win_kh) * std::max<double>(1, each.win_kw);
        c.latency = spec_.vector.pipeline;
        break;
      }
      case contract::Opcode::kSem: {
        const contract::Sem each = contract::decode_sem(form.descriptor);
        c.semaphore = static_cast<int>(each.id), c.count = static_cast<int>(each.value);
        break;
      }
      default:
        break;
    }
    return c;
  }
  template <typename Command>
  double moved(const Command& each) const {
    const double rows = static_cast<double>(each.n0) * each.n1 * each.n2;
    const double inside = rows * each.row_bytes / std::max(1, spec_.dma.bytes_per_cycle);
    if (each.far == contract::Far::kScratchpad) return inside;
    return std::max(inside,
                    rows * static_cast<double>(round_up(each.row_bytes, spec_.dma.burst_bytes)) / bytes_per_cycle_);
  }

  const std::vector<Form>& forms_;
  const spec::NpuSpec& spec_;
  std::vector<std::optional<Cost>> known_;
  std::vector<std::deque<double>> signals_;  // given and not yet taken, by semaphore
  std::array<double, 64> free_{};            // when an engine can begin its next command, by opcode
  double bytes_per_cycle_, load_end_ = 0, computing_ = 0, preloaded_ = 0, stores_ = 0, end_ = 0;
};

}  // namespace

std::vector<LoadGap> load_gaps(const std::vector<Item>& items, size_t from, const std::vector<Form>& forms,
                               const spec::NpuSpec& spec) {
  return Schedule(forms, spec).gaps(items, from);
}

}  // namespace systole::npu

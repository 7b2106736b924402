// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/probe.h"

#include <algorithm>
#include <bit>

namespace systole::gpu {
namespace {

using Macros = std::vector<std::pair<std::string, std::string>>;

constexpr int64_t kMostPasses = int64_t{1} << 20;
// The best of so many, but of five after so long: a short one finds a busy machine idle more often.
constexpr int kRounds = 1000, kLeastRounds = 5;
constexpr double kBudgetNs = 2.5e8;

struct ComputeProbe {
  DType type;
  const char *macro, *value;
  bool processors;  // has a form for host threads
};
// Values of COMPUTE_MMA are those of kernels/params.h.
constexpr ComputeProbe kComputeProbes[] = {
    {DType::kF32, "COMPUTE_F32", "1", true},   {DType::kF64, "COMPUTE_F64", "1", true},
    {DType::kI8, "COMPUTE_I8", "1", false},    {DType::kF16, "COMPUTE_MMA", "2", false},
    {DType::kBF16, "COMPUTE_MMA", "3", false}, {DType::kF8E4M3, "COMPUTE_MMA", "4", false},
    {DType::kI8, "COMPUTE_MMA", "9", false}};
static_assert(GPU_F16 == 2 && GPU_BF16 == 3 && GPU_F8E4M3 == 4 && GPU_I8 == 9);

int64_t group_of(const Facts& facts) { return facts.is_cpu ? 1 : std::min<int64_t>(256, facts.most_work_items); }
int64_t units_of(const Facts& facts) { return std::max(1, facts.compute_units); }

class Prober {
 public:
  Prober(Core& core, Stream& stream, Memory& memory, int64_t bytes)
      : core_(core), facts_(core.runtime->provider->facts()), stream_(stream), memory_(memory), bytes_(bytes) {
    macros_ = facts_.is_cpu ? Macros{{"HOST_VECTORS", "1"}} : Macros{};
  }

  Status compute(Peaks& peaks) {
    for (const ComputeProbe& probe : kComputeProbes) {
      if ((facts_.is_cpu && !probe.processors) || (probe.type == DType::kF64 && !facts_.f64)) continue;
      SYSTOLE_ASSIGN_OR_RETURN(const double rate, macs_per_s(probe));
      if (rate <= 0) continue;
      const auto known = std::find_if(peaks.compute.begin(), peaks.compute.end(),
                                      [&](const Peaks::Compute& each) { return each.type == probe.type; });
      if (known == peaks.compute.end())
        peaks.compute.push_back({probe.type, rate});
      else
        known->macs_per_s = std::max(known->macs_per_s, rate);
    }
    return {};
  }

  Status memory(Peaks& peaks) {
    SYSTOLE_RETURN_IF_ERROR(stream_.fill({&memory_, 0}, bytes_, 0x01010101, 4));  // pages exist from here on
    SYSTOLE_ASSIGN_OR_RETURN(const auto read, core_.runtime->programs.own_kernel("probe", macros_, "read_words"));
    SYSTOLE_ASSIGN_OR_RETURN(const auto stream, core_.runtime->programs.own_kernel("probe", macros_, "stream_words"));
    const Operand first{&memory_, 0}, second{&memory_, bytes_ / 2};
    const auto add = [&](const char* probe, int64_t touched, double moved, double ns) {
      peaks.memory.push_back({probe, touched, moved / ns * 1e9});
    };
    int64_t least = bytes_;  // steps of 4 up to the largest
    while (least / 4 >= int64_t{facts_.is_cpu ? 1 : 4} << 20) least /= 4;
    for (int64_t bytes = least; bytes <= bytes_; bytes *= 4) {
      SYSTOLE_ASSIGN_OR_RETURN(const double ns, ns_a_pass(*read, probe_words(facts_, bytes), {first, first}));
      add("read", bytes, static_cast<double>(bytes), ns);
    }
    SYSTOLE_ASSIGN_OR_RETURN(const double streamed,
                             ns_a_pass(*stream, probe_words(facts_, bytes_ / 2), {second, first}));
    add("stream", bytes_, static_cast<double>(bytes_), streamed);
    const auto copy = [&] { return stream_.copy(first, second, bytes_ / 2); };
    SYSTOLE_ASSIGN_OR_RETURN(const double copied, best_of([&] { return stamped_ns(copy); }));
    add("copy", bytes_, static_cast<double>(bytes_), copied);
    return {};
  }

  Status transfers(const std::function<double()>& now_ns, Peaks& peaks) {
    const int64_t bytes = std::min(bytes_, int64_t{64} << 20);
    SYSTOLE_ASSIGN_OR_RETURN(const auto pinned, core_.runtime->provider->allocate_pinned(bytes));
    const std::span<std::byte> host(pinned->host(), static_cast<size_t>(bytes));
    std::fill(host.begin(), host.end(), std::byte{1});
    const auto timed = [&](const auto& transfer) -> Result<double> {
      const double begin = now_ns();
      SYSTOLE_RETURN_IF_ERROR(transfer());
      return now_ns() - begin;
    };
    const auto write = [&] { return stream_.write(host, {&memory_, 0}); };
    const auto read = [&] { return stream_.read({&memory_, 0}, host); };
    SYSTOLE_ASSIGN_OR_RETURN(const double written, best_of([&] { return timed(write); }));
    SYSTOLE_ASSIGN_OR_RETURN(const double back, best_of([&] { return timed(read); }));
    peaks.memory.push_back({"to_device", bytes, static_cast<double>(bytes) / written * 1e9});
    peaks.memory.push_back({"from_device", bytes, static_cast<double>(bytes) / back * 1e9});
    return {};
  }

 private:
  // 0 where the device has no such instruction, or its compiler does not know it.
  Result<double> macs_per_s(const ComputeProbe& probe) {
    Macros macros = macros_;
    macros.emplace_back(probe.macro, probe.value);
    if (probe.type == DType::kF64) macros.emplace_back("SYSTOLE_F64", "1");
    auto kernel = core_.runtime->programs.own_kernel("probe", macros, "compute");
    if (!kernel.ok() && !probe.processors && kernel.status().code() == Code::kInternal) return 0.0;
    SYSTOLE_RETURN_IF_ERROR(kernel.status());
    ProbeShape shape;
    shape.grid.group[0] = group_of(facts_);
    shape.grid.items[0] = units_of(facts_) * (facts_.is_cpu ? 16 : 8 * group_of(facts_));
    shape.params.factor = 0.5f;
    const Operand y{&memory_, 0};
    SYSTOLE_RETURN_IF_ERROR(launch(**kernel, shape, {y}).status());
    int macs = 0;  // of a turn of one work-item
    SYSTOLE_RETURN_IF_ERROR(stream_.read(y, std::as_writable_bytes(std::span(&macs, 1))));
    if (macs == 0) return 0.0;
    SYSTOLE_ASSIGN_OR_RETURN(const double ns, ns_a_pass(**kernel, shape, {y}));
    return static_cast<double>(macs) * static_cast<double>(shape.grid.items[0]) / ns * 1e9;
  }

  Result<double> ns_a_pass(Kernel& kernel, ProbeShape shape, const std::vector<Operand>& operands) {
    shape.params.passes = 1;
    SYSTOLE_RETURN_IF_ERROR(launch(kernel, shape, operands).status());  // runtimes compile for a first launch
    SYSTOLE_ASSIGN_OR_RETURN(double best, launch(kernel, shape, operands));
    while (best < least_ns() && shape.params.passes < kMostPasses) {
      shape.params.passes *= 2;
      SYSTOLE_ASSIGN_OR_RETURN(best, launch(kernel, shape, operands));
    }
    SYSTOLE_ASSIGN_OR_RETURN(best, best_of([&] { return launch(kernel, shape, operands); }));
    return best / static_cast<double>(shape.params.passes);
  }

  Result<double> launch(Kernel& kernel, const ProbeShape& shape, const std::vector<Operand>& operands) {
    return stamped_ns(
        [&] { return stream_.launch(kernel, shape.grid, operands, std::as_bytes(std::span(&shape.params, 1))); });
  }

  // Of one command, by the device's clock; never 0, however coarse that is.
  template <typename Ask>
  Result<double> stamped_ns(Ask&& ask) {
    SYSTOLE_RETURN_IF_ERROR(stream_.finish());
    SYSTOLE_RETURN_IF_ERROR(stream_.stamps().status());  // of what came before
    SYSTOLE_RETURN_IF_ERROR(ask());
    SYSTOLE_RETURN_IF_ERROR(stream_.finish());
    SYSTOLE_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, stream_.stamps());
    if (stamps.size() != 1) return Status(Code::kInternal, "a probe of " + facts_.name + " has no time");
    return std::max(1.0, stamps[0].end_ns - stamps[0].start_ns);
  }

  // Of a launch, so that its begin and end do not count.
  double least_ns() const { return facts_.is_cpu ? 5e5 : 2e6; }

  template <typename Time>
  Result<double> best_of(Time&& time) {
    SYSTOLE_ASSIGN_OR_RETURN(double best, time());
    double spent = best;
    for (int round = 1; round < kRounds && (round < kLeastRounds || spent < kBudgetNs); ++round) {
      SYSTOLE_ASSIGN_OR_RETURN(const double ns, time());
      spent += ns;
      best = std::min(best, ns);
    }
    return std::max(1.0, best);
  }

  Core& core_;
  const Facts& facts_;
  Stream& stream_;
  Memory& memory_;
  int64_t bytes_;
  Macros macros_;
};

}  // namespace

ProbeShape probe_words(const Facts& facts, int64_t bytes) {
  const auto count = static_cast<uint64_t>(bytes / 8);
  const uint64_t wanted = facts.is_cpu ? std::bit_ceil(static_cast<uint64_t>(units_of(facts) * 16))
                                       : std::bit_floor(static_cast<uint64_t>(units_of(facts) * 2048));
  const auto items = static_cast<int64_t>(std::min(wanted, count / 16));
  ProbeShape shape;
  shape.grid.items[0] = items;
  shape.grid.group[0] = std::min(items, static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(group_of(facts)))));
  shape.params.items = items;
  shape.params.run = static_cast<int64_t>(count) / items;
  shape.params.item_step = facts.is_cpu ? shape.params.run : 1;
  shape.params.step = facts.is_cpu ? 1 : items;
  shape.params.shift = facts.is_cpu ? 0 : shape.grid.group[0];
  shape.params.passes = 1;
  return shape;
}

int64_t largest_probe(const Core& core) {
  const Facts& facts = core.runtime->provider->facts();
  const int64_t most = std::min({int64_t{facts.is_cpu ? 256 : 1024} << 20, core.pool->limit() / 2,
                                 facts.memory_bytes / 2, facts.most_allocation_bytes});
  return most < 1 ? 0 : static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(most)));
}

Result<Peaks> probe_peaks(Core& core, const std::function<double()>& now_ns) {
  const int64_t bytes = largest_probe(core);
  if (bytes < 64 << 10)
    return Status(Code::kOutOfMemory, core.uri + ": its peaks: expected at least 128 KiB of memory, there are " +
                                          std::to_string(bytes * 2));
  SYSTOLE_ASSIGN_OR_RETURN(const Block block, core.pool->allocate(bytes, "probe"));
  Peaks peaks;
  const Status status = core.transfer([&](Stream& stream) {
    SYSTOLE_RETURN_IF_ERROR(stream.set_profiling(true));
    Prober prober(core, stream, *block.memory(), bytes);
    SYSTOLE_RETURN_IF_ERROR(prober.compute(peaks));
    SYSTOLE_RETURN_IF_ERROR(prober.memory(peaks));
    SYSTOLE_RETURN_IF_ERROR(stream.set_profiling(false));
    return prober.transfers(now_ns, peaks);
  });
  if (!status.ok()) return status;
  return peaks;
}

}  // namespace systole::gpu

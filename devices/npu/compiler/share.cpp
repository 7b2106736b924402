// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/share.h"

#include <algorithm>
#include <numeric>

#include "devices/npu/compiler/lower.h"
#include "devices/npu/compiler/slice.h"

namespace systole::npu {
namespace {

constexpr int64_t kByteGranule = 4096;  // of copies and fills of bytes

// Where the n-th of `parts` shares of `extent` begins: multiples of the granule, the first share the greatest.
int64_t begin_of(int64_t n, int64_t parts, int64_t extent, int64_t granule) {
  const int64_t units = (extent + granule - 1) / granule;
  return std::min(extent, (n * units + parts - 1) / parts * granule);
}

OpCall nothing(const TensorView& output, const std::string& name) {
  OpCall call{Fill{}, {}, {output}, name};
  call.outputs[0].desc = row_major(DType::kU8, {0});
  return call;
}

class Sharer {
 public:
  explicit Sharer(const spec::NpuSpec& spec) : spec_(spec), share_(share_of(spec)) {}

  std::vector<Command> operator()(const OpCall& call) const {
    std::vector<OpCall> best{call};
    double least = cycles(call, spec_).value_or(0);
    for (const auto& [axis, granule] : cuts(call)) {
      auto shares = share(call, axis, granule);
      if (shares.size() < 2) continue;
      const auto planned = cycles(shares[0], share_);
      if (!planned || *planned >= least) continue;
      const bool all = std::all_of(shares.begin() + 1, shares.end(),
                                   [&](const OpCall& each) { return cycles(each, share_).has_value(); });
      if (all) best = std::move(shares), least = *planned;
    }
    return filled_up(std::move(best), call.outputs[0], call.name);
  }

  std::vector<Command> operator()(const CopyBytes& copy) const {
    std::vector<CopyBytes> shares;
    each_range(copy.bytes, [&](int64_t first, int64_t bytes) {
      shares.push_back({moved(copy.source, first), moved(copy.target, first), bytes});
    });
    return filled_up(std::move(shares), copy.target, "");
  }

  std::vector<Command> operator()(const FillBytes& fill) const {
    std::vector<FillBytes> shares;
    each_range(fill.bytes, [&](int64_t first, int64_t bytes) {
      shares.push_back({moved(fill.target, first), bytes, fill.pattern, fill.pattern_bytes});
    });
    return filled_up(std::move(shares), fill.target, "");
  }

  std::vector<Command> operator()(const Barrier& barrier) const {
    return std::vector<Command>(static_cast<size_t>(spec_.cores), barrier);
  }

 private:
  struct Cut {
    int axis;
    int64_t granule;
  };

  // Outer axes in memory first; channels and columns also in whole columns of the array.
  std::vector<Cut> cuts(const OpCall& call) const {
    const TensorDesc& y = call.outputs[0].desc;
    std::vector<int> axes(static_cast<size_t>(y.rank()));
    std::iota(axes.begin(), axes.end(), 0);
    std::stable_sort(axes.begin(), axes.end(), [&](int a, int b) {
      return y.strides[static_cast<size_t>(a)] > y.strides[static_cast<size_t>(b)];
    });
    std::vector<Cut> found;
    for (int axis : axes) {
      if (y.shape[static_cast<size_t>(axis)] < 2) continue;
      const int64_t granule = slice_granule(call, axis);
      const int64_t columns = std::lcm(granule, int64_t{spec_.array.cols});
      if (columns != granule) found.push_back({axis, columns});
      found.push_back({axis, granule});
    }
    return found;
  }

  std::vector<OpCall> share(const OpCall& call, int axis, int64_t granule) const {
    const int64_t extent = call.outputs[0].desc.shape[static_cast<size_t>(axis)];
    std::vector<OpCall> shares;
    for (int64_t n = 0; n < spec_.cores; ++n) {
      const int64_t first = begin_of(n, spec_.cores, extent, granule);
      const int64_t end = begin_of(n + 1, spec_.cores, extent, granule);
      if (first == end) continue;
      auto part = sliced(call, axis, first, end - first);
      if (!part) return {};
      shares.push_back(std::move(*part));
    }
    return shares;
  }

  // Planned; none where the NPU can't do it.
  static std::optional<double> cycles(const OpCall& call, const spec::NpuSpec& spec) {
    std::vector<bool> frozen;
    for (const TensorView& view : call.inputs) frozen.push_back(Constants::frozen(view));
    const OpDesc op = describe(call);
    const Lowered lowered = lower({op, frozen, spec});
    if (!lowered.ok()) return std::nullopt;
    const double bytes_per_cycle = spec.dram.bytes_per_second / static_cast<double>(spec.clock.hz);
    return std::max(lowered.value()->cycles, lowered.value()->traffic / bytes_per_cycle);
  }

  template <typename F>
  void each_range(int64_t bytes, F&& f) const {
    for (int64_t n = 0; n < spec_.cores; ++n) {
      const int64_t first = begin_of(n, spec_.cores, bytes, kByteGranule);
      const int64_t end = begin_of(n + 1, spec_.cores, bytes, kByteGranule);
      if (first < end) f(first, end - first);
    }
  }

  static TensorView moved(TensorView view, int64_t bytes) {
    view.offset += bytes;
    return view;
  }

  template <typename T>
  std::vector<Command> filled_up(std::vector<T> shares, const TensorView& output, const std::string& name) const {
    std::vector<Command> all(std::make_move_iterator(shares.begin()), std::make_move_iterator(shares.end()));
    all.resize(static_cast<size_t>(spec_.cores), nothing(output, name));
    return all;
  }

  const spec::NpuSpec& spec_;
  spec::NpuSpec share_;
};

}  // namespace

spec::NpuSpec share_of(const spec::NpuSpec& spec) {
  spec::NpuSpec share = spec;
  share.dram.bytes_per_second /= spec.cores;
  return share;
}

std::vector<std::vector<Command>> share_out(std::span<const Command> commands, const spec::NpuSpec& spec) {
  std::vector<std::vector<Command>> lists(static_cast<size_t>(spec.cores));
  const Sharer sharer(spec);
  for (const Command& command : commands) {
    std::vector<Command> shares = std::visit(sharer, command);
    for (size_t core = 0; core < lists.size(); ++core) lists[core].push_back(std::move(shares[core]));
  }
  return lists;
}

}  // namespace systole::npu

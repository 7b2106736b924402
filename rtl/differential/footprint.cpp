// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/footprint.h"

#include <algorithm>

namespace systole::differential {
namespace {

using contract::Dataflow;
using contract::Descriptor;
using contract::Dtype;
using contract::Opcode;
using contract::Space;

constexpr int kDram = 2;

int64_t size_of(Dtype type) { return type == Dtype::kBf16 ? 2 : type == Dtype::kI8 || type == Dtype::kU8 ? 1 : 4; }
int place(Space space) { return static_cast<int>(space); }

// Sorted and disjoint; false where some byte was there twice.
bool tidy(std::vector<Interval>& list) {
  std::sort(list.begin(), list.end());
  bool once = true;
  size_t last = 0;
  for (size_t i = 1; i < list.size(); ++i) {
    once = once && list[i].first >= list[last].second;
    if (list[i].first <= list[last].second)
      list[last].second = std::max(list[last].second, list[i].second);
    else
      list[++last] = list[i];
  }
  if (!list.empty()) list.resize(last + 1);
  return once;
}

class Builder {
 public:
  explicit Builder(const spec::NpuSpec& spec)
      : spec_(spec),
        sizes_{spec.scratchpad.bytes, int64_t{spec.accumulator.rows} * spec.array.cols * 4, spec.dram.bytes} {}

  Footprint take() {
    for (auto& list : f_.read) tidy(list);
    for (auto& list : f_.write) tidy(list);
    for (int space = 0; space < kSpaces; ++space) f_.overlaps |= overlap(f_.read[space], f_.write[space]);
    return std::move(f_);
  }

  template <typename Transfer>
  void transfer(const Transfer& t, bool load) {
    const bool far = t.far == contract::Far::kScratchpad;
    if (!t.n0 || !t.n1 || !t.n2 || !t.row_bytes || t.pad0_before + t.pad0_after > t.n0 ||
        t.pad1_before + t.pad1_after > t.n1)
      return illegal();
    const bool pads = t.pad0_before || t.pad0_after || t.pad1_before || t.pad1_after;
    if (pads != (t.pad_bytes != 0) || (pads && !load)) return illegal();
    if (t.space == Space::kAccumulator &&
        (t.local_addr % 4 || t.row_bytes % 4 || t.local_stride0 % 4 || t.local_stride1 % 4 || t.local_stride2 % 4))
      return illegal();
    f_.work = uint64_t{t.n0} * t.n1 * t.n2 * t.row_bytes;
    if (f_.work > 65536) return illegal();
    for (int64_t i2 = 0; i2 < t.n2; ++i2)
      for (int64_t i1 = 0; i1 < t.n1; ++i1)
        for (int64_t i0 = 0; i0 < t.n0; ++i0) {
          const int64_t local = t.local_addr + i2 * t.local_stride2 + i1 * t.local_stride1 + i0 * t.local_stride0;
          add(place(t.space), load, local, t.row_bytes);
          if (i1 < t.pad1_before || i1 >= int64_t{t.n1} - t.pad1_after || i0 < t.pad0_before ||
              i0 >= int64_t{t.n0} - t.pad0_after)
            continue;
          add(far ? place(Space::kScratchpad) : kDram, !load,
              static_cast<int64_t>(t.dram_addr) + i2 * t.dram_stride2 + (i1 - t.pad1_before) * t.dram_stride1 +
                  (i0 - t.pad0_before) * t.dram_stride0,
              t.row_bytes);
        }
    for (auto& list : f_.write)
      if (!tidy(list)) illegal();
  }

  void preload(const contract::Preload& p) {
    if (!p.rows || !p.cols || p.cols > static_cast<uint32_t>(spec_.array.cols)) return illegal();
    if (p.dataflow == Dataflow::kWeightStationary && p.rows > static_cast<uint32_t>(spec_.array.rows)) return illegal();
    const bool bf16 = p.dtype == contract::Dtype::kBf16;
    if (p.weights == contract::Weights::kI8   ? !bf16
        : p.weights == contract::Weights::kI4 ? p.dtype == contract::Dtype::kU8
                                              : p.weights != contract::Weights::kSame)
      return illegal();
    if (bf16 && p.weights == contract::Weights::kSame && (p.addr % 2 || p.row_stride % 2)) return illegal();
    for (int64_t r = 0; r < p.rows; ++r) add(0, false, p.addr + r * p.row_stride, matrix_row_bytes(p));
    claim();
  }

  void compute(const contract::Compute& c) {
    if (!c.m0 || !c.m1 || !c.m2 || !c.rows || !c.cols || !c.k_c || !c.k_w || c.c0 >= c.k_c || c.kw0 >= c.k_w ||
        c.rows > static_cast<uint32_t>(spec_.array.rows) || c.cols > static_cast<uint32_t>(spec_.array.cols))
      return illegal();
    const int64_t size = size_of(c.dtype), row = int64_t{spec_.array.cols} * 4;
    if (size == 2 &&
        (c.addr % 2 || c.stride0 % 2 || c.stride1 % 2 || c.stride2 % 2 || c.kw_stride % 2 || c.kh_stride % 2))
      return illegal();
    f_.work = uint64_t{c.m0} * c.m1 * c.m2 * c.rows;
    if (f_.work > 65536) return illegal();
    int64_t m = 0;
    for (int64_t m2 = 0; m2 < c.m2; ++m2)
      for (int64_t m1 = 0; m1 < c.m1; ++m1)
        for (int64_t m0 = 0; m0 < c.m0; ++m0, ++m) {
          int64_t channel = c.c0, kw = c.kw0, kh = 0;
          const int64_t base = c.addr + m0 * c.stride0 + m1 * c.stride1 + m2 * c.stride2;
          for (int64_t r = 0; r < c.rows; ++r) {
            add(0, false, base + kh * c.kh_stride + kw * c.kw_stride + channel * size, size);
            if (++channel < c.k_c) continue;
            channel = 0;
            if (++kw == c.k_w) kw = 0, ++kh;
          }
        }
    const bool stays = c.dataflow == Dataflow::kOutputStationary;
    if (stays && (c.swap || (c.acc_stride == 0 && c.rows > 1))) return illegal();
    for (int64_t n = 0; n < (stays ? c.rows : m); ++n) {
      const int64_t to = (c.acc_row + n * c.acc_stride) * row;
      add(1, true, to, c.cols * 4);
      if (c.accumulate) add(1, false, to, c.cols * 4);
    }
    claim();
  }

  void vector(const contract::Vector& v) {
    const bool windowed = v.window != contract::WindowOp::kNone, mac = v.window == contract::WindowOp::kMac;
    if (!v.channels || !v.n0 || !v.n1 || (windowed && (!v.win_kh || !v.win_kw))) return illegal();
    const int64_t kh = windowed ? v.win_kh : 1, kw = windowed ? v.win_kw : 1;
    f_.work = uint64_t{v.n0} * v.n1 * v.channels * static_cast<uint64_t>(kh * kw);
    if (f_.work > 65536) return illegal();
    const int64_t a = size_of(v.a_dtype), b = size_of(v.b_dtype), d = size_of(v.d_dtype);
    const int64_t stored = v.reduce == contract::Reduce::kNone ? v.channels : 1;
    for (int64_t i1 = 0; i1 < v.n1; ++i1)
      for (int64_t i0 = 0; i0 < v.n0; ++i0) {
        const int64_t from = v.src_addr + i1 * v.a_stride1 + i0 * v.a_stride0;
        for (int64_t h = 0; h < kh; ++h)
          for (int64_t w = 0; w < kw; ++w)
            element(place(v.a_space), false, from + (windowed ? h * v.win_stride1 + w * v.win_stride0 : 0), v.channels,
                    a);
        if (!mac && v.binary != contract::BinaryOp::kNone)
          element(0, false, v.b_addr + i1 * v.b_stride1 + i0 * v.b_stride0, v.b_broadcast ? 1 : v.channels, b);
        element(place(v.d_space), true, v.dst_addr + i1 * v.d_stride1 + i0 * v.d_stride0, stored, d);
      }
    for (int64_t k = 0; mac && k < kh * kw; ++k) element(0, false, v.b_addr + k * v.b_stride0, v.channels, b);
    const int64_t per = v.scalar_params ? 1 : v.channels;
    const int64_t params = (v.bias ? v.channels : 0) + (v.requant != contract::Requant::kNone ? per : 0) +
                           (v.requant == contract::Requant::kTflite ? per : 0) + (v.b_scaled ? 1 : 0) +
                           (v.out_scaled ? 1 : 0);
    if (params) element(0, false, v.param_addr, params, 4);
  }

  void fence(const contract::Fence& f) {
    if (f.record_addr) add(kDram, true, static_cast<int64_t>(f.record_addr), 64);
  }

 private:
  void illegal() { f_.legal = false; }
  void add(int space, bool write, int64_t from, int64_t bytes) {
    if (from < 0 || from + bytes > sizes_[static_cast<size_t>(space)]) return illegal();
    auto& list = (write ? f_.write : f_.read)[static_cast<size_t>(space)];
    if (!list.empty() && list.back().second == from)
      list.back().second += bytes;
    else
      list.emplace_back(from, from + bytes);
  }
  void element(int space, bool write, int64_t from, int64_t count, int64_t size) {
    if (from % size) return illegal();
    add(space, write, from, count * size);
  }
  void claim() {
    const int64_t bank = spec_.scratchpad.bytes / spec_.scratchpad.banks;
    for (const Interval& i : f_.read[0])
      for (int64_t b = i.first / bank; b <= (i.second - 1) / bank; ++b) f_.banks |= uint64_t{1} << b;
  }

  const spec::NpuSpec& spec_;
  std::array<int64_t, kSpaces> sizes_;
  Footprint f_;
};

}  // namespace

int64_t matrix_row_bytes(const contract::Preload& p) {
  if (p.weights == contract::Weights::kI4) return (int64_t{p.cols} + 1) / 2;
  return p.cols * (p.weights == contract::Weights::kI8 ? 1 : size_of(p.dtype));
}

bool overlap(const std::vector<Interval>& a, const std::vector<Interval>& b) {
  if (a.empty() || b.empty() || a.back().second <= b.front().first || b.back().second <= a.front().first) return false;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (std::max(a[i].first, b[j].first) < std::min(a[i].second, b[j].second)) return true;
    a[i].second < b[j].second ? ++i : ++j;
  }
  return false;
}

Footprint footprint(const Descriptor& command, const spec::NpuSpec& spec) {
  Builder builder(spec);
  switch (contract::opcode(command)) {
    case Opcode::kLoad:
      builder.transfer(contract::decode_load(command), true);
      break;
    case Opcode::kStore:
      builder.transfer(contract::decode_store(command), false);
      break;
    case Opcode::kPreload:
      builder.preload(contract::decode_preload(command));
      break;
    case Opcode::kCompute:
      builder.compute(contract::decode_compute(command));
      break;
    case Opcode::kVector:
      builder.vector(contract::decode_vector(command));
      break;
    case Opcode::kFence:
      builder.fence(contract::decode_fence(command));
      break;
    default:
      break;
  }
  return builder.take();
}

bool defined(const Descriptor& command, const spec::NpuSpec& spec) {
  const Footprint f = footprint(command, spec);
  if (!f.legal || !f.overlaps) return f.legal;
  if (contract::opcode(command) == Opcode::kCompute) return true;
  if (contract::opcode(command) != Opcode::kVector) return false;
  const contract::Vector v = contract::decode_vector(command);
  const bool in_place = v.window == contract::WindowOp::kNone && v.reduce == contract::Reduce::kNone &&
                        v.a_space == v.d_space && v.a_dtype == v.d_dtype && v.src_addr == v.dst_addr &&
                        v.a_stride0 == v.d_stride0 && v.a_stride1 == v.d_stride1;
  const int64_t row = v.channels * size_of(v.d_dtype);
  const bool apart =
      (v.n0 == 1 || v.d_stride0 >= row) && (v.n1 == 1 || v.d_stride1 >= (v.n0 - 1) * int64_t{v.d_stride0} + row);
  if (!in_place || !apart) return false;
  contract::Vector rest = v;  // what it reads besides A
  rest.a_space = v.d_space == Space::kScratchpad ? Space::kAccumulator : Space::kScratchpad;
  rest.src_addr = 0, rest.a_stride0 = rest.a_stride1 = 0, rest.a_dtype = Dtype::kI8;
  return !footprint(contract::encode(rest), spec).overlaps;
}

bool all_defined(const std::vector<Descriptor>& commands, const spec::NpuSpec& spec) {
  for (const Instance& i : expand(commands))
    if (!defined(at(commands, i), spec)) return false;
  return true;
}

Hazard hazard(const Footprint& earlier, const Footprint& later) {
  const auto common = [](const auto& a, const auto& b) {
    for (size_t space = 0; space < kSpaces; ++space)
      if (overlap(a[space], b[space])) return true;
    return false;
  };
  if (common(earlier.write, later.read)) return Hazard::kReadAfterWrite;
  if (common(earlier.read, later.write)) return Hazard::kWriteAfterRead;
  if (common(earlier.write, later.write)) return Hazard::kWriteAfterWrite;
  return earlier.banks & later.banks ? Hazard::kBank : Hazard::kNone;
}

std::vector<Instance> expand(const std::vector<Descriptor>& commands, size_t most) {
  struct Loop {
    size_t first, end;
    uint32_t count, done, level;
    uint64_t iteration;
  };
  std::vector<Loop> loops;
  std::vector<Instance> result;
  for (size_t pc = 0; result.size() < most;) {
    while (!loops.empty() && pc == loops.back().end) {
      ++loops.back().iteration;
      if (++loops.back().done < loops.back().count)
        pc = loops.back().first;
      else
        loops.pop_back();
    }
    if (pc >= commands.size()) break;
    Instance instance{pc, {}, loops.empty() ? 0 : loops.back().iteration};
    for (const Loop& loop : loops) instance.counts[loop.level] = loop.done;
    result.push_back(instance);
    const Descriptor& d = commands[pc++];
    if (contract::opcode(d) != Opcode::kRepeat) continue;
    const contract::Repeat r = contract::decode_repeat(d);
    if (r.count && r.body && r.level < 3)
      loops.push_back({pc, pc + r.body, r.count, 0, r.level, loops.empty() ? 0 : loops.back().iteration * r.count});
  }
  return result;
}

Descriptor at(const std::vector<Descriptor>& commands, const Instance& instance) {
  Descriptor d = commands[instance.command];
  const contract::Header h = contract::decode_header(d);
  const auto& n = instance.counts;
  const auto sum = [&](int32_t x, int32_t y, int32_t z) {
    return static_cast<uint64_t>(int64_t{x} * n[0] + int64_t{y} * n[1] + int64_t{z} * n[2]);
  };
  const uint64_t a = sum(h.inc_a_0, h.inc_a_1, h.inc_a_2), b = sum(h.inc_b_0, h.inc_b_1, h.inc_b_2),
                 c = sum(h.inc_c_0, h.inc_c_1, h.inc_c_2);
  auto& w = d.words;
  const auto wide = [&](size_t i) {
    const uint64_t value = (w[i] | uint64_t{w[i + 1]} << 32) + a;
    w[i] = static_cast<uint32_t>(value), w[i + 1] = static_cast<uint32_t>(value >> 32);
  };
  switch (contract::opcode(d)) {
    case Opcode::kLoad:
    case Opcode::kStore:
      wide(13);
      w[15] += static_cast<uint32_t>(b);
      break;
    case Opcode::kFence:
      if (w[15] || w[16]) wide(15);
      break;
    case Opcode::kPreload:
    case Opcode::kCompute:
    case Opcode::kVector:
      w[13] += static_cast<uint32_t>(a);
      if (contract::opcode(d) != Opcode::kPreload) w[14] += static_cast<uint32_t>(b);
      if (contract::opcode(d) == Opcode::kVector) {
        const contract::CSteps steps = contract::decode_vector(d).c_steps;
        if (steps != contract::CSteps::kParams) w[15] += static_cast<uint32_t>(c);
        if (steps != contract::CSteps::kB) w[28] += static_cast<uint32_t>(c);
      }
      break;
    default:
      break;
  }
  return d;
}

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/cosim/array.h"

#include <dlfcn.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "hal/numeric/bf16.h"
#include "rtl/cosim/array_pins.h"

namespace systole::rtl {
namespace {

using contract::Dtype;

// An operand as it goes through the array: an integer less its zero point, or the bits of a bf16.
uint16_t operand(Dtype dtype, int zero_point, const std::byte* at) {
  uint16_t bits = 0;
  std::memcpy(&bits, at, dtype == Dtype::kBf16 ? 2 : 1);
  if (dtype == Dtype::kBf16) return bits;
  const int value = dtype == Dtype::kI8 ? static_cast<int8_t>(bits) : bits;
  return static_cast<uint16_t>(value - zero_point);
}

// Element `column` of a row of PRELOAD's matrix.
uint16_t weight(const contract::Preload& p, const std::byte* row, int64_t column) {
  if (p.weights == contract::Weights::kSame)
    return operand(p.dtype, p.zero_point, row + column * sim::element_size(p.dtype));
  const int value = sim::stored_integer(p, row, column);
  if (p.dtype == Dtype::kBf16) return numeric::to_bf16(static_cast<float>(value)).bits;
  return static_cast<uint16_t>(value - p.zero_point);
}

class VerilatedArray final : public sim::ArrayPort {
 public:
  VerilatedArray(const spec::NpuSpec& spec, void* library)
      : library_(library),
        rows_(static_cast<uint64_t>(spec.array.rows)),
        cols_(static_cast<uint64_t>(spec.array.cols)),
        latency_(static_cast<uint64_t>(spec.array.pe_latency)),
        weight_rows_(static_cast<uint64_t>(spec.array.weight_rows_per_cycle)),
        int8_interval_(static_cast<uint64_t>(spec.array.int8_interval)),
        bf16_interval_(static_cast<uint64_t>(spec.array.bf16_interval)) {}
  // The library stays loaded: Verilator's runtime keeps things of its own for each thread.
  ~VerilatedArray() override {
    if (instance_) destroy_(instance_);
  }

  bool load(std::string& error) {
    const auto create = reinterpret_cast<ArrayCreateFunction*>(dlsym(library_, "systole_array_create"));
    destroy_ = reinterpret_cast<ArrayDestroyFunction*>(dlsym(library_, "systole_array_destroy"));
    cycle_ = reinterpret_cast<ArrayCycleFunction*>(dlsym(library_, "systole_array_cycle"));
    if (!create || !destroy_ || !cycle_) {
      error = "no Verilated array is in it";
      return false;
    }
    instance_ = create();
    reset();
    return true;
  }

  void reset() override {
    pins_ = {};
    pins_.reset = 1;
    cycle_(instance_, &pins_);
    cycle_(instance_, &pins_);
    pins_.reset = 0;
    swap_ = false;
  }
  void swap() override { swap_ = true; }

  void preload(const contract::Preload& p, const sim::LocalMemory& scratchpad) override {
    const uint64_t groups = (p.rows + weight_rows_ - 1) / weight_rows_;
    for (uint64_t t = 0; t < groups + cols_ - 1; ++t) {
      for (uint64_t c = 0; c < cols_ && c <= t; ++c) {
        const uint64_t group = t - c;
        if (group >= groups) continue;
        pins_.w_valid |= uint64_t{1} << c;
        if (group == 0) pins_.w_first |= uint64_t{1} << c;
        pins_.w_row[c] = static_cast<uint8_t>(group * weight_rows_);
        for (uint64_t k = 0; k < weight_rows_; ++k) {
          const uint64_t row = group * weight_rows_ + k;
          const bool inside = row < p.rows && c < p.cols;
          const auto at = static_cast<int64_t>(p.addr + row * p.row_stride);
          pins_.w[c * weight_rows_ + k] = inside ? weight(p, scratchpad.at(at), static_cast<int64_t>(c)) : uint16_t{0};
        }
      }
      cycle();
    }
  }

  uint64_t compute(const contract::Compute& c, const sim::Gather& gather, const sim::LocalMemory& scratchpad,
                   sim::LocalMemory& accumulators) override {
    std::vector<uint16_t> vectors;  // vector by vector, c.rows elements each
    const int64_t size = sim::element_size(c.dtype);
    gather.each_vector([&](int64_t base) {
      for (const sim::Gather::Segment& s : gather.segments())
        for (int64_t at = base + s.offset; at < base + s.offset + s.bytes; at += size)
          vectors.push_back(operand(c.dtype, c.zero_point, scratchpad.at(at)));
    });
    const uint64_t count = gather.vectors(), way = rows_ * latency_;
    const uint64_t interval = c.dtype == Dtype::kBf16 ? bf16_interval_ : int8_interval_;
    uint64_t overflow = 0;
    for (uint64_t t = 0; t < (count - 1) * interval + way + cols_; ++t) {
      for (uint64_t r = 0; r < rows_ && r * latency_ <= t; ++r) {
        const uint64_t since = t - r * latency_, m = since / interval;
        if (since % interval != 0 || m >= count) continue;
        if (swap_ && m == 0) pins_.x_swap |= uint64_t{1} << r;
        if (c.dtype == Dtype::kBf16) pins_.x_bf16 |= uint64_t{1} << r;
        if (r >= c.rows) continue;
        pins_.x_valid |= uint64_t{1} << r;
        pins_.x[r] = vectors[m * c.rows + r];
      }
      cycle();
      for (uint64_t col = 0; col < c.cols && way + col <= t; ++col) {
        const uint64_t since = t - way - col, m = since / interval;
        if (since % interval != 0 || m >= count) continue;
        const auto word = static_cast<int64_t>((c.acc_row + m * c.acc_stride) * cols_ + col);
        overflow += store(c, pins_.sum[col], accumulators.at(word * 4));
      }
    }
    swap_ = false;
    return overflow;
  }

  // The hardware file can't have both (spec::inconsistencies).
  uint64_t multiply(const contract::Preload&, const contract::Compute&, const sim::Gather&, const sim::LocalMemory&,
                    sim::LocalMemory&) override {
    std::abort();
  }

 private:
  void cycle() {
    cycle_(instance_, &pins_);
    pins_.x_valid = pins_.x_swap = pins_.x_bf16 = pins_.w_valid = pins_.w_first = 0;
  }

  // 1 where an i32 addition wraps.
  static uint64_t store(const contract::Compute& c, uint32_t sum, std::byte* to) {
    uint64_t wrapped = 0;
    if (c.accumulate && c.dtype == Dtype::kBf16) {
      float old = 0, add = 0;
      std::memcpy(&old, to, 4);
      std::memcpy(&add, &sum, 4);
      add = old + add;
      if (std::isnan(add)) add = std::numeric_limits<float>::quiet_NaN();
      std::memcpy(&sum, &add, 4);
    } else if (c.accumulate) {
      int32_t old = 0, total = 0;
      std::memcpy(&old, to, 4);
      wrapped = __builtin_add_overflow(old, static_cast<int32_t>(sum), &total);
      sum = static_cast<uint32_t>(total);
    }
    std::memcpy(to, &sum, 4);
    return wrapped;
  }

  void* library_;
  void* instance_ = nullptr;
  ArrayDestroyFunction* destroy_ = nullptr;
  ArrayCycleFunction* cycle_ = nullptr;
  ArrayPins pins_{};
  uint64_t rows_, cols_, latency_, weight_rows_, int8_interval_, bf16_interval_;
  bool swap_ = false;  // with the next vector
};

}  // namespace

std::unique_ptr<sim::ArrayPort> make_verilated_array(const spec::NpuSpec& spec, const std::string& library,
                                                     std::string& error) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    error = dlerror();
    return nullptr;
  }
  auto array = std::make_unique<VerilatedArray>(spec, handle);
  if (!array->load(error)) return nullptr;
  return array;
}

}  // namespace systole::rtl

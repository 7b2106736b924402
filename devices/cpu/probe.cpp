// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/probe.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "devices/cpu/clones.h"
#include "devices/cpu/pack_cache.h"
#include "devices/cpu/workers.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace systole::cpu {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t kTurns = 200'000;  // of a register loop
constexpr int kChains = 12;          // independent sums: more than latency times issue width

// The best of several rounds of `round` by every thread at once, in seconds.
double best_seconds(const Workers& workers, int rounds, const std::function<void(int64_t)>& round) {
  double best = 1e300;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    workers.each(workers.threads(), [&](int64_t thread) { round(thread); });
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

struct Loop {
  DType type;
  int64_t lanes;  // multiply-accumulates an instruction
  void (*run)();
};

#if defined(__x86_64__)
// `operation` repeated over registers that are never stored: volatile, so that it is neither moved nor left out.
#define SYSTOLE_PEAK_LOOP(name, isa, vector, operation)                         \
  __attribute__((target(isa))) void name() {                                    \
    vector sums[kChains] = {}, value = {};                                      \
    for (int64_t turn = 0; turn < kTurns; ++turn) {                             \
      for (int chain = 0; chain < kChains; ++chain)                             \
        asm volatile(operation " %1, %1, %0" : "+v"(sums[chain]) : "v"(value)); \
    }                                                                           \
  }
SYSTOLE_PEAK_LOOP(f32_avx512, "avx512f", __m512, "vfmadd231ps")
SYSTOLE_PEAK_LOOP(f32_avx2, "avx2,fma", __m256, "vfmadd231ps")
SYSTOLE_PEAK_LOOP(bf16_avx512, "avx512f,avx512bf16", __m512, "vdpbf16ps")
SYSTOLE_PEAK_LOOP(i8_avx512, "avx512f,avx512vnni", __m512i, "vpdpbusd")
#undef SYSTOLE_PEAK_LOOP
#endif

// Without vector instructions of a known shape: what the compiler makes of a plain loop.
void f32_plain() {
  float sums[kChains * 4] = {};
  volatile float source = 1e-3f;
  const float value = source;
  for (int64_t turn = 0; turn < kTurns; ++turn)
    for (float& sum : sums) sum += value * value;
  for (float sum : sums) source = sum;
}

std::vector<Loop> loops() {
  std::vector<Loop> found;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    found.push_back({DType::kF32, 16, f32_avx512});
  else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.push_back({DType::kF32, 8, f32_avx2});
  if (__builtin_cpu_supports("avx512bf16")) found.push_back({DType::kBF16, 32, bf16_avx512});
  if (__builtin_cpu_supports("avx512vnni")) found.push_back({DType::kI8, 64, i8_avx512});
#endif
  if (found.empty()) found.push_back({DType::kF32, 4, f32_plain});
  return found;
}

// Sums of eight streams, so that additions never wait for each other.
SYSTOLE_CPU_CLONES
uint64_t read_all(const uint64_t* data, int64_t count) {
  uint64_t sums[64] = {};
  for (int64_t i = 0; i + 64 <= count; i += 64)
    for (int64_t j = 0; j < 64; ++j) sums[j] += data[i + j];
  uint64_t sum = 0;
  for (uint64_t partial : sums) sum += partial;
  return sum;
}

}  // namespace

double Roofline::macs_per_s(DType type) const {
  for (const Peak& peak : peaks)
    if (peak.type == type) return peak.macs_per_s;
  return 0;
}

double Roofline::bytes_per_s(int64_t bytes) const {
  for (const Stream& stream : streams)
    if (bytes <= stream.bytes) return stream.bytes_per_s;
  return streams.empty() ? 0 : streams.back().bytes_per_s;
}

double Roofline::least_seconds(DType type, int64_t macs, int64_t bytes) const {
  const double peak = macs_per_s(type), bandwidth = bytes_per_s(bytes);
  const double compute = peak > 0 ? static_cast<double>(macs) / peak : 0;
  return std::max(compute, bandwidth > 0 ? static_cast<double>(bytes) / bandwidth : 0);
}

Roofline probe_roofline(int threads) {
  const Workers workers(threads);
  Roofline roofline;
  for (const Loop& loop : loops()) {
    const double seconds = best_seconds(workers, 40, [&](int64_t) { loop.run(); });
    const auto macs = static_cast<double>(kTurns * kChains * (loop.run == f32_plain ? 4 : loop.lanes));
    roofline.peaks.push_back({loop.type, macs * threads / seconds});
  }
  constexpr int64_t kLargest = int64_t{64} << 20;  // a thread's
  Packed memory(static_cast<size_t>(kLargest * threads));
  std::fill_n(memory.data(), memory.bytes(), std::byte{1});
  volatile uint64_t sink = 0;
  constexpr uint64_t kNever = ~uint64_t{0};
  for (int64_t bytes = 256 << 10; bytes <= kLargest; bytes *= 4) {
    const int64_t passes = std::max<int64_t>(1, (int64_t{4} << 20) / bytes);
    const double seconds = best_seconds(workers, bytes == kLargest ? 3 : 20, [&](int64_t thread) {
      const auto* mine = reinterpret_cast<const uint64_t*>(memory.data() + thread * kLargest);
      uint64_t sum = 0;
      for (int64_t pass = 0; pass < passes; ++pass) sum += read_all(mine, bytes / 8);
      if (sum == kNever) sink = sum;  // only so that the reads are not left out
    });
    roofline.streams.push_back({bytes * threads, static_cast<double>(bytes * passes * threads) / seconds});
  }
  return roofline;
}

}  // namespace systole::cpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/probe.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>

#include "devices/cpu/clones.h"
#include "devices/cpu/pack_cache.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace systole::cpu {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t kTurns = 200'000;  // of a register loop
constexpr int kChains = 12;          // independent sums: more than latency times issue width

// The best round of `round` by every thread at once, in seconds: of 1,000, but of five after a quarter of one. Many
// short ones find a busy machine idle more often.
double best_seconds(const Workers& workers, const std::function<void(int64_t)>& round) {
  double best = 1e300, spent = 0;
  for (int i = 0; i < 1000 && (i < 5 || spent < 0.25); ++i) {
    const auto start = Clock::now();
    workers.each(workers.threads(), [&](int64_t thread) { round(thread); });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    spent += seconds;
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

// y = x + 1, which the compiler must not take for nothing.
SYSTOLE_CPU_CLONES
void add_one(const uint64_t* x, uint64_t* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] + 1;
}

std::string processor_name() {
  std::ifstream facts("/proc/cpuinfo");
  for (std::string line; std::getline(facts, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 1);
  return "unknown";
}

// A thread's part of the largest footprint: 64 MiB, less where all threads' would be more than 2 GiB.
int64_t largest_of(int threads) {
  int64_t bytes = int64_t{64} << 20;
  while (bytes * threads > int64_t{2} << 30 && bytes > int64_t{1} << 20) bytes /= 2;
  return bytes;
}

}  // namespace

std::string probe_key(int threads) {
  return "cpu\n" + processor_name() + "\n" + std::to_string(threads) + " threads of " +
         std::to_string(available_cores()) + " cores\n";
}

Peaks probe_peaks(const Workers& workers) {
  const int threads = workers.threads();
  Peaks peaks;
  for (const Loop& loop : loops()) {
    const double seconds = best_seconds(workers, [&](int64_t) { loop.run(); });
    const auto macs = static_cast<double>(kTurns * kChains * (loop.run == f32_plain ? 4 : loop.lanes));
    peaks.compute.push_back({loop.type, macs * threads / seconds});
  }
  const int64_t largest = largest_of(threads);
  Packed memory(static_cast<size_t>(largest * threads));
  std::fill_n(memory.data(), memory.bytes(), std::byte{1});
  volatile uint64_t sink = 0;
  constexpr uint64_t kNever = ~uint64_t{0};
  for (int64_t bytes = 256 << 10; bytes <= largest; bytes *= 4) {
    const int64_t passes = std::max<int64_t>(1, (int64_t{4} << 20) / bytes);
    const double seconds = best_seconds(workers, [&](int64_t thread) {
      const auto* mine = reinterpret_cast<const uint64_t*>(memory.data() + thread * largest);
      uint64_t sum = 0;
      for (int64_t pass = 0; pass < passes; ++pass) sum += read_all(mine, bytes / 8);
      if (sum == kNever) sink = sum;  // only so that the reads are not left out
    });
    peaks.memory.push_back({"read", bytes * threads, static_cast<double>(bytes * passes * threads) / seconds});
  }
  const int64_t half = largest / 2;
  const auto moved = [&](const char* probe, void (*move)(const uint64_t*, uint64_t*, int64_t)) {
    const double seconds = best_seconds(workers, [&](int64_t thread) {
      auto* mine = reinterpret_cast<uint64_t*>(memory.data() + thread * largest);
      move(mine, mine + half / 8, half / 8);
    });
    peaks.memory.push_back({probe, largest * threads, static_cast<double>(largest * threads) / seconds});
  };
  moved("stream", add_one);
  moved("copy", [](const uint64_t* x, uint64_t* y, int64_t count) { std::copy_n(x, count, y); });
  return peaks;
}

}  // namespace systole::cpu

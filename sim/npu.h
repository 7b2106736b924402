// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The simulated NPU as its embedder sees it: registers, device memory, an interrupt line, and a clock that only run()
// moves. Any thread may call, one at a time an instance: every call takes a process-wide lock (the simulation kernel is
// global).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/stats.h"

namespace systole::memory {
class Timeline;
}

namespace systole::sim {

class ArrayPort;

enum class Engine : uint8_t { kLoad, kStore, kPreload, kCompute, kVector, kControl };  // the contract's numbers
inline constexpr int kEngines = 6;
inline constexpr int kQueues = 5;  // all but control's
const char* engine_name(Engine engine);

struct NpuOptions {
  bool functional =
      true;  // off: cycles only; device memory still holds rings and fence records, payloads are not touched
  bool race_check = false;  // report unordered overlapping accesses and reads of storage never written
  bool trace = false;       // keep a span for every command
  // Iterations of loops in which all that happens has happened before are counted, not simulated: the same cycles and
  // counters, sooner. On one core, where neither values, races nor spans are asked for.
  bool fast_forward = true;
  std::function<std::unique_ptr<ArrayPort>()> make_array;  // values of another array; empty: the model's own
};

// Every cycle in which work is pending belongs to exactly one cause (docs/timing.md, section 9).
// In order of precedence.
enum class Cause : uint8_t { kCompute, kVector, kDram, kCopy, kPreload, kArrayDrain, kVectorDrain, kFence, kDispatch };
inline constexpr int kCauses = 9;
const char* cause_name(Cause cause);

struct Counters {
  uint64_t macs = 0;                            // useful rows x useful columns x vectors
  uint64_t commands = 0;                        // completed
  uint64_t overflow = 0;                        // i32 additions in the accumulators that wrapped
  std::array<uint64_t, kEngines> busy{};        // cycles from issue to port free, by engine
  std::array<uint64_t, kEngines> dram_bytes{};  // whole bursts, by engine; kControl: fetches and fence records
  std::array<uint64_t, kEngines> engine_commands{};
  std::array<uint64_t, kCauses> cycles{};        // by cause
  std::array<uint64_t, kQueues> queue_cycles{};  // commands that waited, each cycle
  std::array<uint32_t, kQueues> queue_most{};    // at once, before its last fence
  uint64_t row_hits = 0, row_misses = 0;         // bursts of DRAM by LOAD and STORE, up to the last fence
  memory::L2Counts l2;                           // of LOAD and STORE, up to the last fence
  std::array<uint64_t, 2> flight_cycles{};       // reads and writes under way, each cycle, up to the last fence
  uint64_t total_cycles() const { return std::accumulate(cycles.begin(), cycles.end(), uint64_t{0}); }
};

struct Stats {
  Counters total;                         // since reset
  std::map<uint16_t, Counters> tags;      // the same by the header's tag; sums to total
  uint64_t idle_cycles = 0;               // nothing pending
  uint64_t row_hits = 0, row_misses = 0;  // DRAM
  std::vector<uint64_t> channel_busy;     // cycles of data by DRAM channel, rounded down
};

struct Span {
  uint64_t index = 0;     // commands of this core in order of dispatch, counted from reset
  uint64_t sequence = 0;  // ring index of its descriptor, counted from reset
  Engine engine = Engine::kControl;
  const char* name = "";  // the contract's command name
  uint16_t tag = 0;
  uint64_t dispatch = 0, issue = 0, port_free = 0, complete = 0;  // cycles of now()
  int core = 0;
};

struct Race {
  enum class Kind : uint8_t { kWriteWrite, kReadWrite, kUnwritten } kind;
  enum class Space : uint8_t { kScratchpad, kAccumulator, kDram } space;
  uint64_t address = 0;   // first byte in common, or never written
  uint64_t sequence = 0;  // the later command's ring index
  Engine engine = Engine::kControl;
  uint64_t other_sequence = 0;  // the earlier command's; kUnwritten: the same again
  Engine other_engine = Engine::kControl;
  std::string to_string() const;
};

class Npu {
 public:
  // Null and a sentence in `error` when the spec can't be built.
  static std::unique_ptr<Npu> create(const spec::NpuSpec& spec, const NpuOptions& options, std::string& error);
  ~Npu();
  Npu(const Npu&) = delete;
  Npu& operator=(const Npu&) = delete;

  // 32-bit accesses of BAR0. A write at now() is seen by the device in the next cycle; reset acts at once.
  uint32_t reg_read(uint32_t offset, bool& ok);  // ok false: no such register, misaligned, or write-only
  bool reg_write(uint32_t offset, uint32_t value);

  // Device memory, memory_bytes() long; its pages are taken from the host when touched. Zero at creation, kept over
  // reset.
  std::byte* memory();
  uint64_t memory_bytes() const;

  uint64_t now() const;      // core cycles since creation
  uint64_t skipped() const;  // of these, those that fast-forward did not simulate
  bool irq() const;          // level of the interrupt line
  bool idle() const;         // nothing pending: time would pass without any change
  // Moves time by max_cycles, or less: up to the cycle in which the interrupt line is high. At once when it is already.
  // Returns the cycles moved. An idle device lets all of max_cycles pass.
  uint64_t run(uint64_t max_cycles);
  // The same, ignoring the interrupt line.
  uint64_t advance(uint64_t cycles);

  int cores() const;
  const Stats& stats(int core = 0) const;   // of a core, the memory's in each; valid until the next call
  const memory::Timeline& traffic() const;  // of all cores, since the last reset
  void set_trace(bool on);                  // NpuOptions::trace, from now on
  std::vector<Span> take_trace();           // completed commands since the last call, a core's in order of completion
  const std::vector<Race>& races(int core = 0) const;  // since reset, at most 1,000; between commands of one core

 private:
  struct Impl;
  explicit Npu(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace systole::sim

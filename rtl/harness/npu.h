// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A Verilated NPU with its clock, reset and memory, as its embedder sees it. One caller at a time an instance.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "rtl/harness/axi_memory.h"
#include "rtl/harness/pins.h"

namespace systole::rtl {

// What became of one command of a queue; cycles of now().
struct Span {
  uint64_t index = 0;     // in order of dispatch since reset
  uint32_t sequence = 0;  // ring index
  int engine = 0;
  uint8_t opcode = 0;
  uint16_t tag = 0;
  uint64_t dispatch = 0, issue = 0, port_free = 0, complete = 0;
};

class Npu {
 public:
  // Null and a sentence in `error` where the library can't be loaded or memory is short.
  static std::unique_ptr<Npu> create(const spec::NpuSpec& spec, const std::string& library, std::string& error);
  ~Npu();
  Npu(const Npu&) = delete;
  Npu& operator=(const Npu&) = delete;

  // One AXI4-Lite access: a cycle. False: the slave answered with an error.
  bool read(uint32_t offset, uint32_t& value);
  bool write(uint32_t offset, uint32_t value);

  std::span<std::byte> memory() { return memory_bytes_; }
  const memory::System& memory_system() const { return memory_->system(); }
  uint64_t now() const { return now_; }  // cycles since creation
  bool irq() const { return pins_.irq; }
  bool idle() const { return idle_ && memory_->idle(); }
  // Clocks until the interrupt line is high or max_cycles have passed; cycles in which nothing is pending are counted,
  // not clocked. Returns the cycles.
  uint64_t run(uint64_t max_cycles, bool stop_on_irq = true);

  // Told of each clocked cycle in which an observer could learn something: its outputs, before the clock rises.
  void set_observer(std::function<void(const Pins&, uint64_t now)> observer) { observer_ = std::move(observer); }
  void set_trace(bool on) { trace_ = on; }
  std::vector<Span> take_trace();  // completed commands since the last call, in order of completion
  uint64_t clocked() const { return clocked_; }
  bool waves(const std::string& file);  // from now on; false where the library was built without

 private:
  Npu() = default;
  void cycle();
  void observe();

  void* library_ = nullptr;
  void* instance_ = nullptr;
  DestroyFunction* destroy_ = nullptr;
  CycleFunction* clock_ = nullptr;
  WavesFunction* waves_ = nullptr;
  std::span<std::byte> memory_bytes_;
  std::unique_ptr<AxiMemory> memory_;
  Pins pins_{};
  bool idle_ = false, trace_ = false;
  uint64_t now_ = 0, clocked_ = 0, next_index_ = 0;
  std::array<std::deque<Span>, kEngines> waiting_, flying_;
  std::vector<Span> spans_;
  std::function<void(const Pins&, uint64_t)> observer_;
  uint8_t last_port_free_ = 0, last_fired_ = 0, last_pending_ = 0;
  bool pending_changed_ = false;  // in the cycle before
};

}  // namespace systole::rtl

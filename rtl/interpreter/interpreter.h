// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the contract's text says each command does, serially and without time: values, semaphores and queues only.
// Written from configs/contract/npu.yaml alone; it shares no code with the model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"

namespace systole::reference {

class Interpreter {
 public:
  // DRAM holds `dram` bytes from address 0. `order` seeds the choice among engines that could go on.
  Interpreter(const spec::NpuSpec& spec, size_t dram, uint32_t order);

  std::vector<std::byte>& dram() { return dram_; }
  // Runs to the end of the commands. "" or what went wrong: deadlock, a read of storage never written, an address out
  // of range, an impossible field.
  std::string run(std::span<const contract::Descriptor> commands);

  uint64_t macs() const { return macs_; }
  uint64_t executed() const { return executed_; }
  uint64_t last_fence() const { return last_fence_; }
  // The bits of a NaN are free (docs/functions.md), and so is what follows from them: whether any command read them as
  // something else, and whether a byte of DRAM is part of one.
  bool nan_bits_read() const { return nan_bits_read_; }
  bool part_of_nan(size_t address) const { return dram_state_[address] >= kNan32; }

 private:
  struct Pending {
    contract::Descriptor descriptor;
    std::array<int64_t, 3> add{};  // increments of the enclosing loops so far
  };
  enum State : uint8_t { kUnwritten, kWritten, kNan32, kNan16 };  // of a byte
  struct Loop {
    size_t first = 0, end = 0;
    uint32_t count = 0, done = 0;
    int level = 0;
  };

  bool next_command(std::span<const contract::Descriptor> commands, Pending& next);
  bool dispatch(const Pending& next);
  bool waits_met(const contract::Header& header) const;
  bool ready(const Pending& head) const;
  void control(const Pending& next);
  void execute(int engine);
  void take_and_give(const contract::Header& header, bool take);

  void run_load(const Pending& p);
  void run_store(const Pending& p);
  bool can_widen(const contract::Preload& c) const;
  double matrix_element(const contract::Preload& c, int64_t row, int64_t j);
  void run_preload(const Pending& p);
  void run_compute(const Pending& p);
  std::vector<double> vector(const contract::Compute& c, int64_t base);
  void store_sum(const contract::Compute& c, int64_t row, int64_t column, const std::vector<double>& left,
                 const std::vector<double>& right);
  void run_vector(const Pending& p);
  template <typename Command>
  void move(const Command& c, const Pending& p, bool load);

  void fail(const std::string& what);
  // Reads and writes of local memory, checked.
  uint64_t read(contract::Space space, int64_t address, int64_t bytes);
  void write(contract::Space space, int64_t address, int64_t bytes, uint64_t value, State state = kWritten);
  void write_f32(contract::Space space, int64_t address, float value);
  void write_bf16(contract::Space space, int64_t address, uint16_t bits);
  State& state(contract::Space space, int64_t address) {
    return state_[static_cast<size_t>(space)][static_cast<size_t>(address)];
  }
  int64_t integer(contract::Space space, int64_t address, contract::Dtype type);
  float real(contract::Space space, int64_t address, contract::Dtype type);

  spec::NpuSpec spec_;
  std::vector<std::byte> dram_;
  std::array<std::vector<std::byte>, 2> local_;
  std::array<std::vector<State>, 2> state_;
  std::vector<State> dram_state_;
  std::vector<int> semaphores_;
  std::array<std::deque<Pending>, 5> queues_;
  std::array<size_t, 5> depth_{};
  std::array<double, 5> eagerness_{};
  std::vector<Loop> loops_;
  size_t pc_ = 0;
  bool shadow_full_ = false;
  std::optional<Pending> matrix_;  // an output-stationary PRELOAD that its COMPUTE will complete
  bool weights_bf16_ = false, shadow_bf16_ = false, nan_bits_read_ = false;
  std::vector<double> shadow_, active_;  // rows x cols
  std::mt19937 random_;
  std::string error_;
  uint64_t macs_ = 0, executed_ = 0, last_fence_ = 0;
};

}  // namespace systole::reference

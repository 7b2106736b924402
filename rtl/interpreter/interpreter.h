// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the contract's text says each command does, serially and without time: values, semaphores and queues only.
// Written from configs/contract/npu.yaml alone; it shares no code with the model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
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

 private:
  struct Pending {
    contract::Descriptor descriptor;
    std::array<int64_t, 3> add{};  // increments of the enclosing loops so far
  };
  struct Loop {
    size_t first = 0, end = 0;
    uint32_t count = 0, done = 0;
    int level = 0;
  };

  bool next_command(std::span<const contract::Descriptor> commands, Pending& next);
  bool dispatch(const Pending& next);
  bool ready(const Pending& head) const;
  void execute(int engine);
  void take_and_give(const contract::Header& header, bool take);

  void run_load(const Pending& p);
  void run_store(const Pending& p);
  void run_preload(const Pending& p);
  void run_compute(const Pending& p);
  void run_vector(const Pending& p);
  template <typename Command>
  void move(const Command& c, const Pending& p, bool load);

  void fail(const std::string& what);
  // Reads and writes of local memory, checked.
  uint64_t read(contract::Space space, int64_t address, int64_t bytes);
  void write(contract::Space space, int64_t address, int64_t bytes, uint64_t value);
  int64_t integer(contract::Space space, int64_t address, contract::Dtype type);
  float real(contract::Space space, int64_t address, contract::Dtype type);

  spec::NpuSpec spec_;
  std::vector<std::byte> dram_;
  std::array<std::vector<std::byte>, 2> local_;
  std::array<std::vector<bool>, 2> written_;
  std::vector<int> semaphores_;
  std::array<std::deque<Pending>, 5> queues_;
  std::array<size_t, 5> depth_{};
  std::array<double, 5> eagerness_{};
  std::vector<Loop> loops_;
  size_t pc_ = 0;
  bool shadow_full_ = false;
  bool weights_bf16_ = false, shadow_bf16_ = false;
  std::vector<double> shadow_, active_;  // rows x cols
  std::mt19937 random_;
  std::string error_;
  uint64_t macs_ = 0, executed_ = 0, last_fence_ = 0;
};

}  // namespace systole::reference

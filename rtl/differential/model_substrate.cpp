// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "rtl/differential/conversation.h"
#include "sim/npu.h"

namespace systole::differential {
namespace {

// The model's accesses take no time and come after all else of its cycle; those of a bus take a cycle, read what was
// before it, and write what is after it. So the model stays a cycle behind.
class ModelMachine final : public Machine {
 public:
  explicit ModelMachine(std::unique_ptr<sim::Npu> npu) : npu_(std::move(npu)) {}
  void write(uint32_t offset, uint32_t value) override {
    const bool clears = offset == contract::reg::kIrqStatus;  // but not what this very cycle raises
    if (clears) npu_->reg_write(offset, value);
    cycle();
    if (offset == contract::reg::kCtrl && (value & contract::reg::ctrl::kResetMask)) {
      npu_->advance(1);  // the first of the cycles since then
      ahead_ = true;
    }
    if (!clears) npu_->reg_write(offset, value);
  }
  uint32_t read(uint32_t offset) override {
    bool ok = false;
    const bool counts = offset == contract::reg::kPerfCyclesLo;  // this cycle too
    if (counts) cycle();
    const uint32_t value = npu_->reg_read(offset, ok);
    if (!counts) cycle();
    return value;
  }
  uint64_t run(uint64_t most) override {
    ahead_ = false;
    return npu_->run(most);
  }
  bool irq() const override { return npu_->irq(); }
  uint64_t now() const override { return npu_->now() + (ahead_ ? 0 : 1); }
  std::span<std::byte> memory() override { return {npu_->memory(), npu_->memory_bytes()}; }
  std::vector<CommandTimes> take_times() override {
    std::vector<CommandTimes> times;
    for (const sim::Span& s : npu_->take_trace())
      if (s.engine != sim::Engine::kControl)
        times.push_back(
            {s.index, s.sequence, static_cast<int>(s.engine), s.dispatch, s.issue, s.port_free, s.complete});
    return times;
  }
  Causes causes() override {
    if (!std::exchange(ahead_, true)) npu_->advance(1);
    return causes_of(npu_->stats());
  }
  const std::vector<sim::Race>& races() const { return npu_->races(); }

 private:
  void cycle() {
    if (!ahead_) npu_->advance(1);
    ahead_ = false;
  }

  std::unique_ptr<sim::Npu> npu_;
  bool ahead_ = false;  // not behind: after a reset
};

class ModelSubstrate final : public Substrate {
 public:
  explicit ModelSubstrate(std::unique_ptr<sim::Npu> npu) : machine_(std::move(npu)) {}
  const char* name() const override { return "model"; }
  Outcome run(const Program& program) override {
    Outcome outcome = converse(machine_, program);
    if (machine_.races().empty()) return outcome;
    outcome.racing = true;
    outcome.problem = machine_.races().front().to_string();
    return outcome;
  }

 private:
  ModelMachine machine_;
};

}  // namespace

std::unique_ptr<Substrate> make_model(const spec::NpuSpec& spec, bool race_check, std::string& error) {
  auto npu = sim::Npu::create(spec, {.functional = true, .race_check = race_check, .trace = true}, error);
  if (!npu) return nullptr;
  return std::make_unique<ModelSubstrate>(std::move(npu));
}

}  // namespace systole::differential

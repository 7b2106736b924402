// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "rtl/cosim/observer.h"
#include "rtl/differential/conversation.h"
#include "rtl/harness/build.h"
#include "rtl/harness/npu.h"

namespace systole::differential {
namespace {

class RtlMachine final : public Machine {
 public:
  explicit RtlMachine(std::unique_ptr<rtl::Npu> npu) : npu_(std::move(npu)) {
    npu_->set_trace(true);
    npu_->set_observer(
        [this](const rtl::Pins& pins, uint64_t now) { observer_.see(pins, now, npu_->memory_system().served()); });
  }
  void write(uint32_t offset, uint32_t value) override { npu_->write(offset, value); }
  uint32_t read(uint32_t offset) override {
    uint32_t value = 0;
    npu_->read(offset, value);
    return value;
  }
  uint64_t run(uint64_t most) override {
    if (waves_.empty()) return npu_->run(most);
    uint64_t passed = 0;
    if (npu_->now() < waves_from_) passed = npu_->run(std::min(most, waves_from_ - npu_->now()));
    if (npu_->now() < waves_from_) return passed;
    npu_->waves(waves_);
    waves_.clear();
    return passed + npu_->run(most - passed);
  }
  bool irq() const override { return npu_->irq(); }
  uint64_t now() const override { return npu_->now(); }
  std::span<std::byte> memory() override { return npu_->memory(); }
  std::vector<CommandTimes> take_times() override {
    std::vector<CommandTimes> times;
    for (const rtl::Span& s : npu_->take_trace())
      times.push_back({s.index, s.sequence, s.engine, s.dispatch, s.issue, s.port_free, s.complete});
    return times;
  }
  Causes causes() override { return causes_of(observer_.stats(npu_->now())); }
  void at_doorbell() override { waves_from_ += npu_->now(); }
  void waves(const std::string& file, uint64_t from) { waves_ = file, waves_from_ = from; }

 private:
  std::unique_ptr<rtl::Npu> npu_;
  rtl::Observer observer_;
  std::string waves_;  // to be begun at waves_from_
  uint64_t waves_from_ = 0;
};

class RtlSubstrate final : public Substrate {
 public:
  RtlSubstrate(std::unique_ptr<rtl::Npu> npu, bool waves) : machine_(std::move(npu)), waves_(waves) {}
  const char* name() const override { return "rtl"; }
  Outcome run(const Program& program) override { return converse(machine_, program); }
  bool waves(const std::string& file, uint64_t cycle) override {
    if (waves_) machine_.waves(file, cycle);
    return waves_;
  }

 private:
  RtlMachine machine_;
  bool waves_;
};

}  // namespace

std::unique_ptr<Substrate> make_rtl(const spec::NpuSpec& spec, const RtlOptions& options, Missing& missing,
                                    std::string& error) {
  const rtl::BuildResult built = rtl::build({spec, options.sources, options.cache, options.waves, false});
  missing = Missing::kFailed;
  error = built.message;
  if (built.status == rtl::BuildStatus::kNoVerilator) missing = Missing::kVerilator;
  if (built.status == rtl::BuildStatus::kUnsupported) missing = Missing::kUnsupported;
  if (built.status != rtl::BuildStatus::kOk) return nullptr;
  auto npu = rtl::Npu::create(spec, built.library, error);
  if (!npu) return nullptr;
  missing = Missing::kNothing;
  return std::make_unique<RtlSubstrate>(std::move(npu), options.waves);
}

}  // namespace systole::differential

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/conversation.h"
#include "rtl/harness/build.h"
#include "rtl/harness/npu.h"

namespace systole::differential {
namespace {

class RtlMachine final : public Machine {
 public:
  explicit RtlMachine(std::unique_ptr<rtl::Npu> npu) : npu_(std::move(npu)) { npu_->set_trace(true); }
  void write(uint32_t offset, uint32_t value) override { npu_->write(offset, value); }
  uint32_t read(uint32_t offset) override {
    uint32_t value = 0;
    npu_->read(offset, value);
    return value;
  }
  uint64_t run(uint64_t most) override { return npu_->run(most); }
  void advance(uint64_t cycles) override { npu_->run(cycles, false); }
  bool irq() const override { return npu_->irq(); }
  uint64_t now() const override { return npu_->now(); }
  std::span<std::byte> memory() override { return npu_->memory(); }
  std::vector<CommandTimes> take_times() override {
    std::vector<CommandTimes> times;
    for (const rtl::Span& s : npu_->take_trace())
      times.push_back({s.index, s.sequence, s.engine, s.dispatch, s.issue, s.port_free, s.complete});
    return times;
  }
  bool waves(const std::string& file) { return npu_->waves(file); }

 private:
  std::unique_ptr<rtl::Npu> npu_;
};

class RtlSubstrate final : public Substrate {
 public:
  explicit RtlSubstrate(std::unique_ptr<rtl::Npu> npu) : machine_(std::move(npu)) {}
  const char* name() const override { return "rtl"; }
  Outcome run(const Program& program) override { return converse(machine_, program); }
  bool waves(const std::string& file) override { return machine_.waves(file); }

 private:
  RtlMachine machine_;
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
  return std::make_unique<RtlSubstrate>(std::move(npu));
}

}  // namespace systole::differential

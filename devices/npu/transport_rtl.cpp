// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/transport_rtl.h"

#include "configs/contract/generated/npu_contract.h"
#include "devices/npu/counter_names.h"
#include "rtl/cosim/observer.h"
#include "rtl/harness/build.h"
#include "rtl/harness/npu.h"

namespace systole::npu {
namespace {

class RtlTransport final : public Transport {
 public:
  RtlTransport(std::string name, int64_t clock_hz, std::unique_ptr<rtl::Npu> npu)
      : name_(std::move(name)), clock_hz_(clock_hz), npu_(std::move(npu)) {
    npu_->set_observer(
        [this](const rtl::Pins& pins, uint64_t now) { observer_.see(pins, now, npu_->memory_system().served()); });
  }

  std::string identity() const override { return "RTL of " + name_; }

  Result<uint32_t> read(uint32_t offset, int size) override {
    SYSTOLE_RETURN_IF_ERROR(check_access(offset, size));
    uint32_t value = 0;
    if (!npu_->read(offset, value)) return unmapped("read", offset);
    return value;
  }
  Status write(uint32_t offset, uint32_t value, int size) override {
    SYSTOLE_RETURN_IF_ERROR(check_access(offset, size));
    return npu_->write(offset, value) ? Status() : unmapped("write", offset);
  }

  std::span<std::byte> memory() override { return npu_->memory(); }

  Status irq_enable(bool on) override {
    irq_enabled_ = on;
    return {};
  }
  Result<bool> irq_wait(uint64_t max_cycles) override {
    if (!irq_enabled_) return Status(Code::kFailedPrecondition, identity() + ": interrupts are off");
    npu_->run(max_cycles);
    return npu_->irq();
  }

  Status reset() override {
    irq_enabled_ = false;
    return write(contract::reg::kCtrl, contract::reg::ctrl::kResetMask, 4);
  }
  uint64_t now_cycles() override { return npu_->now(); }
  uint64_t frequency_hz() const override { return static_cast<uint64_t>(clock_hz_); }
  Status advance(uint64_t cycles) override {
    npu_->run(cycles, false);
    return {};
  }

  CountersByTag counters_by_tag() override {
    CountersByTag result;
    for (const auto& [tag, counters] : observer_.stats(npu_->now()).tags) result[tag] = named_counters(counters);
    return result;
  }
  Traffic traffic() override { return traffic_of(npu_->memory_system().timeline()); }
  void set_tracing(bool on) override { npu_->set_trace(on); }
  std::vector<Activity> take_trace() override {
    std::vector<Activity> result;
    for (const rtl::Span& span : npu_->take_trace()) {
      result.push_back({contract::name(static_cast<contract::Engine>(span.engine)),
                        contract::name(static_cast<contract::Opcode>(span.opcode)), span.tag, span.issue,
                        span.complete});
    }
    return result;
  }

 private:
  Status unmapped(const char* what, uint32_t offset) const {
    return Status(Code::kOutOfRange,
                  identity() + ": no register allows a " + what + " at offset " + std::to_string(offset));
  }

  std::string name_;
  int64_t clock_hz_;
  std::unique_ptr<rtl::Npu> npu_;
  rtl::Observer observer_;
  bool irq_enabled_ = false;
};

rtl::BuildRequest request_of(const spec::NpuSpec& spec, const RtlOptions& options) {
  return {spec, options.sources, options.cache, !options.waves.empty(), false};
}

Status status_of(const rtl::BuildResult& built) {
  switch (built.status) {
    case rtl::BuildStatus::kOk:
      return {};
    case rtl::BuildStatus::kNoVerilator:
      return Status(Code::kUnavailable, "fidelity=rtl: " + built.message);
    case rtl::BuildStatus::kUnsupported:
      return Status(Code::kUnsupported, "fidelity=rtl: " + built.message);
    case rtl::BuildStatus::kFailed:
      break;
  }
  return Status(Code::kInternal, "fidelity=rtl: " + built.message);
}

Status without_an_array_of_ones_own(const spec::NpuSpec& spec) {
  if (spec.array.rtl.empty()) return {};
  return Status(Code::kUnsupported, "array.rtl: another array goes into fidelity=model, fidelity=rtl has its own");
}

}  // namespace

Status rtl_availability(const spec::NpuSpec& spec, const RtlOptions& options) {
  SYSTOLE_RETURN_IF_ERROR(without_an_array_of_ones_own(spec));
  return status_of(rtl::can_build(request_of(spec, options)));
}

Result<std::unique_ptr<Transport>> make_rtl_transport(const spec::NpuSpec& spec, const RtlOptions& options) {
  SYSTOLE_RETURN_IF_ERROR(without_an_array_of_ones_own(spec));
  const rtl::BuildResult built = rtl::build(request_of(spec, options));
  SYSTOLE_RETURN_IF_ERROR(status_of(built));
  std::string error;
  auto npu = rtl::Npu::create(spec, built.library, error);
  if (!npu) return Status(Code::kInternal, "the RTL of " + spec.name + " can't be loaded: " + error);
  if (!options.waves.empty() && !npu->waves(options.waves))
    return Status(Code::kUnavailable, "waveforms can't be written to " + options.waves);
  return std::unique_ptr<Transport>(std::make_unique<RtlTransport>(spec.name, spec.clock.hz, std::move(npu)));
}

}  // namespace systole::npu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/transport_sim.h"

#include <algorithm>
#include <filesystem>

#include "configs/contract/generated/npu_contract.h"
#include "devices/npu/counter_names.h"
#include "rtl/cosim/array.h"
#include "rtl/harness/build.h"
#include "sim/npu.h"

namespace systole::npu {
namespace {

class ModelTransport final : public Transport {
 public:
  ModelTransport(std::string name, int64_t clock_hz, std::unique_ptr<sim::Npu> npu)
      : name_(std::move(name)), clock_hz_(clock_hz), npu_(std::move(npu)) {}

  std::string identity() const override { return "model of " + name_; }

  Result<uint32_t> read(uint32_t offset, int size) override {
    SYSTOLE_RETURN_IF_ERROR(check_access(offset, size));
    bool ok = false;
    const uint32_t value = npu_->reg_read(offset, ok);
    if (!ok) return unmapped("read", offset);
    return value;
  }
  Status write(uint32_t offset, uint32_t value, int size) override {
    SYSTOLE_RETURN_IF_ERROR(check_access(offset, size));
    if (offset == contract::reg::kCtrl && (value & contract::reg::ctrl::kResetMask))
      races_taken_.clear();  // a reset forgets them
    return npu_->reg_write(offset, value) ? Status() : unmapped("write", offset);
  }

  std::span<std::byte> memory() override { return {npu_->memory(), npu_->memory_bytes()}; }

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
    npu_->advance(cycles);
    return {};
  }

  CountersByTag counters_by_tag() override {
    CountersByTag result;
    for (int core = 0; core < npu_->cores(); ++core)
      for (const auto& [tag, counters] : npu_->stats(core).tags) add(result[tag], named_counters(counters));
    return result;
  }
  Traffic traffic() override { return traffic_of(npu_->traffic()); }
  void set_tracing(bool on) override { npu_->set_trace(on); }
  std::vector<Activity> take_trace() override {
    std::vector<Activity> result;
    for (const sim::Span& span : npu_->take_trace()) {
      const std::string core = npu_->cores() > 1 ? "core " + std::to_string(span.core) + " " : "";
      result.push_back({core + sim::engine_name(span.engine), span.name, span.tag, span.issue, span.complete});
    }
    return result;
  }
  std::vector<std::string> take_race_reports() override {
    std::vector<std::string> result;
    races_taken_.resize(static_cast<size_t>(npu_->cores()));
    for (int core = 0; core < npu_->cores(); ++core) {
      const auto& races = npu_->races(core);
      size_t& taken = races_taken_[static_cast<size_t>(core)];
      for (; taken < races.size(); ++taken) result.push_back(races[taken].to_string());
    }
    return result;
  }

 private:
  static void add(std::vector<Counter>& sums, const std::vector<Counter>& counters) {
    if (sums.empty()) sums.resize(counters.size(), {"", 0});
    for (size_t i = 0; i < counters.size(); ++i) {
      const auto& [name, value] = counters[i];
      sums[i] = {name, name.ends_with("_most") ? std::max(sums[i].value, value) : sums[i].value + value};
    }
  }
  Status unmapped(const char* what, uint32_t offset) const {
    return Status(Code::kOutOfRange,
                  identity() + ": no register allows a " + what + " at offset " + std::to_string(offset));
  }

  std::string name_;
  int64_t clock_hz_;
  std::unique_ptr<sim::Npu> npu_;
  std::vector<size_t> races_taken_;  // by core
  bool irq_enabled_ = false;
};

}  // namespace

namespace {

// FILE.sv:MODULE; without a module, the file's name.
Result<std::unique_ptr<sim::ArrayPort>> make_array(const spec::NpuSpec& spec, const std::string& rtl_folder) {
  const std::string& text = spec.array.rtl;
  const size_t colon = text.rfind(':');
  rtl::BuildRequest request{spec, rtl_folder};
  request.array_file = text.substr(0, colon);
  request.array_top = colon == std::string::npos ? std::filesystem::path(text).stem().string() : text.substr(colon + 1);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(request.array_file, ignored))
    return Status(Code::kNotFound, "array.rtl: expected FILE.sv:MODULE, got '" + text + "': no such file");
  const rtl::BuildResult built = rtl::build(request);
  switch (built.status) {
    case rtl::BuildStatus::kOk:
      break;
    case rtl::BuildStatus::kNoVerilator:
      return Status(Code::kUnavailable, "array.rtl: " + built.message);
    case rtl::BuildStatus::kUnsupported:
      return Status(Code::kUnsupported, "array.rtl: " + built.message);
    case rtl::BuildStatus::kFailed:
      return Status(Code::kInvalidArgument,
                    "array.rtl: " + built.message + "; its ports must be those of docs/own_array.md");
  }
  std::string error;
  auto array = rtl::make_verilated_array(spec, built.library, error);
  if (!array) return Status(Code::kInternal, "array.rtl: " + built.library + " can't be loaded: " + error);
  return array;
}

}  // namespace

Result<std::unique_ptr<Transport>> make_model_transport(const spec::NpuSpec& spec, const ModelOptions& options) {
  sim::NpuOptions sim_options;
  sim_options.functional = options.functional;
  sim_options.race_check = options.race_check;
  sim_options.fast_forward = options.fast_forward;
  std::unique_ptr<sim::ArrayPort> array;
  if (!spec.array.rtl.empty()) {
    if (!options.functional)
      return Status(Code::kInvalidArgument, "array.rtl gives values, and functional=off computes none");
    SYSTOLE_ASSIGN_OR_RETURN(array, make_array(spec, options.rtl));
    sim_options.make_array = [&array] { return std::move(array); };
  }
  std::string error;
  auto npu = sim::Npu::create(spec, sim_options, error);
  if (!npu) return Status(Code::kInvalidArgument, "the model of " + spec.name + " can't be built: " + error);
  return std::unique_ptr<Transport>(std::make_unique<ModelTransport>(spec.name, spec.clock.hz, std::move(npu)));
}

}  // namespace systole::npu

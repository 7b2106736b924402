// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "devices/gpu/step.h"

namespace systole::gpu {
namespace {

// One run of a list on a stream. What it holds lives until the stream has finished.
class Run {
 public:
  Run(Core& core, const CompiledList& list, Stream& stream) : core_(core), list_(list), stream_(stream) {}

  Status bind(const std::shared_ptr<Core>& core, ConstantCache& constants, const Bindings& bindings) {
    for (size_t i = 0; i < list_.slots; ++i) {
      const TensorView& bound = bindings.slots[i];
      if (auto* own = dynamic_cast<GpuBuffer*>(bound.buffer.get())) {
        slots_.push_back({own->memory(), bound.offset});
        continue;
      }
      SYSTOLE_ASSIGN_OR_RETURN(auto constant, constants.of(core, *bound.buffer));
      slots_.push_back({constant->block.memory(), bound.offset});
      held_constants_.push_back(std::move(constant));
    }
    return {};
  }

  // Asks for every command; how many each step gave the stream is in commands() then.
  Status ask() {
    const uint64_t generation = core_.generation;
    for (const Step& step : list_.steps) {
      if (core_.generation != generation) return {Code::kCancelled, "the device was reset"};
      commands_.push_back(0);
      SYSTOLE_RETURN_IF_ERROR(std::visit([&](const auto& each) { return ask(each, step); }, step.command));
    }
    return {};
  }

  const std::vector<size_t>& commands() const { return commands_; }

 private:
  Operand operand(const Place& place) const {
    if (place.slot < 0) return {place.memory, place.offset};
    const Operand& bound = slots_[static_cast<size_t>(place.slot)];
    return {bound.memory, bound.offset + place.offset};
  }

  Status ask(const Barrier&, const Step&) { return {}; }

  Status ask(const OpCall&, const Step& step) {
    for (const ReadyLaunch& launch : step.launches) {
      operands_.clear();
      for (const Place& place : launch.operands) operands_.push_back(operand(place));
      SYSTOLE_RETURN_IF_ERROR(stream_.launch(*launch.kernel, launch.grid, operands_, launch.params));
      ++commands_.back();
    }
    return {};
  }

  Status ask(const FillBytes& fill, const Step& step) {
    if (fill.bytes == 0) return {};
    ++commands_.back();
    return stream_.fill(operand(step.target), fill.bytes, fill.pattern, fill.pattern_bytes);
  }

  Status ask(const CopyBytes& copy, const Step& step) {
    if (copy.bytes == 0) return {};
    const Operand from = operand(step.source), to = operand(step.target);
    if (from.memory != to.memory || std::abs(from.offset - to.offset) >= copy.bytes) {
      ++commands_.back();
      return stream_.copy(from, to, copy.bytes);
    }
    // Two slots bound to one buffer.
    SYSTOLE_ASSIGN_OR_RETURN(Block between, core_.pool->allocate(copy.bytes, "copy within a buffer"));
    commands_.back() += 2;
    held_.push_back(std::move(between));
    SYSTOLE_RETURN_IF_ERROR(stream_.copy(from, {held_.back().memory(), 0}, copy.bytes));
    return stream_.copy({held_.back().memory(), 0}, to, copy.bytes);
  }

  Core& core_;
  const CompiledList& list_;
  Stream& stream_;
  std::vector<Operand> slots_, operands_;
  std::vector<size_t> commands_;
  std::vector<std::shared_ptr<Constant>> held_constants_;
  std::vector<Block> held_;
};

class GpuExecutable final : public Executable {
 public:
  GpuExecutable(std::shared_ptr<Core> core, std::shared_ptr<ConstantCache> constants, CompiledList list)
      : core_(std::move(core)), constants_(std::move(constants)), list_(std::move(list)) {}

  Status run(const Bindings& bindings, Profile* profile) override {
    return core_->transfer([&](Stream& stream) {
      Run run(*core_, list_, stream);
      SYSTOLE_RETURN_IF_ERROR(run.bind(core_, *constants_, bindings));
      SYSTOLE_RETURN_IF_ERROR(stream.set_profiling(profile != nullptr));
      const double queued_ns = core_->now_ns();
      const Status asked = run.ask();
      const Status finished = stream.finish();  // whatever was asked of it, for as long as `run` lives
      SYSTOLE_RETURN_IF_ERROR(finished);
      SYSTOLE_RETURN_IF_ERROR(asked);
      return profile == nullptr ? Status() : append_records(stream, run.commands(), queued_ns, *profile);
    });
  }

 private:
  // The host's clock when the first command was asked for is the device's then: both go on at one rate.
  Status append_records(Stream& stream, const std::vector<size_t>& commands, double queued_ns, Profile& profile) {
    SYSTOLE_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, stream.stamps());
    const double shift = stamps.empty() ? 0 : queued_ns - stamps.front().queued_ns;
    double last_ns = queued_ns;
    size_t next = 0;
    for (size_t i = 0; i < list_.steps.size(); ++i) {
      ProfileRecord record = list_.steps[i].record;
      record.queued_ns = queued_ns;
      record.start_ns = record.end_ns = last_ns;
      if (commands[i] > 0) {
        record.start_ns = stamps[next].start_ns + shift;
        record.end_ns = stamps[next + commands[i] - 1].end_ns + shift;
        last_ns = record.end_ns;
      }
      next += commands[i];
      profile.records.push_back(std::move(record));
    }
    return {};
  }

  std::shared_ptr<Core> core_;
  std::shared_ptr<ConstantCache> constants_;
  CompiledList list_;
};

}  // namespace

std::shared_ptr<Executable> make_executable(std::shared_ptr<Core> core, std::shared_ptr<ConstantCache> constants,
                                            CompiledList compiled) {
  return std::make_shared<GpuExecutable>(std::move(core), std::move(constants), std::move(compiled));
}

}  // namespace systole::gpu

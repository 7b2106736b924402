// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <limits>

#include "devices/gpu/step.h"

namespace systole::gpu {
namespace {

// What the slots are bound to: buffers by id, with offsets.
using BoundTo = std::vector<std::pair<uint64_t, int64_t>>;

// A list as it was recorded for one set of bindings; without pieces until it is.
struct Recorded {
  struct Piece {
    std::unique_ptr<Recording> recording;
    size_t end_step = 0;
  };
  BoundTo key;
  std::vector<Piece> pieces;
  std::vector<Block> held;  // that its commands need besides the list's
};

// One run of a list on a stream. What it holds lives until the stream has finished.
class Run {
 public:
  Run(Core& core, const CompiledList& list, Stream& stream)
      : core_(core), list_(list), stream_(stream), generation_(core.generation) {}

  Status bind(const std::shared_ptr<Core>& core, ConstantCache& constants, const Bindings& bindings) {
    for (size_t i = 0; i < list_.slot_alignments.size(); ++i) {
      const TensorView& bound = bindings.slots[i];
      if (auto* own = dynamic_cast<GpuBuffer*>(bound.buffer.get())) {
        slots_.push_back({own->memory(), bound.offset});
        bound_to_.emplace_back(own->id(), bound.offset);
        continue;
      }
      SYSTOLE_ASSIGN_OR_RETURN(auto memory, constants.of(core, *bound.buffer, bound.offset, list_.slot_alignments[i]));
      slots_.push_back({memory.get(), bound.offset});
      host_memory_.push_back(std::move(memory));
    }
    return {};
  }

  // Null where memory is bound that need not be the same next time: the host's.
  const BoundTo* bound_to() const { return host_memory_.empty() ? &bound_to_ : nullptr; }

  // Asks for the commands of steps from `next` on, until `most` are asked for or all; how many each step gave the
  // stream is in commands() then.
  Status ask(size_t& next, size_t most = std::numeric_limits<size_t>::max()) {
    for (size_t asked = 0; next < list_.steps.size() && asked < most; ++next) {
      SYSTOLE_RETURN_IF_ERROR(not_reset());
      const Step& step = list_.steps[next];
      commands_.push_back(0);
      SYSTOLE_RETURN_IF_ERROR(std::visit([&](const auto& each) { return ask(each, step); }, step.command));
      asked += commands_.back();
    }
    return {};
  }
  // The whole list; nothing of it is done.
  Result<Recorded> record() {
    Recorded made{bound_to_, {}, {}};
    for (size_t next = 0; next < list_.steps.size();) {
      SYSTOLE_RETURN_IF_ERROR(stream_.record());
      const Status status = ask(next, kPiece);
      auto piece = stream_.recorded();
      SYSTOLE_RETURN_IF_ERROR(status);
      SYSTOLE_RETURN_IF_ERROR(piece.status());
      made.pieces.push_back({std::move(piece).value(), next});
    }
    made.held = std::move(held_);
    return made;
  }

  // `next`: the first step that was not asked for, whatever comes of it.
  Status replay(const Recorded& from, size_t& next) {
    for (const Recorded::Piece& piece : from.pieces) {
      SYSTOLE_RETURN_IF_ERROR(not_reset());
      SYSTOLE_RETURN_IF_ERROR(stream_.replay(*piece.recording));
      next = piece.end_step;
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

  Status not_reset() const {
    return core_.generation == generation_ ? Status() : Status(Code::kCancelled, "the device was reset");
  }

  // Of a recording, so that a reset need not wait for the whole of a long list.
  static constexpr size_t kPiece = 8 * kRunAhead;

  Core& core_;
  const CompiledList& list_;
  Stream& stream_;
  const uint64_t generation_;
  BoundTo bound_to_;
  std::vector<Operand> slots_, operands_;
  std::vector<size_t> commands_;
  std::vector<std::shared_ptr<Memory>> host_memory_;
  std::vector<Block> held_;
};

class GpuExecutable final : public Executable {
 public:
  GpuExecutable(std::shared_ptr<Core> core, std::shared_ptr<ConstantCache> constants, CompiledList list)
      : core_(std::move(core)),
        constants_(std::move(constants)),
        list_(std::move(list)),
        recordable_(is_worth_recording(list_)) {}

  Status run(const Bindings& bindings, Profile* profile) override {
    return core_->transfer([&](Stream& stream) {
      Run run(*core_, list_, stream);
      SYSTOLE_RETURN_IF_ERROR(run.bind(core_, *constants_, bindings));
      SYSTOLE_RETURN_IF_ERROR(stream.set_profiling(profile != nullptr));
      size_t next = 0;
      if (profile == nullptr) SYSTOLE_RETURN_IF_ERROR(replay(run, stream, next));
      const double queued_ns = core_->now_ns();
      const Status asked = run.ask(next);
      const Status finished = stream.finish();  // whatever was asked of it, for as long as `run` lives
      SYSTOLE_RETURN_IF_ERROR(finished);
      SYSTOLE_RETURN_IF_ERROR(asked);
      return profile == nullptr ? Status() : append_records(stream, run.commands(), queued_ns, *profile);
    });
  }

 private:
  // Asks for what was recorded for these bindings, which is where they are met the second time. `next`: the first step
  // left to be asked for. What the runtime refuses is not tried again.
  Status replay(Run& run, Stream& stream, size_t& next) {
    if (!recordable_ || run.bound_to() == nullptr) return {};
    const auto known = std::find_if(recorded_.begin(), recorded_.end(),
                                    [&](const Recorded& each) { return each.key == *run.bound_to(); });
    if (known == recorded_.end()) {
      if (recorded_.size() == kMostRecorded) recorded_.erase(recorded_.begin());
      recorded_.push_back({*run.bound_to(), {}, {}});
      return {};
    }
    std::rotate(known, known + 1, recorded_.end());  // the first is the one unused for longest
    if (recorded_.back().pieces.empty()) {
      auto made = run.record();
      if (!made.ok()) {
        recordable_ = false;
        recorded_.clear();
        const Code code = made.status().code();
        return code == Code::kCancelled || code == Code::kDeviceLost ? made.status() : Status();
      }
      recorded_.back() = std::move(made).value();
    }
    const Status status = run.replay(recorded_.back(), next);
    if (status.code() != Code::kUnsupported) return status;
    recordable_ = false;
    SYSTOLE_RETURN_IF_ERROR(stream.finish());  // with what was asked for before
    recorded_.clear();
    return {};
  }

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

  // Of one command a recording is no quicker.
  static bool is_worth_recording(const CompiledList& list) {
    size_t commands = 0;
    for (const Step& step : list.steps) {
      const bool is_move = step.target.memory != nullptr || step.target.slot >= 0;
      commands += step.launches.size() + (is_move ? 1 : 0);
    }
    return commands > 1;
  }

  static constexpr size_t kMostRecorded = 4;  // sets of bindings

  std::shared_ptr<Core> core_;
  std::shared_ptr<ConstantCache> constants_;
  CompiledList list_;
  bool recordable_;
  std::vector<Recorded> recorded_;  // ends before the kernels and the memory that it names
};

}  // namespace

std::shared_ptr<Executable> make_executable(std::shared_ptr<Core> core, std::shared_ptr<ConstantCache> constants,
                                            CompiledList compiled) {
  return std::make_shared<GpuExecutable>(std::move(core), std::move(constants), std::move(compiled));
}

}  // namespace systole::gpu

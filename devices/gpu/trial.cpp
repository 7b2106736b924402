// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/trial.h"

#include <algorithm>

namespace systole::gpu {
namespace {

// A small positive number of every float type, and an integer: speeds are of common numbers.
constexpr uint32_t kPattern = 0x3c3c3c3c;

int64_t whole_words(int64_t bytes) { return (bytes + 3) / 4 * 4; }

}  // namespace

Status Trial::allocate(const LoweredOp& way) {
  const auto get = [&](int64_t bytes, Block& block) -> Status {
    if (bytes == 0 || block.bytes() >= bytes) return {};
    block = {};
    SYSTOLE_ASSIGN_OR_RETURN(block, core_->pool->allocate(whole_words(bytes), desc_.name + ": to time candidates"));
    return core_->transfer([&](Stream& stream) {
      return stream.fill({block.memory(), 0}, block.bytes(), kPattern, 4);
    });
  };
  inputs_.resize(desc_.inputs.size());
  outputs_.resize(desc_.outputs.size());
  for (size_t i = 0; i < inputs_.size(); ++i) SYSTOLE_RETURN_IF_ERROR(get(desc_.inputs[i].span_bytes(), inputs_[i]));
  for (size_t i = 0; i < outputs_.size(); ++i) SYSTOLE_RETURN_IF_ERROR(get(desc_.outputs[i].span_bytes(), outputs_[i]));
  SYSTOLE_RETURN_IF_ERROR(get(way.scratch_bytes, scratch_));
  SYSTOLE_RETURN_IF_ERROR(get(way.prepared_bytes, prepared_));
  SYSTOLE_RETURN_IF_ERROR(get(static_cast<int64_t>(way.constants.size()), constants_));
  if (way.constants.empty()) return {};
  return core_->transfer([&](Stream& stream) { return stream.write(way.constants, {constants_.memory(), 0}); });
}

Memory* Trial::memory(const OperandRef& ref) const {
  switch (ref.kind) {
    case OperandRef::Kind::kInput:
      return inputs_[static_cast<size_t>(ref.index)].memory();
    case OperandRef::Kind::kOutput:
      return outputs_[static_cast<size_t>(ref.index)].memory();
    case OperandRef::Kind::kConstants:
      return constants_.memory();
    case OperandRef::Kind::kPrepared:
      return prepared_.memory();
    case OperandRef::Kind::kScratch:
      break;
  }
  return scratch_.memory();
}

Status Trial::launch(Stream& stream, const std::vector<Launch>& launches) {
  for (const Launch& each : launches) {
    SYSTOLE_ASSIGN_OR_RETURN(const auto kernel, core_->runtime->programs.kernel(each));
    std::vector<Operand> operands;
    for (const OperandRef& ref : each.operands) operands.push_back({memory(ref), ref.offset});
    SYSTOLE_RETURN_IF_ERROR(stream.launch(*kernel, each.grid, operands, each.params));
  }
  return {};
}

Result<double> Trial::time_ns(const LoweredOp& way) {
  SYSTOLE_RETURN_IF_ERROR(allocate(way));
  double best_ns = 0;
  const auto measure = [&](Stream& stream) -> Status {
    SYSTOLE_RETURN_IF_ERROR(stream.set_profiling(false));
    if (frozen_weights_) SYSTOLE_RETURN_IF_ERROR(launch(stream, way.prepare));
    for (int run = 0; run <= kRuns; ++run) {
      SYSTOLE_RETURN_IF_ERROR(stream.finish());
      SYSTOLE_RETURN_IF_ERROR(stream.set_profiling(true));
      if (!frozen_weights_) SYSTOLE_RETURN_IF_ERROR(launch(stream, way.prepare));
      SYSTOLE_RETURN_IF_ERROR(launch(stream, way.launches));
      SYSTOLE_RETURN_IF_ERROR(stream.finish());
      SYSTOLE_ASSIGN_OR_RETURN(const std::vector<Stamp> stamps, stream.stamps());
      const double taken = stamps.empty() ? 0 : stamps.back().end_ns - stamps.front().start_ns;
      best_ns = run <= 1 ? taken : std::min(best_ns, taken);
      if (taken >= kLongNs) break;
    }
    return {};
  };
  SYSTOLE_RETURN_IF_ERROR(core_->transfer(measure));
  return best_ns;
}

}  // namespace systole::gpu

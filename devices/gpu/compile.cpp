// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/gpu/launch.h"
#include "devices/gpu/step.h"
#include "devices/gpu/trial.h"
#include "hal/command_record.h"

namespace systole::gpu {
namespace {

bool has_frozen_weights(const OpCall& call) {
  return call.inputs.size() > 1 && call.inputs[1].slot < 0 && call.inputs[1].buffer->frozen();
}

// Compiles one list.
class Compilation {
 public:
  Compilation(std::shared_ptr<Core> core, ConstantCache& constants) : core_(std::move(core)), constants_(constants) {}

  Result<CompiledList> run(const CommandList& list) {
    for (const auto& slot : list.slots()) result_.slot_alignments.push_back(slot.alignment);
    for (const Command& command : list.commands()) {
      Step step{command, {}, {}, {}, command_record(command)};
      SYSTOLE_RETURN_IF_ERROR(std::visit([&](const auto& each) { return add(each, step); }, command));
      result_.steps.push_back(std::move(step));
    }
    SYSTOLE_RETURN_IF_ERROR(place_rest());
    return std::move(result_);
  }

 private:
  // Memory of an op's own, besides its operands.
  struct Own {
    Memory* constants = nullptr;  // null: among the pending ones, from pending_offset on
    int64_t pending_offset = 0;
    Memory* prepared = nullptr;
  };

  Status add(const Barrier&, Step&) { return {}; }  // commands are in order as it is
  Status add(const FillBytes& fill, Step& step) {
    SYSTOLE_ASSIGN_OR_RETURN(step.target, place(fill.target, fill.pattern_bytes));
    return {};
  }
  Status add(const CopyBytes& copy, Step& step) {
    SYSTOLE_ASSIGN_OR_RETURN(step.source, place(copy.source, 1));
    SYSTOLE_ASSIGN_OR_RETURN(step.target, place(copy.target, 1));
    return {};
  }

  Status add(const OpCall& call, Step& step) {
    const std::string head = core_->uri + ": " + op_name(call.op) + " '" + call.name + "': ";
    auto ways = candidates(describe(call), core_->facts);
    if (!ways.ok()) return Status(ways.status().code(), head + ways.status().message());
    std::erase_if(*ways, [&](const Candidate& each) { return !library_does(each.lowered, call); });
    SYSTOLE_ASSIGN_OR_RETURN(const size_t chosen, choose(call, *ways));
    const LoweredOp& lowered = (*ways)[chosen].lowered;
    Own own;
    if (!lowered.constants.empty()) SYSTOLE_RETURN_IF_ERROR(place_constants(lowered, call, own));
    SYSTOLE_RETURN_IF_ERROR(prepare(call, lowered, own, step));
    SYSTOLE_RETURN_IF_ERROR(append(lowered.launches, call, own, step.launches));
    scratch_bytes_ = std::max(scratch_bytes_, lowered.scratch_bytes);
    return {};
  }

  static bool uses_library(const LoweredOp& way) {
    return std::any_of(way.launches.begin(), way.launches.end(), [](const Launch& each) { return each.product; });
  }

  // Whether the library has an algorithm for each of its products, and their operands lie as it needs them. What is
  // bound at run lies at any multiple of an element.
  bool library_does(const LoweredOp& way, const OpCall& call) {
    for (const Launch& launch : way.launches) {
      if (!launch.product) continue;
      const auto kernel = core_->runtime->programs.kernel(launch);
      if (!kernel.ok()) return false;
      for (const OperandRef& ref : launch.operands) {
        const bool is_input = ref.kind == OperandRef::Kind::kInput;
        if (!is_input && ref.kind != OperandRef::Kind::kOutput) continue;
        const TensorView& view = (is_input ? call.inputs : call.outputs)[static_cast<size_t>(ref.index)];
        const bool placed = view.slot < 0 && (dynamic_cast<GpuBuffer*>(view.buffer.get()) != nullptr ||
                                              view.buffer->frozen());  // imported memory is where its owner has it
        const int64_t offset = placed ? view.offset + ref.offset : bytes_for(view.desc.dtype, 2) / 2;
        if (offset % (*kernel)->alignment() != 0) return false;
      }
    }
    return true;
  }

  // The fastest of an op's candidates.
  Result<size_t> choose(const OpCall& call, const std::vector<Candidate>& ways) {
    if (core_->library == LibraryUse::kAlways)
      for (size_t i = 0; i < ways.size(); ++i)
        if (uses_library(ways[i].lowered)) return i;
    if (!core_->tune || ways.size() == 1) return size_t{0};
    const OpDesc desc = describe(call);
    const bool frozen = has_frozen_weights(call);
    std::vector<std::string> names;
    for (const Candidate& each : ways) names.push_back(each.name);
    Trial trial(core_, desc, frozen);
    return core_->runtime->tuner.choose(core_->facts, op_class(desc) + (frozen ? " frozen" : ""), names,
                                        [&](size_t i) { return trial.time_ns(ways[i].lowered); });
  }

  // Constants of all ops go up together at the end, but for those that packing reads now.
  Status place_constants(const LoweredOp& lowered, const OpCall& call, Own& own) {
    if (lowered.prepared_bytes > 0) {
      SYSTOLE_ASSIGN_OR_RETURN(auto constant, upload(core_, lowered.constants, call.name));
      own.constants = constant->block.memory();
      result_.constants.push_back(std::move(constant));
      return {};
    }
    pending_.resize((pending_.size() + kAlign - 1) / kAlign * kAlign);
    own.pending_offset = static_cast<int64_t>(pending_.size());
    pending_.insert(pending_.end(), lowered.constants.begin(), lowered.constants.end());
    return {};
  }

  // Packs frozen weights now, once for all lists that pack them alike; others ahead of the op's launches.
  Status prepare(const OpCall& call, const LoweredOp& lowered, Own& own, Step& step) {
    if (lowered.prepared_bytes == 0) return {};
    if (!has_frozen_weights(call)) {
      SYSTOLE_ASSIGN_OR_RETURN(Block block, packed_block(call, lowered));
      own.prepared = block.memory();
      result_.blocks.push_back(std::move(block));
      return append(lowered.prepare, call, own, step.launches);
    }
    SYSTOLE_ASSIGN_OR_RETURN(
        auto packed, constants_.packed(packing_key(call.inputs[1], lowered), [&] { return pack(call, lowered, own); }));
    own.prepared = packed->block.memory();
    result_.constants.push_back(std::move(packed));
    return {};
  }

  Result<Block> packed_block(const OpCall& call, const LoweredOp& lowered) {
    return core_->pool->allocate(lowered.prepared_bytes, call.name + ": packed weights");
  }

  // All that packed weights depend on.
  static std::string packing_key(const TensorView& weights, const LoweredOp& lowered) {
    std::string key;
    const auto add = [&](const auto&... values) { ((key += values, key += '\n'), ...); };
    const auto add_numbers = [&](auto... values) { add(std::to_string(values)...); };
    const auto add_bytes = [&](const std::vector<std::byte>& bytes) {
      add_numbers(bytes.size());
      add(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    };
    add_numbers(weights.buffer->id(), weights.offset, lowered.prepared_bytes);
    add_bytes(lowered.constants);
    for (const Launch& launch : lowered.prepare) {
      add(launch.program, launch.entry);
      for (const auto& [name, value] : launch.macros) add(name, value);
      for (const auto& each : {launch.grid.items, launch.grid.group}) add_numbers(each[0], each[1], each[2]);
      for (const OperandRef& each : launch.operands) add_numbers(static_cast<int>(each.kind), each.index, each.offset);
      add_bytes(launch.params);
    }
    return key;
  }

  Result<std::shared_ptr<Constant>> pack(const OpCall& call, const LoweredOp& lowered, Own own) {
    SYSTOLE_ASSIGN_OR_RETURN(Block block, packed_block(call, lowered));
    own.prepared = block.memory();
    const PrepareTimer timer(*core_);
    const size_t held = result_.host_memory.size();
    std::vector<ReadyLaunch> now;
    SYSTOLE_RETURN_IF_ERROR(append(lowered.prepare, call, own, now));
    const auto launch_all = [&](Stream& stream) -> Status {
      for (const ReadyLaunch& launch : now) {
        std::vector<Operand> operands;
        for (const Place& each : launch.operands) operands.push_back({each.memory, each.offset});
        SYSTOLE_RETURN_IF_ERROR(stream.launch(*launch.kernel, launch.grid, operands, launch.params));
      }
      return {};
    };
    SYSTOLE_RETURN_IF_ERROR(core_->transfer(launch_all));
    result_.host_memory.resize(held);  // what was packed is needed no more, but by launches that ask for it again
    return std::make_shared<Constant>(core_, std::move(block));
  }

  Status append(const std::vector<Launch>& launches, const OpCall& call, const Own& own, std::vector<ReadyLaunch>& to) {
    for (const Launch& launch : launches) {
      ReadyLaunch ready{nullptr, launch.grid, {}, launch.params};
      auto kernel = core_->runtime->programs.kernel(launch);
      SYSTOLE_RETURN_IF_ERROR(core_->noted(kernel.status()));
      ready.kernel = std::move(kernel).value();
      for (const OperandRef& ref : launch.operands) {
        SYSTOLE_ASSIGN_OR_RETURN(Place where, place(ref, call, own));
        ready.operands.push_back(where);
      }
      to.push_back(std::move(ready));
    }
    return {};
  }

  Result<Place> place(const OperandRef& ref, const OpCall& call, const Own& own) {
    const auto of_view = [&](const TensorView& view) -> Result<Place> {
      SYSTOLE_ASSIGN_OR_RETURN(Place where, place(view, bytes_for(view.desc.dtype, 1)));
      where.offset += ref.offset;
      return where;
    };
    switch (ref.kind) {
      case OperandRef::Kind::kInput:
        return of_view(call.inputs[static_cast<size_t>(ref.index)]);
      case OperandRef::Kind::kOutput:
        return of_view(call.outputs[static_cast<size_t>(ref.index)]);
      case OperandRef::Kind::kConstants:
        return own.constants != nullptr ? Place{own.constants, -1, ref.offset}
                                        : Place{nullptr, kPending, own.pending_offset + ref.offset};
      case OperandRef::Kind::kPrepared:
        return Place{own.prepared, -1, ref.offset};
      case OperandRef::Kind::kScratch:
        break;
    }
    return Place{nullptr, kScratch, ref.offset};
  }

  Result<Place> place(const TensorView& view, int64_t alignment) {
    if (view.slot >= 0) return Place{nullptr, view.slot, view.offset};
    if (auto* own = dynamic_cast<GpuBuffer*>(view.buffer.get())) return Place{own->memory(), -1, view.offset};
    SYSTOLE_ASSIGN_OR_RETURN(auto memory, constants_.of(core_, *view.buffer, view.offset, alignment));
    const Place where{memory.get(), -1, view.offset};
    result_.host_memory.push_back(std::move(memory));
    return where;
  }

  // Memory that is known only when all ops are: scratch, one block for all, which run one after another; constants.
  Status place_rest() {
    Memory *scratch = nullptr, *constants = nullptr;
    if (scratch_bytes_ > 0) {
      SYSTOLE_ASSIGN_OR_RETURN(Block block, core_->pool->allocate(scratch_bytes_, "scratch"));
      scratch = block.memory();
      result_.blocks.push_back(std::move(block));
    }
    if (!pending_.empty()) {
      SYSTOLE_ASSIGN_OR_RETURN(auto constant, upload(core_, pending_, "constants"));
      constants = constant->block.memory();
      result_.constants.push_back(std::move(constant));
    }
    for (Step& step : result_.steps)
      for (ReadyLaunch& launch : step.launches)
        for (Place& operand : launch.operands) {
          if (operand.slot >= -1) continue;
          operand.memory = operand.slot == kScratch ? scratch : constants;
          operand.slot = -1;
        }
    return {};
  }

  static constexpr int kScratch = -2, kPending = -3;  // in place of a slot, until place_rest()
  static constexpr size_t kAlign = 64;

  std::shared_ptr<Core> core_;
  ConstantCache& constants_;
  CompiledList result_;
  std::vector<std::byte> pending_;
  int64_t scratch_bytes_ = 0;
};

}  // namespace

Result<CompiledList> compile_list(const std::shared_ptr<Core>& core, ConstantCache& constants,
                                  const CommandList& list) {
  SYSTOLE_RETURN_IF_ERROR(core->alive());
  return Compilation(core, constants).run(list);
}

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/compiler.h"

#include <algorithm>

#include "devices/npu/compiler/copy.h"
#include "devices/npu/compiler/lower.h"
#include "devices/npu/compiler/repeats.h"
#include "devices/npu/compiler/residency.h"
#include "devices/npu/compiler/share.h"

namespace systole::npu {
namespace {

constexpr const char* kName = "npu compiler";

Status in_op(const Status& status, const std::string& kind, const std::string& name) {
  return Status(status.code(), kind + (name.empty() ? "" : " '" + name + "'") + ": " + status.message())
      .with_origin(kName);
}

class ListCompiler {
 public:
  ListCompiler(const spec::NpuSpec& spec, Program& program, const Rendezvous& rendezvous)
      : spec_(spec), program_(program), rendezvous_(rendezvous), constants_(program), repeats_(program, constants_) {}

  // The op whose first weights come while another one runs, if any do.
  struct Next {
    const OpCall* call = nullptr;
    const LoweredOp* lowered = nullptr;
  };

  Status add(const OpCall& call, const PlacedOp& placed, const Next& next) {
    for (size_t i = 0; i < placed.on_chip.size(); ++i) {
      if (placed.on_chip[i] < 0) continue;
      constants_.keep_on_chip(i < call.inputs.size() ? call.inputs[i] : call.outputs[0], placed.on_chip[i]);
    }
    return emit(*placed.lowered, call, op_name(call.op), mac_count(describe(call)), placed.resident_bytes, next);
  }

  Status add(const CopyBytes& copy, const PlacedOp& placed, const Next&) {
    OpCall call{Copy{}, {bytes_view(copy.source, copy.bytes)}, {bytes_view(copy.target, copy.bytes)}, "copy_bytes"};
    return add_bytes(call, 0, 0, placed);
  }

  Status add(const FillBytes& fill, const PlacedOp& placed, const Next&) {
    OpCall call{Fill{}, {}, {bytes_view(fill.target, fill.bytes)}, "fill_bytes"};
    return add_bytes(call, fill.pattern, fill.pattern_bytes, placed);
  }

  Status add(const Barrier&, const PlacedOp&, const Next&) { return {}; }  // each op's FENCE is one already

 private:
  static TensorView bytes_view(TensorView view, int64_t bytes) {
    view.desc = row_major(DType::kU8, {bytes});
    return view;
  }

  Status add_bytes(const OpCall& call, uint32_t pattern, int pattern_bytes, const PlacedOp& placed) {
    spec::NpuSpec beside = spec_;
    beside.scratchpad.part_bytes = placed.room;
    Lowered lowered = lower_bytes(call.outputs[0].desc.shape[0], pattern, pattern_bytes, beside);
    if (!lowered.ok()) return in_op(lowered.status(), call.name, "");
    // It ends with this call: it says no to same_commands, so that repeats_ keeps no pointer to it.
    return emit(*lowered.value(), call, call.name.c_str(), 0, placed.resident_bytes, {});
  }

  Status emit(const LoweredOp& lowered, const OpCall& call, const char* kind, int64_t macs, int64_t resident_bytes,
              const Next& next) {
    OpRange range;
    const auto index = static_cast<uint32_t>(program_.ops.size());
    const auto first = static_cast<uint32_t>(program_.descriptors.size());
    const auto tag = static_cast<uint16_t>(index & 0xffff);
    const bool repeats = !program_.values && lowered.same_commands(lowered) && packs_from_host(call);
    const int ahead = constants_.ahead.count;
    Repeats::Op op{&lowered, next.lowered, {}, index, ahead};
    if (repeats) op.at = operand_addresses(call, constants_);
    if (auto before = repeats ? repeats_.repeat(op) : std::nullopt) {
      range = std::move(*before);
    } else {
      if (index > 0) rendezvous_.begin(program_, tag);
      const Repeats::Begin begin = repeats_.begin();
      const size_t copies = constants_.copies();
      Emitter emitter(spec_, tag);
      if (Status written = lowered.write(call, constants_, emitter); !written.ok())
        return in_op(written, kind, call.name);
      constants_.ahead = {};
      if (next.lowered) {
        const auto blocks = next.lowered->blocks_ahead(*next.call, constants_);
        if (!blocks.ok()) return in_op(blocks.status(), op_name(next.call->op), next.call->name);
        constants_.ahead.count = static_cast<int>(emitter.load_ahead(*blocks, next.lowered->ahead_granule));
      }
      emitter.finish(program_, index);
      rendezvous_.end(program_);
      range.dram_read_bytes = emitter.dram_read_bytes(), range.dram_write_bytes = emitter.dram_write_bytes();
      range.on_chip_bytes = emitter.on_chip_bytes();
      range.first = first, range.last = static_cast<uint32_t>(program_.descriptors.size()) - 1;
      const bool meets = index > 0 || rendezvous_.cores == 1;  // the first op begins without its cores meeting
      if (repeats && meets && copies == constants_.copies()) repeats_.remember(std::move(op), range, begin);
    }
    range.tag = tag, range.name = call.name, range.kind = kind, range.plan = lowered.plan, range.macs = macs;
    if (ahead > 0) range.plan += ", " + std::to_string(ahead) + " weight blocks ahead";
    range.resident_bytes = resident_bytes;
    range.scratchpad_bytes = lowered.scratchpad_bytes, range.accumulator_rows = lowered.accumulator_rows;
    program_.scratchpad_high_water_bytes =
        std::max(program_.scratchpad_high_water_bytes, lowered.scratchpad_bytes + resident_bytes);
    program_.accumulator_high_water_rows = std::max(program_.accumulator_high_water_rows, lowered.accumulator_rows);
    program_.ops.push_back(std::move(range));
    return {};
  }

  const spec::NpuSpec& spec_;
  Program& program_;
  const Rendezvous& rendezvous_;
  Constants constants_;
  Repeats repeats_;
};

}  // namespace

Support Compiler::supports(const OpDesc& op) const {
  if (const Status valid = validate(op); !valid.ok()) return unsupported(valid.message());
  for (bool constant : {true, false}) {
    const std::vector<bool> frozen(op.inputs.size(), constant);
    if (const Lowered lowered = lower({op, frozen, spec_}); !lowered.ok())
      return unsupported(lowered.status().message());
  }
  return supported();
}

Result<Program> Compiler::compile(const CommandList& list) const {
  return compile(list.commands(), spec_, residency_, {});
}

Result<std::vector<Program>> Compiler::compile_for_cores(const CommandList& list) const {
  std::vector<Program> programs;
  if (spec_.cores == 1) {
    SYSTOLE_ASSIGN_OR_RETURN(Program program, compile(list));
    programs.push_back(std::move(program));
    return programs;
  }
  if (spec_.core.semaphores <= kRendezvous)
    return Status(Code::kUnsupported, "several cores need " + std::to_string(kRendezvous + 1) +
                                          " semaphores each, this NPU's have " + std::to_string(spec_.core.semaphores))
        .with_origin(kName);
  const auto lists = share_out(list.commands(), spec_);
  const bool weights = residency_ == Residency::kBoth || residency_ == Residency::kWeights;
  const Residency residency = weights ? Residency::kWeights : Residency::kOff;
  const spec::NpuSpec share = share_of(spec_);
  for (int core = 0; core < spec_.cores; ++core) {
    SYSTOLE_ASSIGN_OR_RETURN(Program program,
                             compile(lists[static_cast<size_t>(core)], share, residency, {core, spec_.cores}));
    programs.push_back(std::move(program));
  }
  return programs;
}

Result<Program> Compiler::compile(std::span<const Command> commands, const spec::NpuSpec& spec, Residency residency,
                                  const Rendezvous& rendezvous) const {
  const Placement placement = place_ops(commands, spec, residency);
  if (!placement.status.ok()) {
    const auto& call = std::get<OpCall>(commands[placement.failed]);
    return in_op(placement.status, op_name(call.op), call.name);
  }
  Program program;
  program.values = values_;
  ListCompiler compiler(spec, program, rendezvous);
  for (size_t i = 0; i < commands.size(); ++i) {
    const PlacedOp& placed = placement.ops[i];
    ListCompiler::Next next;
    if (placed.next > 0) next = {&std::get<OpCall>(commands[placed.next]), placement.ops[placed.next].lowered.get()};
    const Status added = std::visit([&](const auto& c) { return compiler.add(c, placed, next); }, commands[i]);
    if (!added.ok()) return added;
  }
  return program;
}

}  // namespace systole::npu

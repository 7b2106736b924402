// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/compiler.h"

#include <algorithm>

#include "devices/npu/compiler/copy.h"
#include "devices/npu/compiler/lower.h"

namespace systole::npu {
namespace {

constexpr const char* kName = "npu compiler";

Status in_op(const Status& status, const std::string& kind, const std::string& name) {
  return Status(status.code(), kind + (name.empty() ? "" : " '" + name + "'") + ": " + status.message()).with_origin(kName);
}

class ListCompiler {
 public:
  ListCompiler(const spec::NpuSpec& spec, Program& program) : spec_(spec), program_(program), constants_(program) {}

  Status add(const OpCall& call) {
    const OpDesc op = describe(call);
    std::vector<bool> frozen;
    for (const TensorView& view : call.inputs) frozen.push_back(Constants::frozen(view));
    Lowered lowered = lower({op, frozen, spec_});
    if (!lowered.ok()) return in_op(lowered.status(), op_name(op.op), call.name);
    return emit(*lowered.value(), call, call.name, op_name(op.op), mac_count(op));
  }

  Status add(const CopyBytes& copy) {
    OpCall call{Copy{}, {bytes_view(copy.source, copy.bytes)}, {bytes_view(copy.target, copy.bytes)}, "copy_bytes"};
    return add_bytes(call, 0, 0);
  }

  Status add(const FillBytes& fill) {
    OpCall call{Fill{}, {}, {bytes_view(fill.target, fill.bytes)}, "fill_bytes"};
    return add_bytes(call, fill.pattern, fill.pattern_bytes);
  }

  Status add(const Barrier&) { return {}; }  // each op's FENCE is one already

 private:
  static TensorView bytes_view(TensorView view, int64_t bytes) {
    view.desc = row_major(DType::kU8, {bytes});
    return view;
  }

  Status add_bytes(const OpCall& call, uint32_t pattern, int pattern_bytes) {
    Lowered lowered = lower_bytes(call.outputs[0].desc.shape[0], pattern, pattern_bytes, spec_);
    if (!lowered.ok()) return in_op(lowered.status(), call.name, "");
    return emit(*lowered.value(), call, call.name, call.name.c_str(), 0);
  }

  Status emit(const LoweredOp& lowered, const OpCall& call, const std::string& name, const char* kind, int64_t macs) {
    OpRange range;
    const auto index = static_cast<uint32_t>(program_.ops.size());
    range.first = static_cast<uint32_t>(program_.descriptors.size());
    range.tag = static_cast<uint16_t>(index & 0xffff);
    Emitter emitter(spec_, range.tag);
    if (Status written = lowered.write(call, constants_, emitter); !written.ok()) return in_op(written, kind, name);
    emitter.finish(program_, index);
    range.last = static_cast<uint32_t>(program_.descriptors.size()) - 1;
    range.name = name, range.kind = kind, range.plan = lowered.plan, range.macs = macs;
    range.dram_read_bytes = emitter.dram_read_bytes(), range.dram_write_bytes = emitter.dram_write_bytes();
    range.scratchpad_bytes = lowered.scratchpad_bytes, range.accumulator_rows = lowered.accumulator_rows;
    program_.scratchpad_high_water_bytes = std::max(program_.scratchpad_high_water_bytes, lowered.scratchpad_bytes);
    program_.accumulator_high_water_rows = std::max(program_.accumulator_high_water_rows, lowered.accumulator_rows);
    program_.ops.push_back(std::move(range));
    return {};
  }

  const spec::NpuSpec& spec_;
  Program& program_;
  Constants constants_;
};

}  // namespace

Support Compiler::supports(const OpDesc& op) const {
  for (bool constant : {true, false}) {
    const std::vector<bool> frozen(op.inputs.size(), constant);
    if (const Lowered lowered = lower({op, frozen, spec_}); !lowered.ok()) return unsupported(lowered.status().message());
  }
  return supported();
}

Result<Program> Compiler::compile(const CommandList& list) const {
  Program program;
  ListCompiler compiler(spec_, program);
  for (const Command& command : list.commands()) {
    if (Status added = std::visit([&](const auto& c) { return compiler.add(c); }, command); !added.ok()) return added;
  }
  return program;
}

}  // namespace systole::npu

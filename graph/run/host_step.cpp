// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/run/host_step.h"

#include "graph/host_ops/host_op.h"
#include "graph/run/strided_copy.h"

namespace systole::graph {
namespace {

// A mapped operand; buffers are mapped whole, each once for a step.
class Mapping {
 public:
  explicit Mapping(MapAccess access) : access_(access) {}
  ~Mapping() {
    for (const auto& entry : mapped_) entry.buffer->unmap();
  }
  Result<std::byte*> at(const TensorView& view) {
    for (const auto& entry : mapped_)
      if (entry.buffer == view.buffer) return entry.data + view.offset;
    const MapAccess access = view.buffer->frozen() ? MapAccess::kRead : access_;
    SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> bytes, view.buffer->map(0, view.buffer->size(), access));
    mapped_.push_back({view.buffer, bytes.data()});
    return bytes.data() + view.offset;
  }

 private:
  struct Entry {
    std::shared_ptr<Buffer> buffer;
    std::byte* data;
  };
  MapAccess access_;
  std::vector<Entry> mapped_;
};

Status move(const Plan& plan, const SessionMemory& memory, const Node& node) {
  const TensorView source = memory.view(plan, input_operand(plan, node, 0));
  const TensorView target = memory.view(plan, output_operand(plan, node, 0));
  if (source.desc.elements() == 0) return {};
  SYSTOLE_RETURN_IF_ERROR(source.buffer->invalidate(source.offset, source.desc.span_bytes()));
  Mapping mapping(MapAccess::kReadWrite);
  SYSTOLE_ASSIGN_OR_RETURN(const std::byte* from, mapping.at(source));
  SYSTOLE_ASSIGN_OR_RETURN(std::byte * to, mapping.at(target));
  SYSTOLE_RETURN_IF_ERROR(strided_copy(from, source.desc, to, target.desc));
  return target.buffer->flush(target.offset, target.desc.span_bytes());
}

}  // namespace

Status run_host_step(const Plan& plan, const SessionMemory& memory, const Node& node) {
  if (node.type == "DeviceCopy") return move(plan, memory, node);
  Mapping mapping(MapAccess::kReadWrite);
  std::vector<HostInput> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    HostInput input;
    if (node.inputs[i] != kAbsent) {
      const TensorView view = memory.view(plan, input_operand(plan, node, i));
      SYSTOLE_ASSIGN_OR_RETURN(const std::byte* data, mapping.at(view));
      input = {view.desc.dtype, view.desc.shape, data};
    }
    inputs.push_back(std::move(input));
  }
  std::vector<HostOutput> outputs;
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kAbsent) continue;
    const TensorView view = memory.view(plan, output_operand(plan, node, i));
    SYSTOLE_ASSIGN_OR_RETURN(std::byte * data, mapping.at(view));
    outputs.push_back({view.desc.dtype, view.desc.shape, data});
  }
  return run_host_op(node, inputs, outputs);
}

}  // namespace systole::graph

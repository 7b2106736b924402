// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/verify/node_runner.h"

#include <algorithm>
#include <cstring>

#include "graph/constants.h"
#include "graph/host_ops/host_op.h"
#include "graph/run/strided_copy.h"
#include "hal/queue.h"

namespace systole::graph {

std::vector<double> strided_numbers(const std::byte* data, const TensorDesc& desc) {
  std::vector<double> numbers(static_cast<size_t>(desc.elements()));
  std::vector<int64_t> index(desc.shape.size(), 0);
  const bool packed = bit_width(desc.dtype) < 8 && !index.empty();
  int64_t offset = 0;
  for (double& number : numbers) {
    number = packed ? static_cast<double>(load_four_bits(desc.dtype, data + offset, index.back()))
                    : load_real(desc.dtype, data + offset, 0);
    for (size_t axis = index.size(); axis-- > 0;) {
      offset += desc.strides[axis];
      if (++index[axis] < desc.shape[axis]) break;
      offset -= desc.strides[axis] * desc.shape[axis];
      index[axis] = 0;
    }
  }
  return numbers;
}

Result<std::shared_ptr<Buffer>> NodeRunner::buffer_of(ValueId root) {
  const Value& value = plan_.graph.at(root);
  if (value.is_constant()) return value.data;
  auto& buffer = buffers_[root];
  if (!buffer) {
    const int64_t bytes = std::max<int64_t>(desc_of(plan_, root).span_bytes(), 1);
    SYSTOLE_ASSIGN_OR_RETURN(buffer, device_->allocate({bytes, 0, MemoryKind::kHostVisible, value.name}));
  }
  return buffer;
}

Result<TensorView> NodeRunner::view(const Operand& operand) {
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer, buffer_of(operand.root));
  return TensorView{std::move(buffer), operand.offset, operand.desc};
}

Status NodeRunner::start(const TensorMap& inputs) {
  for (ValueId id : plan_.graph.inputs) {
    const auto found = inputs.find(plan_.graph.at(id).name);
    if (found == inputs.end())
      return Status(Code::kInvalidArgument, "no value for input '" + plan_.graph.at(id).name + "'");
    SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer, buffer_of(id));
    const auto size = static_cast<int64_t>(found->second.data.size());
    if (size == 0) continue;
    SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> bytes, buffer->map(0, size, MapAccess::kWrite));
    std::memcpy(bytes.data(), found->second.data.data(), bytes.size());
    buffer->unmap();
    SYSTOLE_RETURN_IF_ERROR(buffer->flush(0, size));
  }
  return {};
}

Status NodeRunner::run(const Node& node) {
  if (is_alias(node)) return {};
  if (!node.op) return run_host(node);
  auto list = std::make_shared<CommandList>(device_, node.name);
  OpCall call{*node.op, {}, {}, node.name};
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(TensorView operand, view(input_operand(plan_, node, i)));
    call.inputs.push_back(std::move(operand));
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(TensorView operand, view(output_operand(plan_, node, i)));
    call.outputs.push_back(std::move(operand));
  }
  SYSTOLE_RETURN_IF_ERROR(list->op(std::move(call)));
  SYSTOLE_RETURN_IF_ERROR(list->end());
  return run_and_wait(*device_, std::move(list));
}

Status NodeRunner::run_host(const Node& node) {
  std::vector<TensorView> views;
  std::vector<HostInput> inputs;
  std::vector<HostOutput> outputs;
  const auto mapped = [&](const Operand& operand) -> Result<std::byte*> {
    SYSTOLE_ASSIGN_OR_RETURN(TensorView here, view(operand));
    const MapAccess access = here.buffer->frozen() ? MapAccess::kRead : MapAccess::kReadWrite;
    SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> bytes, here.buffer->map(0, here.buffer->size(), access));
    views.push_back(here);
    return bytes.data() + operand.offset;
  };
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    HostInput input;
    if (node.inputs[i] != kAbsent) {
      const Operand operand = input_operand(plan_, node, i);
      SYSTOLE_ASSIGN_OR_RETURN(const std::byte* data, mapped(operand));
      input = {operand.desc.dtype, operand.desc.shape, data};
    }
    inputs.push_back(std::move(input));
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const Operand operand = output_operand(plan_, node, i);
    SYSTOLE_ASSIGN_OR_RETURN(std::byte * data, mapped(operand));
    outputs.push_back({operand.desc.dtype, operand.desc.shape, data});
  }
  const Status status = node.type == "DeviceCopy" ? strided_copy(inputs[0].data, input_operand(plan_, node, 0).desc,
                                                                 outputs[0].data, output_operand(plan_, node, 0).desc)
                                                  : run_host_op(node, inputs, outputs);
  for (const TensorView& open : views) open.buffer->unmap();
  return status;
}

Result<std::vector<double>> NodeRunner::numbers(const Operand& operand) {
  if (operand.desc.elements() == 0) return std::vector<double>{};
  SYSTOLE_ASSIGN_OR_RETURN(TensorView here, view(operand));
  const int64_t bytes = operand.desc.span_bytes();
  SYSTOLE_RETURN_IF_ERROR(here.buffer->invalidate(here.offset, bytes));
  SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> data, here.buffer->map(here.offset, bytes, MapAccess::kRead));
  auto numbers = strided_numbers(data.data(), operand.desc);
  here.buffer->unmap();
  return numbers;
}

Result<std::vector<std::byte>> NodeRunner::run_elsewhere(const Node& node, const std::shared_ptr<Device>& other) {
  auto list = std::make_shared<CommandList>(other, node.name);
  OpCall call{*node.op, {}, {}, node.name};
  const auto twin = [&](const Operand& operand) -> Result<TensorView> {
    const int64_t bytes = std::max<int64_t>(operand.desc.span_bytes(), 1);
    SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer,
                             other->allocate({bytes, 0, MemoryKind::kHostVisible, node.name}));
    return TensorView{std::move(buffer), 0, operand.desc};
  };
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Operand operand = input_operand(plan_, node, i);
    SYSTOLE_ASSIGN_OR_RETURN(TensorView source, view(operand));
    if (!plan_.graph.at(operand.root).is_constant()) {
      SYSTOLE_ASSIGN_OR_RETURN(TensorView target, twin(operand));
      const int64_t bytes = operand.desc.span_bytes();
      SYSTOLE_RETURN_IF_ERROR(source.buffer->invalidate(source.offset, bytes));
      SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> from, source.buffer->map(source.offset, bytes, MapAccess::kRead));
      SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> to, target.buffer->map(0, bytes, MapAccess::kWrite));
      std::memcpy(to.data(), from.data(), from.size());
      source.buffer->unmap();
      target.buffer->unmap();
      SYSTOLE_RETURN_IF_ERROR(target.buffer->flush(0, bytes));
      source = std::move(target);
    }
    call.inputs.push_back(std::move(source));
  }
  SYSTOLE_ASSIGN_OR_RETURN(TensorView output, twin(output_operand(plan_, node, 0)));
  call.outputs = {output};
  SYSTOLE_RETURN_IF_ERROR(list->op(std::move(call)));
  SYSTOLE_RETURN_IF_ERROR(list->end());
  SYSTOLE_RETURN_IF_ERROR(run_and_wait(*other, std::move(list)));
  const int64_t bytes = output.desc.span_bytes();
  SYSTOLE_RETURN_IF_ERROR(output.buffer->invalidate(0, bytes));
  SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> data, output.buffer->map(0, bytes, MapAccess::kRead));
  std::vector<std::byte> copy(data.begin(), data.end());
  output.buffer->unmap();
  return copy;
}

}  // namespace systole::graph

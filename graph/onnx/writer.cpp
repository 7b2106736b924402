// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/writer.h"

#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <fstream>
#include <set>

#include "graph/constants.h"
#include "graph/node_access.h"
#include "graph/onnx/tensor.h"

namespace systole::graph {
namespace {

// 4-bit elements follow each other across rows there.
void fill_constant(onnx::TensorProto& proto, const Value& constant) {
  if (bit_width(constant.dtype) >= 8) {
    const auto bytes = constant_bytes(constant);
    return fill_tensor_proto(proto, constant.name, constant.dtype, constant.shape, bytes.data(), bytes.size());
  }
  const std::vector<int64_t> numbers = constant_ints(constant);
  std::vector<std::byte> flat(static_cast<size_t>(bytes_for(constant.dtype, element_count(constant.shape))));
  for (size_t i = 0; i < numbers.size(); ++i) store_four_bits(flat.data(), static_cast<int64_t>(i), numbers[i]);
  fill_tensor_proto(proto, constant.name, constant.dtype, constant.shape, flat.data(), flat.size());
}

struct AttributeWriter {
  onnx::AttributeProto& proto;

  void operator()(int64_t value) { proto.set_type(onnx::AttributeProto::INT), proto.set_i(value); }
  void operator()(float value) { proto.set_type(onnx::AttributeProto::FLOAT), proto.set_f(value); }
  void operator()(const std::string& value) { proto.set_type(onnx::AttributeProto::STRING), proto.set_s(value); }
  void operator()(const std::vector<int64_t>& values) {
    proto.set_type(onnx::AttributeProto::INTS);
    for (int64_t value : values) proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (float value : values) proto.add_floats(value);
  }
  void operator()(const std::vector<std::string>& values) {
    proto.set_type(onnx::AttributeProto::STRINGS);
    for (const auto& value : values) proto.add_strings(value);
  }
  void operator()(const std::shared_ptr<Value>& value) {
    proto.set_type(onnx::AttributeProto::TENSOR);
    fill_constant(*proto.mutable_t(), *value);
  }
};

Status fill_info(onnx::ValueInfoProto& info, const Value& value) {
  int type = onnx_of_dtype(value.dtype);
  if (type == 0)
    return Status(Code::kUnsupported, "value '" + value.name + "': ONNX has no " + dtype_name(value.dtype));
  info.set_name(value.name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  if (!value.shape_known) return {};
  auto* shape = tensor->mutable_shape();
  for (int64_t extent : value.shape) shape->add_dim()->set_dim_value(extent);
  return {};
}

Status fill_node(onnx::NodeProto& proto, const Graph& graph, const Node& node, std::set<std::string>& domains) {
  if (node.op) return node_error(node, Code::kUnsupported, "is lowered: only ONNX operators can be written");
  size_t dot = node.type.rfind('.');
  proto.set_name(node.name);
  proto.set_op_type(dot == std::string::npos ? node.type : node.type.substr(dot + 1));
  if (dot != std::string::npos) {
    proto.set_domain(node.type.substr(0, dot));
    domains.insert(node.type.substr(0, dot));
  }
  for (ValueId id : node.inputs) proto.add_input(id == kAbsent ? "" : graph.at(id).name);
  for (ValueId id : node.outputs) proto.add_output(id == kAbsent ? "" : graph.at(id).name);
  for (const auto& [name, value] : node.attributes) {
    auto* attribute = proto.add_attribute();
    attribute->set_name(name);
    std::visit(AttributeWriter{*attribute}, value);
  }
  return {};
}

Status fill_initializers(onnx::GraphProto& proto, const Graph& graph) {
  std::set<ValueId> used(graph.outputs.begin(), graph.outputs.end());
  for (const auto& node : graph.nodes) used.insert(node.inputs.begin(), node.inputs.end());
  int64_t total = 0;
  for (ValueId id : used) {
    if (id == kAbsent || !graph.at(id).is_constant()) continue;
    const Value& value = graph.at(id);
    total += dense_bytes(value.dtype, value.shape);
    if (total > INT_MAX - (64 << 20)) return Status(Code::kUnsupported, "constants beyond protobuf's 2 GiB");
    if (onnx_of_dtype(value.dtype) == 0) {
      return Status(Code::kUnsupported, "constant '" + value.name + "': ONNX has no " + dtype_name(value.dtype));
    }
    fill_constant(*proto.add_initializer(), value);
  }
  return {};
}

Status write_whole(const onnx::ModelProto& model, const std::string& path) {
  std::string temporary = path + ".tmp" + std::to_string(::getpid());
  bool written = false;
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    written = file && model.SerializeToOstream(&file) && file.flush();
  }
  std::error_code error;
  if (written) std::filesystem::rename(temporary, path, error);
  if (written && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  return Status(Code::kUnavailable, path + ": cannot be written" + (error ? ": " + error.message() : ""));
}

}  // namespace

Status write_onnx(const Graph& graph, const std::string& path) {
  if (graph.lowered) return Status(Code::kUnsupported, graph.name + " is made of HAL ops, not of ONNX operators");
  try {
    onnx::ModelProto model;
    std::set<std::string> domains;
    model.set_ir_version(graph.opset > 15 ? 8 : 7);
    model.set_producer_name("systole");
    auto* proto = model.mutable_graph();
    proto->set_name(graph.name.empty() ? "graph" : graph.name);
    for (const auto& node : graph.nodes) SYSTOLE_RETURN_IF_ERROR(fill_node(*proto->add_node(), graph, node, domains));
    for (ValueId id : graph.inputs) SYSTOLE_RETURN_IF_ERROR(fill_info(*proto->add_input(), graph.at(id)));
    for (ValueId id : graph.outputs) SYSTOLE_RETURN_IF_ERROR(fill_info(*proto->add_output(), graph.at(id)));
    SYSTOLE_RETURN_IF_ERROR(fill_initializers(*proto, graph));
    model.add_opset_import()->set_version(graph.opset);
    for (const auto& domain : domains) {
      auto* import = model.add_opset_import();
      import->set_domain(domain);
      import->set_version(1);
    }
    return write_whole(model, path);
  } catch (const std::exception& error) {
    return Status(Code::kInternal, path + ": " + error.what());
  }
}

}  // namespace systole::graph

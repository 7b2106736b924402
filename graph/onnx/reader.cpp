// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/onnx/reader.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <map>
#include <set>

#include "graph/constants.h"
#include "graph/node_access.h"
#include "graph/onnx/synthetic_weights.h"
#include "graph/onnx/tensor.h"
#include "graph/topology.h"

namespace systole::graph {
namespace {

constexpr int kOldestOpset = 7, kNewestOpset = 17, kNewestIr = 8;

Status parse_file(const std::string& path, onnx::ModelProto& model) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return Status(Code::kNotFound, path + ": no such file");
  if (std::filesystem::file_size(path, error) > INT_MAX) {
    return Status(Code::kUnsupported, path + ": larger than protobuf's 2 GiB; store its weights as external data");
  }
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Status(Code::kNotFound, path + ": cannot be opened");
  google::protobuf::LogSilencer silent;
  google::protobuf::io::FileInputStream file(fd);
  file.SetCloseOnDelete(true);
  google::protobuf::io::CodedInputStream coded(&file);
  coded.SetTotalBytesLimit(INT_MAX);
  if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) {
    return Status(Code::kDataLoss, path + ": truncated or corrupt ONNX file (protobuf stopped near byte " +
                                       std::to_string(coded.CurrentPosition()) + ")");
  }
  if (!model.has_graph()) return Status(Code::kDataLoss, path + ": truncated or corrupt ONNX file: no graph in it");
  if (model.opset_import_size() == 0 || !model.has_ir_version()) {
    return Status(Code::kDataLoss, path + ": truncated or corrupt ONNX file: no opset or IR version in it");
  }
  return {};
}

class Reader {
 public:
  Reader(const onnx::ModelProto& model, std::string path, const ImportOptions& options)
      : model_(model), proto_(model.graph()), path_(std::move(path)), options_(options) {
    folder_ = std::filesystem::path(path_).parent_path().string();
  }

  Result<Graph> read() {
    SYSTOLE_RETURN_IF_ERROR(read_versions());
    SYSTOLE_RETURN_IF_ERROR(read_initializers());
    SYSTOLE_RETURN_IF_ERROR(declare_inputs());
    SYSTOLE_RETURN_IF_ERROR(read_nodes());
    for (const auto& output : proto_.output()) graph_.outputs.push_back(value_named(output.name()));
    if (graph_.outputs.empty()) return Status(Code::kInvalidArgument, "the graph has no outputs");
    SYSTOLE_RETURN_IF_ERROR(bind_inputs());
    SYSTOLE_RETURN_IF_ERROR(check_dims_used());
    SYSTOLE_RETURN_IF_ERROR(sort_and_check(graph_));
    return std::move(graph_);
  }

 private:
  Status read_versions() {
    graph_.name = proto_.name();
    for (const auto& import : model_.opset_import()) {
      if (import.domain().empty() || import.domain() == "ai.onnx") graph_.opset = static_cast<int>(import.version());
    }
    if (graph_.opset < kOldestOpset) {
      return Status(Code::kUnsupported, "opset " + std::to_string(graph_.opset) + ": expected " +
                                            std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset));
    }
    if (graph_.opset > kNewestOpset) {
      graph_.warnings.push_back("opset " + std::to_string(graph_.opset) + " is newer than " +
                                std::to_string(kNewestOpset) + ": operators are checked one by one");
    }
    if (model_.ir_version() > kNewestIr) {
      graph_.warnings.push_back("IR version " + std::to_string(model_.ir_version()) + " is newer than " +
                                std::to_string(kNewestIr));
    }
    return {};
  }

  ValueId value_named(const std::string& name) {
    auto [at, inserted] = ids_.emplace(name, kAbsent);
    if (inserted) {
      Value value;
      value.name = name;
      at->second = graph_.add_value(std::move(value));
    }
    return at->second;
  }

  Status read_initializers() {
    if (proto_.sparse_initializer_size() > 0) {
      return Status(Code::kUnsupported, "initializer '" + proto_.sparse_initializer(0).values().name() + "' is sparse");
    }
    for (const auto& tensor : proto_.initializer()) {
      std::string what = "initializer '" + tensor.name() + "'";
      if (tensor.name().empty()) return Status(Code::kInvalidArgument, "an initializer has no name");
      if (ids_.contains(tensor.name()))
        return Status(Code::kInvalidArgument, "duplicate name: " + what + " is given twice");
      ValueId id = value_named(tensor.name());
      Shape shape(tensor.dims().begin(), tensor.dims().end());
      SYSTOLE_ASSIGN_OR_RETURN(int64_t count, checked_elements(shape, what));
      auto dtype = dtype_of_onnx(tensor.data_type());
      if (count > 0 && dtype && is_float(*dtype) && !has_tensor_data(tensor)) {  // shape only: synthetic values
        graph_.at(id).dtype = *dtype;
        graph_.at(id).shape = shape;
        weightless_.push_back(id);
        continue;
      }
      SYSTOLE_ASSIGN_OR_RETURN(HostTensor read, read_tensor_proto(tensor, folder_, what));
      SYSTOLE_ASSIGN_OR_RETURN(graph_.at(id), constant_from(tensor.name(), read));
    }
    return {};
  }

  Status declare_inputs() {
    std::set<std::string> seen;
    for (const auto& input : proto_.input()) {
      std::string what = "input '" + input.name() + "'";
      if (!seen.insert(input.name()).second)
        return Status(Code::kInvalidArgument, "duplicate name: " + what + " is given twice");
      if (ids_.contains(input.name())) continue;  // IR 3 lists initializers among the inputs
      if (!input.type().has_tensor_type()) return Status(Code::kUnsupported, what + ": expected a tensor");
      int type = input.type().tensor_type().elem_type();
      auto dtype = dtype_of_onnx(type);
      if (!dtype)
        return Status(Code::kUnsupported, what + ": elements of " + onnx_type_name(type) + " are not supported");
      ValueId id = value_named(input.name());
      graph_.at(id).dtype = *dtype;
      graph_.inputs.push_back(id);
      declared_[id] = &input;
    }
    return {};
  }

  Status read_nodes() {
    for (const auto& proto : proto_.node()) {
      Node node;
      node.name = !proto.name().empty() || proto.output_size() == 0 ? proto.name() : proto.output(0);
      bool standard = proto.domain().empty() || proto.domain() == "ai.onnx";
      node.type = standard ? proto.op_type() : proto.domain() + "." + proto.op_type();
      for (const auto& name : proto.input()) node.inputs.push_back(name.empty() ? kAbsent : value_named(name));
      for (const auto& name : proto.output()) node.outputs.push_back(name.empty() ? kAbsent : value_named(name));
      while (!node.inputs.empty() && node.inputs.back() == kAbsent) node.inputs.pop_back();
      for (const auto& attribute : proto.attribute()) SYSTOLE_RETURN_IF_ERROR(read_attribute(attribute, node));
      SYSTOLE_RETURN_IF_ERROR(check_attributes(node));
      graph_.nodes.push_back(std::move(node));
    }
    return {};
  }

  Status read_attribute(const onnx::AttributeProto& a, Node& node) {
    using Proto = onnx::AttributeProto;
    auto& slot = node.attributes[a.name()];
    switch (a.type()) {
      case Proto::INT:
        slot = static_cast<int64_t>(a.i());
        return {};
      case Proto::FLOAT:
        slot = a.f();
        return {};
      case Proto::STRING:
        slot = a.s();
        return {};
      case Proto::INTS:
        slot = std::vector<int64_t>(a.ints().begin(), a.ints().end());
        return {};
      case Proto::FLOATS:
        slot = std::vector<float>(a.floats().begin(), a.floats().end());
        return {};
      case Proto::STRINGS:
        slot = std::vector<std::string>(a.strings().begin(), a.strings().end());
        return {};
      case Proto::TENSOR: {
        std::string what = node.type + " '" + node.name + "': attribute '" + a.name() + "'";
        SYSTOLE_ASSIGN_OR_RETURN(HostTensor tensor, read_tensor_proto(a.t(), folder_, what));
        SYSTOLE_ASSIGN_OR_RETURN(Value value, constant_from(a.name(), tensor));
        slot = std::make_shared<Value>(std::move(value));
        return {};
      }
      case Proto::UNDEFINED:
        return node_error(node, Code::kInvalidArgument, "attribute '" + a.name() + "' has no type");
      default:
        return node_error(node, Code::kUnsupported, "attribute '" + a.name() + "' is a graph or a sparse tensor");
    }
  }

  bool is_missing_weight(ValueId id) const {
    if (options_.keep_inputs.contains(graph_.at(id).name)) return false;
    for (const auto& node : graph_.nodes) {
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        if (node.inputs[i] != id) continue;
        if (is_weight_position(node.type, i)) return true;
        if (node.type == "Identity" && !node.outputs.empty() && is_missing_weight(node.outputs[0])) return true;
      }
    }
    return false;
  }

  Status bind_inputs() {
    std::vector<ValueId> inputs;
    for (ValueId id : graph_.inputs) {
      bool weight = is_missing_weight(id);
      SYSTOLE_RETURN_IF_ERROR(bind_shape(id, weight));
      (weight ? weightless_ : inputs).push_back(id);
    }
    graph_.inputs = std::move(inputs);
    for (ValueId id : weightless_) SYSTOLE_RETURN_IF_ERROR(synthesize_weight(graph_, id, options_.seed));
    if (!weightless_.empty()) {
      graph_.warnings.push_back(std::to_string(weightless_.size()) + " weights have no data in the file, '" +
                                graph_.at(weightless_[0]).name + "' the first: seeded synthetic values (seed " +
                                std::to_string(options_.seed) + ")");
    }
    return {};
  }

  Status bind_shape(ValueId id, bool weight) {
    Value& value = graph_.at(id);
    const auto& type = declared_.at(id)->type().tensor_type();
    if (!type.has_shape()) return Status(Code::kInvalidArgument, "input '" + value.name + "' has no shape in the file");
    for (int axis = 0; axis < type.shape().dim_size(); ++axis) {
      const auto& dim = type.shape().dim(axis);
      SYSTOLE_ASSIGN_OR_RETURN(int64_t extent, bind_dim(value.name, axis, dim.dim_param(),
                                                        dim.has_dim_value() ? dim.dim_value() : -1, weight));
      value.shape.push_back(extent);
    }
    value.shape_known = true;
    return checked_elements(value.shape, "input '" + value.name + "'").status();
  }

  Result<int64_t> bind_dim(const std::string& input, int axis, const std::string& symbol, int64_t given, bool weight) {
    std::string place = input + ":" + std::to_string(axis);
    for (const auto& key : {place, symbol}) {
      known_dims_.insert(key);
      auto found = key.empty() ? options_.dims.end() : options_.dims.find(key);
      if (found == options_.dims.end()) continue;
      if (found->second < 1)
        return Status(Code::kInvalidArgument,
                      "dimension '" + key + "': expected 1 or more, got " + std::to_string(found->second));
      return found->second;
    }
    if (axis == 0 && !weight && options_.batch > 0) return options_.batch;
    if (given > 0 || (given == 0 && symbol.empty())) return given;
    if (axis == 0 && !weight) {
      graph_.warnings.push_back("input '" + input + "': axis 0 (" + (symbol.empty() ? "open" : symbol) +
                                ") is taken as 1");
      return int64_t{1};
    }
    std::string called = symbol.empty() ? "open" : "'" + symbol + "'";
    return Status(Code::kInvalidArgument, "input '" + input + "': axis " + std::to_string(axis) + " is " + called +
                                              " in the file: give --shapes " + (symbol.empty() ? place : symbol) +
                                              "=...");
  }

  Status check_dims_used() {
    known_dims_.erase("");
    for (const auto& [key, extent] : options_.dims) {
      if (known_dims_.contains(key)) continue;
      std::vector<std::string> known(known_dims_.begin(), known_dims_.end());
      std::string nearest = nearest_name(key, known.data(), known.size());
      return Status(Code::kNotFound, "no dimension is called '" + key + "'" +
                                         (nearest.empty() ? "" : ": did you mean '" + nearest + "'?"));
    }
    return {};
  }

  const onnx::ModelProto& model_;
  const onnx::GraphProto& proto_;
  std::string path_, folder_;
  const ImportOptions& options_;
  Graph graph_;
  std::map<std::string, ValueId> ids_;
  std::map<ValueId, const onnx::ValueInfoProto*> declared_;
  std::vector<ValueId> weightless_;
  std::set<std::string> known_dims_;
};

}  // namespace

Result<Graph> read_onnx(const std::string& path, const ImportOptions& options) {
  try {
    onnx::ModelProto model;
    SYSTOLE_RETURN_IF_ERROR(parse_file(path, model));
    auto graph = Reader(model, path, options).read();
    if (!graph.ok()) return Status(graph.status().code(), path + ": " + graph.status().message());
    return graph;
  } catch (const std::bad_alloc&) {
    return Status(Code::kOutOfMemory, path + ": not enough host memory for the model");
  } catch (const std::exception& error) {
    return Status(Code::kDataLoss, path + ": " + error.what());
  }
}

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/plan/graph_json.h"

#include <utility>

#include "graph/constants.h"
#include "graph/plan/op_fields.h"
#include "graph/plan/soundness.h"

namespace systole::graph {
namespace {

// As they stand in the file: what ir.h holds by pointer or variant is by number here.
struct StoredValue {
  std::string name;
  DType dtype{};
  Shape shape;
  bool shape_known = false;
  std::vector<Quantization> quant;  // none or one
  int data = -1;                    // number of a constant
};
template <typename Archive>
void fields(Archive& a, StoredValue& v) {
  a("name", v.name), a("dtype", Enum{v.dtype, DType::kBool}), a("shape", v.shape), a("known", v.shape_known);
  a("quant", v.quant), a("data", v.data);
}

struct StoredAttribute {
  int type = 0;  // index of the variant
  int64_t number = 0;
  float real = 0;
  std::string text;
  std::vector<int64_t> numbers;
  std::vector<float> reals;
  std::vector<std::string> texts;
  std::vector<StoredValue> tensor;
};
template <typename Archive>
void fields(Archive& a, StoredAttribute& s) {
  a("type", s.type);
  if (s.type == 0) a("value", s.number);
  if (s.type == 1) a("value", s.real);
  if (s.type == 2) a("value", s.text);
  if (s.type == 3) a("value", s.numbers);
  if (s.type == 4) a("value", s.reals);
  if (s.type == 5) a("value", s.texts);
  if (s.type == 6) a("value", s.tensor);
}

struct StoredOp {
  Op op;
};
template <typename Archive, size_t... I>
void op_fields(Archive& a, StoredOp& s, const std::string& name, std::index_sequence<I...>) {
  bool known = false;
  const auto alternative = [&](auto& empty) {
    if (known || op_name(Op(empty)) != name) return;
    known = true;
    if constexpr (Archive::kReading) s.op = empty;
    fields(a, std::get<std::remove_reference_t<decltype(empty)>>(s.op));
  };
  std::tuple<std::variant_alternative_t<I, Op>...> empties;
  (alternative(std::get<I>(empties)), ...);
  if constexpr (Archive::kReading) {
    if (!known) a.complain("op", "no op is called '" + name + "'");
  }
}
template <typename Archive>
void fields(Archive& a, StoredOp& s) {
  std::string name = op_name(s.op);
  a("op", name);
  op_fields(a, s, name, std::make_index_sequence<std::variant_size_v<Op>>());
}

struct StoredNode {
  std::string name, type, device, why;
  std::map<std::string, StoredAttribute> attributes;
  std::vector<ValueId> inputs, outputs;
  std::vector<StoredOp> op;  // none or one
  std::vector<std::string> fused;
};
template <typename Archive>
void fields(Archive& a, StoredNode& n) {
  a("name", n.name), a("type", n.type), a("attributes", n.attributes), a("inputs", n.inputs), a("outputs", n.outputs);
  a("op", n.op), a("fused", n.fused), a("device", n.device), a("why", n.why);
}

struct StoredGraph {
  std::string name;
  int opset = 0;
  std::vector<StoredValue> values;
  std::vector<StoredNode> nodes;
  std::vector<ValueId> inputs, outputs;
  std::vector<std::string> warnings;
};
template <typename Archive>
void fields(Archive& a, StoredGraph& g) {
  a("name", g.name), a("opset", g.opset), a("inputs", g.inputs), a("outputs", g.outputs), a("warnings", g.warnings);
  a("values", g.values), a("nodes", g.nodes);
}

}  // namespace

template <typename Archive>
void fields(Archive& a, Storage& s) {
  a("root", s.root), a("offset", s.offset), a("strides", s.strides);
}

namespace {

struct StoredPlan {
  StoredGraph graph;
  std::vector<Storage> storage;
  std::vector<int> place, home;
  std::vector<std::string> report;
};
template <typename Archive>
void fields(Archive& a, StoredPlan& p) {
  a("graph", p.graph), a("storage", p.storage), a("place", p.place), a("home", p.home), a("report", p.report);
}

StoredValue stored(const Value& value, ConstantNumbers& constants) {
  StoredValue s{value.name, value.dtype, value.shape, value.shape_known, {}, constants.of(value.data)};
  if (value.quant) s.quant.push_back(*value.quant);
  return s;
}

StoredAttribute stored(const Attribute& attribute, ConstantNumbers& constants) {
  StoredAttribute s;
  s.type = static_cast<int>(attribute.index());
  const auto take = [&](auto& to) {
    if (const auto* from = std::get_if<std::remove_reference_t<decltype(to)>>(&attribute)) to = *from;
  };
  take(s.number), take(s.real), take(s.text), take(s.numbers), take(s.reals), take(s.texts);
  if (const auto* tensor = std::get_if<std::shared_ptr<Value>>(&attribute); tensor && *tensor)
    s.tensor.push_back(stored(**tensor, constants));
  return s;
}

StoredGraph stored(const Graph& graph, ConstantNumbers& constants) {
  StoredGraph s{graph.name, graph.opset, {}, {}, graph.inputs, graph.outputs, graph.warnings};
  for (const Value& value : graph.values) s.values.push_back(stored(value, constants));
  for (const Node& node : graph.nodes) {
    StoredNode n{node.name, node.type, node.device, node.why, {}, node.inputs, node.outputs, {}, node.fused};
    for (const auto& [name, attribute] : node.attributes) n.attributes[name] = stored(attribute, constants);
    if (node.op) n.op.push_back({*node.op});
    s.nodes.push_back(std::move(n));
  }
  return s;
}

using Constants = std::vector<std::shared_ptr<Buffer>>;

Result<Value> loaded(StoredValue& s, const Constants& constants) {
  const auto wrong = [&](const std::string& what) {
    return Status(Code::kDataLoss, "value '" + s.name + "': " + what);
  };
  Value value{s.name, s.dtype, std::move(s.shape), s.shape_known, nullptr, nullptr};
  SYSTOLE_RETURN_IF_ERROR(check_shape(value));
  if (s.quant.size() > 1) return wrong("two quantizations");
  if (!s.quant.empty()) {
    SYSTOLE_RETURN_IF_ERROR(check_quantization(value, s.quant[0]));
    value.quant = std::make_shared<const Quantization>(std::move(s.quant[0]));
  }
  if (s.data < -1 || s.data >= static_cast<int>(constants.size())) return wrong("no such constant");
  if (s.data < 0) return value;
  value.data = constants[static_cast<size_t>(s.data)];
  const int64_t bytes = dense_bytes(value.dtype, value.shape);
  if (std::max<int64_t>(bytes, 1) != value.data->size())
    return wrong("needs " + std::to_string(bytes) + " bytes, its constant has " + std::to_string(value.data->size()));
  return value;
}

Result<Attribute> loaded(StoredAttribute& s, const Constants& constants) {
  switch (s.type) {
    case 0:
      return Attribute(s.number);
    case 1:
      return Attribute(s.real);
    case 2:
      return Attribute(std::move(s.text));
    case 3:
      return Attribute(std::move(s.numbers));
    case 4:
      return Attribute(std::move(s.reals));
    case 5:
      return Attribute(std::move(s.texts));
    case 6: {
      if (s.tensor.size() != 1) return Status(Code::kDataLoss, "an attribute of one tensor has several");
      SYSTOLE_ASSIGN_OR_RETURN(Value value, loaded(s.tensor[0], constants));
      if (!value.is_constant()) return Status(Code::kDataLoss, "an attribute's tensor has no data");
      return Attribute(std::make_shared<Value>(std::move(value)));
    }
    default:
      return Status(Code::kDataLoss, "an attribute of type " + std::to_string(s.type));
  }
}

Result<Graph> loaded(StoredGraph& s, const Constants& constants) {
  Graph graph;
  graph.name = s.name;
  graph.opset = s.opset;
  graph.inputs = s.inputs;
  graph.outputs = s.outputs;
  graph.warnings = std::move(s.warnings);
  for (StoredValue& value : s.values) {
    SYSTOLE_ASSIGN_OR_RETURN(Value v, loaded(value, constants));
    graph.add_value(std::move(v));
  }
  for (StoredNode& stored_node : s.nodes) {
    Node node{stored_node.name,   stored_node.type,    {},
              stored_node.inputs, stored_node.outputs, std::nullopt,
              stored_node.fused,  stored_node.device,  stored_node.why};
    for (auto& [name, attribute] : stored_node.attributes) {
      auto value = loaded(attribute, constants);
      if (!value.ok()) return value.status().with_origin(node.name + "." + name);
      node.attributes[name] = std::move(value).value();
    }
    if (stored_node.op.size() > 1) return Status(Code::kDataLoss, "node '" + node.name + "' has two ops");
    if (!stored_node.op.empty()) node.op = std::move(stored_node.op[0].op);
    graph.nodes.push_back(std::move(node));
  }
  SYSTOLE_RETURN_IF_ERROR(check_graph(graph));
  return graph;
}

template <typename Stored>
Status read(const Json& json, const char* name, Stored& stored) {
  Status status;
  FieldReader reader(json, name, status);
  if (status.ok()) fields(reader, stored);
  return status;
}

}  // namespace

int ConstantNumbers::of(const std::shared_ptr<Buffer>& buffer) {
  if (!buffer) return -1;
  const auto [place, added] = numbers_.emplace(buffer.get(), static_cast<int>(buffers_.size()));
  if (added) buffers_.push_back(buffer);
  return place->second;
}

Json graph_json(const Graph& graph, ConstantNumbers& constants) { return FieldWriter::value(stored(graph, constants)); }

Json plan_json(const Plan& plan, ConstantNumbers& constants) {
  return FieldWriter::value(
      StoredPlan{stored(plan.graph, constants), plan.storage, plan.place, plan.home, plan.report.lines});
}

Result<Graph> read_graph(const Json& json, const Constants& constants) {
  StoredGraph stored;
  SYSTOLE_RETURN_IF_ERROR(read(json, "graph", stored));
  return loaded(stored, constants);
}

Result<Plan> read_plan(const Json& json, const Constants& constants) {
  StoredPlan stored;
  SYSTOLE_RETURN_IF_ERROR(read(json, "plan", stored));
  Plan plan;
  SYSTOLE_ASSIGN_OR_RETURN(plan.graph, loaded(stored.graph, constants));
  plan.storage = std::move(stored.storage);
  plan.place = std::move(stored.place);
  plan.home = std::move(stored.home);
  plan.report.lines = std::move(stored.report);
  SYSTOLE_RETURN_IF_ERROR(check_plan(plan));
  return plan;
}

}  // namespace systole::graph

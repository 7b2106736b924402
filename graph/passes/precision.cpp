// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/image.h"
#include "graph/passes/passes.h"
#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"

namespace systole::graph {
namespace {

struct State {
  Graph& graph;
  const Device& device;
  PassReport& report;
  DType type;  // narrower than f32
  bool all;    // ops that the device has in f32, too
  std::vector<bool> image;
  std::vector<bool> chosen;  // by node: becomes narrower
  std::string suffix() const { return std::string(".") + dtype_name(type); }
};

bool touches_f32(const Graph& graph, const Node& node) {
  for (ValueId id : node.outputs)
    if (graph.at(id).dtype == DType::kF32) return true;
  return false;
}

// Ops that the device lacks in f32 and has in the narrower type, or all that it has in that, and what reads their
// values and is there in it too; data movement follows its source.
void choose(State& state) {
  std::vector<bool> narrow(state.graph.values.size(), false);
  for (size_t n = 0; n < state.graph.nodes.size(); ++n) {
    const Node& node = state.graph.nodes[n];
    bool take = false;
    if (node.op && touches_f32(state.graph, node) && !std::holds_alternative<Cast>(*node.op)) {
      bool every = true, any = false;
      for (ValueId id : node.inputs) {
        every = every && narrow[static_cast<size_t>(id)];
        any = any || narrow[static_cast<size_t>(id)];
      }
      if (std::holds_alternative<Copy>(*node.op))
        take = every;
      else
        take = (any || state.all ||
                !state.device.supports(dense_description(state.graph, state.image, node, std::nullopt)).yes) &&
               state.device.supports(dense_description(state.graph, state.image, node, state.type)).yes;
    } else if (!node.op && (node.type == "Reshape" || node.type == "Concat" || node.type == "Pad")) {
      take = true;
      for (ValueId id : node.inputs) take = take && narrow[static_cast<size_t>(id)];
    }
    state.chosen[n] = take;
    if (take)
      for (ValueId id : node.outputs) narrow[static_cast<size_t>(id)] = true;
  }
}

Node cast_node(const std::string& name, ValueId from, ValueId to) {
  Node node;
  node.name = name;
  node.type = "Cast";
  node.inputs = {from};
  node.outputs = {to};
  node.op = Cast{};
  return node;
}

Result<ValueId> narrow_constant(State& state, ValueId id) {
  const Value source = state.graph.at(id);
  const std::string name = source.name + state.suffix();
  if (source.withheld) {
    SYSTOLE_ASSIGN_OR_RETURN(Value value, make_withheld_constant(name, state.type, source.shape));
    return state.graph.add_value(std::move(value));
  }
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<float> numbers, constant_floats(source));
  std::vector<uint16_t> bits(numbers.size());
  for (size_t i = 0; i < bits.size(); ++i)
    bits[i] = state.type == DType::kF16 ? numeric::to_f16(numbers[i]).bits : numeric::to_bf16(numbers[i]).bits;
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_constant(name, state.type, source.shape, bits.data()));
  return state.graph.add_value(std::move(value));
}

// Chosen nodes read the narrower type: constants are converted once, computed values by a cast before their first
// chosen reader.
Status cast_inputs(State& state, std::vector<Insertion>& casts) {
  Graph& graph = state.graph;
  const Uses uses = uses_of(graph);
  std::vector<ValueId> as_narrow(graph.values.size(), kAbsent);
  int constants = 0;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!state.chosen[n]) continue;
    for (size_t i = 0; i < graph.nodes[n].inputs.size(); ++i) {
      const ValueId id = graph.nodes[n].inputs[i];
      const auto slot = static_cast<size_t>(id);
      if (graph.at(id).dtype != DType::kF32 || keeps_f32(graph.nodes[n], i)) continue;
      if (uses.producer[slot] >= 0 && state.chosen[static_cast<size_t>(uses.producer[slot])]) continue;
      if (as_narrow[slot] == kAbsent && graph.at(id).is_constant()) {
        SYSTOLE_ASSIGN_OR_RETURN(as_narrow[slot], narrow_constant(state, id));
        ++constants;
      } else if (as_narrow[slot] == kAbsent) {
        Value value = graph.at(id);
        value.name += state.suffix();
        value.dtype = state.type;
        as_narrow[slot] = graph.add_value(value);
        const std::string name = "cast(" + graph.at(id).name + " to " + dtype_name(state.type) + ")";
        casts.push_back({static_cast<int>(n), cast_node(name, id, as_narrow[slot])});
        note(&state.report, "precision: " + name);
      }
      graph.nodes[n].inputs[i] = as_narrow[slot];
    }
  }
  if (constants > 0)
    note(&state.report,
         "precision: " + std::to_string(constants) + " constants converted to " + dtype_name(state.type) + " at load");
  return {};
}

bool reads_f32(const State& state, int reader, ValueId id) {
  const Node& node = state.graph.nodes[static_cast<size_t>(reader)];
  for (size_t i = 0; i < node.inputs.size(); ++i)
    if (node.inputs[i] == id && (!state.chosen[static_cast<size_t>(reader)] || keeps_f32(node, i))) return true;
  return false;
}

// What chosen nodes make is narrower; readers that stay f32 and the graph's outputs get it cast back.
void cast_outputs(State& state, std::vector<Insertion>& casts) {
  Graph& graph = state.graph;
  const Uses uses = uses_of(graph);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!state.chosen[n]) continue;
    for (ValueId& id : graph.nodes[n].outputs) {
      if (graph.at(id).dtype != DType::kF32) continue;
      const auto slot = static_cast<size_t>(id);
      bool wide = uses.is_output[slot];
      for (int reader : uses.consumers[slot]) wide = wide || reads_f32(state, reader, id);
      if (!wide) {
        graph.at(id).dtype = state.type;
        continue;
      }
      const ValueId f32 = id;
      Value value = graph.at(f32);
      value.name += state.suffix();
      value.dtype = state.type;
      const ValueId narrow = graph.add_value(value);
      id = narrow;
      for (int reader : uses.consumers[slot])
        if (state.chosen[static_cast<size_t>(reader)]) {
          Node& node = graph.nodes[static_cast<size_t>(reader)];
          for (size_t i = 0; i < node.inputs.size(); ++i)
            if (node.inputs[i] == f32 && !keeps_f32(node, i)) node.inputs[i] = narrow;
        }
      const std::string name = "cast(" + graph.at(f32).name + " to f32)";
      casts.push_back({static_cast<int>(n) + 1, cast_node(name, narrow, f32)});
      note(&state.report, "precision: " + name);
    }
  }
}

}  // namespace

Status lower_precision(Graph& graph, const Device& device, Precision policy, PassReport& report) {
  const std::optional<DType> type = narrow_type(policy);
  if (!type) return {};
  State state{graph,
              device,
              report,
              *type,
              policy != Precision::kNative,
              image_values(graph),
              std::vector<bool>(graph.nodes.size(), false)};
  choose(state);
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    if (state.chosen[n] && graph.nodes[n].op)
      note(&report, "precision: " + graph.nodes[n].name + " in " + dtype_name(*type));
  std::vector<Insertion> casts;
  SYSTOLE_RETURN_IF_ERROR(cast_inputs(state, casts));
  cast_outputs(state, casts);
  insert_nodes(graph, std::move(casts));
  return {};
}

}  // namespace systole::graph

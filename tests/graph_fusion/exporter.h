// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX graphs as PyTorch's exporter writes them at an opset, and their runs fused and not.
#pragma once

#include "tests/graph_import/import_test.h"
#include "tests/graph_plan/support.h"
#include "tests/tolerance.h"

namespace systole::graph::testing {

class Exporter : public Builder {
 public:
  explicit Exporter(int opset = 13) : Builder(opset) {}

  std::string fresh(const std::string& type) { return "/" + type + "_" + std::to_string(count_++); }
  ValueId op(const std::string& type, std::vector<ValueId> inputs, std::map<std::string, Attribute> attributes = {}) {
    return node(type, fresh(type), std::move(inputs), std::move(attributes));
  }
  std::vector<ValueId> ops(const std::string& type, std::vector<ValueId> inputs, size_t outputs,
                           std::map<std::string, Attribute> attributes = {}) {
    const std::string name = fresh(type);
    node(type, name, std::move(inputs), std::move(attributes));
    std::vector<ValueId> made = graph.nodes.back().outputs;
    while (made.size() < outputs) made.push_back(value(name + "_y" + std::to_string(made.size())));
    graph.nodes.back().outputs = made;
    return made;
  }
  ValueId number(double x) { return constant(fresh("number"), {}, {x}); }
  ValueId integers(const std::vector<double>& x) { return ints(fresh("ints"), x); }
  ValueId integer(double x) { return constant(fresh("int"), {}, {x}, DType::kI64); }
  ValueId weights(Shape shape, double scale = 1.0, double shift = 0.0) {
    std::normal_distribution<double> normal(shift, scale);
    std::vector<double> numbers(static_cast<size_t>(element_count(shape)));
    for (double& x : numbers) x = normal(random_);
    return constant(fresh("weight"), std::move(shape), numbers);
  }

  ValueId add(ValueId a, ValueId b) { return op("Add", {a, b}); }
  ValueId mul(ValueId a, ValueId b) { return op("Mul", {a, b}); }
  ValueId div(ValueId a, ValueId b) { return op("Div", {a, b}); }
  ValueId matmul(ValueId a, ValueId b) { return op("MatMul", {a, b}); }
  ValueId transpose(ValueId x, Ints perm) { return op("Transpose", {x}, {{"perm", std::move(perm)}}); }
  ValueId reshape(ValueId x, const std::vector<double>& shape) { return op("Reshape", {x, integers(shape)}); }
  ValueId unsqueeze(ValueId x, int64_t axis) {
    if (graph.opset < 13) return op("Unsqueeze", {x}, {{"axes", Ints{axis}}});
    return op("Unsqueeze", {x, integers({static_cast<double>(axis)})});
  }
  ValueId squeeze(ValueId x, int64_t axis) {
    if (graph.opset < 13) return op("Squeeze", {x}, {{"axes", Ints{axis}}});
    return op("Squeeze", {x, integers({static_cast<double>(axis)})});
  }
  ValueId mean(ValueId x, int64_t axis) {
    return op("ReduceMean", {x}, {{"axes", Ints{axis}}, {"keepdims", int64_t{1}}});
  }
  ValueId softmax(ValueId x, int64_t axis) { return op("Softmax", {x}, {{"axis", axis}}); }
  ValueId cast(ValueId x, int64_t onnx_type) { return op("Cast", {x}, {{"to", onnx_type}}); }
  ValueId gather(ValueId x, ValueId indices, int64_t axis = 0) { return op("Gather", {x, indices}, {{"axis", axis}}); }
  ValueId slice(ValueId x, double begin, double end, double axis, double step = 1) {
    if (graph.opset < 10)
      return op("Slice", {x},
                {{"starts", Ints{static_cast<int64_t>(begin)}},
                 {"ends", Ints{static_cast<int64_t>(end)}},
                 {"axes", Ints{static_cast<int64_t>(axis)}}});
    return op("Slice", {x, integers({begin}), integers({end}), integers({axis}), integers({step})});
  }
  // x.size(axis), as a scalar.
  ValueId extent(ValueId x, int64_t axis) { return gather(op("Shape", {x}), integer(static_cast<double>(axis))); }
  // x.view(parts), each a scalar computed from shapes.
  ValueId view(ValueId x, const std::vector<ValueId>& parts) {
    std::vector<ValueId> ones;
    for (ValueId part : parts) ones.push_back(unsqueeze(part, 0));
    return op("Reshape", {x, op("Concat", ones, {{"axis", int64_t{0}}})});
  }

  ValueId linear(ValueId x, int64_t in, int64_t out) {
    return add(weights({out}, 0.1), matmul(x, weights({in, out}, 1.0 / std::sqrt(static_cast<double>(in)))));
  }
  ValueId layer_norm(ValueId x, int64_t width) {
    const ValueId gamma = weights({width}, 0.2, 1.0), beta = weights({width}, 0.2);
    if (graph.opset >= 17)
      return op("LayerNormalization", {x, gamma, beta}, {{"axis", int64_t{-1}}, {"epsilon", 1e-5f}});
    const ValueId centred = op("Sub", {x, mean(x, -1)});
    const ValueId variance = mean(op("Pow", {centred, number(2)}), -1);
    return add(mul(div(centred, op("Sqrt", {add(variance, number(1e-5))})), gamma), beta);
  }
  ValueId gelu(ValueId x) {
    const ValueId inner = op("Erf", {div(x, number(1.4142135381698608))});
    return mul(mul(x, add(inner, number(1))), number(0.5));
  }
  // As the GPT-2 of the transformers package: 0.5 * x * (1 + tanh(...)).
  ValueId gelu_new(ValueId x) {
    const ValueId cubic = add(x, mul(op("Pow", {x, number(3)}), number(0.044715)));
    return mul(mul(x, number(0.5)), add(op("Tanh", {mul(cubic, number(0.7978845608028654))}), number(1)));
  }

  Graph imported(std::vector<ValueId> outputs) {
    graph.outputs = std::move(outputs);
    auto result = import_graph(graph);
    EXPECT_TRUE(result.ok()) << result.status().to_string();
    return result.ok() ? std::move(result).value() : Graph{};
  }

 private:
  int count_ = 0;
  std::mt19937 random_{11};
};

// Integers (token numbers) below `vocabulary`, floats of unit variance.
inline TensorMap random_inputs(const Graph& graph, int64_t vocabulary = 50) {
  TensorMap map;
  std::mt19937 random{3};
  std::normal_distribution<float> normal;
  for (ValueId id : graph.inputs) {
    HostTensor tensor = make_host_tensor(graph.at(id).dtype, graph.at(id).shape);
    for (int64_t i = 0; i < element_count(tensor.shape); ++i)
      store_real(
          tensor.dtype, tensor.data.data(), i,
          is_float(tensor.dtype) ? normal(random) : static_cast<double>(random() % static_cast<uint64_t>(vocabulary)));
    map[graph.at(id).name] = std::move(tensor);
  }
  return map;
}

struct Fused {
  RunReport report;  // of ref, fused
  int ops(const std::string& op) const {
    int count = 0;
    for (const NodeReport& node : report.nodes) count += node.op == op;
    return count;
  }
  int lines(const std::string& pass) const { return count_lines(PassReport{report.passes}, pass); }
};

// Runs `graph` on ref and cpu with fusions and without; all four agree.
inline Fused expect_fused_equal(const Graph& graph, const TensorMap& inputs) {
  const TensorMap want = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep, false}, inputs);
  Fused fused;
  for (const char* device : {"ref", "cpu"})
    for (bool with : {true, false}) {
      RunReport report;
      const TensorMap got = run_on(graph, {open_device(device), nullptr, Precision::kKeep, with}, inputs, &report);
      for (const auto& [name, tensor] : want)
        EXPECT_LE(relative_difference(got.at(name), tensor), tests::kFusedDifference)
            << name << " on " << device << (with ? " fused" : " not fused");
      if (with && device == std::string("ref")) fused.report = std::move(report);
    }
  return fused;
}
inline Fused expect_fused_equal(const Graph& graph) { return expect_fused_equal(graph, random_inputs(graph)); }

}  // namespace systole::graph::testing

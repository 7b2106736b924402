// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Devices and small lowered graphs for the tests of planning and execution.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "devices/cpu/cpu_device.h"
#include "devices/ref/ref_device.h"
#include "graph/edit.h"
#include "graph/executor.h"
#include "hal/host_memory.h"

namespace systole::graph::testing {

inline std::shared_ptr<Device> open_device(const std::string& uri) {
  Registry registry;
  EXPECT_TRUE(registry.add(ref_driver()).ok());
  EXPECT_TRUE(registry.add(cpu_driver()).ok());
  auto device = registry.open(uri);
  EXPECT_TRUE(device.ok()) << device.status().to_string();
  return device.ok() ? std::move(device).value() : nullptr;
}

// Host memory that belongs to `device`.
inline Result<std::shared_ptr<Buffer>> own_memory(Device& device, const BufferParams& params) {
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> memory, HostMemory::allocate(params, device.shared_from_this()));
  return memory;
}

// Ref with a will of its own: refuses what `refuse` gives a reason for. Its memory and its arithmetic are ref's.
class PickyDevice final : public Device {
 public:
  using Refusal = std::function<std::string(const OpDesc&)>;
  explicit PickyDevice(Refusal refuse, int64_t memory_bytes = 0)
      : ref_(open_device("ref")), refuse_(std::move(refuse)) {
    info_ = ref_->info();
    info_.uri = "picky";
    if (memory_bytes > 0) info_.memory_bytes = memory_bytes;
  }
  const DeviceInfo& info() const override { return info_; }
  Support supports(const OpDesc& op) const override {
    const std::string reason = refuse_(op);
    return reason.empty() ? ref_->supports(op) : unsupported(reason);
  }
  Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) override { return own_memory(*this, params); }
  Result<std::shared_ptr<Executable>> compile(const CommandList& list) override { return ref_->compile(list); }
  MemoryUse memory_use() const override { return ref_->memory_use(); }

 private:
  std::shared_ptr<Device> ref_;
  Refusal refuse_;
  DeviceInfo info_;
};

// Like an accelerator: f32 only as input or output of a cast.
inline std::string no_f32(const OpDesc& op) {
  if (std::holds_alternative<Cast>(op.op)) return "";
  return !op.outputs.empty() && op.outputs[0].dtype == DType::kF32 ? "f32 is not a type of this device" : "";
}

// Builds lowered graphs with random constants.
struct Maker {
  Graph graph;
  std::mt19937 random{7};

  std::vector<float> draw(const Shape& shape, float scale = 1.0f) {
    std::normal_distribution<float> normal(0.0f, scale);
    std::vector<float> data(static_cast<size_t>(element_count(shape)));
    for (float& value : data) value = normal(random);
    return data;
  }
  ValueId input(const std::string& name, Shape shape) {
    const ValueId id = value(name, std::move(shape));
    graph.inputs.push_back(id);
    return id;
  }
  ValueId value(const std::string& name, Shape shape) {
    Value made;
    made.name = name;
    made.shape = std::move(shape);
    made.shape_known = true;
    return graph.add_value(std::move(made));
  }
  ValueId constant(const std::string& name, Shape shape, float scale = 1.0f) {
    const auto data = draw(shape, scale);
    return graph.add_value(make_float_constant(name, std::move(shape), data).value());
  }
  ValueId op(const std::string& type, Op op, std::vector<ValueId> inputs, Shape shape) {
    const ValueId id = alias(type, std::move(inputs), std::move(shape));
    graph.nodes.back().op = std::move(op);
    return id;
  }
  ValueId alias(const std::string& type, std::vector<ValueId> inputs, Shape shape) {
    const std::string name = type + std::to_string(graph.nodes.size());
    const ValueId id = value(name + ".out", std::move(shape));
    Node node;
    node.name = name;
    node.type = type;
    node.inputs = std::move(inputs);
    node.outputs = {id};
    graph.nodes.push_back(std::move(node));
    return id;
  }
  ValueId conv(ValueId x, int64_t out, int64_t kernel, bool bias = false) {
    const Shape from = graph.at(x).shape;
    Conv2d conv;
    conv.pad_top = conv.pad_left = conv.pad_bottom = conv.pad_right = kernel / 2;
    conv.epilogue.bias = bias;
    const float scale = 1.0f / std::sqrt(static_cast<float>(from[1] * kernel * kernel));
    std::vector<ValueId> inputs{
        x, constant("w" + std::to_string(graph.values.size()), {out, from[1], kernel, kernel}, scale)};
    if (bias) inputs.push_back(constant("b" + std::to_string(graph.values.size()), {out}));
    return op("Conv", conv, inputs, {from[0], out, from[2], from[3]});
  }
  ValueId norm(ValueId x) {
    const Shape shape = graph.at(x).shape;
    const ValueId scaled = op("Mul", Binary{BinaryKind::kMul},
                              {x, constant("s" + std::to_string(graph.values.size()), {1, shape[1], 1, 1})}, shape);
    return op("Add", Binary{BinaryKind::kAdd},
              {scaled, constant("t" + std::to_string(graph.values.size()), {1, shape[1], 1, 1})}, shape);
  }
  ValueId relu(ValueId x) { return op("Relu", Unary{UnaryKind::kRelu}, {x}, graph.at(x).shape); }
  ValueId add(ValueId a, ValueId b) { return op("Add", Binary{BinaryKind::kAdd}, {a, b}, graph.at(a).shape); }
  ValueId concat(std::vector<ValueId> parts) {
    Shape shape = graph.at(parts[0]).shape;
    shape[1] = 0;
    for (ValueId id : parts) shape[1] += graph.at(id).shape[1];
    const ValueId id = alias("Concat", std::move(parts), shape);
    graph.nodes.back().attributes["axis"] = int64_t{1};
    return id;
  }
  TensorMap inputs() {
    TensorMap map;
    for (ValueId id : graph.inputs) {
      HostTensor tensor = make_host_tensor(DType::kF32, graph.at(id).shape);
      const auto data = draw(tensor.shape);
      std::copy(data.begin(), data.end(), tensor.f32());
      map[graph.at(id).name] = std::move(tensor);
    }
    return map;
  }
};

inline TensorMap run_on(const Graph& graph, const SessionOptions& options, const TensorMap& inputs,
                        RunReport* report = nullptr) {
  auto session = compile(graph, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  TensorMap outputs;
  for (ValueId id : graph.outputs)
    outputs[graph.at(id).name] = {};  // what is left after a failure differs from anything
  if (!session.ok()) return outputs;
  const Status status = (*session)->run(inputs, outputs, report);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return outputs;
}

// Largest difference over the largest magnitude of `want`.
inline double relative_difference(const HostTensor& got, const HostTensor& want) {
  EXPECT_EQ(got.shape, want.shape);
  if (got.shape != want.shape) return INFINITY;
  double worst = 0, scale = 0;
  for (int64_t i = 0; i < element_count(want.shape); ++i) {
    const double error = std::fabs(static_cast<double>(got.f32()[i]) - want.f32()[i]);
    if (std::isnan(error)) return INFINITY;
    worst = std::max(worst, error);
    scale = std::max(scale, std::fabs(static_cast<double>(want.f32()[i])));
  }
  return scale > 0 ? worst / scale : worst;
}

}  // namespace systole::graph::testing

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The same driver and compiler on model and RTL: random products and convolutions, and networks. Outputs to the bit;
// times and counters of every op equal: cycles, their causes, DRAM bytes.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "devices/cpu/cpu_device.h"
#include "devices/npu/npu_device.h"
#include "graph/builtin/builtin.h"
#include "graph/executor.h"
#include "graph/import.h"
#include "hal/registry.h"
#include "tests/graph_import/import_test.h"
#include "tests/support/models.h"

namespace systole::graph {
namespace {

using tests::models_folder;

const Registry& registry() {
  static const Registry all = [] {
    Registry made;
    EXPECT_TRUE(made.add(npu_driver()).ok());
    EXPECT_TRUE(made.add(cpu_driver()).ok());
    return made;
  }();
  return all;
}

class RtlNetworks : public testing::Test {
 protected:
  // `settings`: "" or "key:value,key:value".
  void open(const std::string& npu, const std::string& settings) {
    const std::string set = settings.empty() ? "" : "&set=" + settings;
    auto rtl = registry().open(npu + "?fidelity=rtl" + set);
    if (!rtl.ok() && rtl.status().code() == Code::kUnavailable) GTEST_SKIP() << rtl.status().message();
    auto model = registry().open(npu + "?fidelity=model" + set);
    ASSERT_TRUE(rtl.ok() && model.ok()) << rtl.status().to_string() << model.status().to_string();
    devices_ = {*model, *rtl};
  }

  struct Ran {
    TensorMap outputs;
    RunReport report;
  };
  void run(const Graph& graph, const TensorMap& inputs, const std::shared_ptr<Device>& device, Ran& ran) {
    SessionOptions options;
    options.device = device;
    auto cpu = registry().open("cpu");
    ASSERT_TRUE(cpu.ok());
    options.fallback = *cpu;
    auto session = compile(graph, options);
    ASSERT_TRUE(session.ok()) << session.status().to_string();
    const Status status = (*session)->run(inputs, ran.outputs, &ran.report);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }

  void compare(const Graph& graph) {
    TensorMap inputs;
    for (ValueId id : graph.inputs) {
      const Value& value = graph.at(id);
      HostTensor tensor = make_host_tensor(value.dtype, value.shape);
      for (int64_t i = 0; i < element_count(value.shape); ++i) {
        if (value.dtype == DType::kF32)
          tensor.f32()[i] = static_cast<float>(between(-1000, 1000)) / 700;
        else if (value.dtype == DType::kI64)
          reinterpret_cast<int64_t*>(tensor.data.data())[i] = between(0, 1);
        else
          tensor.data[static_cast<size_t>(i)] = static_cast<std::byte>(between(0, 255));
      }
      inputs[value.name] = std::move(tensor);
    }
    Ran model, rtl;
    run(graph, inputs, devices_[0], model);
    run(graph, inputs, devices_[1], rtl);
    if (HasFatalFailure()) return;
    for (const auto& [name, tensor] : model.outputs) EXPECT_EQ(tensor.data, rtl.outputs[name].data) << name;
    ASSERT_EQ(model.report.nodes.size(), rtl.report.nodes.size());
    int64_t cycles = 0;
    for (size_t n = 0; n < model.report.nodes.size(); ++n) {
      const auto &want = model.report.nodes[n].profile, &got = rtl.report.nodes[n].profile;
      ASSERT_EQ(want.has_value(), got.has_value());
      if (!want || want->kind != NumberKind::kSimulated) continue;
      EXPECT_EQ(want->end_ns - want->start_ns, got->end_ns - got->start_ns) << want->name;
      for (const Counter& counter : want->counters)
        EXPECT_EQ(counter.value, got->counter(counter.name)) << want->name << ": " << counter.name;
      cycles += want->counter("cycles");
      ++ops_;
    }
    EXPECT_GT(cycles, 0);
    cycles_ += cycles;
  }

  void TearDown() override {
    if (ops_) std::printf("%d ops, %ld cycles, on model and RTL the same\n", ops_, cycles_);
  }

  int64_t between(int64_t low, int64_t high) { return low + static_cast<int64_t>(random_() % (high - low + 1)); }
  std::vector<double> numbers(int64_t count, int64_t most, double unit) {
    std::vector<double> made(static_cast<size_t>(count));
    for (double& number : made) number = static_cast<double>(between(-most, most)) * unit;
    return made;
  }

  // x in f32, or in u8 or i8 between a dequantize and a quantize node.
  struct Net : Builder {
    bool int8 = false;
    DType stored = DType::kU8;
    ValueId scale(const std::string& name, double value) { return constant(name, {}, {value}); }
    ValueId begin(Shape shape) {
      if (!int8) return input("x", std::move(shape));
      return node("DequantizeLinear", "dx",
                  {input("x", std::move(shape), stored), scale("xs", 0.05), constant("xz", {}, {3}, stored)});
    }
    ValueId weight(Shape shape, const std::vector<double>& values) {
      if (!int8) return constant("w", std::move(shape), values);
      return node("DequantizeLinear", "dw",
                  {constant("wq", std::move(shape), values, DType::kI8), scale("ws", 0.02),
                   constant("wz", {}, {0}, DType::kI8)});
    }
    Result<Graph> end(ValueId y) {
      if (int8) {
        y = node("QuantizeLinear", "qy", {y, scale("ys", 0.3), constant("yz", {}, {7}, stored)});
        graph.at(y).dtype = stored;
      }
      return import(y);
    }
  };

  void gemm() {
    Net net;
    net.int8 = between(0, 1), net.stored = between(0, 1) ? DType::kU8 : DType::kI8;
    const int64_t m = between(1, 40), k = between(1, 60), n = between(1, 40);
    const ValueId w = net.weight({k, n}, numbers(k * n, 100, net.int8 ? 1 : 0.01));
    ValueId y = net.node("MatMul", "product", {net.begin({m, k}), w});
    if (between(0, 1)) y = net.node("Relu", "relu", {y});
    auto graph = net.end(y);
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    compare(*graph);
  }

  void convolution() {
    Net net;
    net.int8 = between(0, 1), net.stored = between(0, 1) ? DType::kU8 : DType::kI8;
    const bool depthwise = between(0, 2) == 0;
    const int64_t kernel = between(0, 1) ? 3 : between(1, 5), stride = between(1, 2), pad = between(0, kernel / 2);
    const int64_t in = between(1, 20), out = depthwise ? in : between(1, 20);
    const int64_t image = between(kernel, 14), per_group = depthwise ? 1 : in;
    const ValueId w = net.weight({out, per_group, kernel, kernel},
                                 numbers(out * per_group * kernel * kernel, 100, net.int8 ? 1 : 0.01));
    ValueId y = net.node("Conv", "conv", {net.begin({1, in, image, image}), w},
                         {{"kernel_shape", Ints{kernel, kernel}},
                          {"strides", Ints{stride, stride}},
                          {"pads", Ints{pad, pad, pad, pad}},
                          {"group", depthwise ? in : int64_t{1}}});
    if (between(0, 1)) y = net.node("Relu", "relu", {y});
    auto graph = net.end(y);
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    compare(*graph);
  }

  std::vector<std::shared_ptr<Device>> devices_;
  std::mt19937_64 random_{11};
  int ops_ = 0;
  int64_t cycles_ = 0;
};

TEST_F(RtlNetworks, RandomProductsAndConvolutionsOnAFixedLatency) {
  open("npu:tiny-8x8", "dram.timing:fixed");
  for (int n = 0; n < 50 && !HasFailure() && !IsSkipped(); ++n) gemm();
  for (int n = 0; n < 30 && !HasFailure() && !IsSkipped(); ++n) convolution();
}

TEST_F(RtlNetworks, RandomProductsAndConvolutionsOnTheDram) {
  open("npu:tiny-8x8", "");
  for (int n = 0; n < 100 && !HasFailure() && !IsSkipped(); ++n) gemm();
  for (int n = 0; n < 60 && !HasFailure() && !IsSkipped(); ++n) convolution();
}

// Clocks that are no whole ratio apart, refreshes, reads and writes out of order.
TEST_F(RtlNetworks, RandomProductsAndConvolutionsOnADramAtBankLevel) {
  for (const char* device : {"ddr4-2400", "hbm3", "lpddr5-6400"}) {
    open("npu:tiny-8x8", std::string("dram.config:") + device);
    for (int n = 0; n < 50 && !HasFailure() && !IsSkipped(); ++n) gemm();
    for (int n = 0; n < 30 && !HasFailure() && !IsSkipped(); ++n) convolution();
  }
}

TEST_F(RtlNetworks, BuiltinNetworks) {
  open("npu:tiny-8x8", "");
  if (IsSkipped()) return;
  for (const char* name : {"lenet5_int8", "lenet5", "bert_layer?sequence=8&width=64"}) {
    SCOPED_TRACE(name);
    auto graph = make_builtin(name);
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    auto imported = import_graph(std::move(*graph));
    ASSERT_TRUE(imported.ok()) << imported.status().to_string();
    compare(*imported);
  }
}

}  // namespace
}  // namespace systole::graph

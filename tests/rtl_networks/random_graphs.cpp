// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl_networks/random_graphs.h"

#include "tests/graph_import/builder.h"

namespace systole::graph {
namespace {

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
    return node(
        "DequantizeLinear", "dw",
        {constant("wq", std::move(shape), values, DType::kI8), scale("ws", 0.02), constant("wz", {}, {0}, DType::kI8)});
  }
  Result<Graph> end(ValueId y) {
    if (int8) {
      y = node("QuantizeLinear", "qy", {y, scale("ys", 0.3), constant("yz", {}, {7}, stored)});
      graph.at(y).dtype = stored;
    }
    return import(y);
  }
};

}  // namespace

int64_t RandomGraphs::between(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
}

std::vector<double> RandomGraphs::weights(int64_t count, bool int8) {
  std::vector<double> made(static_cast<size_t>(count));
  for (double& number : made) number = static_cast<double>(between(-100, 100)) * (int8 ? 1 : 0.01);
  return made;
}

Result<Graph> RandomGraphs::gemm() {
  Net net;
  net.int8 = between(0, 1), net.stored = between(0, 1) ? DType::kU8 : DType::kI8;
  const int64_t m = between(1, 40), k = between(1, 60), n = between(1, 40);
  const ValueId w = net.weight({k, n}, weights(k * n, net.int8));
  ValueId y = net.node("MatMul", "product", {net.begin({m, k}), w});
  if (between(0, 1)) y = net.node("Relu", "relu", {y});
  return net.end(y);
}

Result<Graph> RandomGraphs::narrow_gemm() {
  Net net;
  const bool four = between(0, 1);
  const int64_t m = between(1, 40), k = between(1, 60), n = between(1, 40);
  std::vector<double> numbers, scales;
  for (int64_t i = 0; i < k * n; ++i)
    numbers.push_back(static_cast<double>(four ? between(-8, 7) : between(-128, 127)));
  for (int64_t j = 0; j < n; ++j) scales.push_back(static_cast<double>(between(1, 30)) / (four ? 100 : 2000));
  const DType stored = four ? DType::kI4 : DType::kI8;
  const ValueId w =
      net.node("DequantizeLinear", "dw", {net.constant("w", {k, n}, numbers, stored), net.constant("ws", {n}, scales)},
               {{"axis", int64_t{1}}});
  std::vector<ValueId> operands = {net.input("x", {m, k}), w};
  if (between(0, 1)) operands.push_back(net.constant("c", {n}, weights(n, false)));
  ValueId y = net.node("Gemm", "product", operands);
  if (between(0, 1)) y = net.node("Add", "sum", {y, net.input("r", {m, n})});
  if (between(0, 1)) y = net.node("Relu", "relu", {y});
  return net.end(y);
}

Result<Graph> RandomGraphs::convolution() {
  Net net;
  net.int8 = between(0, 1), net.stored = between(0, 1) ? DType::kU8 : DType::kI8;
  const bool depthwise = between(0, 2) == 0;
  const int64_t kernel = between(0, 1) ? 3 : between(1, 5), stride = between(1, 2), pad = between(0, kernel / 2);
  const int64_t in = between(1, 20), out = depthwise ? in : between(1, 20);
  const int64_t image = between(kernel, 14), per_group = depthwise ? 1 : in;
  const ValueId w = net.weight({out, per_group, kernel, kernel}, weights(out * per_group * kernel * kernel, net.int8));
  ValueId y = net.node("Conv", "conv", {net.begin({1, in, image, image}), w},
                       {{"kernel_shape", Ints{kernel, kernel}},
                        {"strides", Ints{stride, stride}},
                        {"pads", Ints{pad, pad, pad, pad}},
                        {"group", depthwise ? in : int64_t{1}}});
  if (between(0, 1)) y = net.node("Relu", "relu", {y});
  return net.end(y);
}

TensorMap RandomGraphs::inputs(const Graph& graph) {
  TensorMap made;
  for (ValueId id : graph.inputs) {
    const Value& value = graph.at(id);
    HostTensor tensor = make_host_tensor(value.dtype, value.shape);
    for (int64_t i = 0; i < element_count(value.shape); ++i) {
      if (value.dtype == DType::kF32)
        tensor.f32()[i] = static_cast<float>(between(-1000, 1000)) / 700;
      else if (value.dtype == DType::kI64)
        store_int(value.dtype, tensor.data.data(), i, between(0, 1));  // tokens, or a mask of them
      else
        tensor.data[static_cast<size_t>(i)] = static_cast<std::byte>(between(0, 255));
    }
    made[value.name] = std::move(tensor);
  }
  return made;
}

}  // namespace systole::graph

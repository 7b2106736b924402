// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX's own single-operator models with their inputs and expected outputs, where Debian's libonnx-testdata has put
// them: what imports runs on ref and agrees.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "devices/ref/ref_device.h"
#include "graph/constants.h"
#include "graph/executor.h"
#include "graph/files/tensor_file.h"
#include "graph/import.h"

namespace systole::graph {
namespace {

constexpr const char* kFolder = "/usr/share/libonnx-testdata/data";

// Their data files hold bf16 as u16.
const std::set<std::string> kExcluded = {"test_cast_BFLOAT16_to_FLOAT", "test_cast_FLOAT_to_BFLOAT16",
                                         "test_castlike_BFLOAT16_to_FLOAT_expanded",
                                         "test_castlike_FLOAT_to_BFLOAT16_expanded"};

// Relative to the expected value; 16-bit floats have 8 or 11 bits, and the files were computed in f32 or f64.
double tolerance(DType dtype) {
  if (dtype == DType::kF16 || dtype == DType::kBF16) return 1e-2;
  return is_float(dtype) ? 1e-3 : 0.0;
}

::testing::AssertionResult agree(const HostTensor& got, const HostTensor& want) {
  if (got.dtype != want.dtype || got.shape != want.shape) {
    return ::testing::AssertionFailure() << dtype_name(got.dtype) << "[" << to_string(got.shape) << "], expected "
                                         << dtype_name(want.dtype) << "[" << to_string(want.shape) << "]";
  }
  double relative = tolerance(want.dtype), absolute = relative > 0 ? 1e-6 : 0.0;
  for (int64_t i = 0; i < element_count(want.shape); ++i) {
    double a = load_real(got.dtype, got.data.data(), i), b = load_real(want.dtype, want.data.data(), i);
    bool same = a == b || (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= absolute + relative * std::fabs(b);
    if (!same) return ::testing::AssertionFailure() << "element " << i << " is " << a << ", expected " << b;
  }
  return ::testing::AssertionSuccess();
}

onnx::ModelProto load(const std::filesystem::path& path) {
  onnx::ModelProto model;
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(model.ParseFromIstream(&file)) << path;
  return model;
}

HostTensor tensor(const std::filesystem::path& folder, const char* kind, int index) {
  auto read = read_tensor_file((folder / (std::string(kind) + std::to_string(index) + ".pb")).string());
  return read.ok() ? *read : HostTensor();
}

void run_model(const std::shared_ptr<Device>& device, const Graph& graph, const onnx::ModelProto& model,
               const std::filesystem::path& data) {
  std::set<std::string> initializers;
  for (const auto& initializer : model.graph().initializer()) initializers.insert(initializer.name());
  TensorMap inputs, outputs;
  int index = 0;
  for (const auto& input : model.graph().input()) {
    if (!initializers.contains(input.name())) inputs[input.name()] = tensor(data, "input_", index++);
  }
  SessionOptions options;
  options.device = device;
  auto session = compile(graph, options);
  ASSERT_TRUE(session.ok()) << session.status().to_string();
  Status ran = (*session)->run(inputs, outputs);
  ASSERT_TRUE(ran.ok()) << ran.to_string();
  for (int i = 0; i < model.graph().output_size(); ++i) {
    EXPECT_TRUE(agree(outputs[model.graph().output(i).name()], tensor(data, "output_", i))) << "output " << i;
  }
}

TEST(NodeValues, AgreeOnRef) {
  if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no " << kFolder << ": install libonnx-testdata";
  Registry registry;
  ASSERT_TRUE(registry.add(ref_driver()).ok());
  auto device = registry.open("ref");
  ASSERT_TRUE(device.ok()) << device.status().to_string();
  int ran = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    auto folder = entry.path().parent_path();
    if (entry.path().extension() != ".onnx" || kExcluded.contains(folder.filename().string())) continue;
    if (!std::filesystem::exists(folder / "test_data_set_0")) continue;
    onnx::ModelProto model = load(entry.path());
    ImportOptions options;
    for (const auto& input : model.graph().input()) options.keep_inputs.insert(input.name());
    auto graph = import_model(entry.path().string(), options);
    if (!graph.ok()) continue;  // counted and judged by test_graph_import
    SCOPED_TRACE(folder.filename().string());
    run_model(*device, *graph, model, folder / "test_data_set_0");
    ++ran;
  }
  std::cout << ran << " models ran\n";
  EXPECT_GE(ran, 350);
}

}  // namespace
}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What goes into a session and comes out of it is checked before it runs.
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

void says(const Status& status, Code code, const std::string& what) {
  EXPECT_EQ(status.code(), code) << status.to_string();
  EXPECT_NE(status.message().find(what), std::string::npos) << status.message();
}

TEST(Sessions, SayWhatIsWrongWithAnInput) {
  Maker m;
  m.graph.outputs = {m.relu(m.input("x", {2, 3}))};
  auto session = compile(m.graph, {.device = open_device("ref")});
  ASSERT_TRUE(session.ok()) << session.status().to_string();
  const auto run = [&](const TensorMap& inputs) {
    TensorMap outputs;
    return (*session)->run(inputs, outputs);
  };
  const TensorMap good = m.inputs();
  EXPECT_TRUE(run(good).ok());
  says(run({}), Code::kInvalidArgument, "no value for input 'x'");
  TensorMap bad = good;
  bad["y"] = good.at("x");
  says(run(bad), Code::kNotFound, "the graph has no input 'y'");
  bad = good;
  bad.at("x").shape = {3, 2};
  says(run(bad), Code::kInvalidArgument, "input 'x': expected f32[2x3], got f32[3x2]");
  for (const int64_t bytes : {0, 20, 28}) {
    bad = good;
    bad.at("x").data.resize(static_cast<size_t>(bytes));
    says(run(bad), Code::kInvalidArgument, "input 'x': expected 24 bytes, got " + std::to_string(bytes));
  }
}

// HostTensor has 4-bit elements without gaps, devices have rows of whole bytes.
TEST(Sessions, TakeFourBitsInRowsOfWholeBytes) {
  const auto copy = [](int64_t columns) {
    Maker m;
    const ValueId x = m.input("x", {2, columns}), y = m.op("Copy", Copy{}, {x}, {2, columns});
    m.graph.at(x).dtype = m.graph.at(y).dtype = DType::kI4;
    m.graph.outputs = {y};
    return compile(m.graph, {.device = open_device("ref")});
  };
  says(copy(3).status(), Code::kUnsupported, "'x' is an input or output of rows of i4 that end within a byte: 2x3");
  const auto session = copy(4);
  ASSERT_TRUE(session.ok()) << session.status().to_string();
  HostTensor numbers = make_host_tensor(DType::kI4, {2, 4});
  for (size_t i = 0; i < 4; ++i) numbers.data[i] = static_cast<std::byte>(0x21 + 0x33 * i);
  TensorMap outputs;
  ASSERT_TRUE((*session)->run({{"x", numbers}}, outputs).ok());
  EXPECT_EQ(outputs.begin()->second.data, numbers.data);
}

}  // namespace
}  // namespace systole::graph::testing

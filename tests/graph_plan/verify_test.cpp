// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/verify.h"

#include "graph/builtin/builtin.h"
#include "graph/import.h"
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

Graph lenet() { return import_graph(make_builtin("lenet5").value()).value(); }

TensorMap inputs_of(const Graph& graph) {
  Maker maker;
  maker.graph = graph;
  return maker.inputs();
}

TEST(Verify, ABf16DeviceIsWithinItsBounds) {
  const Graph graph = lenet();
  const auto report = verify(graph, {std::make_shared<PickyDevice>(no_f32)}, open_device("ref"), inputs_of(graph));
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_TRUE(report->ok);
  ASSERT_FALSE(report->nodes.empty());
  for (const NodeCheck& node : report->nodes) EXPECT_TRUE(node.ok) << node.name;
  ASSERT_EQ(report->outputs.size(), 1u);
  EXPECT_TRUE(report->outputs[0].emulated);
  EXPECT_GT(report->outputs[0].emulated_rel, 1e-4);
  EXPECT_LT(report->outputs[0].emulated_rel, 0.1);
  EXPECT_LE(report->outputs[0].worst_rel, 1.5 * report->outputs[0].emulated_rel);
}

// Ref's arithmetic, but what a convolution's bias adds is lost: the check must see it.
class Forgetful final : public Device {
 public:
  explicit Forgetful(std::shared_ptr<Device> ref) : ref_(std::move(ref)), info_(ref_->info()) {
    info_.uri = "forgetful";
  }
  const DeviceInfo& info() const override { return info_; }
  Support supports(const OpDesc& op) const override { return ref_->supports(op); }
  Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) override { return own_memory(*this, params); }
  MemoryUse memory_use() const override { return ref_->memory_use(); }
  Result<std::shared_ptr<Executable>> compile(const CommandList& list) override {
    auto changed = std::make_shared<CommandList>(shared_from_this(), "changed");
    for (const Command& command : list.commands()) {
      OpCall call = std::get<OpCall>(command);
      if (auto* conv = std::get_if<Conv2d>(&call.op); conv && conv->epilogue.bias) {
        conv->epilogue.bias = false;
        call.inputs.erase(call.inputs.begin() + 2);
      }
      SYSTOLE_RETURN_IF_ERROR(changed->op(std::move(call)));
    }
    return ref_->compile(*changed);
  }

 private:
  std::shared_ptr<Device> ref_;
  DeviceInfo info_;
};

TEST(Verify, AWrongDeviceIsCaughtAtItsNodes) {
  const Graph graph = lenet();
  const auto ref = open_device("ref");
  const auto report = verify(graph, {std::make_shared<Forgetful>(open_device("ref")), nullptr, Precision::kKeep}, ref,
                             inputs_of(graph));
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_FALSE(report->ok);
  for (const NodeCheck& node : report->nodes) EXPECT_EQ(node.ok, node.op != "conv2d") << node.name;
}

TEST(Verify, IntegerNodesMustBeExact) {
  const Graph graph = import_graph(make_builtin("lenet5_int8").value()).value();
  const auto report =
      verify(graph, {std::make_shared<PickyDevice>(no_f32), open_device("ref")}, open_device("ref"), inputs_of(graph));
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_TRUE(report->ok);
  int integer = 0;
  for (const NodeCheck& node : report->nodes) {
    if (node.dtype != DType::kI8) continue;
    ++integer;
    EXPECT_EQ(node.worst_abs, 0.0) << node.name;
  }
  EXPECT_GT(integer, 4);
}

}  // namespace
}  // namespace systole::graph::testing

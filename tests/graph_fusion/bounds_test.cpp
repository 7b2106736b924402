// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The bounds of transformer ops accept a correct device and catch a wrong one; the emulation knows what ref knows.
#include "graph/verify.h"
#include "graph/verify/bf16_emulation.h"
#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {
namespace {

// One of everything that a transformer is made of, from token numbers to scores.
Graph block(int opset = 17) {
  Exporter e(opset);
  const ValueId ids = e.input("ids", {2, 6}, DType::kI64), mask = e.input("mask", {2, 1, 1, 6});
  ValueId x = e.layer_norm(e.gather(e.weights({50, 12}), ids), 12);
  const auto split = [&](ValueId y) { return e.transpose(e.reshape(y, {2, 6, 3, 4}), {0, 2, 1, 3}); };
  const ValueId q = split(e.linear(x, 12, 12)), k = split(e.linear(x, 12, 12)), v = split(e.linear(x, 12, 12));
  ValueId scores = e.add(e.div(e.matmul(q, e.transpose(k, {0, 1, 3, 2})), e.number(2)), mask);
  ValueId y = e.reshape(e.transpose(e.matmul(e.softmax(scores, -1), v), {0, 2, 1, 3}), {2, 6, 12});
  x = e.layer_norm(e.add(x, e.linear(y, 12, 12)), 12);
  y = e.gelu(e.linear(x, 12, 24));
  x = e.add(x, e.linear(e.gelu_new(e.linear(y, 24, 24)), 24, 12));
  return e.imported({e.softmax(e.mul(x, e.op("Sigmoid", {x})), -1)});
}

// Ref's arithmetic, after something was done to each op.
class Changing final : public Device {
 public:
  explicit Changing(std::function<void(OpCall&)> change)
      : ref_(open_device("ref")), info_(ref_->info()), change_(std::move(change)) {
    info_.uri = "changing";
  }
  const DeviceInfo& info() const override { return info_; }
  Support supports(const OpDesc& op) const override { return ref_->supports(op); }
  Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) override { return own_memory(*this, params); }
  MemoryUse memory_use() const override { return ref_->memory_use(); }
  Result<std::shared_ptr<Executable>> compile(const CommandList& list) override {
    auto changed = std::make_shared<CommandList>(shared_from_this(), "changed");
    for (const Command& command : list.commands()) {
      OpCall call = std::get<OpCall>(command);
      change_(call);
      SYSTOLE_RETURN_IF_ERROR(changed->op(std::move(call)));
    }
    return ref_->compile(*changed);
  }

 private:
  std::shared_ptr<Device> ref_;
  DeviceInfo info_;
  std::function<void(OpCall&)> change_;
};

VerifyReport verified(const Graph& graph, std::shared_ptr<Device> device, Precision precision) {
  auto report = verify(graph, {std::move(device), nullptr, precision}, open_device("ref"), random_inputs(graph));
  EXPECT_TRUE(report.ok()) << report.status().to_string();
  return report.ok() ? std::move(report).value() : VerifyReport{};
}

TEST(Bounds, CpuIsWithinThem) {
  const VerifyReport report = verified(block(), open_device("cpu"), Precision::kKeep);
  EXPECT_TRUE(report.ok);
  EXPECT_GT(report.nodes.size(), 8u);
  for (const NodeCheck& node : report.nodes) {
    EXPECT_TRUE(node.ok) << node.name << " (" << node.op << "): " << node.worst_abs << " beyond " << node.bound;
  }
}

TEST(Bounds, ABf16DeviceIsWithinThemAndTheEmulationCoversIt) {
  const Graph graph = block();
  const auto bf16 = std::make_shared<PickyDevice>(no_f32);
  const VerifyReport report = verified(graph, bf16, Precision::kNative);
  EXPECT_TRUE(report.ok);
  ASSERT_EQ(report.outputs.size(), 1u);
  EXPECT_TRUE(report.outputs[0].emulated);
  EXPECT_GT(report.outputs[0].emulated_rel, 1e-4);
  EXPECT_LT(report.outputs[0].emulated_rel, 0.1);
}

TEST(Bounds, HalvesOnTheCpuAreWithinThem) {
  const VerifyReport report = verified(block(), open_device("cpu"), Precision::kF16);
  EXPECT_TRUE(report.ok);
  EXPECT_GT(report.nodes.size(), 8u);
}

TEST(Bounds, WrongDevicesAreCaughtAtTheirNodes) {
  struct Wrong {
    const char *name, *op;
    std::function<void(OpCall&)> change;
  };
  const Wrong wrongs[] = {{"no epsilon to speak of", "normalize",
                           [](OpCall& call) {
                             if (auto* op = std::get_if<Normalize>(&call.op)) op->epsilon = 1e-2f;
                           }},
                          {"the mean is kept", "normalize",
                           [](OpCall& call) {
                             if (auto* op = std::get_if<Normalize>(&call.op)) op->kind = NormKind::kRms;
                           }},
                          {"a scale that is a thousandth off", "attention",
                           [](OpCall& call) {
                             if (auto* op = std::get_if<Attention>(&call.op)) op->scale *= 1.001f;
                           }},
                          {"the mask is forgotten", "attention",
                           [](OpCall& call) {
                             if (auto* op = std::get_if<Attention>(&call.op); op && op->mask)
                               op->mask = false, call.inputs.pop_back();
                           }},
                          {"the other GELU", "matmul", [](OpCall& call) {
                             if (auto* op = std::get_if<Matmul>(&call.op);
                                 op && op->epilogue.activation == Activation::kGeluErf)
                               op->epilogue.activation = Activation::kGeluTanh;
                           }}};
  const Graph graph = block();
  for (const Wrong& wrong : wrongs) {
    SCOPED_TRACE(wrong.name);
    const VerifyReport report = verified(graph, std::make_shared<Changing>(wrong.change), Precision::kKeep);
    EXPECT_FALSE(report.ok);
    int caught = 0;
    for (const NodeCheck& node : report.nodes) {
      caught += !node.ok;
      EXPECT_TRUE(node.ok || node.op == wrong.op) << node.name;
    }
    EXPECT_GT(caught, 0);
  }
}

// In f32 the emulation is one more evaluation of the same sums, fused or not.
TEST(Emulation, AgreesWithRefInF32) {
  for (int opset : {11, 17})
    for (bool fused : {true, false}) {
      const Graph graph = block(opset);
      const TensorMap inputs = random_inputs(graph);
      auto plan = make_plan(graph, {open_device("ref"), nullptr, Precision::kKeep, fused});
      ASSERT_TRUE(plan.ok());
      auto emulated = bf16_emulation(plan->graph, inputs);
      ASSERT_TRUE(emulated.ok()) << emulated.status().to_string();
      const TensorMap want = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep, fused}, inputs);
      for (const auto& [name, tensor] : want)
        EXPECT_LE(relative_difference(emulated->at(name), tensor), tests::kFusedDifference);
    }
}

TEST(Emulation, RefusesIntegersThatAFloatDoesNotHold) {
  Exporter e;
  const ValueId ids = e.input("ids", {1}, DType::kI64);
  const Graph graph = e.imported({e.gather(e.weights({4, 3}), ids)});
  TensorMap inputs = random_inputs(graph, 4);
  auto plan = make_plan(graph, {open_device("ref"), nullptr, Precision::kKeep});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(bf16_emulation(plan->graph, inputs).ok());
  store_int(DType::kI64, inputs.begin()->second.data.data(), 0, int64_t{1} << 30);
  EXPECT_EQ(bf16_emulation(plan->graph, inputs).status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace systole::graph::testing

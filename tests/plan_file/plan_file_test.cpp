// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Plan files: what they give back, and what becomes of files that are cut, changed or made for something else.
#include "graph/plan/plan_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "graph/builtin/builtin.h"
#include "graph/edit.h"
#include "graph/executor.h"
#include "graph/import.h"
#include "graph/plan/parse_plan.h"
#include "package/devices.h"

namespace systole::graph {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<Device> open_device(const std::string& uri) {
  auto device = all_devices().open(uri);
  EXPECT_TRUE(device.ok()) << device.status().to_string();
  return device.ok() ? *device : nullptr;
}

// Rows of a table, which the host picks, times a matrix.
Graph gather_and_multiply() {
  Graph graph;
  graph.opset = 13;
  const ValueId x = graph.add_value({"x", DType::kF32, {5, 8}, true});
  const std::vector<int64_t> rows = {4, 0, 2};
  std::vector<float> weights(8 * 6);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = 0.1f * static_cast<float>(i % 7) - 0.3f;
  const ValueId picked = graph.add_value(*make_constant("rows", DType::kI64, {3}, rows.data()));
  const ValueId matrix = graph.add_value(*make_float_constant("matrix", {8, 6}, weights));
  const ValueId some = graph.add_value({"some", DType::kF32, {}});
  const ValueId y = graph.add_value({"y", DType::kF32, {}});
  graph.nodes.push_back({"pick", "Gather", {{"axis", int64_t{0}}}, {x, picked}, {some}});
  graph.nodes.push_back({"multiply", "MatMul", {}, {some, matrix}, {y}});
  graph.inputs = {x};
  graph.outputs = {y};
  return graph;
}

Graph imported(const std::string& name) {
  if (name == "gather") {
    auto small = import_graph(gather_and_multiply(), nullptr);
    EXPECT_TRUE(small.ok()) << small.status().to_string();
    return std::move(*small);
  }
  auto graph = make_builtin(name);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  auto lowered = import_graph(std::move(*graph), nullptr);
  EXPECT_TRUE(lowered.ok()) << lowered.status().to_string();
  return std::move(*lowered);
}

TensorMap inputs_of(const Graph& graph) {
  TensorMap inputs;
  std::mt19937 random(3);
  for (ValueId id : graph.inputs) {
    const Value& value = graph.at(id);
    HostTensor tensor = make_host_tensor(value.dtype, value.shape);
    for (size_t i = 0; i < tensor.data.size() / 4 && value.dtype == DType::kF32; ++i)
      tensor.f32()[i] = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
    inputs.emplace(value.name, std::move(tensor));
  }
  return inputs;
}

struct Compiled {
  PlanFile file;
  TensorMap outputs;
  RunReport report;
};

Compiled compiled(const std::string& model, const std::string& uri) {
  Compiled c;
  c.file.graph = imported(model);
  SessionOptions options;
  options.device = open_device(uri);
  if (uri != "ref") options.fallback = open_device("ref");
  auto session = compile(c.file.graph, options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  EXPECT_TRUE((*session)->run(inputs_of(c.file.graph), c.outputs, &c.report).ok());
  c.file.facts = {{"model", model}};
  c.file.device = options.device->info().uri;
  c.file.plan = (*session)->plan();
  auto images = (*session)->images();
  EXPECT_TRUE(images.ok()) << images.status().to_string();
  c.file.images = std::move(*images);
  return c;
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::temp_directory_path() / ("systole_plan_" + std::to_string(getpid()));
    fs::create_directories(path_);
  }
  void TearDown() override { fs::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }
  static std::vector<std::byte> bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
  }
  fs::path path_;
};

Result<std::unique_ptr<Session>> opened(PlanFile file, const std::string& uri) {
  file.plan.devices[kMain] = open_device(uri);
  if (uri != "ref") file.plan.devices[kFallback] = open_device("ref");
  return open_plan(std::move(file.plan), file.images);
}

using PlanFiles = Folder;

TEST_F(PlanFiles, RunAsTheModelThatTheyWereMadeOf) {
  for (const char* uri : {"ref", "cpu", "npu:tiny-8x8", "npu:edge-16x16"}) {
    for (const char* model : {"lenet5", "lenet5_int8", "bert_layer?sequence=8", "resnet50_block", "gather"}) {
      if (std::strcmp(uri, "ref") == 0 && std::strcmp(model, "resnet50_block") == 0)
        continue;  // slow, and no other case
      SCOPED_TRACE(std::string(model) + " on " + uri);
      const Compiled made = compiled(model, uri);
      ASSERT_TRUE(write_plan_file(file("a"), made.file).ok());
      ASSERT_TRUE(write_plan_file(file("b"), compiled(model, uri).file).ok());
      EXPECT_EQ(bytes_of(file("a")), bytes_of(file("b"))) << "the same model gives the same bytes";
      EXPECT_TRUE(is_plan_file(file("a")));
      auto read = read_plan_file(file("a"));
      ASSERT_TRUE(read.ok()) << read.status().to_string();
      EXPECT_EQ(read->facts, made.file.facts);
      EXPECT_EQ(read->device, made.file.device);
      EXPECT_EQ(read->images, made.file.images);
      bool some_image = false;
      for (const auto& image : read->images) some_image |= !image.empty();
      EXPECT_EQ(some_image, std::string(uri).starts_with("npu"));
      ASSERT_TRUE(write_plan_file(file("c"), *read).ok());
      EXPECT_EQ(bytes_of(file("a")), bytes_of(file("c"))) << "reading and writing loses nothing";
      auto session = opened(std::move(*read), uri);
      ASSERT_TRUE(session.ok()) << session.status().to_string();
      TensorMap outputs;
      RunReport report;
      ASSERT_TRUE((*session)->run(inputs_of(made.file.graph), outputs, &report).ok());
      for (const auto& [name, tensor] : made.outputs) EXPECT_EQ(tensor.data, outputs.at(name).data) << name;
      ASSERT_EQ(report.nodes.size(), made.report.nodes.size());
      for (size_t n = 0; n < report.nodes.size(); ++n) {
        const auto &a = report.nodes[n].profile, &b = made.report.nodes[n].profile;
        ASSERT_EQ(a.has_value(), b.has_value());
        if (a && std::string(uri).starts_with("npu")) {
          EXPECT_EQ(a->counter("cycles"), b->counter("cycles")) << report.nodes[n].name;
        }
      }
    }
  }
}

TEST_F(PlanFiles, CutAnywhereAreRefused) {
  ASSERT_TRUE(write_plan_file(file("a"), compiled("lenet5", "npu:tiny-8x8").file).ok());
  const auto whole = bytes_of(file("a"));
  ASSERT_TRUE(parse_plan(whole, true).ok());
  for (size_t size = 0; size < whole.size(); size += size < 400 ? 1 : 997) {
    const auto cut = parse_plan(std::span(whole).first(size), true);
    ASSERT_FALSE(cut.ok()) << size;
    EXPECT_EQ(cut.status().code(), Code::kDataLoss) << size;
    ASSERT_FALSE(parse_plan(std::span(whole).first(size), false).ok()) << size;
  }
}

// With checksums no change of a meaningful bit passes. Without them whatever passes is sound enough to be opened and
// run.
TEST_F(PlanFiles, ChangedBitsAreRefusedOrHarmless) {
  ASSERT_TRUE(write_plan_file(file("a"), compiled("lenet5", "npu:tiny-8x8").file).ok());
  const auto whole = bytes_of(file("a"));
  uint64_t header = 0;
  std::memcpy(&header, whole.data() + 16, 8);
  std::mt19937 random(11);
  int opened_ones = 0;
  for (int round = 0; round < 600; ++round) {
    auto changed = whole;
    const size_t at = round % 3 ? random() % (24 + header) : random() % changed.size();
    changed[at] ^= std::byte{1} << random() % 8;
    const auto strict = parse_plan(changed, true);
    if (at < 24 + header) {
      ASSERT_FALSE(strict.ok()) << at;
    }
    auto loose = parse_plan(changed, false);
    if (!loose.ok()) continue;
    auto session = opened(std::move(*loose), "npu:tiny-8x8");
    opened_ones += session.ok();
  }
  EXPECT_GT(opened_ones, 10) << "changes of numbers in names, bounds and weights";
}

TEST_F(PlanFiles, OfAnotherVersionOrHardwareSayToCompileAgain) {
  const Compiled made = compiled("lenet5", "npu:tiny-8x8");
  ASSERT_TRUE(write_plan_file(file("a"), made.file).ok());
  auto bytes = bytes_of(file("a"));
  bytes[8] = std::byte{9};
  const auto version = parse_plan(bytes, true);
  ASSERT_FALSE(version.ok());
  EXPECT_EQ(version.status().code(), Code::kUnsupported);
  EXPECT_NE(version.status().message().find("version 9"), std::string::npos) << version.status().message();

  for (const char* other : {"npu:tiny-4x4", "npu:tiny-8x8?set=dma.outstanding:8"}) {
    auto read = read_plan_file(file("a"));
    ASSERT_TRUE(read.ok());
    const auto session = opened(std::move(*read), other);
    ASSERT_FALSE(session.ok()) << other;
    EXPECT_EQ(session.status().code(), Code::kUnsupported);
    EXPECT_NE(session.status().message().find("compiled for hardware 0x"), std::string::npos)
        << session.status().message();
  }
}

TEST_F(PlanFiles, HaveNothingThatStaysOnADeviceBetweenRuns) {
  Compiled made = compiled("lenet5", "ref");
  Value& cache = made.file.graph.at(made.file.graph.inputs[0]);
  cache.resident = true;
  const Status status = write_plan_file(file("a"), made.file);
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_NE(status.message().find("'" + cache.name + "' stays on its device"), std::string::npos) << status.message();
  EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(PlanFiles, ThatCantBeWrittenLeaveNothing) {
  const Compiled made = compiled("lenet5", "ref");
  const Status status = write_plan_file(file("no/such/folder"), made.file);
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_NE(status.message().find("No such file"), std::string::npos) << status.message();
  EXPECT_TRUE(fs::is_empty(path_));
  EXPECT_FALSE(is_plan_file(file("a")));
  EXPECT_EQ(read_plan_file(file("a")).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// An allocation fails, whichever it is: the outcome is a success or a status, and afterwards all is well.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "configs/spec/load.h"
#include "graph/builtin/builtin.h"
#include "graph/executor.h"
#include "graph/files/tensor_file.h"
#include "graph/import.h"
#include "graph/onnx/writer.h"
#include "hal/guard.h"
#include "package/devices.h"
#include "tests/memory_shortage/failing_new.h"

namespace systole::testing {
namespace {

// Runs `work` once to count its allocations, then with about `points` of them failing, evenly spread, each once.
void sweep(const std::string& name, uint64_t points, const std::function<Status()>& work) {
  for (int warm = 0; warm < 2; ++warm) {  // what is kept over calls is there by then
    const Status fine = work();
    ASSERT_TRUE(fine.ok()) << name << ": " << fine.to_string();
  }
  count_allocations(0);
  const Status counted = work();
  const uint64_t total = stop_counting();
  ASSERT_TRUE(counted.ok());
  uint64_t refused = 0, said = 0, tried = 0;
  const uint64_t step = std::max<uint64_t>(1, total / points);
  for (uint64_t at = 1; at <= total; at += step, ++tried) {
    count_allocations(at);
    const Status status = work();
    stop_counting();
    if (status.ok()) continue;
    ++refused;
    said += status.code() == Code::kOutOfMemory;
    EXPECT_FALSE(status.message().empty()) << name << " at " << at;
  }
  const Status after = work();
  EXPECT_TRUE(after.ok()) << name << ": " << after.to_string();
  // A standard stream keeps the exception and says that a file can't be read.
  EXPECT_GE(said * 4, refused * 3) << name << ": memory is the reason that is given";
  EXPECT_GT(refused, tried / 4) << name << ": few failures were noticed";
  ::testing::Test::RecordProperty(name, static_cast<int>(tried));
  printf("%s: %lu allocations, %lu of them failed, %lu refusals\n", name.c_str(), total, tried, refused);
}

class MemoryShortage : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("systole_shortage_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    auto graph = graph::make_builtin("lenet5");
    ASSERT_TRUE(graph.ok());
    ASSERT_TRUE(graph::write_onnx(*graph, path("lenet5.onnx")).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  graph::Graph lowered() const {
    auto graph = graph::import_model(path("lenet5.onnx"), {}, nullptr);
    EXPECT_TRUE(graph.ok());
    return std::move(*graph);
  }
  static graph::TensorMap image(const graph::Graph& graph) {
    graph::TensorMap inputs;
    for (graph::ValueId id : graph.inputs)
      inputs.emplace(graph.at(id).name, graph::make_host_tensor(graph.at(id).dtype, graph.at(id).shape));
    return inputs;
  }
  void compile_and_run(const std::string& uri, uint64_t points) {
    const graph::Graph graph = lowered();
    const graph::TensorMap inputs = image(graph);
    sweep("compile and run on " + uri, points, [&]() -> Status {
      return guarded("test", [&]() -> Status {  // a copy of the graph is made out here
        SYSTOLE_ASSIGN_OR_RETURN(auto device, all_devices().open(uri));
        graph::SessionOptions options;
        options.device = device;
        SYSTOLE_ASSIGN_OR_RETURN(auto session, graph::compile(graph, options));
        graph::TensorMap outputs;
        const Status ran = session->run(inputs, outputs);
        stop_counting();  // SystemC takes memory in the destructors of its modules, where nothing can be refused
        return ran;
      });
    });
  }
  std::filesystem::path folder_;
};

TEST_F(MemoryShortage, ReadingAModel) {
  const std::string file = path("lenet5.onnx");
  const graph::ImportOptions options;
  sweep("import", 400, [&]() -> Status { return graph::import_model(file, options, nullptr).status(); });
}

TEST_F(MemoryShortage, ReadingHardware) {
  const std::string preset = "edge-16x16";
  sweep("hardware", 400, [&]() -> Status { return spec::load_npu_spec(preset).status(); });
}

TEST_F(MemoryShortage, ReadingATensor) {
  ASSERT_TRUE(graph::write_npy(graph::make_host_tensor(DType::kF32, {3, 4}), path("x.npy")).ok());
  const std::string file = path("x.npy");
  sweep("tensor", 400, [&]() -> Status { return graph::read_tensor_file(file).status(); });
}

TEST_F(MemoryShortage, Ref) { compile_and_run("ref", 300); }
TEST_F(MemoryShortage, Cpu) { compile_and_run("cpu?threads=2", 300); }
TEST_F(MemoryShortage, Npu) { compile_and_run("npu:tiny-8x8", 200); }

}  // namespace
}  // namespace systole::testing

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Recorded lists as CUDA graphs, and what runs where the driver has none (test_gpu_cuda_old_driver) or refuses.
#include <cstring>

#include "devices/gpu/device.h"
#include "hal/queue.h"
#include "tests/gpu/thread_checks.h"
#include "tests/gpu_cuda/cuda_fixture.h"

namespace systole::gpu {
namespace {

class CudaGraphs : public Cuda {
 protected:
  void SetUp() override {
    Cuda::SetUp();
    if (symbol<DoubleCount>("double_graphs") == nullptr) GTEST_SKIP() << "the driver named has no graphs";
    std::vector<std::byte> binary;
    auto built = provider->build(adding("5"), "add", binary);
    ASSERT_TRUE(built.ok()) << built.status().to_string();
    kernel = *built;
    stream = std::move(provider->stream()).value();
    memory = std::move(provider->allocate(64)).value();
    ASSERT_TRUE(stream->fill({memory.get(), 0}, 64, 0, 4).ok());
    ASSERT_TRUE(stream->finish().ok());
  }
  void TearDown() override {
    stream.reset(), memory.reset(), kernel.reset();
    Cuda::TearDown();
  }
  // Adds 10 to the second i32.
  Status add() {
    const Operand operands[] = {{memory.get(), 4}, {memory.get(), 4}};
    return stream->launch(*kernel, {}, operands, bytes_of({}));
  }
  int sum() {
    int value = 0;
    EXPECT_TRUE(stream->read({memory.get(), 4}, std::as_writable_bytes(std::span(&value, 1))).ok());
    return value;
  }
  // Two additions.
  Result<std::unique_ptr<Recording>> recorded() {
    SYSTOLE_RETURN_IF_ERROR(stream->record());
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(add().ok());
    return stream->recorded();
  }
  std::shared_ptr<Kernel> kernel;
  std::unique_ptr<Stream> stream;
  std::unique_ptr<Memory> memory;
};

TEST_F(CudaGraphs, RecordedCommandsAreDoneAtEveryReplay) { expect_recorded_commands(*provider, *kernel, bytes_of({})); }

TEST_F(CudaGraphs, AReplayIsOneCall) {
  auto recording = recorded();
  ASSERT_TRUE(recording.ok()) << recording.status().to_string();
  const int64_t launches = count("launches"), graphs = count("graph_launches");
  ASSERT_TRUE(stream->replay(**recording).ok());
  EXPECT_EQ(count("launches"), launches);
  EXPECT_EQ(count("graph_launches"), graphs + 1);
  EXPECT_EQ(count("graphs"), 1) << "what it was made from is gone";
  EXPECT_EQ(sum(), 20);
}

TEST_F(CudaGraphs, ARecordingThatFailsLeavesTheStreamAsItWas) {
  struct Case {
    const char* call;
    int error;
    Code code;
  };
  for (const Case& each :
       {Case{"cuStreamBeginCapture", 801, Code::kUnsupported}, Case{"cuStreamEndCapture", 900, Code::kInternal},
        Case{"cuGraphInstantiateWithFlags", 2, Code::kOutOfMemory}}) {
    fail(each.call, each.error);
    const Status status = recorded().status();
    EXPECT_EQ(status.code(), each.code) << each.call << ": " << status.to_string();
    EXPECT_EQ(count("graphs"), 0) << each.call;
    EXPECT_EQ(sum(), 0) << each.call << ": nothing was done";
    ASSERT_TRUE(stream->fill({memory.get(), 0}, 64, 0, 4).ok());
    ASSERT_TRUE(add().ok());
    EXPECT_EQ(sum(), 10) << "one by one after " << each.call;
    auto next = recorded();
    ASSERT_TRUE(next.ok()) << next.status().to_string();
    ASSERT_TRUE(stream->replay(**next).ok());
    EXPECT_EQ(sum(), 30) << "as a graph after " << each.call;
    ASSERT_TRUE(stream->fill({memory.get(), 0}, 64, 0, 4).ok());
    ASSERT_TRUE(stream->finish().ok());
  }
}

TEST_F(CudaGraphs, ACommandThatFailsEndsTheRecordingAlone) {
  ASSERT_TRUE(stream->record().ok());
  ASSERT_TRUE(add().ok());
  fail("cuLaunchKernel", 701);
  EXPECT_EQ(add().code(), Code::kInternal);
  EXPECT_TRUE(stream->recorded().ok());
  ASSERT_TRUE(stream->record().ok());
  EXPECT_EQ(stream->finish().code(), Code::kInternal) << "a wait has no place in a graph";
  EXPECT_FALSE(stream->recorded().ok());
  ASSERT_TRUE(add().ok());
  EXPECT_EQ(sum(), 10);
}

TEST_F(CudaGraphs, ALaunchThatFailsDoesNothing) {
  auto recording = recorded();
  ASSERT_TRUE(recording.ok());
  fail("cuGraphLaunch", 2);
  const Status status = stream->replay(**recording);
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_NE(status.message().find("CUDA_ERROR_OUT_OF_MEMORY"), std::string::npos) << status.message();
  EXPECT_EQ(sum(), 0);
  fail("cuEventRecord", 2);
  bool failed = false;
  for (int i = 0; i < kRunAhead && !failed; ++i) {
    const Status late = stream->replay(**recording);
    failed = !late.ok();
    if (failed) {
      EXPECT_EQ(late.code(), Code::kOutOfMemory) << "it was done";
    }
  }
  EXPECT_TRUE(failed);
}

TEST_F(CudaGraphs, ABrokenKernelInAGraphLosesTheContext) {
  auto recording = recorded();
  ASSERT_TRUE(recording.ok());
  fail("kernel", 719, 1);
  ASSERT_TRUE(stream->replay(**recording).ok());
  EXPECT_EQ(stream->finish().code(), Code::kDeviceLost);
  EXPECT_EQ(stream->replay(**recording).code(), Code::kDeviceLost);
  EXPECT_EQ(stream->record().code(), Code::kDeviceLost);
}

TEST_F(CudaGraphs, CommandsOfGraphsCountAsRunAhead) {
  auto pinned = std::move(provider->allocate_pinned(64)).value();
  const auto* value = reinterpret_cast<const int*>(pinned->host());
  std::memset(pinned->host(), 0, 64);
  memory = std::move(pinned);
  auto recording = recorded();
  ASSERT_TRUE(recording.ok());
  for (int i = 1; i <= 2 * kRunAhead; ++i) {  // the double runs a command only when somebody waits
    ASSERT_TRUE(stream->replay(**recording).ok());
    EXPECT_LE(20 * i - value[1], 10 * kRunAhead) << i;
  }
  EXPECT_EQ(sum(), 40 * kRunAhead);
}

// A device's lists, on whichever driver.
class CudaLists : public Cuda {
 protected:
  static constexpr int64_t kValues = 16;
  void SetUp() override {
    Cuda::SetUp();
    device = std::make_shared<GpuDevice>("gpu:cuda:0", std::make_shared<Runtime>(provider, DiskCache("")), 1 << 20);
    for (auto* each : {&x, &y, &z}) *each = *device->allocate({kValues * 4, 0, MemoryKind::kHostVisible, "values"});
    list = std::make_shared<CommandList>(device, "two steps");
    const TensorDesc desc = row_major(DType::kF32, {kValues});
    TensorView from{nullptr, 0, desc}, to{nullptr, 0, desc}, first{nullptr, 0, desc};
    from.slot = list->add_slot(kValues * 4, "from"), to.slot = first.slot = list->add_slot(kValues * 4, "to");
    ASSERT_TRUE(list->op({Unary{}, {from}, {to}, "relu"}).ok());
    ASSERT_TRUE(list->copy(to, {z, 0, desc}, kValues * 4).ok());
    ASSERT_TRUE(list->fill(first, 4, 0x40000000, 4).ok());
    const Status ended = list->end();
    ASSERT_TRUE(ended.ok()) << ended.to_string();
  }
  void TearDown() override {
    list.reset(), x.reset(), y.reset(), z.reset(), device.reset();
    Cuda::TearDown();
  }
  // Runs it on values of its own, and looks at what came of them.
  void run(const std::shared_ptr<Buffer>& from, const std::shared_ptr<Buffer>& to, Profile* profile = nullptr) {
    const float base = static_cast<float>(++runs_);
    auto in = from->map(0, kValues * 4, MapAccess::kWrite);
    ASSERT_TRUE(in.ok());
    std::array<float, kValues> values{};
    for (size_t i = 0; i < values.size(); ++i) values[i] = (i % 2 == 0 ? -1.0f : 1.0f) * (base + static_cast<float>(i));
    std::memcpy(in->data(), values.data(), in->size());
    from->unmap();
    ASSERT_TRUE(from->flush(0, kValues * 4).ok());
    const Status done = run_and_wait(*device, list, {{{from, 0, {}}, {to, 0, {}}}}, profile);
    ASSERT_TRUE(done.ok()) << done.to_string();
    for (float& value : values) value = std::max(value, 0.0f);
    expect_values(*z, values);
    values[0] = 2;
    expect_values(*to, values);
  }
  void expect_values(Buffer& buffer, const std::array<float, kValues>& values) {
    ASSERT_TRUE(buffer.invalidate(0, kValues * 4).ok());
    auto out = buffer.map(0, kValues * 4, MapAccess::kRead);
    EXPECT_EQ(std::memcmp(out->data(), values.data(), out->size()), 0) << "run " << runs_;
    buffer.unmap();
  }
  std::shared_ptr<Device> device;
  std::shared_ptr<Buffer> x, y, z;
  std::shared_ptr<CommandList> list;

 private:
  int runs_ = 0;
};

TEST_F(CudaLists, GiveTheSameAtEveryRun) {
  const bool graphs = symbol<DoubleCount>("double_graphs") != nullptr;
  const int64_t launches = count("launches"), before = count("graph_launches");
  for (int i = 0; i < 4; ++i) run(x, y);
  EXPECT_EQ(count("launches"), launches + (graphs ? 2 : 4)) << "of the plain run and the captured one";
  EXPECT_EQ(count("graph_launches"), before + (graphs ? 3 : 0));
  Profile profile;
  run(x, y, &profile);
  EXPECT_EQ(profile.records.size(), 3u);
  for (int i = 0; i < 3; ++i) run(y, x);
  run(x, y);
  EXPECT_EQ(count("graph_launches"), before + (graphs ? 6 : 0));
}

TEST_F(CudaLists, AreCompiledAndRunByThreadsAtOnce) { expect_threads_apart(device, 16); }

TEST_F(CudaLists, RunOneByOneWhereAGraphFails) {
  if (symbol<DoubleCount>("double_graphs") == nullptr) GTEST_SKIP() << "the driver named has no graphs";
  run(x, y);
  fail("cuGraphInstantiateWithFlags", 2);
  for (int i = 0; i < 3; ++i) run(x, y);
  EXPECT_EQ(count("graphs"), 0);
  run(y, x);
  run(y, x);
  EXPECT_EQ(count("graphs"), 0) << "is not tried again";
}

TEST_F(CudaLists, RunOneByOneWhereALaunchOfAGraphFails) {
  if (symbol<DoubleCount>("double_graphs") == nullptr) GTEST_SKIP() << "the driver named has no graphs";
  for (int i = 0; i < 3; ++i) run(x, y);
  EXPECT_EQ(count("graphs"), 1);
  fail("cuGraphLaunch", 2);
  run(x, y);
  EXPECT_EQ(count("graphs"), 0);
}

TEST_F(CudaLists, AFailedGraphFailsTheTimelineAndTheDevice) {
  if (symbol<DoubleCount>("double_graphs") == nullptr) GTEST_SKIP() << "the driver named has no graphs";
  for (int i = 0; i < 2; ++i) run(x, y);
  fail("kernel", 700);
  const Bindings bindings{{{x, 0, {}}, {y, 0, {}}}};
  const Status status = run_and_wait(*device, list, bindings);
  EXPECT_EQ(status.code(), Code::kDeviceLost);
  EXPECT_NE(status.message().find("CUDA_ERROR_ILLEGAL_ADDRESS"), std::string::npos) << status.to_string();
  EXPECT_EQ(device->health(), Health::kLost);
  EXPECT_EQ(run_and_wait(*device, list, bindings).code(), Code::kDeviceLost);
}

}  // namespace
}  // namespace systole::gpu

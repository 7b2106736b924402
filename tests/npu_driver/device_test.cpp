// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The NPU as a HAL device: values, per-op cycles, memory, faults.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <thread>

#include "devices/npu/npu_device.h"
#include "hal/queue.h"
#include "hal/registry.h"
#include "tests/support/causes.h"

namespace systole {
namespace {

std::shared_ptr<Device> open(const std::string& uri) {
  Registry registry;
  EXPECT_TRUE(registry.add(npu_driver()).ok());
  auto device = registry.open(uri);
  if (!device.ok()) {
    ADD_FAILURE() << device.status().to_string();
    std::abort();
  }
  return *device;
}

std::shared_ptr<Buffer> buffer_of(Device& device, int64_t size, const std::string& name) {
  BufferParams params;
  params.size = size;
  params.kind = MemoryKind::kHostVisible;
  params.name = name;
  return device.allocate(params).value();
}

template <typename T>
void fill(Buffer& buffer, const std::vector<T>& values) {
  const auto bytes = static_cast<int64_t>(values.size() * sizeof(T));
  std::memcpy(buffer.map(0, bytes, MapAccess::kWrite).value().data(), values.data(), static_cast<size_t>(bytes));
  buffer.unmap();
}

template <typename T>
std::vector<T> content(Buffer& buffer, size_t count) {
  std::vector<T> values(count);
  const auto bytes = static_cast<int64_t>(count * sizeof(T));
  std::memcpy(values.data(), buffer.map(0, bytes, MapAccess::kRead).value().data(), static_cast<size_t>(bytes));
  buffer.unmap();
  return values;
}

constexpr int64_t kM = 9, kK = 10, kN = 7;

// An int8 matmul with i32 result, twice in one list, and what it gives.
struct MatmulList {
  explicit MatmulList(std::shared_ptr<Device> on) : device(std::move(on)) {
    for (int64_t i = 0; i < kM * kK; ++i) a_values.push_back(static_cast<int8_t>(i * 5 % 37 - 18));
    for (int64_t i = 0; i < kK * kN; ++i) w_values.push_back(static_cast<int8_t>(i * 11 % 41 - 20));
    a = buffer_of(*device, kM * kK, "a");
    w = buffer_of(*device, kK * kN, "w");
    fill(*a, a_values);
    fill(*w, w_values);
    for (auto& y : results) y = buffer_of(*device, kM * kN * 4, "y");
    list = std::make_shared<CommandList>(device, "two matmuls");
    for (int i = 0; i < 2; ++i) {
      OpCall call;
      call.op = Matmul{};
      call.name = "mm" + std::to_string(i);
      call.inputs = {{a, 0, row_major(DType::kI8, {kM, kK})}, {w, 0, row_major(DType::kI8, {kK, kN})}};
      call.outputs = {{results[i], 0, row_major(DType::kI32, {kM, kN})}};
      recorded = recorded.ok() ? list->op(call) : recorded;
    }
    if (recorded.ok()) recorded = list->end();
  }
  std::vector<int32_t> expected() const {
    std::vector<int32_t> y(kM * kN, 0);
    for (int64_t m = 0; m < kM; ++m)
      for (int64_t n = 0; n < kN; ++n)
        for (int64_t k = 0; k < kK; ++k) y[m * kN + n] += a_values[m * kK + k] * w_values[k * kN + n];
    return y;
  }
  std::shared_ptr<Device> device;
  std::vector<int8_t> a_values, w_values;
  std::shared_ptr<Buffer> a, w, results[2];
  std::shared_ptr<CommandList> list;
  Status recorded;
};

TEST(NpuDevice, MatmulGivesTheValuesAndOneRecordAnOp) {
  MatmulList work(open("npu:tiny-4x4?race_check=on"));
  ASSERT_TRUE(work.recorded.ok()) << work.recorded.to_string();
  Profile profile;
  const Status status = run_and_wait(*work.device, work.list, {}, &profile);
  ASSERT_TRUE(status.ok()) << status.to_string();
  for (auto& y : work.results) EXPECT_EQ(content<int32_t>(*y, kM * kN), work.expected());
  ASSERT_EQ(profile.records.size(), 2u);
  for (const ProfileRecord& record : profile.records) {
    EXPECT_EQ(record.op, "matmul");
    EXPECT_EQ(record.kind, NumberKind::kSimulated);
    EXPECT_EQ(record.counter("macs"), kM * kK * kN) << record.name;
    EXPECT_GT(record.counter("cycles"), 0);
    EXPECT_NEAR(record.end_ns - record.start_ns, static_cast<double>(record.counter("cycles")) * 10, 1e-3) << "100 MHz";
    EXPECT_GT(record.counter("array_busy_cycles"), 0);
    EXPECT_GT(record.counter("preload_busy_cycles"), 0);
    EXPECT_GE(record.counter("dram_read_bytes"), kM * kK + kK * kN);
    EXPECT_GE(record.counter("dram_write_bytes"), kM * kN * 4);
    EXPECT_GT(record.counter("commands"), 0);
    int64_t causes = 0;
    for (const char* cause : tests::kCauses) {
      EXPECT_GE(record.counter(cause), 0) << cause;
      causes += record.counter(cause);
    }
    EXPECT_EQ(causes, record.counter("cycles")) << "every cycle has one cause";
  }
  EXPECT_EQ(profile.records[0].name, "mm0");
  EXPECT_EQ(profile.records[1].start_ns, profile.records[0].end_ns);
}

TEST(NpuDevice, HighWaterMarksOfOnChipMemoryAreWithinIt) {
  MatmulList work(open("npu:tiny-4x4"));
  ASSERT_TRUE(work.recorded.ok()) << work.recorded.to_string();
  std::map<std::string, double> limits;
  for (const Limit& limit : work.device->info().limits) limits[limit.name] = limit.value;
  const std::vector<Counter> most = work.device->memory_use().high_water;
  ASSERT_EQ(most.size(), 2u);
  for (const Counter& each : most) {
    EXPECT_GT(each.value, 0) << each.name;
    EXPECT_LE(static_cast<double>(each.value), limits[each.name]) << each.name;
  }
}

TEST(NpuDevice, RunningAgainGivesTheSameValuesAndCycles) {
  MatmulList work(open("npu:tiny-4x4"));
  ASSERT_TRUE(work.recorded.ok()) << work.recorded.to_string();
  std::vector<int64_t> cycles;
  for (int i = 0; i < 3; ++i) {
    Profile profile;
    ASSERT_TRUE(work.device->reset().ok());
    ASSERT_TRUE(run_and_wait(*work.device, work.list, {}, &profile).ok());
    cycles.push_back(profile.records[0].counter("cycles"));
    EXPECT_EQ(content<int32_t>(*work.results[1], kM * kN), work.expected());
  }
  EXPECT_EQ(cycles[0], cycles[1]);
  EXPECT_EQ(cycles[1], cycles[2]);
}

TEST(NpuDevice, WithoutFunctionTheCyclesAreTheSame) {
  int64_t cycles[2];
  for (const bool functional : {false, true}) {
    MatmulList work(open(functional ? "npu:tiny-4x4" : "npu:tiny-4x4?functional=off"));
    ASSERT_TRUE(work.recorded.ok()) << work.recorded.to_string();
    Profile profile;
    const Status status = run_and_wait(*work.device, work.list, {}, &profile);
    ASSERT_TRUE(status.ok()) << status.to_string();
    cycles[functional] = profile.records[0].counter("cycles") + profile.records[1].counter("cycles");
  }
  EXPECT_EQ(cycles[0], cycles[1]);
}

TEST(NpuDevice, FrozenWeightsArePackedOnceAndAccountedApart) {
  auto device = open("npu:tiny-4x4");
  BufferParams params;
  params.size = kK * kN;
  params.name = "weights";
  params.kind = MemoryKind::kConstant;
  auto weights = device->allocate(params).value();
  fill(*weights, std::vector<int8_t>(kK * kN, 3));
  weights->freeze();
  auto a = buffer_of(*device, kM * kK, "a"), y = buffer_of(*device, kM * kN * 4, "y");
  fill(*a, std::vector<int8_t>(kM * kK, 2));
  auto list = std::make_shared<CommandList>(device);
  OpCall call;
  call.op = Matmul{};
  call.inputs = {{a, 0, row_major(DType::kI8, {kM, kK})}, {weights, 0, row_major(DType::kI8, {kK, kN})}};
  call.outputs = {{y, 0, row_major(DType::kI32, {kM, kN})}};
  ASSERT_TRUE(list->op(call).ok());
  const Status ended = list->end();
  ASSERT_TRUE(ended.ok()) << ended.to_string();
  EXPECT_GE(device->memory_use().prepared_bytes, kK * kN);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(run_and_wait(*device, list).ok());
    EXPECT_EQ(content<int32_t>(*y, kM * kN), std::vector<int32_t>(kM * kN, 60));
  }
  list.reset();
  ASSERT_TRUE(device->queue().value()->wait_idle().ok());
  EXPECT_EQ(device->memory_use().prepared_bytes, 0);
}

TEST(NpuDevice, MemoryOfTheHostIsRefusedWhereTheNpuWouldHaveToReadIt) {
  auto device = open("npu:tiny-4x4");
  auto host = allocate_host({64, 0, MemoryKind::kHostVisible, "on the host"}).value();
  auto target = buffer_of(*device, 64, "target");
  CommandList list(device);
  const TensorView from{host, 0, row_major(DType::kU8, {64})}, to{target, 0, row_major(DType::kU8, {64})};
  Status status = list.copy(from, to, 64);
  if (status.ok()) status = list.end();
  EXPECT_EQ(status.code(), Code::kUnsupported) << status.to_string();
  EXPECT_NE(status.message().find("on the host"), std::string::npos) << status.to_string();
}

TEST(NpuDevice, OutOfMemoryHasBothNumbersAndPassesOver) {
  auto device = open("npu:tiny-4x4");
  const int64_t all = device->info().memory_bytes;
  auto half = buffer_of(*device, all / 2, "half");
  BufferParams params;
  params.size = all;
  params.name = "all";
  const Status status = device->allocate(params).status();
  EXPECT_EQ(status.code(), Code::kOutOfMemory);
  EXPECT_NE(status.message().find(std::to_string(all)), std::string::npos) << status.message();
  half.reset();
  EXPECT_TRUE(device->allocate(params).ok());
}

TEST(NpuDevice, AWatchdogFaultReachesTheCallerAndTheNextRunWorks) {
  MatmulList work(open("npu:tiny-4x4?watchdog=3"));
  ASSERT_TRUE(work.recorded.ok()) << work.recorded.to_string();
  const Status status = run_and_wait(*work.device, work.list);
  EXPECT_EQ(status.code(), Code::kDeviceFault) << status.to_string();
  ASSERT_NE(status.fault(), nullptr);
  EXPECT_EQ(status.fault()->kind, FaultReport::Kind::kWatchdog);
  EXPECT_EQ(status.fault()->sequence, 1u);
  EXPECT_EQ(work.device->health(), Health::kOk);
  EXPECT_EQ(run_and_wait(*work.device, work.list).fault()->sequence, 2u) << "the fault is the second run's own";
}

TEST(NpuDevice, ResetCancelsWhatRunsAndWhatWaitsAndLeavesAUsableDevice) {
  auto device = open("npu:tiny-4x4?functional=off");
  const int64_t bytes = 16 << 20;
  auto from = buffer_of(*device, bytes, "from"), to = buffer_of(*device, bytes, "to");
  const auto view = [&](const std::shared_ptr<Buffer>& buffer) {
    return TensorView{buffer, 0, row_major(DType::kU8, {bytes})};
  };
  auto list = std::make_shared<CommandList>(device, "a long copy");
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(list->copy(view(from), view(to), bytes).ok());
  ASSERT_TRUE(list->end().ok());
  Queue* queue = device->queue().value();
  auto running = std::make_shared<Semaphore>(), waiting = std::make_shared<Semaphore>();
  ASSERT_TRUE(queue->submit({{}, {list}, {}, {{running, 1}}, nullptr}).ok());
  ASSERT_TRUE(queue->submit({{}, {list}, {}, {{waiting, 1}}, nullptr}).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_EQ(running->value(), 0u) << "the copies take longer than that";
  ASSERT_TRUE(device->reset().ok());
  EXPECT_EQ(running->wait(1, after(std::chrono::seconds(60))).code(), Code::kCancelled);
  EXPECT_EQ(waiting->wait(1, after(std::chrono::seconds(60))).code(), Code::kCancelled);
  EXPECT_EQ(device->health(), Health::kOk);
  auto brief = std::make_shared<CommandList>(device, "after it");
  ASSERT_TRUE(brief->fill(view(to), 4096, 7, 1).ok());
  ASSERT_TRUE(brief->end().ok());
  EXPECT_TRUE(run_and_wait(*device, brief).ok());
}

TEST(NpuDevice, TracingCollectsSpansOfEngines) {
  MatmulList work(open("npu:tiny-4x4"));
  ASSERT_TRUE(work.recorded.ok()) << work.recorded.to_string();
  Profile quiet, traced;
  ASSERT_TRUE(run_and_wait(*work.device, work.list, {}, &quiet).ok());
  EXPECT_TRUE(quiet.spans.empty());
  work.device->set_tracing(true);
  ASSERT_TRUE(run_and_wait(*work.device, work.list, {}, &traced).ok());
  ASSERT_FALSE(traced.spans.empty());
  bool compute = false;
  for (const TraceSpan& span : traced.spans) {
    EXPECT_LE(span.start_ns, span.end_ns);
    EXPECT_GE(span.start_ns, traced.records.front().start_ns);
    EXPECT_LE(span.end_ns, traced.records.back().end_ns + 1000);
    compute = compute || span.track == "compute";
  }
  EXPECT_TRUE(compute);
}

}  // namespace
}  // namespace systole

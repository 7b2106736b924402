// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What submission through the HAL costs beside the runtime under it, on OpenCL's first device: a relu of 16 values, as
// often as the name says. Per op: record (with compilation), run, the same kernel with the same arguments through bare
// OpenCL. Per submission: an empty list, a list of one op, one bare kernel, and a ping-pong of two threads.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdio>
#include <thread>

#include "devices/gpu/gpu_device.h"
#include "devices/gpu/kernels/sources.h"
#include "devices/gpu/launch.h"
#include "devices/gpu/opencl/objects.h"
#include "devices/gpu/opencl/platforms.h"
#include "hal/queue.h"

namespace systole::gpu {
namespace {

const TensorDesc kDesc = row_major(DType::kF32, {16});

template <typename T>
T value(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "gpu_submission: %s\n", result.status().to_string().c_str());
  std::exit(1);
}
void check(const Status& status) { (void)value(status.ok() ? Result<int>(0) : Result<int>(status)); }

struct Hal {
  std::shared_ptr<Device> device = value(gpu_driver().open(value(parse_device_uri("gpu:opencl"))));
  std::shared_ptr<Buffer> x = value(device->allocate({64, 0, MemoryKind::kDeviceLocal, "x"})),
                          y = value(device->allocate({64, 0, MemoryKind::kDeviceLocal, "y"}));

  std::shared_ptr<CommandList> list(int64_t ops) const {
    auto made = std::make_shared<CommandList>(device);
    for (int64_t i = 0; i < ops; ++i) check(made->op({Unary{}, {{x, 0, kDesc}}, {{y, 0, kDesc}}, "relu"}));
    check(made->end());
    return made;
  }
};

void record(benchmark::State& state) {
  const Hal hal;
  (void)hal.list(1);  // the kernel is built once
  for (auto _ : state) benchmark::DoNotOptimize(hal.list(state.range(0)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void run(benchmark::State& state) {
  const Hal hal;
  const auto list = hal.list(state.range(0));
  check(run_and_wait(*hal.device, list));  // kernels are compiled for a launch at the first
  for (auto _ : state) check(run_and_wait(*hal.device, list));
  state.SetItemsProcessed(state.iterations() * std::max<int64_t>(1, state.range(0)));
}

// The launch that lower() gives, without anything of ours in between.
void bare(benchmark::State& state) {
  const opencl::Api* api = value(opencl::load_api());
  auto shared = std::make_shared<opencl::Shared>();
  const opencl::Found found = value(opencl::find_devices(*api))[0];
  cl_int error = CL_SUCCESS;
  shared->api = api, shared->device = found.device, shared->facts = found.facts;
  shared->context = {api->clCreateContext(nullptr, 1, &found.device, nullptr, nullptr, &error), api->clReleaseContext};
  const auto queue = value(opencl::make_queue(*shared, false));
  const Launch launch = value(lower({Unary{}, {kDesc}, {kDesc}, "relu"}, found.facts)).launches.at(0);
  std::vector<std::byte> binary;
  const auto kernel = std::static_pointer_cast<opencl::ClKernel>(value(opencl::build_kernel(
      shared, {launch.program, value(kernel_text(launch.program)), launch.macros}, launch.entry, binary)));
  std::vector<opencl::Handle<cl_mem>> memory;
  for (size_t i = 0; i < launch.operands.size(); ++i)
    memory.emplace_back(api->clCreateBuffer(shared->context.get(), CL_MEM_READ_WRITE, 4096, nullptr, &error),
                        api->clReleaseMemObject);
  const size_t items[] = {static_cast<size_t>(launch.grid.items[0]), static_cast<size_t>(launch.grid.items[1]),
                          static_cast<size_t>(launch.grid.items[2])};
  const size_t group[] = {static_cast<size_t>(launch.grid.group[0]), static_cast<size_t>(launch.grid.group[1]),
                          static_cast<size_t>(launch.grid.group[2])};
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i) {
      cl_uint index = 0;
      const cl_long offset = 0;
      for (const auto& each : memory) {
        const cl_mem object = each.get();
        api->clSetKernelArg(kernel->get(), index++, sizeof object, &object);
        api->clSetKernelArg(kernel->get(), index++, sizeof offset, &offset);
      }
      api->clSetKernelArg(kernel->get(), index, launch.params.size(), launch.params.data());
      api->clEnqueueNDRangeKernel(queue.get(), kernel->get(), 3, nullptr, items, group, 0, nullptr, nullptr);
    }
    check(opencl::wait_status(api->clFinish(queue.get()), "bare"));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void ping_pong(benchmark::State& state) {
  std::mutex mutex;
  std::condition_variable turned;
  int turn = 0;  // of the caller 0, of the other 1; 2 ends it
  std::thread other([&] {
    std::unique_lock lock(mutex);
    while (turn != 2) {
      turned.wait(lock, [&] { return turn != 0; });
      if (turn == 1) turn = 0;
      turned.notify_one();
    }
  });
  for (auto _ : state) {
    std::unique_lock lock(mutex);
    turn = 1;
    turned.notify_one();
    turned.wait(lock, [&] { return turn == 0; });
  }
  {
    std::lock_guard lock(mutex);
    turn = 2;
  }
  turned.notify_one();
  other.join();
}

BENCHMARK(record)->Arg(1000)->UseRealTime();
BENCHMARK(run)->Arg(1000)->Arg(1)->Arg(0)->UseRealTime();
BENCHMARK(bare)->Arg(1000)->Arg(1)->UseRealTime();
BENCHMARK(ping_pong)->UseRealTime();

}  // namespace
}  // namespace systole::gpu

BENCHMARK_MAIN();

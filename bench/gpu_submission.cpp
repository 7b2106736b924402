// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What submission through the HAL costs beside the runtime under it, on OpenCL's first device: a relu of 16 values, as
// often as the name says. record: an op's, with compilation. beside_bare/1000: an op's share of a list from submission
// to wait and of the same kernel with the same arguments through bare OpenCL, in turns; beside_bare/1: a list of one
// op. empty_list, and a ping_pong of two threads, beside them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
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

void empty_list(benchmark::State& state) {
  const Hal hal;
  const auto list = hal.list(0);
  for (auto _ : state) check(run_and_wait(*hal.device, list));
}

// The launch that candidates() gives first, without anything of ours in between.
class Bare {
 public:
  Bare() {
    api_ = value(opencl::load_api());
    shared_ = std::make_shared<opencl::Shared>();
    const opencl::Found found = value(opencl::find_devices(*api_))[0];
    cl_int error = CL_SUCCESS;
    shared_->api = api_, shared_->device = found.device, shared_->facts = found.facts;
    shared_->context = {api_->clCreateContext(nullptr, 1, &found.device, nullptr, nullptr, &error),
                        api_->clReleaseContext};
    queue_ = value(opencl::make_queue(*shared_, false));
    launch_ = value(candidates({Unary{}, {kDesc}, {kDesc}, "relu"}, found.facts))[0].lowered.launches.at(0);
    std::vector<std::byte> binary;
    kernel_ = std::static_pointer_cast<opencl::ClKernel>(value(opencl::build_kernel(
        shared_, {launch_.program, value(kernel_text(launch_.program)), launch_.macros}, launch_.entry, binary)));
    for (size_t i = 0; i < launch_.operands.size(); ++i)
      memory_.emplace_back(api_->clCreateBuffer(shared_->context.get(), CL_MEM_READ_WRITE, 4096, nullptr, &error),
                           api_->clReleaseMemObject);
  }

  void run(int64_t ops) {
    std::array<size_t, 3> items, group;
    for (size_t i = 0; i < 3; ++i) {
      items[i] = static_cast<size_t>(launch_.grid.items[i]);
      group[i] = static_cast<size_t>(launch_.grid.group[i]);
    }
    for (int64_t op = 0; op < ops; ++op) {
      cl_uint index = 0;
      const cl_long offset = 0;
      for (const auto& each : memory_) {
        const cl_mem object = each.get();
        api_->clSetKernelArg(kernel_->get(), index++, sizeof object, &object);
        api_->clSetKernelArg(kernel_->get(), index++, sizeof offset, &offset);
      }
      api_->clSetKernelArg(kernel_->get(), index, launch_.params.size(), launch_.params.data());
      api_->clEnqueueNDRangeKernel(queue_.get(), kernel_->get(), 3, nullptr, items.data(), group.data(), 0, nullptr,
                                   nullptr);
    }
    check(opencl::wait_status(api_->clFinish(queue_.get()), "bare"));
  }

 private:
  const opencl::Api* api_ = nullptr;
  std::shared_ptr<opencl::Shared> shared_;
  opencl::Handle<cl_command_queue> queue_;
  Launch launch_;
  std::shared_ptr<opencl::ClKernel> kernel_;
  std::vector<opencl::Handle<cl_mem>> memory_;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A list and the bare runtime in turns, the first of a pair alternating: what else the machine does meets both alike.
// Its time is the list's; the counters are medians over the pairs, in microseconds an op, and the difference of the
// least of either, which is what a busy machine disturbs least.
void beside_bare(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const int64_t ops = state.range(0);
  const Hal hal;
  Bare bare;
  const auto list = hal.list(ops);
  const auto us_an_op = [&](const auto& run) {
    const auto start = Clock::now();
    run();
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / static_cast<double>(ops);
  };
  const auto through_hal = [&] { check(run_and_wait(*hal.device, list)); };
  const auto plainly = [&] { bare.run(ops); };
  through_hal(), plainly();  // kernels are compiled for a launch at the first
  std::vector<double> ours, theirs, differences, ratios;
  for (auto _ : state) {
    const bool first = ours.size() % 2 == 0;
    double own = first ? us_an_op(through_hal) : 0;
    const double other = us_an_op(plainly);
    if (!first) own = us_an_op(through_hal);
    state.SetIterationTime(own * 1e-6 * static_cast<double>(ops));
    ours.push_back(own), theirs.push_back(other), differences.push_back(own - other), ratios.push_back(own / other);
  }
  state.counters["hal_us"] = median(ours);
  state.counters["bare_us"] = median(theirs);
  state.counters["difference_us"] = median(differences);
  state.counters["ratio"] = median(ratios);
  state.counters["least_difference_us"] =
      *std::min_element(ours.begin(), ours.end()) - *std::min_element(theirs.begin(), theirs.end());
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
BENCHMARK(beside_bare)->Arg(1000)->Arg(1)->UseManualTime();
BENCHMARK(empty_list)->UseRealTime();
BENCHMARK(ping_pong)->UseRealTime();

}  // namespace
}  // namespace systole::gpu

BENCHMARK_MAIN();

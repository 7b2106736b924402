// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Square products on a gpu device by our own kernels and by its library (CLBlast, cuBLASLt), in one run: operations a
// second of device time. The device: $SYSTOLE_BENCH_GPU, without options; gpu:opencl without it.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "devices/gpu/gpu_device.h"
#include "hal/queue.h"

namespace systole {
namespace {

struct Kind {
  const char* name;
  DType operands, y;
};
constexpr Kind kKinds[] = {{"f32", DType::kF32, DType::kF32},
                           {"f16", DType::kF16, DType::kF16},
                           {"bf16", DType::kBF16, DType::kBF16},
                           {"i8", DType::kI8, DType::kI32},
                           {"f8e4m3", DType::kF8E4M3, DType::kF32}};

std::string device_name() {
  const char* chosen = std::getenv("SYSTOLE_BENCH_GPU");
  return chosen != nullptr ? chosen : "gpu:opencl";
}

Result<Profile> multiply(const std::string& uri, const Kind& kind, int64_t size, std::shared_ptr<Device>& device,
                         std::shared_ptr<CommandList>& list) {
  SYSTOLE_ASSIGN_OR_RETURN(const DeviceUri parsed, parse_device_uri(uri));
  if (!device) {
    SYSTOLE_ASSIGN_OR_RETURN(device, gpu_driver().open(parsed));
    list = std::make_shared<CommandList>(device);
    std::vector<TensorView> views;
    for (DType type : {kind.operands, kind.operands, kind.y}) {
      const TensorDesc desc = row_major(type, {size, size});
      SYSTOLE_ASSIGN_OR_RETURN(auto buffer, device->allocate({desc.span_bytes(), 0, MemoryKind::kDeviceLocal, "m"}));
      SYSTOLE_RETURN_IF_ERROR(list->fill({buffer, 0}, desc.span_bytes(), 0x3c3c3c3c, 4));
      views.push_back({buffer, 0, desc});
    }
    SYSTOLE_RETURN_IF_ERROR(list->op({Matmul{}, {views[0], views[1]}, {views[2]}, "product"}));
    SYSTOLE_RETURN_IF_ERROR(list->end());
  }
  Profile profile;
  SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &profile));
  return profile;
}

void product(benchmark::State& state, const std::string& options, const Kind& kind) {
  std::shared_ptr<Device> device;
  std::shared_ptr<CommandList> list;
  const int64_t size = state.range(0);
  const auto once = [&] { return multiply(device_name() + options, kind, size, device, list); };
  if (const auto warm = once(); !warm.ok()) return state.SkipWithError(warm.status().message().c_str());
  for (auto _ : state) {
    const auto profile = once();
    if (!profile.ok()) return state.SkipWithError(profile.status().message().c_str());
    const ProfileRecord& record = profile->records.back();
    state.SetIterationTime((record.end_ns - record.start_ns) * 1e-9);
  }
  state.SetLabel(device->info().description);
  state.counters["OP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(size * size * size), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace
}  // namespace systole

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const bool has_all = !systole::device_name().starts_with("gpu:opencl");  // CLBlast is used for f32 alone
  for (const auto& kind : systole::kKinds)
    for (const auto& [name, options] : {std::pair{"own", "?blas=off"}, {"library", "?blas=on"}}) {
      if (options == std::string("?blas=on") && kind.operands != systole::DType::kF32 && !has_all) continue;
      benchmark::RegisterBenchmark((std::string(kind.name) + "/" + name).c_str(), systole::product,
                                   std::string(options), kind)
          ->Arg(1024)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}

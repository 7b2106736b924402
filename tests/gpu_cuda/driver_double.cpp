// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// CUDA's driver over memory of the host, as far as devices/gpu/cuda uses it. What a stream is asked for happens when
// somebody waits for it, not before: who forgets to wait, or frees too early, is found. Memory comes filled with 0xa5,
// its first MiB. Every access of a copy or a fill is checked; one outside memory kills the context, as on a device.
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "tests/gpu_cuda/controls.h"
#include "tests/gpu_cuda/driver_state.h"
#include "tests/gpu_cuda/image_double.h"

namespace {

std::map<CUdeviceptr, size_t> memory, registered;  // address -> bytes
int64_t contexts = 0, allocated_bytes = 0, modules = 0, streams = 0, events = 0, launches = 0;
std::map<CUmodule, std::map<std::string, CUfunc_st>> functions;

bool is_within(const std::map<CUdeviceptr, size_t>& ranges, CUdeviceptr address, size_t bytes) {
  auto after = ranges.upper_bound(address);
  if (after == ranges.begin()) return false;
  --after;
  return address + bytes <= after->first + after->second;
}
bool is_device(CUdeviceptr address, size_t bytes) {
  return is_within(memory, address, bytes) || is_within(registered, address, bytes);
}

CUresult run_until(CUstream stream, uint64_t number) {
  while (stream->done < number && !stream->commands.empty()) {
    const auto command = std::move(stream->commands.front());
    stream->commands.pop_front();
    ++stream->done;
    if (stream->context->state == CUDA_SUCCESS) stream->context->state = command();
  }
  return stream->context->state;
}

CUresult allocate(CUdeviceptr* address, size_t bytes) {
  if (bytes == 0) return kInvalidValue;
  if (static_cast<int64_t>(bytes) > kMemoryBytes - allocated_bytes) return kOutOfMemory;
  void* made = std::aligned_alloc(512, (bytes + 511) / 512 * 512);
  std::memset(made, 0xa5, std::min(bytes, size_t{1} << 20));
  *address = reinterpret_cast<CUdeviceptr>(made);
  memory[*address] = bytes;
  allocated_bytes += static_cast<int64_t>(bytes);
  return CUDA_SUCCESS;
}

CUresult release(CUdeviceptr address) {
  const auto found = memory.find(address);
  if (found == memory.end()) return kInvalidValue;
  allocated_bytes -= static_cast<int64_t>(found->second);
  memory.erase(found);
  std::free(reinterpret_cast<void*>(address));
  return CUDA_SUCCESS;
}

template <typename T>
CUresult fill(const char* name, CUdeviceptr to, T value, size_t count, CUstream stream) {
  return in_context(name, [&] {
    return ask(stream, [=] {
      if (to % sizeof(T) != 0 || !is_device(to, count * sizeof(T))) return kIllegalAddress;
      for (size_t i = 0; i < count; ++i) reinterpret_cast<T*>(to)[i] = value;
      return CUDA_SUCCESS;
    });
  });
}

// from and to: addresses of which those of the device are checked.
CUresult copy(const char* name, CUdeviceptr to, bool to_device, CUdeviceptr from, bool from_device, size_t bytes,
              CUstream stream) {
  return in_context(name, [&] {
    return ask(stream, [=] {
      if ((to_device && !is_device(to, bytes)) || (from_device && !is_device(from, bytes))) return kIllegalAddress;
      std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
      return CUDA_SUCCESS;
    });
  });
}

}  // namespace

extern "C" {

void double_fail(const char* name, int error, int calls) {
  std::lock_guard lock(mutex);
  fail_name = name == nullptr ? "" : name;
  fail_error = error;
  fail_after = calls;
}
int double_ask(CUstream stream, void (*run)(void*), void (*release)(void*), void* what) {
  const std::shared_ptr<void> held(what, release);
  return in_context("cublasLtMatmul", [&] {
    return ask(stream, [=] {
      run(held.get());
      return CUDA_SUCCESS;
    });
  });
}
int64_t double_contexts() { return contexts; }
int64_t double_allocated_bytes() { return allocated_bytes; }
int64_t double_registered() { return static_cast<int64_t>(registered.size()); }
int64_t double_modules() { return modules; }
int64_t double_streams() { return streams; }
int64_t double_events() { return events; }
int64_t double_launches() { return launches; }
int64_t double_current() { return static_cast<int64_t>(current.size()); }

CUresult cuInit(unsigned) { return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int* version) {
  *version = 12040;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult error, const char** name) {
  static const std::map<int, const char*> names = {
      {2, "CUDA_ERROR_OUT_OF_MEMORY"},     {201, "CUDA_ERROR_INVALID_CONTEXT"},
      {500, "CUDA_ERROR_NOT_FOUND"},       {712, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED"},
      {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
      {719, "CUDA_ERROR_LAUNCH_FAILED"}};
  const auto found = names.find(error);
  *name = found == names.end() ? nullptr : found->second;
  return found == names.end() ? kInvalidValue : CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  *count = 1;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  *device = 7;
  return ordinal == 0 ? CUDA_SUCCESS : static_cast<CUresult>(101);
}
CUresult cuDeviceGetName(char* name, int bytes, CUdevice) {
  std::strncpy(name, "CUDA's double", static_cast<size_t>(bytes));
  return CUDA_SUCCESS;
}
// SYSTOLE_DOUBLE_ARCH: its compute capability, 90 without one.
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  const char* chosen = std::getenv("SYSTOLE_DOUBLE_ARCH");
  const int arch = chosen != nullptr ? std::atoi(chosen) : 90;
  const std::map<int, int> values = {{1, 1024}, {8, 49152}, {16, 4}, {75, arch / 10}, {76, arch % 10}};
  const auto found = values.find(attribute);
  if (found == values.end()) return kInvalidValue;
  *value = found->second;
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice) {
  *bytes = kMemoryBytes;
  return CUDA_SUCCESS;
}

CUresult cuCtxCreate_v2(CUcontext* context, unsigned, CUdevice device) {
  std::lock_guard lock(mutex);
  if (device != 7) return kInvalidValue;
  *context = new CUctx_st;
  ++contexts;
  current.push_back(*context);
  return CUDA_SUCCESS;
}
CUresult cuCtxDestroy_v2(CUcontext context) {
  std::lock_guard lock(mutex);
  --contexts;
  delete context;
  return CUDA_SUCCESS;
}
CUresult cuCtxPushCurrent_v2(CUcontext context) {
  current.push_back(context);
  return CUDA_SUCCESS;
}
CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  if (current.empty()) return kInvalidContext;
  *context = current.back();
  current.pop_back();
  return CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = static_cast<size_t>(kMemoryBytes - allocated_bytes);
  *total = kMemoryBytes;
  return CUDA_SUCCESS;
}
CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  return in_context("cuMemAlloc", [&] { return allocate(address, bytes); });
}
CUresult cuMemHostAlloc(void** host, size_t bytes, unsigned) {
  return in_context("cuMemHostAlloc", [&] { return allocate(reinterpret_cast<CUdeviceptr*>(host), bytes); });
}
// A dead context frees its memory too.
CUresult cuMemFree_v2(CUdeviceptr address) {
  std::lock_guard lock(mutex);
  return current.empty() ? kInvalidContext : release(address);
}
CUresult cuMemFreeHost(void* host) { return cuMemFree_v2(reinterpret_cast<CUdeviceptr>(host)); }

// Whole pages are registered: none can be twice.
CUresult cuMemHostRegister_v2(void* host, size_t bytes, unsigned) {
  return in_context("cuMemHostRegister", [&] {
    constexpr CUdeviceptr kPage = 4096;
    const auto first = reinterpret_cast<CUdeviceptr>(host);
    for (const auto& [known, known_bytes] : registered)
      if (first / kPage <= (known + known_bytes - 1) / kPage && known / kPage <= (first + bytes - 1) / kPage)
        return static_cast<CUresult>(712);
    registered[first] = bytes;
    return CUDA_SUCCESS;
  });
}
CUresult cuMemHostUnregister(void* host) {
  std::lock_guard lock(mutex);
  if (current.empty()) return kInvalidContext;
  return registered.erase(reinterpret_cast<CUdeviceptr>(host)) == 1 ? CUDA_SUCCESS : static_cast<CUresult>(713);
}
CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* device, void* host, unsigned) {
  return in_context("cuMemHostGetDevicePointer", [&] {
    *device = reinterpret_cast<CUdeviceptr>(host);
    return registered.count(*device) == 1 ? CUDA_SUCCESS : kInvalidValue;
  });
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy("cuMemcpyAsync", to, true, from, true, bytes, stream);
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return copy("cuMemcpyHtoDAsync", to, true, reinterpret_cast<CUdeviceptr>(from), false, bytes, stream);
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy("cuMemcpyDtoHAsync", reinterpret_cast<CUdeviceptr>(to), false, from, true, bytes, stream);
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  return fill("cuMemsetD8Async", to, value, count, stream);
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream stream) {
  return fill("cuMemsetD16Async", to, value, count, stream);
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream) {
  return fill("cuMemsetD32Async", to, value, count, stream);
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  return in_context("cuStreamCreate", [&] {
    *stream = new CUstream_st{current.back(), {}, 0, 0, nullptr, false};
    ++streams;
    return CUDA_SUCCESS;
  });
}
CUresult cuStreamSynchronize(CUstream stream) {
  return in_context("cuStreamSynchronize",
                    [&] { return spoils_capture(stream) ? kNotInCapture : run_until(stream, stream->asked); });
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  std::lock_guard lock(mutex);
  (void)run_until(stream, stream->asked);
  --streams;
  delete stream;
  return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent* event, unsigned flags) {
  return in_context("cuEventCreate", [&] {
    *event = new CUevent_st;
    (*event)->timed = (flags & CU_EVENT_DISABLE_TIMING) == 0;
    ++events;
    return CUDA_SUCCESS;
  });
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  return in_context("cuEventRecord", [&] {
    if (spoils_capture(stream)) return kNotInCapture;  // CUDA makes it part of the graph, where nobody here wants it
    event->stream = stream;
    event->recorded = true;
    event->done = false;
    event->number = stream->asked + 1;
    return ask(stream, [event] {
      event->done = true;
      event->time = std::chrono::steady_clock::now();
      return CUDA_SUCCESS;
    });
  });
}
CUresult cuEventSynchronize(CUevent event) {
  return in_context("cuEventSynchronize",
                    [&] { return event->done ? CUDA_SUCCESS : run_until(event->stream, event->number); });
}
CUresult cuEventElapsedTime(float* ms, CUevent start, CUevent end) {
  return in_context("cuEventElapsedTime", [&] {
    for (CUevent event : {start, end}) {
      if (!event->timed || !event->recorded) return static_cast<CUresult>(400);
      if (!event->done) return CUDA_ERROR_NOT_READY;
    }
    *ms = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return CUDA_SUCCESS;
  });
}
CUresult cuEventDestroy_v2(CUevent event) {
  std::lock_guard lock(mutex);
  --events;
  delete event;
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return in_context("cuModuleLoadData", [&] {
    void* library = load_image(static_cast<const char*>(image));
    if (library == nullptr) return kInvalidImage;
    *module = new CUmod_st{library};
    ++modules;
    return CUDA_SUCCESS;
  });
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  return in_context("cuModuleGetFunction", [&] {
    void* kernel = dlsym(module->library, (std::string("double_kernel_") + name).c_str());
    if (kernel == nullptr) return kNotFound;
    auto* thread = static_cast<DoubleThread*>(dlsym(module->library, "double_thread"));
    *function = &functions[module][name];
    **function = {module, static_cast<DoubleKernel*>(kernel), thread,
                  dlsym(module->library, "double_has_barrier") != nullptr};
    return CUDA_SUCCESS;
  });
}
CUresult cuModuleUnload(CUmodule module) {
  std::lock_guard lock(mutex);
  dlclose(module->library);
  functions.erase(module);
  --modules;
  delete module;
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned, CUstream stream, void** parameters, void**) {
  return in_context("cuLaunchKernel", [&] {
    if (block_x * block_y * block_z > 1024 || block_x * block_y * block_z * grid_x * grid_y * grid_z == 0)
      return kInvalidValue;
    ++launches;
    std::vector<std::string> values;
    for (size_t i = 0; i < function->kernel->argument_count; ++i)
      values.emplace_back(static_cast<const char*>(parameters[i]), function->kernel->argument_bytes[i]);
    const DoubleThread grid{{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, {}, {}, nullptr, nullptr};
    return ask(stream, [=, copies = std::move(values)]() mutable {
      if (const CUresult error = injected("kernel"); error != CUDA_SUCCESS) return error;
      std::vector<void*> arguments;
      for (std::string& value : copies) arguments.push_back(value.data());
      run_grid(*function->kernel, grid, arguments.data(), *function->thread, function->has_barrier);
      return CUDA_SUCCESS;
    });
  });
}

}  // extern "C"

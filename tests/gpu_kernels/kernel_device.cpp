// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu_kernels/kernel_device.h"

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>

#include <chrono>
#include <ctime>
#include <map>

#include "devices/gpu/kernels/sources.h"
#include "devices/gpu/launch.h"
#include "hal/host_device.h"

namespace systole::tests {
namespace {

double seconds_of_last = 0, cpu_seconds_of_last = 0;

template <typename F>
F* symbol(const char* name) {
  static void* library = dlopen("libOpenCL.so.1", RTLD_NOW);
  return library ? reinterpret_cast<F*>(dlsym(library, name)) : nullptr;
}
#define CL(name) (*symbol<decltype(::name)>(#name))

struct OpenCl {
  cl_context context = nullptr;
  cl_device_id device = nullptr;
  cl_command_queue queue = nullptr;
  std::map<std::string, cl_kernel> kernels;
  gpu::Facts facts;

  OpenCl() {
    cl_platform_id platform = nullptr;
    if (!symbol<decltype(::clGetPlatformIDs)>("clGetPlatformIDs")) return;
    if (CL(clGetPlatformIDs)(1, &platform, nullptr) != CL_SUCCESS) return;
    if (CL(clGetDeviceIDs)(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr) != CL_SUCCESS) return;
    context = CL(clCreateContext)(nullptr, 1, &device, nullptr, nullptr, nullptr);
    queue = CL(clCreateCommandQueue)(context, device, 0, nullptr);
    facts.f64 = facts.is_cpu = getenv("GPU_KERNELS_AS_GPU") == nullptr;
    facts.f64 = true;
    facts.most_work_items = 4096;
    facts.local_bytes = 48 << 10;
    cl_uint units = 1;
    CL(clGetDeviceInfo)(device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, nullptr);
    facts.compute_units = static_cast<int>(units);
  }

  Result<cl_kernel> kernel(const gpu::Launch& launch) {
    std::string options = "-cl-std=CL1.2", key = launch.program + "/" + launch.entry;
    for (const auto& [name, value] : launch.macros) options += " -D" + name + "=" + value;
    key += options;
    if (auto found = kernels.find(key); found != kernels.end()) return found->second;
    SYSTOLE_ASSIGN_OR_RETURN(const std::string text, gpu::kernel_text(launch.program));
    const char* source = text.c_str();
    cl_program program = CL(clCreateProgramWithSource)(context, 1, &source, nullptr, nullptr);
    if (CL(clBuildProgram)(program, 1, &device, options.c_str(), nullptr, nullptr) != CL_SUCCESS) {
      std::string log(1 << 16, '\0');
      CL(clGetProgramBuildInfo)(program, device, CL_PROGRAM_BUILD_LOG, log.size(), log.data(), nullptr);
      return Status(Code::kInternal, key + ": " + log.c_str());
    }
    cl_int error = 0;
    cl_kernel result = CL(clCreateKernel)(program, launch.entry.c_str(), &error);
    if (error != CL_SUCCESS) return Status(Code::kInternal, key + ": no such entry");
    return kernels[key] = result;
  }
};

OpenCl& opencl() {
  static OpenCl instance;
  return instance;
}

cl_mem device_copy(const std::byte* bytes, int64_t size) {
  const auto whole = static_cast<size_t>(std::max<int64_t>(size, 64));
  cl_mem memory = CL(clCreateBuffer)(opencl().context, CL_MEM_READ_WRITE, whole, nullptr, nullptr);
  if (bytes && size > 0) CL(clEnqueueWriteBuffer)
  (opencl().queue, memory, CL_TRUE, 0, static_cast<size_t>(size), bytes, 0, nullptr, nullptr);
  return memory;
}

class LoweredKernel final : public OpKernel {
 public:
  explicit LoweredKernel(gpu::LoweredOp op) : op_(std::move(op)) {}

  Status run(std::span<const HostTensor> inputs, std::span<const HostTensor> outputs) override {
    std::map<std::pair<int, int>, cl_mem> memory;
    using Kind = gpu::OperandRef::Kind;
    auto put = [&](Kind kind, int index, cl_mem mem) { memory[{static_cast<int>(kind), index}] = mem; };
    for (size_t i = 0; i < inputs.size(); ++i)
      put(Kind::kInput, static_cast<int>(i), device_copy(inputs[i].data, inputs[i].desc->span_bytes()));
    put(Kind::kOutput, 0, device_copy(outputs[0].data, outputs[0].desc->span_bytes()));
    put(Kind::kScratch, 0, device_copy(nullptr, op_.scratch_bytes));
    put(Kind::kPrepared, 0, device_copy(nullptr, op_.prepared_bytes));
    put(Kind::kConstants, 0, device_copy(op_.constants.data(), static_cast<int64_t>(op_.constants.size())));
    Status status;
    for (const auto* launches : {&op_.prepare, &op_.launches}) {
      CL(clFinish)(opencl().queue);
      const auto begin = std::chrono::steady_clock::now();
      const std::clock_t cpu_begin = std::clock();
      for (const gpu::Launch& launch : *launches)
        if (status.ok()) status = run(launch, memory);
      if (CL(clFinish)(opencl().queue) != CL_SUCCESS) status = Status(Code::kInternal, "finish failed");
      cpu_seconds_of_last = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
      seconds_of_last = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    const auto y_bytes = static_cast<size_t>(outputs[0].desc->span_bytes());
    if (y_bytes > 0) CL(clEnqueueReadBuffer)
    (opencl().queue, memory[{static_cast<int>(Kind::kOutput), 0}], CL_TRUE, 0, y_bytes, outputs[0].data, 0, nullptr,
     nullptr);
    for (auto& [key, mem] : memory) CL(clReleaseMemObject)(mem);
    return status;
  }

 private:
  Status run(const gpu::Launch& launch, const std::map<std::pair<int, int>, cl_mem>& memory) {
    SYSTOLE_ASSIGN_OR_RETURN(cl_kernel kernel, opencl().kernel(launch));
    cl_uint next = 0;
    cl_int error = 0;
    for (const gpu::OperandRef& operand : launch.operands) {
      const cl_mem mem = memory.at({static_cast<int>(operand.kind), operand.index});
      const cl_long offset = operand.offset;
      error |= CL(clSetKernelArg)(kernel, next++, sizeof mem, &mem);
      error |= CL(clSetKernelArg)(kernel, next++, sizeof offset, &offset);
    }
    error |= CL(clSetKernelArg)(kernel, next++, launch.params.size(), launch.params.data());
    if (error) return {Code::kInternal, launch.program + "/" + launch.entry + ": argument refused"};
    std::array<size_t, 3> items{}, group{};
    for (size_t d = 0; d < 3; ++d) {
      items[d] = static_cast<size_t>(launch.grid.items[d]);
      group[d] = static_cast<size_t>(launch.grid.group[d]);
    }
    error =
        CL(clEnqueueNDRangeKernel)(opencl().queue, kernel, 3, nullptr, items.data(), group.data(), 0, nullptr, nullptr);
    if (error)
      return {Code::kInternal, launch.program + "/" + launch.entry + ": launch failed " + std::to_string(error)};
    return {};
  }

  gpu::LoweredOp op_;
};

class KernelDevice final : public HostDevice {
 public:
  explicit KernelDevice(DeviceInfo info) : HostDevice(std::move(info)) {}
  Support supports(const OpDesc& op) const override {
    if (Status valid = validate(op); !valid.ok()) return unsupported(valid.message());
    const gpu::LowerSupport support = gpu::lower_support(op, opencl().facts);
    return support.yes ? supported() : unsupported(support.reason);
  }

 protected:
  Result<std::unique_ptr<OpKernel>> make_kernel(const OpCall& call) override {
    SYSTOLE_ASSIGN_OR_RETURN(gpu::LoweredOp op, gpu::lower(describe(call), opencl().facts));
    return std::unique_ptr<OpKernel>(std::make_unique<LoweredKernel>(std::move(op)));
  }
};

}  // namespace

double last_seconds() { return seconds_of_last; }
double last_cpu_seconds() { return cpu_seconds_of_last; }

std::shared_ptr<Device> kernel_device() {
  if (opencl().queue == nullptr) return nullptr;
  DeviceInfo info;
  info.uri = "kernels";
  info.queue_count = 1;
  info.memory_bytes = int64_t{8} << 30;
  return std::make_shared<KernelDevice>(std::move(info));
}

}  // namespace systole::tests

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The context and its memory.
#include <cstdlib>

#include "devices/gpu/opencl/blas.h"
#include "devices/gpu/opencl/opencl.h"
#include "devices/gpu/opencl/platforms.h"

namespace systole::gpu {
namespace opencl {
namespace {

Status out_of_memory(const Shared& shared, int64_t bytes, const std::string& why) {
  return {Code::kOutOfMemory, std::to_string(bytes) + " bytes asked for, " + shared.facts.name + " has " +
                                  std::to_string(shared.facts.memory_bytes) + " bytes and gives out " +
                                  std::to_string(shared.facts.most_allocation_bytes) + " at once" +
                                  (why.empty() ? "" : " (" + why + ")")};
}

class ClProvider final : public Provider {
 public:
  explicit ClProvider(std::shared_ptr<Shared> shared, Handle<cl_command_queue> queue)
      : shared_(std::move(shared)), queue_(std::move(queue)) {}

  const Facts& facts() const override { return shared_->facts; }

  Result<std::unique_ptr<Memory>> allocate(int64_t bytes) override {
    SYSTOLE_ASSIGN_OR_RETURN(Handle<cl_mem> memory, create(bytes, CL_MEM_READ_WRITE));
    // Runtimes put allocation off until a command needs it: what does not fit shall be known now.
    cl_mem object = memory.get();
    std::lock_guard lock(mutex_);
    cl_int error = shared_->api->clEnqueueMigrateMemObjects(
        queue_.get(), 1, &object, CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED, 0, nullptr, nullptr);
    if (error == CL_SUCCESS) error = shared_->api->clFinish(queue_.get());
    SYSTOLE_RETURN_IF_ERROR(judged(error, bytes));
    return std::unique_ptr<Memory>(std::make_unique<ClMemory>(shared_, std::move(memory), nullptr));
  }

  // Mapped for life, and used as memory of the host alone.
  Result<std::unique_ptr<Memory>> allocate_pinned(int64_t bytes) override {
    SYSTOLE_ASSIGN_OR_RETURN(Handle<cl_mem> memory, create(bytes, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR));
    cl_int error = CL_SUCCESS;
    std::lock_guard lock(mutex_);
    void* host = shared_->api->clEnqueueMapBuffer(queue_.get(), memory.get(), CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0,
                                                  static_cast<size_t>(bytes), 0, nullptr, nullptr, &error);
    SYSTOLE_RETURN_IF_ERROR(judged(error, bytes));
    return std::unique_ptr<Memory>(
        std::make_unique<ClMemory>(shared_, std::move(memory), static_cast<std::byte*>(host)));
  }

  // CL_MEM_USE_HOST_PTR lets a device keep a copy, which follows the host's writes at maps alone: of memory that
  // belongs to no device nobody maps anything.
  Result<std::unique_ptr<Memory>> import_host(std::byte*, int64_t) override {
    return Status(Code::kUnsupported, "OpenCL 1.2 lets devices see the host's writes only where a buffer is mapped");
  }

  Result<std::shared_ptr<Kernel>> build(const ProgramSource& source, const std::string& entry,
                                        std::vector<std::byte>& binary) override {
    return build_kernel(shared_, source, entry, binary);
  }

  Result<std::unique_ptr<Stream>> stream() override { return make_stream(shared_); }

  ProductLibrary library() override {
    ProductLibrary library;
    const auto blas = load_blas();
    (blas.ok() ? library.name : library.missing) = blas.ok() ? "CLBlast" : blas.status().message();
    return library;
  }
  Result<std::shared_ptr<Kernel>> product(const ProductSpec& spec) override { return make_product(spec); }

 private:
  Result<Handle<cl_mem>> create(int64_t bytes, cl_mem_flags flags) {
    if (bytes > shared_->facts.most_allocation_bytes) return out_of_memory(*shared_, bytes, "");
    cl_int error = CL_SUCCESS;
    Handle<cl_mem> memory(
        shared_->api->clCreateBuffer(shared_->context.get(), flags, static_cast<size_t>(bytes), nullptr, &error),
        shared_->api->clReleaseMemObject);
    SYSTOLE_RETURN_IF_ERROR(judged(error, bytes));
    return memory;
  }

  Status judged(cl_int error, int64_t bytes) {
    const Status status = status_of(error, shared_->facts.name + ": allocation of " + std::to_string(bytes) + " bytes");
    return status.code() == Code::kOutOfMemory ? out_of_memory(*shared_, bytes, error_name(error)) : status;
  }

  std::shared_ptr<Shared> shared_;
  std::mutex mutex_;  // of the queue
  Handle<cl_command_queue> queue_;
};

}  // namespace

Result<Handle<cl_command_queue>> make_queue(const Shared& shared, bool profiling) {
  cl_int error = CL_SUCCESS;
  Handle<cl_command_queue> queue(
      shared.api->clCreateCommandQueue(shared.context.get(), shared.device,
                                       profiling ? CL_QUEUE_PROFILING_ENABLE : cl_command_queue_properties{0}, &error),
      shared.api->clReleaseCommandQueue);
  SYSTOLE_RETURN_IF_ERROR(status_of(error, shared.facts.name + ": a command queue"));
  return queue;
}

}  // namespace opencl

namespace {

// PoCL, unless it is told not to.
bool keeps_kernels(const Facts& facts) {
  const char* told = std::getenv("POCL_KERNEL_CACHE");
  return facts.driver.find("PoCL") != std::string::npos && (told == nullptr || std::string(told) != "0");
}

}  // namespace

Result<std::shared_ptr<Provider>> make_opencl_provider(int index) {
  SYSTOLE_ASSIGN_OR_RETURN(const opencl::Api* api, opencl::load_api());
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<opencl::Found> found, opencl::find_devices(*api));
  if (index < 0 || static_cast<size_t>(index) >= found.size())
    return Status(Code::kNotFound,
                  "there is no OpenCL device " + std::to_string(index) + ": there are " + std::to_string(found.size()));
  const opencl::Found& wanted = found[static_cast<size_t>(index)];
  auto shared = std::make_shared<opencl::Shared>();
  shared->api = api;
  shared->device = wanted.device;
  shared->facts = wanted.facts;
  shared->keeps_kernels = keeps_kernels(wanted.facts);
  cl_int error = CL_SUCCESS;
  shared->context = {api->clCreateContext(nullptr, 1, &wanted.device, nullptr, nullptr, &error), api->clReleaseContext};
  SYSTOLE_RETURN_IF_ERROR(opencl::status_of(error, wanted.facts.name + ": a context"));
  SYSTOLE_ASSIGN_OR_RETURN(auto queue, opencl::make_queue(*shared, false));
  return std::shared_ptr<Provider>(std::make_shared<opencl::ClProvider>(std::move(shared), std::move(queue)));
}

}  // namespace systole::gpu

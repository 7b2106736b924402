// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// OpenCL's side of the provider's objects: memory, kernels, queues.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "devices/gpu/opencl/api.h"
#include "devices/gpu/provider.h"

namespace systole::gpu::opencl {

// What everything of one context shares. The members release themselves after whoever uses them.
struct Shared {
  const Api* api = nullptr;
  cl_device_id device = nullptr;
  Handle<cl_context> context;
  Facts facts;
  // The runtime keeps what it compiles, and would compile every kernel a second time to give it to us.
  bool keeps_kernels = false;
};

class ClMemory final : public Memory {
 public:
  ClMemory(std::shared_ptr<Shared> shared, Handle<cl_mem> memory, std::byte* host)
      : shared_(std::move(shared)), memory_(std::move(memory)), host_(host) {}
  std::byte* host() const override { return host_; }
  cl_mem get() const { return memory_.get(); }

 private:
  std::shared_ptr<Shared> shared_;
  Handle<cl_mem> memory_;
  std::byte* host_;
};

// Arguments belong to the kernel object: whoever sets and enqueues get()'s holds the mutex.
class ClKernel final : public Kernel {
 public:
  ClKernel(std::shared_ptr<Shared> shared, Handle<cl_program> program, Handle<cl_kernel> kernel, std::string entry,
           std::string name)
      : shared_(std::move(shared)),
        program_(std::move(program)),
        kernel_(std::move(kernel)),
        entry_(std::move(entry)),
        name_(std::move(name)) {}
  cl_kernel get() const { return kernel_.get(); }
  // Another object of the same kernel, for arguments of its own.
  Handle<cl_kernel> another(cl_int& error) const {
    return {shared_->api->clCreateKernel(program_.get(), entry_.c_str(), &error), shared_->api->clReleaseKernel};
  }
  const std::string& name() const { return name_; }
  std::mutex& mutex() { return mutex_; }

 private:
  std::shared_ptr<Shared> shared_;
  Handle<cl_program> program_;
  Handle<cl_kernel> kernel_;
  std::string entry_, name_;
  std::mutex mutex_;
};

// OpenCL 1.2 keeps no commands: kernels with their arguments set, which are asked for one by one.
struct ClRecording final : Recording {
  struct Command {
    std::function<cl_int(cl_command_queue, cl_event*)> enqueue;
    std::string what;  // for messages
  };
  std::vector<Command> commands;
};

Result<Handle<cl_command_queue>> make_queue(const Shared& shared, bool profiling);
Result<std::unique_ptr<Stream>> make_stream(std::shared_ptr<Shared> shared);
// As Provider::build.
Result<std::shared_ptr<Kernel>> build_kernel(std::shared_ptr<Shared> shared, const ProgramSource& source,
                                             const std::string& entry, std::vector<std::byte>& binary);

}  // namespace systole::gpu::opencl

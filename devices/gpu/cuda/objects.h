// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// CUDA's side of the provider's objects: the context, memory, kernels.
#pragma once

#include <memory>
#include <utility>

#include "devices/gpu/cuda/api.h"
#include "devices/gpu/cuda/blas.h"
#include "devices/gpu/cuda/nvrtc.h"
#include "devices/gpu/provider.h"

namespace systole::gpu::cuda {

// What everything of one context shares; the context ends with the last of them.
struct Shared {
  Shared() = default;
  Shared(const Shared&) = delete;
  ~Shared() {
    if (context == nullptr) return;
    if (blas_handle != nullptr && api->cuCtxPushCurrent_v2(context) == CUDA_SUCCESS) {
      CUcontext popped = nullptr;
      (void)blas->cublasLtDestroy(blas_handle);
      (void)api->cuCtxPopCurrent_v2(&popped);
    }
    api->cuCtxDestroy_v2(context);
  }
  const Api* api = nullptr;
  const Nvrtc* nvrtc = nullptr;
  Target target;
  CUcontext context = nullptr;  // current in no thread between calls
  const Blas* blas = nullptr;   // with its handle: from the first Provider::library() on, where it is there
  lt::Handle blas_handle = nullptr;
  Facts facts;
};

// Makes the context the calling thread's, and what was there before again at its end: threads are the host program's.
class Current {
 public:
  explicit Current(const Shared& shared) : api_(*shared.api), state_(api_.cuCtxPushCurrent_v2(shared.context)) {}
  Current(const Current&) = delete;
  ~Current() {
    CUcontext popped = nullptr;
    if (state_ == CUDA_SUCCESS) api_.cuCtxPopCurrent_v2(&popped);
  }
  // call(), unless the context could not be made current.
  template <typename Call>
  CUresult run(Call&& call) const {
    return state_ == CUDA_SUCCESS ? call() : state_;
  }

 private:
  const Api& api_;
  CUresult state_;
};

// call() in the context.
template <typename Call>
CUresult in_context(const Shared& shared, Call&& call) {
  return Current(shared).run(std::forward<Call>(call));
}

// Of the device, or of the host where `host` is set: pinned, or the caller's while this lives.
class CuMemory final : public Memory {
 public:
  enum class Owner : uint8_t { kThis, kCaller };
  CuMemory(std::shared_ptr<Shared> shared, CUdeviceptr address, std::byte* host, Owner owner = Owner::kThis)
      : shared_(std::move(shared)), address_(address), host_(host), owner_(owner) {}
  ~CuMemory() override {
    const Api& api = *shared_->api;
    (void)in_context(*shared_, [&] {
      if (owner_ == Owner::kCaller) return api.cuMemHostUnregister(host_);
      return host_ != nullptr ? api.cuMemFreeHost(host_) : api.cuMemFree_v2(address_);
    });
  }
  std::byte* host() const override { return host_; }
  CUdeviceptr address() const { return address_; }

 private:
  std::shared_ptr<Shared> shared_;
  CUdeviceptr address_;
  std::byte* host_;
  Owner owner_;
};

class CuKernel final : public Kernel {
 public:
  CuKernel(std::shared_ptr<Shared> shared, CUmodule module, std::string name)
      : shared_(std::move(shared)), module_(module), name_(std::move(name)) {}
  ~CuKernel() override {
    (void)in_context(*shared_, [&] { return shared_->api->cuModuleUnload(module_); });
  }
  CUresult find(const std::string& entry) {
    return in_context(*shared_, [&] { return shared_->api->cuModuleGetFunction(&function_, module_, entry.c_str()); });
  }
  CUfunction get() const { return function_; }
  const std::string& name() const { return name_; }

 private:
  std::shared_ptr<Shared> shared_;
  CUmodule module_;
  CUfunction function_ = nullptr;
  std::string name_;
};

// Ready to launch, in any stream of the context.
class CuGraph final : public Recording {
 public:
  CuGraph(std::shared_ptr<Shared> shared, CUgraphExec graph, int commands)
      : shared_(std::move(shared)), graph_(graph), commands_(commands) {}
  ~CuGraph() override {
    (void)in_context(*shared_, [&] { return shared_->api->cuGraphExecDestroy(graph_); });
  }
  CUgraphExec get() const { return graph_; }
  int commands() const { return commands_; }

 private:
  std::shared_ptr<Shared> shared_;
  CUgraphExec graph_;
  int commands_;
};

Result<std::unique_ptr<Stream>> make_stream(std::shared_ptr<Shared> shared);

}  // namespace systole::gpu::cuda

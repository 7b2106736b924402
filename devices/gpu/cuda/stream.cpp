// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A stream: CUDA's, with two events that bound what runs ahead (recorded in turns every kRunAhead / 2 commands, each
// waited for before it is recorded again) and, while profiling, an event on either side of every command. A recording
// is a graph, captured from the stream.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "devices/gpu/cuda/product.h"

namespace systole::gpu::cuda {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kMostBlocks[] = {0x7fffffff, 65535, 65535};  // "Compute capabilities": of a grid, by dimension

class CuStream final : public Stream {
 public:
  CuStream(std::shared_ptr<Shared> shared, CUstream stream, std::array<CUevent, 2> marks)
      : shared_(std::move(shared)), api_(*shared_->api), stream_(stream), marks_(marks) {}

  ~CuStream() override {
    (void)in_context(*shared_, [&] {
      (void)api_.cuStreamSynchronize(stream_);
      for (CUevent event : marks_) (void)api_.cuEventDestroy_v2(event);
      for (CUevent event : events_) (void)api_.cuEventDestroy_v2(event);
      return api_.cuStreamDestroy_v2(stream_);
    });
  }

  Status launch(Kernel& kernel, const Grid& grid, std::span<const Operand> operands,
                std::span<const std::byte> params) override {
    if (auto* product = dynamic_cast<CuProduct*>(&kernel)) return multiply(*product, operands);
    auto& own = static_cast<CuKernel&>(kernel);
    std::array<unsigned, 3> blocks, threads;
    for (size_t i = 0; i < 3; ++i) {
      const int64_t count = grid.items[i] / grid.group[i];
      if (count > kMostBlocks[i])
        return {Code::kUnsupported, "kernel '" + own.name() + "': " + std::to_string(count) + " blocks in dimension " +
                                        std::to_string(i) + ", CUDA has at most " + std::to_string(kMostBlocks[i])};
      blocks[i] = static_cast<unsigned>(count);
      threads[i] = static_cast<unsigned>(grid.group[i]);
    }
    values_.clear();
    for (const Operand& operand : operands) {
      values_.push_back(static_cast<CuMemory*>(operand.memory)->address());
      values_.push_back(static_cast<uint64_t>(operand.offset));
    }
    arguments_.clear();
    for (uint64_t& value : values_) arguments_.push_back(&value);
    if (!params.empty()) arguments_.push_back(const_cast<std::byte*>(params.data()));
    const auto enqueue = [&] {
      return api_.cuLaunchKernel(own.get(), blocks[0], blocks[1], blocks[2], threads[0], threads[1], threads[2], 0,
                                 stream_, arguments_.data(), nullptr);
    };
    const CUresult error = asked(enqueue);
    return error == CUDA_SUCCESS ? Status() : status_of(api_, error, "kernel '" + own.name() + "'");
  }

  Status copy(const Operand& from, const Operand& to, int64_t bytes) override {
    const auto enqueue = [&] {
      return api_.cuMemcpyAsync(address(to), address(from), static_cast<size_t>(bytes), stream_);
    };
    return status_of(api_, asked(enqueue), "copy");
  }

  Status fill(const Operand& to, int64_t bytes, uint32_t pattern, int pattern_bytes) override {
    const auto enqueue = [&] {
      const auto count = static_cast<size_t>(bytes / pattern_bytes);
      if (pattern_bytes == 1)
        return api_.cuMemsetD8Async(address(to), static_cast<unsigned char>(pattern), count, stream_);
      if (pattern_bytes == 2)
        return api_.cuMemsetD16Async(address(to), static_cast<unsigned short>(pattern), count, stream_);
      return api_.cuMemsetD32Async(address(to), pattern, count, stream_);
    };
    return status_of(api_, asked(enqueue), "fill");
  }

  Status write(std::span<const std::byte> from, const Operand& to) override {
    return waited("write", [&] { return api_.cuMemcpyHtoDAsync_v2(address(to), from.data(), from.size(), stream_); });
  }

  Status read(const Operand& from, std::span<std::byte> to) override {
    return waited("read", [&] { return api_.cuMemcpyDtoHAsync_v2(to.data(), address(from), to.size(), stream_); });
  }

  Status flush() override { return {}; }  // what is asked for begins by itself

  Status finish() override {
    return waited("wait for " + shared_->facts.name, [] { return CUDA_SUCCESS; });
  }

  // The stream is idle: its first event is the epoch, on the host's clock as well.
  Status set_profiling(bool on) override {
    profiling_ = on;
    used_ = 0;
    now_ns_ = 0;
    queued_ns_.clear();
    if (!on) return {};
    const CUresult error = in_context(*shared_, [&] {
      const CUresult recorded = record_event();
      return recorded == CUDA_SUCCESS ? api_.cuStreamSynchronize(stream_) : recorded;
    });
    epoch_ = Clock::now();
    return status_of(api_, error, "start of profiling");
  }

  // Device times between neighbours are summed: each alone is a float.
  Result<std::vector<Stamp>> stamps() override {
    std::vector<Stamp> stamps;
    if (!profiling_) return stamps;
    const CUresult error = in_context(*shared_, [&] {
      CUresult state = CUDA_SUCCESS;
      const auto since = [&](size_t event) {
        float ms = 0;
        if (state == CUDA_SUCCESS) state = api_.cuEventElapsedTime(&ms, events_[event - 1], events_[event]);
        return now_ns_ += 1e6 * std::max(0.0f, ms);
      };
      for (size_t i = 0; 2 * i + 2 < used_; ++i) {  // one that failed has no second event
        Stamp stamp;
        stamp.start_ns = since(2 * i + 1);
        stamp.end_ns = since(2 * i + 2);
        stamp.queued_ns = std::min(queued_ns_[i], stamp.start_ns);
        stamps.push_back(stamp);
      }
      return state;
    });
    SYSTOLE_RETURN_IF_ERROR(status_of(api_, error, "times of commands"));
    if (used_ > 1) std::swap(events_[0], events_[used_ - 1]);  // the last is the next ones' first
    used_ = 1;
    queued_ns_.clear();
    return stamps;
  }

  Status record() override {
    if (!api_.graphs) return {Code::kUnsupported, "the CUDA driver here has no graphs: CUDA 11.4 has"};
    const CUresult error = in_context(*shared_, [&] { return api_.cuStreamBeginCapture_v2(stream_, kCaptureRelaxed); });
    SYSTOLE_RETURN_IF_ERROR(status_of(api_, error, "start of a graph"));
    captured_ = 0;
    return {};
  }

  Result<std::unique_ptr<Recording>> recorded() override {
    CUgraph graph = nullptr;
    CUgraphExec ready = nullptr;
    const int commands = std::exchange(captured_, -1);
    const CUresult error = in_context(*shared_, [&] {
      CUresult state = api_.cuStreamEndCapture(stream_, &graph);
      if (state == CUDA_SUCCESS) state = api_.cuGraphInstantiateWithFlags(&ready, graph, 0);
      if (graph != nullptr) (void)api_.cuGraphDestroy(graph);
      return state;
    });
    SYSTOLE_RETURN_IF_ERROR(status_of(api_, error, "a graph"));
    return std::unique_ptr<Recording>(std::make_unique<CuGraph>(shared_, ready, commands));
  }

  Status replay(Recording& recording) override {
    auto& graph = static_cast<CuGraph&>(recording);
    bool asked = false;
    const CUresult error = in_context(*shared_, [&] {
      const CUresult state = api_.cuGraphLaunch(graph.get(), stream_);
      asked = state == CUDA_SUCCESS;
      return asked ? bound_run_ahead(graph.commands()) : state;
    });
    const Status status = status_of(api_, error, "launch of a graph");
    if (status.ok() || asked || status.code() == Code::kDeviceLost) return status;
    return {Code::kUnsupported, status.message()};
  }

 private:
  static CUdeviceptr address(const Operand& operand) {
    return static_cast<CuMemory*>(operand.memory)->address() + static_cast<CUdeviceptr>(operand.offset);
  }

  Status multiply(CuProduct& product, std::span<const Operand> operands) {
    std::array<CUdeviceptr, 6> addresses{};
    for (size_t i = 0; i < addresses.size(); ++i) addresses[i] = address(operands[i]);
    Status status;
    const auto enqueue = [&] {
      status = product.enqueue(stream_, addresses);
      return CUDA_SUCCESS;
    };
    const CUresult error = asked(enqueue);
    return error == CUDA_SUCCESS ? status : status_of(api_, error, "a product of cuBLASLt's");
  }

  // Enqueues a command and what belongs to it, and waits where too much is outstanding.
  template <typename Enqueue>
  CUresult asked(Enqueue&& enqueue) {
    return in_context(*shared_, [&] {
      if (captured_ >= 0) {
        ++captured_;
        return enqueue();
      }
      if (profiling_) {
        queued_ns_.push_back(std::chrono::duration<double, std::nano>(Clock::now() - epoch_).count());
        if (const CUresult error = record_event(); error != CUDA_SUCCESS) return error;
      }
      if (const CUresult error = enqueue(); error != CUDA_SUCCESS) return error;
      if (profiling_) {
        if (const CUresult error = record_event(); error != CUDA_SUCCESS) return error;
      }
      return bound_run_ahead(1);
    });
  }

  CUresult bound_run_ahead(int commands) {
    since_mark_ += commands;
    if (since_mark_ < kRunAhead / 2) return CUDA_SUCCESS;
    since_mark_ = 0;
    if (const CUresult error = api_.cuEventRecord(marks_[next_], stream_); error != CUDA_SUCCESS) return error;
    next_ = 1 - next_;
    return api_.cuEventSynchronize(marks_[next_]);  // one that was never recorded counts as done
  }

  CUresult record_event() {
    if (used_ == events_.size()) {
      CUevent event = nullptr;
      if (const CUresult error = api_.cuEventCreate(&event, 0); error != CUDA_SUCCESS) return error;
      events_.push_back(event);
    }
    return api_.cuEventRecord(events_[used_++], stream_);
  }

  template <typename Call>
  Status waited(const std::string& what, Call&& call) {
    const CUresult error = in_context(*shared_, [&] {
      const CUresult state = call();
      return state == CUDA_SUCCESS ? api_.cuStreamSynchronize(stream_) : state;
    });
    return status_of(api_, error, what);
  }

  std::shared_ptr<Shared> shared_;
  const Api& api_;
  CUstream stream_;
  std::array<CUevent, 2> marks_;
  size_t next_ = 0;
  int since_mark_ = 0;
  int captured_ = -1;             // commands of the graph that is being recorded, -1: none is
  std::vector<uint64_t> values_;  // of a launch: addresses and offsets
  std::vector<void*> arguments_;
  bool profiling_ = false;
  Clock::time_point epoch_;
  double now_ns_ = 0;            // of events_[0] since the epoch
  std::vector<CUevent> events_;  // the epoch's, then two a command; used again
  size_t used_ = 0;
  std::vector<double> queued_ns_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_stream(std::shared_ptr<Shared> shared) {
  const Api& api = *shared->api;
  CUstream stream = nullptr;
  std::array<CUevent, 2> marks{};
  const CUresult error = in_context(*shared, [&] {
    CUresult state = api.cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING);
    for (CUevent& mark : marks)
      if (state == CUDA_SUCCESS) state = api.cuEventCreate(&mark, CU_EVENT_DISABLE_TIMING);
    if (state == CUDA_SUCCESS) return state;
    for (CUevent mark : marks)
      if (mark != nullptr) (void)api.cuEventDestroy_v2(mark);
    if (stream != nullptr) (void)api.cuStreamDestroy_v2(stream);
    return state;
  });
  SYSTOLE_RETURN_IF_ERROR(status_of(api, error, shared->facts.name + ": a stream"));
  return std::unique_ptr<Stream>(std::make_unique<CuStream>(std::move(shared), stream, marks));
}

}  // namespace systole::gpu::cuda

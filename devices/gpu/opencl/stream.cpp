// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A stream: an in-order queue, and while profiling another that keeps times. Every kRunAhead / 2 commands an event is
// kept, and the one before it waited for.
#include <array>
#include <map>

#include "devices/gpu/opencl/blas.h"

namespace systole::gpu::opencl {
namespace {

using Event = Handle<cl_event>;

// Enqueues the kernel with the arguments that it has then; an event is left where one is wanted.
auto launch_of(const Api& api, cl_kernel kernel, const Grid& grid) {
  std::array<size_t, 3> items, group;
  for (size_t i = 0; i < 3; ++i) {
    items[i] = static_cast<size_t>(grid.items[i]);
    group[i] = static_cast<size_t>(grid.group[i]);
  }
  return [&api, kernel, items, group](cl_command_queue queue, cl_event* event) {
    return api.clEnqueueNDRangeKernel(queue, kernel, 3, nullptr, items.data(), group.data(), 0, nullptr, event);
  };
}

class ClStream final : public Stream {
 public:
  ClStream(std::shared_ptr<Shared> shared, Handle<cl_command_queue> plain)
      : shared_(std::move(shared)), api_(*shared_->api), plain_(std::move(plain)) {}
  ~ClStream() override { (void)finish(); }

  Status launch(Kernel& kernel, const Grid& grid, std::span<const Operand> operands,
                std::span<const std::byte> params) override {
    if (const auto* product = dynamic_cast<ClProduct*>(&kernel)) return multiply(*product, operands);
    auto& own = static_cast<ClKernel&>(kernel);
    if (recording_) return record_launch(own, grid, operands, params);
    std::lock_guard lock(own.mutex());
    SYSTOLE_RETURN_IF_ERROR(set_arguments(own.get(), own.name(), operands, params));
    return asked(launch_of(api_, own.get(), grid), [&] { return "kernel '" + own.name() + "'"; });
  }

  Status copy(const Operand& from, const Operand& to, int64_t bytes) override {
    return command(
        [&api = api_, source = memory(from), target = memory(to), from = static_cast<size_t>(from.offset),
         to = static_cast<size_t>(to.offset),
         size = static_cast<size_t>(bytes)](cl_command_queue queue, cl_event* event) {
          return api.clEnqueueCopyBuffer(queue, source, target, from, to, size, 0, nullptr, event);
        },
        "copy");
  }

  Status fill(const Operand& to, int64_t bytes, uint32_t pattern, int pattern_bytes) override {
    return command(
        [&api = api_, target = memory(to), pattern, width = static_cast<size_t>(pattern_bytes),
         to = static_cast<size_t>(to.offset),
         size = static_cast<size_t>(bytes)](cl_command_queue queue, cl_event* event) {
          return api.clEnqueueFillBuffer(queue, target, &pattern, width, to, size, 0, nullptr, event);
        },
        "fill");
  }

  Status write(std::span<const std::byte> from, const Operand& to) override {
    const cl_int error = api_.clEnqueueWriteBuffer(queue(), memory(to), CL_TRUE, static_cast<size_t>(to.offset),
                                                   from.size(), from.data(), 0, nullptr, nullptr);
    return error == CL_SUCCESS ? finish() : wait_status(error, "write");
  }

  Status read(const Operand& from, std::span<std::byte> to) override {
    return wait_status(api_.clEnqueueReadBuffer(queue(), memory(from), CL_TRUE, static_cast<size_t>(from.offset),
                                                to.size(), to.data(), 0, nullptr, nullptr),
                       "read");
  }

  Status flush() override { return status_of(api_.clFlush(queue()), "flush"); }

  Status finish() override {
    mark_ = {};
    since_mark_ = 0;
    return wait_status(api_.clFinish(queue()), "wait for " + shared_->facts.name);
  }

  Status record() override {
    recording_ = std::make_unique<ClRecording>();
    return {};
  }
  Result<std::unique_ptr<Recording>> recorded() override { return std::unique_ptr<Recording>(std::move(recording_)); }
  Status replay(Recording& recording) override {
    for (const auto& command : static_cast<ClRecording&>(recording).commands)
      SYSTOLE_RETURN_IF_ERROR(asked(command.enqueue, [&] { return command.what; }));
    return {};
  }

  Status set_profiling(bool on) override {
    if (on && !timed_) {
      SYSTOLE_ASSIGN_OR_RETURN(timed_, make_queue(*shared_, true));
    }
    profiling_ = on;
    events_.clear();
    markers_.clear();
    return {};
  }

  Result<std::vector<Stamp>> stamps() override {
    std::vector<Stamp> stamps;
    for (size_t i = 0; i < events_.size(); ++i) {
      const auto time = [&](const Event& event, cl_profiling_info what, double& to) {
        cl_ulong ns = 0;
        const cl_int error = api_.clGetEventProfilingInfo(event.get(), what, sizeof ns, &ns, nullptr);
        to = static_cast<double>(ns);
        return status_of(error, "times of a command");
      };
      const auto marker = markers_.find(i);
      const bool marked = marker != markers_.end();
      Stamp stamp;
      SYSTOLE_RETURN_IF_ERROR(time(marked ? marker->second : events_[i], CL_PROFILING_COMMAND_QUEUED, stamp.queued_ns));
      SYSTOLE_RETURN_IF_ERROR(time(marked ? marker->second : events_[i],
                                   marked ? CL_PROFILING_COMMAND_END : CL_PROFILING_COMMAND_START, stamp.start_ns));
      SYSTOLE_RETURN_IF_ERROR(time(events_[i], CL_PROFILING_COMMAND_END, stamp.end_ns));
      stamps.push_back(stamp);
    }
    events_.clear();
    markers_.clear();
    return stamps;
  }

 private:
  Status record_launch(ClKernel& kernel, const Grid& grid, std::span<const Operand> operands,
                       std::span<const std::byte> params) {
    cl_int error = CL_SUCCESS;
    auto own = std::make_shared<Handle<cl_kernel>>(kernel.another(error));
    const std::string what = "kernel '" + kernel.name() + "'";
    SYSTOLE_RETURN_IF_ERROR(status_of(error, what));
    SYSTOLE_RETURN_IF_ERROR(set_arguments(own->get(), kernel.name(), operands, params));
    recording_->commands.push_back({[own, launch = launch_of(api_, own->get(), grid)](
                                        cl_command_queue queue, cl_event* event) { return launch(queue, event); },
                                    what});
    return {};
  }

  template <typename Enqueue>
  Status command(Enqueue enqueue, const char* what) {
    if (!recording_) return asked(enqueue, [&] { return what; });
    recording_->commands.push_back({enqueue, what});
    return {};
  }

  cl_command_queue queue() const { return profiling_ ? timed_.get() : plain_.get(); }
  static cl_mem memory(const Operand& operand) { return static_cast<ClMemory*>(operand.memory)->get(); }

  Status set_arguments(cl_kernel kernel, const std::string& name, std::span<const Operand> operands,
                       std::span<const std::byte> params) {
    cl_uint index = 0;
    cl_int error = CL_SUCCESS;
    const auto set = [&](size_t size, const void* value) {
      if (error == CL_SUCCESS) error = api_.clSetKernelArg(kernel, index++, size, value);
    };
    for (const Operand& operand : operands) {
      const cl_mem address = memory(operand);
      const cl_long offset = operand.offset;
      set(sizeof address, &address);
      set(sizeof offset, &offset);
    }
    if (!params.empty()) set(params.size(), params.data());
    if (error == CL_SUCCESS) return {};
    return status_of(error, "kernel '" + name + "': argument " + std::to_string(index - 1));
  }

  // Of several kernels, of which the last alone has an event: a marker tells when the first may begin.
  Status multiply(const ClProduct& product, std::span<const Operand> operands) {
    if (recording_) {
      const std::vector<Operand> kept(operands.begin(), operands.end());
      const auto enqueue = [&product, kept](cl_command_queue to, cl_event* event) {
        return product.enqueue(to, kept, event);
      };
      recording_->commands.push_back({enqueue, "a product of CLBlast's"});
      return {};
    }
    if (profiling_) {
      cl_event marker = nullptr;
      const cl_int error = api_.clEnqueueMarkerWithWaitList(queue(), 0, nullptr, &marker);
      if (error != CL_SUCCESS) return status_of(error, "a marker");
      markers_[events_.size()] = {marker, api_.clReleaseEvent};
    }
    return asked([&](cl_command_queue to, cl_event* event) { return product.enqueue(to, operands, event); },
                 [] { return std::string("a product of CLBlast's"); });
  }

  // Enqueues, and keeps the command's event where its time is wanted or it is the one to wait for later. what(): its
  // name for messages.
  template <typename Enqueue, typename What>
  Status asked(const Enqueue& enqueue, What what) {
    const bool wanted = profiling_ || ++since_mark_ >= kRunAhead / 2;
    cl_event event = nullptr;
    const cl_int error = enqueue(queue(), wanted ? &event : nullptr);
    if (error != CL_SUCCESS) return status_of(error, what());
    if (!wanted) return {};
    if (profiling_) {
      events_.emplace_back(event, api_.clReleaseEvent);
    } else {
      next_mark_ = {event, api_.clReleaseEvent};
    }
    return bound_run_ahead();
  }

  Status bound_run_ahead() {
    if (profiling_) {
      if (events_.size() % (kRunAhead / 2) != 0 || events_.size() < kRunAhead) return {};
      return wait_for(events_[events_.size() - kRunAhead / 2]);
    }
    since_mark_ = 0;
    Event before = std::move(mark_);
    mark_ = std::move(next_mark_);
    next_mark_ = {};
    SYSTOLE_RETURN_IF_ERROR(flush());
    return before ? wait_for(before) : Status();
  }

  Status wait_for(const Event& event) {
    const cl_event one = event.get();
    return wait_status(api_.clWaitForEvents(1, &one), "wait for " + shared_->facts.name);
  }

  std::shared_ptr<Shared> shared_;
  const Api& api_;
  Handle<cl_command_queue> plain_, timed_;  // the second made when first asked for
  bool profiling_ = false;
  std::vector<Event> events_;        // while profiling: of every command
  std::map<size_t, Event> markers_;  // ahead of those of several kernels, by their index
  Event mark_, next_mark_;           // else of one in many: what runs ahead waits for
  int since_mark_ = 0;
  std::unique_ptr<ClRecording> recording_;  // null: commands are done
};

}  // namespace

Result<std::unique_ptr<Stream>> make_stream(std::shared_ptr<Shared> shared) {
  SYSTOLE_ASSIGN_OR_RETURN(auto queue, make_queue(*shared, false));
  return std::unique_ptr<Stream>(std::make_unique<ClStream>(std::move(shared), std::move(queue)));
}

}  // namespace systole::gpu::opencl

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/host_device.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>

#include "hal/command_record.h"
#include "hal/host_memory.h"
#include "hal/registry.h"

namespace systole {

int64_t host_memory_bytes() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGE_SIZE));
}

Result<int64_t> memory_option(const DeviceUri& uri, int64_t otherwise) {
  auto option = uri.options.find("memory");
  if (option == uri.options.end()) return otherwise;
  const std::string& text = option->second;
  int64_t bytes = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error == std::errc() && end == text.data() + text.size() && bytes > 0) return bytes;
  return Status(Code::kInvalidArgument,
                "device '" + uri.to_string() + "': memory: expected a positive number of bytes, got '" + text + "'");
}

Result<std::byte*> host_address(const TensorView& view) {
  auto* memory = dynamic_cast<HostMemory*>(view.buffer.get());
  if (memory == nullptr) {
    return Status(Code::kUnsupported,
                  "a host device can't address " +
                      (view.buffer ? "buffer '" + view.buffer->params().name + "'" : "a view without buffer"));
  }
  return memory->bytes() + view.offset;
}

// Outlives the device where buffers do.
struct HostDevice::Account {
  std::mutex mutex;
  MemoryUse use;
  std::atomic<uint64_t> generation{0};  // grows at reset
  std::chrono::steady_clock::time_point epoch = std::chrono::steady_clock::now();

  double now_ns() const {
    return static_cast<double>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - epoch).count());
  }
};

namespace {

void fill_bytes(std::byte* target, const FillBytes& fill) {
  auto size = static_cast<size_t>(fill.pattern_bytes);
  for (int64_t i = 0; i < fill.bytes; i += fill.pattern_bytes) std::memcpy(target + i, &fill.pattern, size);
}

Result<std::byte*> resolve(const TensorView& view, const Bindings& bindings) {
  if (view.slot < 0) return host_address(view);
  const TensorView& bound = bindings.slots[static_cast<size_t>(view.slot)];
  SYSTOLE_ASSIGN_OR_RETURN(std::byte * base, host_address(bound));
  return base + view.offset;
}

Result<HostTensor> resolve_tensor(const TensorView& view, const Bindings& bindings) {
  SYSTOLE_ASSIGN_OR_RETURN(std::byte * data, resolve(view, bindings));
  if (bit_width(view.desc.dtype) >= 8) {
    auto size = static_cast<uintptr_t>(byte_size(view.desc.dtype));
    if (reinterpret_cast<uintptr_t>(data) % size != 0) {
      const std::string what = view.slot < 0 ? "buffer '" + view.buffer->params().name + "' lies"
                                             : "slot " + std::to_string(view.slot) + " is bound";
      return Status(Code::kInvalidArgument,
                    what + " at an address that is not aligned to " + dtype_name(view.desc.dtype));
    }
  }
  return HostTensor{data, &view.desc};
}

struct Step {
  Command command;
  std::unique_ptr<OpKernel> kernel;  // of an op
  bool bound = false;                // its operands are known before a run: none is a slot
  std::vector<HostTensor> inputs, outputs;
  ProfileRecord record;  // all but the times
};

Result<std::vector<HostTensor>> resolve_all(const std::vector<TensorView>& views, const Bindings& bindings) {
  std::vector<HostTensor> tensors;
  tensors.reserve(views.size());
  for (const TensorView& view : views) {
    SYSTOLE_ASSIGN_OR_RETURN(HostTensor tensor, resolve_tensor(view, bindings));
    tensors.push_back(tensor);
  }
  return tensors;
}

// The step stays where it is or is moved whole: what its operands point to lies in its command's own memory.
Status bind(Step& step, const OpCall& call) {
  for (const auto* views : {&call.inputs, &call.outputs})
    for (const TensorView& view : *views)
      if (view.slot >= 0) return {};
  SYSTOLE_ASSIGN_OR_RETURN(step.inputs, resolve_all(call.inputs, {}));
  SYSTOLE_ASSIGN_OR_RETURN(step.outputs, resolve_all(call.outputs, {}));
  step.bound = true;
  return {};
}

Status run_op(const Step& step, const OpCall& call, const Bindings& bindings) {
  if (step.bound) return step.kernel->run(step.inputs, step.outputs);
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<HostTensor> inputs, resolve_all(call.inputs, bindings));
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<HostTensor> outputs, resolve_all(call.outputs, bindings));
  return step.kernel->run(inputs, outputs);
}

Status run_step(const Step& step, const Bindings& bindings) {
  if (const auto* op = std::get_if<OpCall>(&step.command)) return run_op(step, *op, bindings);
  if (const auto* copy = std::get_if<CopyBytes>(&step.command)) {
    SYSTOLE_ASSIGN_OR_RETURN(std::byte * source, resolve(copy->source, bindings));
    SYSTOLE_ASSIGN_OR_RETURN(std::byte * target, resolve(copy->target, bindings));
    std::memmove(target, source, static_cast<size_t>(copy->bytes));  // two slots may be bound to one buffer
  } else if (const auto* fill = std::get_if<FillBytes>(&step.command)) {
    SYSTOLE_ASSIGN_OR_RETURN(std::byte * target, resolve(fill->target, bindings));
    fill_bytes(target, *fill);
  }
  return {};
}

// The steps of one list, with the clock and the reset generation of their device.
template <typename Account>
class HostExecutable final : public Executable {
 public:
  HostExecutable(std::vector<Step> steps, std::shared_ptr<Account> account)
      : steps_(std::move(steps)), account_(std::move(account)) {}

  Status run(const Bindings& bindings, Profile* profile) override {
    uint64_t generation = account_->generation.load();
    double queued = account_->now_ns();
    for (const Step& step : steps_) {
      if (account_->generation.load() != generation) return {Code::kCancelled, "the device was reset"};
      double start = account_->now_ns();
      Status status = run_step(step, bindings);
      if (!status.ok()) return status;
      if (profile == nullptr) continue;
      profile->records.push_back(step.record);
      profile->records.back().queued_ns = queued;
      profile->records.back().start_ns = start;
      profile->records.back().end_ns = account_->now_ns();
    }
    return {};
  }

 private:
  std::vector<Step> steps_;
  std::shared_ptr<Account> account_;
};

}  // namespace

HostDevice::HostDevice(DeviceInfo info) : info_(std::move(info)), account_(std::make_shared<Account>()) {}
HostDevice::~HostDevice() = default;

Result<std::shared_ptr<Buffer>> HostDevice::allocate(const BufferParams& params) {
  SYSTOLE_RETURN_IF_ERROR(check_params(params));
  BufferParams wanted = params;
  wanted.alignment = std::max(wanted.alignment, info_.buffer_alignment);
  if (wanted.alignment > std::max(info_.memory_bytes, info_.buffer_alignment)) {
    return Status(Code::kOutOfMemory, info_.uri + ": buffer '" + params.name + "': alignment " +
                                          std::to_string(wanted.alignment) + " asked for, there are " +
                                          std::to_string(info_.memory_bytes) + " bytes");
  }
  {
    std::lock_guard lock(account_->mutex);
    int64_t left = info_.memory_bytes - account_->use.in_use_bytes;
    if (params.size > left) {
      return Status(Code::kOutOfMemory, info_.uri + ": buffer '" + params.name + "' of " + std::to_string(params.size) +
                                            " bytes asked for, " + std::to_string(left) + " of " +
                                            std::to_string(info_.memory_bytes) + " bytes available");
    }
    account_->use.in_use_bytes += params.size;
    account_->use.peak_bytes = std::max(account_->use.peak_bytes, account_->use.in_use_bytes);
  }
  auto give_back = [account = account_](int64_t size) {
    std::lock_guard lock(account->mutex);
    account->use.in_use_bytes -= size;
  };
  auto memory = HostMemory::allocate(std::move(wanted), shared_from_this(), give_back);
  if (!memory.ok()) {
    give_back(params.size);
    return memory.status();
  }
  return std::shared_ptr<Buffer>(std::move(memory).value());
}

Result<std::shared_ptr<Executable>> HostDevice::compile(const CommandList& list) {
  std::vector<Step> steps;
  for (const Command& command : list.commands()) {
    steps.push_back(Step{command, nullptr, false, {}, {}, command_record(command)});
    const auto* op = std::get_if<OpCall>(&command);
    if (op == nullptr) continue;
    std::string head = info_.uri + ": " + op_name(op->op) + " '" + op->name + "': ";
    Support support = supports(describe(*op));
    if (!support.yes) return Status(Code::kUnsupported, head + support.reason);
    auto kernel = make_kernel(*op);
    if (!kernel.ok()) return kernel.status();
    steps.back().kernel = std::move(kernel).value();
    SYSTOLE_RETURN_IF_ERROR(bind(steps.back(), std::get<OpCall>(steps.back().command)));
  }
  return std::shared_ptr<Executable>(std::make_shared<HostExecutable<Account>>(std::move(steps), account_));
}

MemoryUse HostDevice::memory_use() const {
  std::lock_guard lock(account_->mutex);
  return account_->use;
}

void HostDevice::stop() { account_->generation.fetch_add(1); }

void HostDevice::add_prepared(int64_t bytes, double milliseconds) {
  std::lock_guard lock(account_->mutex);
  account_->use.prepared_bytes += bytes;
  account_->use.prepare_ms += milliseconds;
}

}  // namespace systole

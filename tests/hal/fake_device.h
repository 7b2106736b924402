// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A host device for the tests of hal: its one op is `fill`, and what that does is the test's.
#pragma once

#include <functional>
#include <memory>

#include "hal/host_device.h"
#include "hal/queue.h"

namespace systole {

using FakeOp = std::function<Status()>;

class FakeDevice final : public HostDevice {
 public:
  static std::shared_ptr<FakeDevice> make(FakeOp op = [] { return Status(); }) {
    DeviceInfo info;
    info.uri = "fake";
    info.queue_count = 2;
    info.memory_bytes = 1 << 20;
    return std::shared_ptr<FakeDevice>(new FakeDevice(std::move(info), std::move(op)));
  }
  std::function<void()> on_stop = [] {};

  Support supports(const OpDesc& op) const override {
    if (std::holds_alternative<Fill>(op.op)) return supported();
    return unsupported("the fake device only fills");
  }

 protected:
  void stop() override {
    on_stop();
    HostDevice::stop();
  }
  Result<std::unique_ptr<OpKernel>> make_kernel(const OpCall&) override {
    struct Kernel final : OpKernel {
      explicit Kernel(FakeOp what) : op(std::move(what)) {}
      Status run(std::span<const HostTensor>, std::span<const HostTensor>) override { return op(); }
      FakeOp op;
    };
    return std::unique_ptr<OpKernel>(std::make_unique<Kernel>(op_));
  }

 private:
  FakeDevice(DeviceInfo info, FakeOp op) : HostDevice(std::move(info)), op_(std::move(op)) {}
  FakeOp op_;
};

inline std::shared_ptr<Buffer> make_buffer(Device& device, int64_t size) {
  return std::move(device.allocate({size, 0, MemoryKind::kHostVisible, "buffer"})).value();
}

inline TensorView view_of(std::shared_ptr<Buffer> buffer, int64_t offset, TensorDesc desc) {
  TensorView view;
  view.buffer = std::move(buffer);
  view.offset = offset;
  view.desc = std::move(desc);
  return view;
}

// A compiled list of `count` ops of the fake device.
inline std::shared_ptr<CommandList> op_list(const std::shared_ptr<FakeDevice>& device, int count = 1) {
  auto list = std::make_shared<CommandList>(device, "ops");
  for (int i = 0; i < count; ++i) {
    OpCall call{
        Fill{}, {}, {view_of(make_buffer(*device, 16), 0, row_major(DType::kF32, {4}))}, "op" + std::to_string(i)};
    if (!list->op(std::move(call)).ok()) std::abort();
  }
  if (!list->end().ok()) std::abort();
  return list;
}

}  // namespace systole

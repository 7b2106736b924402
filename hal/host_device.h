// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A device whose memory is the host's and whose executable walks the commands in order: ops by kernels, copies, fills.
// A host device derives from it, answers `supports`, and makes one kernel an op.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "hal/device.h"

namespace systole {

struct DeviceUri;

// An operand at run time: the address of its first element and the description it was recorded with.
struct HostTensor {
  std::byte* data = nullptr;
  const TensorDesc* desc = nullptr;
};

// One op, prepared for the descriptions of its call. Run by one thread at a time; what it points to is valid in the
// call.
class OpKernel {
 public:
  virtual ~OpKernel() = default;
  // Operands in the order of the call's inputs and outputs.
  virtual Status run(std::span<const HostTensor> inputs, std::span<const HostTensor> outputs) = 0;
};

// Address of byte `view.offset` of host memory: constants and buffers of host devices. kUnsupported for other memory.
Result<std::byte*> host_address(const TensorView& view);

// Physical memory of this machine in bytes.
int64_t host_memory_bytes();

// The URI's option "memory", a positive number of bytes; `otherwise` where it is absent.
Result<int64_t> memory_option(const DeviceUri& uri, int64_t otherwise);

// Every record has the counters "macs" and "bytes" (compulsory_bytes; for copies and fills what they move) and measured
// times in nanoseconds since the device was made.
class HostDevice : public Device {
 public:
  ~HostDevice() override;
  const DeviceInfo& info() const override { return info_; }
  Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) override;
  // Refuses an op that `supports` refuses, with that reason and the op's name.
  Result<std::shared_ptr<Executable>> compile(const CommandList& list) override;
  MemoryUse memory_use() const override;

 protected:
  explicit HostDevice(DeviceInfo info);
  void stop() override;  // a running list stops before its next command

  // Called once for every recorded op, in order, at end(). Constants are the inputs whose buffer is frozen: their
  // content may be packed here (host_address) and the packed form kept.
  virtual Result<std::unique_ptr<OpKernel>> make_kernel(const OpCall& call) = 0;
  // Accounts packed constants for memory_use(); negative bytes when they are freed.
  void add_prepared(int64_t bytes, double milliseconds);

 private:
  struct Account;
  DeviceInfo info_;
  std::shared_ptr<Account> account_;
};

}  // namespace systole

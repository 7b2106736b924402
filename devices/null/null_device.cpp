// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/null/null_device.h"

#include "hal/host_device.h"

namespace systole {
namespace {

constexpr int64_t kDefaultMemoryBytes = int64_t{1} << 30;

// A device with memory of its own implements Device instead of HostDevice: allocate, compile and memory_use besides.
class NullDevice final : public HostDevice {
 public:
  explicit NullDevice(DeviceInfo info) : HostDevice(std::move(info)) {}

  Support supports(const OpDesc& op) const override {
    Status valid = validate(op);
    if (!valid.ok()) return unsupported(valid.message());
    return unsupported(std::string("the null device computes nothing, ") + op_name(op.op) + " included");
  }

 protected:
  Result<std::unique_ptr<OpKernel>> make_kernel(const OpCall& call) override {
    return Status(Code::kUnsupported, supports(describe(call)).reason);
  }
};

Result<std::shared_ptr<Device>> open_null(const DeviceUri& uri) {
  if (!uri.name.empty()) {
    return Status(Code::kNotFound, "device '" + uri.to_string() + "': there is only 'null', without a name");
  }
  SYSTOLE_ASSIGN_OR_RETURN(int64_t memory, memory_option(uri, kDefaultMemoryBytes));
  DeviceInfo info;
  info.uri = uri.to_string();
  info.description = "no op; memory, copies and fills";
  info.queue_count = 2;
  info.memory_bytes = memory;
  return std::shared_ptr<Device>(std::make_shared<NullDevice>(std::move(info)));
}

}  // namespace

DriverInfo null_driver() {
  DriverInfo driver;
  driver.scheme = "null";
  driver.description = "skeleton of a device: computes nothing";
  driver.option_names = {"memory"};
  driver.enumerate = [] {
    return std::vector<std::pair<std::string, std::string>>{{"", "no op; memory, copies and fills"}};
  };
  driver.availability = [] { return Status(); };
  driver.open = open_null;
  return driver;
}

}  // namespace systole

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/ref/ref_device.h"

#include "devices/ref/kernels.h"

namespace systole {
namespace {

bool narrow(DType type) { return bit_width(type) < 8; }

// Runs the op's loop on whatever it is given; nothing is prepared.
class RefKernel final : public OpKernel {
 public:
  explicit RefKernel(Op op) : op_(std::move(op)) {}
  Status run(std::span<const HostTensor> inputs, std::span<const HostTensor> outputs) override {
    std::visit([&](const auto& op) { ref::run(op, inputs, outputs[0]); }, op_);
    return {};
  }

 private:
  Op op_;
};

class RefDevice final : public HostDevice {
 public:
  explicit RefDevice(DeviceInfo info) : HostDevice(std::move(info)) {}

  Support supports(const OpDesc& op) const override {
    Status valid = validate(op);
    if (!valid.ok()) return unsupported(valid.message());
    bool moves = std::holds_alternative<Copy>(op.op) || std::holds_alternative<Cast>(op.op) ||
                 std::holds_alternative<Fill>(op.op);
    for (const auto* side : {&op.inputs, &op.outputs}) {
      for (const TensorDesc& desc : *side) {
        const bool weights =
            std::holds_alternative<Matmul>(op.op) && &desc == &op.inputs[1] && desc.dtype == DType::kI4;
        if (!moves && !weights && narrow(desc.dtype)) {
          return unsupported(std::string(op_name(op.op)) + " of " + dtype_name(desc.dtype) +
                             ": 4-bit tensors are copied, filled and cast, and i4 ones the weights of a matmul");
        }
        if (desc.quant && bit_width(desc.dtype) > 32) {
          return unsupported(std::string("quantized ") + dtype_name(desc.dtype) +
                             ": quantized integers have at most 32 bits");
        }
      }
    }
    return supported();
  }

 protected:
  Result<std::unique_ptr<OpKernel>> make_kernel(const OpCall& call) override {
    return std::unique_ptr<OpKernel>(std::make_unique<RefKernel>(call.op));
  }
};

Result<std::shared_ptr<Device>> open_ref(const DeviceUri& uri) {
  if (!uri.name.empty()) {
    return Status(Code::kNotFound, "device '" + uri.to_string() + "': there is only 'ref', without a name");
  }
  SYSTOLE_ASSIGN_OR_RETURN(int64_t memory, memory_option(uri, host_memory_bytes()));
  DeviceInfo info;
  info.uri = uri.to_string();
  info.description = "serial reference loops on the host";
  info.queue_count = 2;
  info.memory_bytes = memory;
  return std::shared_ptr<Device>(std::make_shared<RefDevice>(std::move(info)));
}

}  // namespace

DriverInfo ref_driver() {
  DriverInfo driver;
  driver.scheme = "ref";
  driver.description = "serial reference loops: the truth for every other device";
  driver.option_names = {"memory"};
  driver.enumerate = [] {
    return std::vector<std::pair<std::string, std::string>>{{"", "serial reference loops on the host"}};
  };
  driver.availability = [] { return Status(); };
  driver.open = open_ref;
  return driver;
}

}  // namespace systole

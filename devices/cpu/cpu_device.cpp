// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/cpu_device.h"

#include <charconv>

#include "devices/cpu/float_product.h"
#include "devices/cpu/integer_product.h"
#include "devices/cpu/kernels.h"
#include "devices/cpu/onednn.h"
#include "devices/cpu/probe.h"
#include "devices/cpu/tile.h"
#include "devices/cpu/tile_operands.h"

namespace systole {
namespace cpu {

Kernel make_kernel(const Matmul& op, const OpCall& call, const Context& context) {
  if (!is_float(call.inputs[0].desc.dtype)) return integer_matmul(op, call, context);
  Kernel tiled = tile_matmul(op, call, context);
  return tiled.ok() && !*tiled ? float_matmul(op, call, context) : std::move(tiled);
}

Kernel make_kernel(const Conv2d& op, const OpCall& call, const Context& context) {
  if (!is_float(call.inputs[0].desc.dtype)) return integer_conv(op, call, context);
  for (auto make : {tile_depthwise, tile_conv}) {
    Kernel tiled = make(op, call, context);
    if (!tiled.ok() || *tiled) return tiled;
  }
  return float_conv(op, call, context);
}

}  // namespace cpu

namespace {

class CpuDevice final : public HostDevice, public PeakSource {
 public:
  CpuDevice(DeviceInfo info, cpu::Context context) : HostDevice(std::move(info)), context_(std::move(context)) {
    context_.packs = std::make_shared<cpu::PackCache>(
        [this](int64_t bytes, double milliseconds) { add_prepared(bytes, milliseconds); });
  }

  ~CpuDevice() override { context_.packs->stop_accounting(); }

  Support supports(const OpDesc& op) const override {
    Status valid = validate(op);
    if (!valid.ok()) return unsupported(valid.message());
    for (const auto* side : {&op.inputs, &op.outputs}) {
      for (const TensorDesc& desc : *side) {
        const bool weights = has_integer_weights(op) && &desc == &op.inputs[1];
        if (bit_width(desc.dtype) < 8 && !weights)
          return unsupported(std::string(dtype_name(desc.dtype)) +
                             ": the cpu has 4-bit tensors as weights of float matmuls only");
        if (desc.quant && bit_width(desc.dtype) > 32) {
          return unsupported(std::string("quantized ") + dtype_name(desc.dtype) +
                             ": quantized integers have at most 32 bits");
        }
      }
    }
    return supported();
  }

  std::string peaks_key() const override { return cpu::probe_key(context_.workers.threads()); }
  Result<Peaks> measure_peaks() override { return cpu::probe_peaks(context_.workers); }

 protected:
  Result<std::unique_ptr<OpKernel>> make_kernel(const OpCall& call) override {
    context_.workers.claim();
    return std::visit([&](const auto& op) { return cpu::make_kernel(op, call, context_); }, call.op);
  }

 private:
  cpu::Context context_;
};

Result<int64_t> threads_option(const DeviceUri& uri, int64_t otherwise) {
  constexpr int64_t kMost = 1024;
  auto option = uri.options.find("threads");
  if (option == uri.options.end()) return otherwise;
  const std::string& text = option->second;
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kMost) {
    return Status(Code::kInvalidArgument, "device '" + uri.to_string() + "': threads: expected a number from 1 to " +
                                              std::to_string(kMost) + ", got '" + text + "'");
  }
  return value;
}

Result<bool> onednn_option(const DeviceUri& uri) {
  auto option = uri.options.find("onednn");
  if (option == uri.options.end() || option->second == "on") return true;
  if (option->second == "off") return false;
  return Status(Code::kInvalidArgument,
                "device '" + uri.to_string() + "': onednn: expected on or off, got '" + option->second + "'");
}

Result<std::shared_ptr<Device>> open_cpu(const DeviceUri& uri) {
  if (!uri.name.empty())
    return Status(Code::kNotFound, "device '" + uri.to_string() + "': there is only 'cpu', without a name");
  SYSTOLE_ASSIGN_OR_RETURN(int64_t threads, threads_option(uri, cpu::available_cores()));
  SYSTOLE_ASSIGN_OR_RETURN(int64_t memory, memory_option(uri, host_memory_bytes()));
  SYSTOLE_ASSIGN_OR_RETURN(bool onednn, onednn_option(uri));
  const cpu::Context context{cpu::Workers(static_cast<int>(threads)), onednn, onednn && cpu::onednn_has_bf16(),
                             onednn && cpu::onednn_integers_exact(), nullptr};
  DeviceInfo info;
  info.uri = uri.to_string();
  info.description = std::to_string(threads) + " threads, " + (onednn ? cpu::onednn_description() : "own kernels");
  if (onednn && cpu::tile_kernels()) info.description += std::string(", f32 tiles for ") + cpu::tile_kernels()->name;
  if (onednn && !context.onednn_bf16) info.description += ", bf16 computed in f32";
  if (onednn && !context.onednn_integers) info.description += ", own int8 kernels (oneDNN's saturate on this machine)";
  info.queue_count = 2;
  info.memory_bytes = memory;
  info.limits = {{"threads", static_cast<double>(threads), NumberKind::kMeasured},
                 {"onednn_bf16", context.onednn_bf16 ? 1.0 : 0.0, NumberKind::kMeasured},
                 {"onednn_integers", context.onednn_integers ? 1.0 : 0.0, NumberKind::kMeasured}};
  return std::shared_ptr<Device>(std::make_shared<CpuDevice>(std::move(info), context));
}

}  // namespace

DriverInfo cpu_driver() {
  DriverInfo driver;
  driver.scheme = "cpu";
  driver.description = "the host's processors: oneDNN and own vector loops";
  driver.option_names = {"threads", "memory", "onednn"};
  driver.enumerate = [] { return std::vector<std::pair<std::string, std::string>>{{"", "the host's processors"}}; };
  driver.availability = [] { return Status(); };
  driver.open = open_cpu;
  return driver;
}

}  // namespace systole

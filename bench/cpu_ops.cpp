// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GFLOP/s of the cpu device: cpu_ops [URI]. The best of several submissions; int8 counts two operations a multiply-add
// too.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include "devices/cpu/cpu_device.h"
#include "hal/queue.h"
#include "hal/registry.h"

namespace systole {
namespace {

using QuantPtr = std::shared_ptr<const Quantization>;

Result<TensorView> memory(Device& device, const TensorDesc& desc, bool frozen) {
  BufferParams params;
  params.size = desc.span_bytes();
  params.name = "operand";
  params.kind = frozen ? MemoryKind::kConstant : MemoryKind::kHostVisible;
  auto buffer = frozen ? allocate_host(params) : device.allocate(params);
  if (!buffer.ok()) return buffer.status();
  auto bytes = (*buffer)->map(0, params.size, MapAccess::kWrite);
  if (!bytes.ok()) return bytes.status();
  for (size_t i = 0; i < bytes->size(); ++i) (*bytes)[i] = static_cast<std::byte>(i % 61);  // no NaN in any type
  (*buffer)->unmap();
  if (frozen) (*buffer)->freeze();
  return TensorView{*buffer, 0, desc};
}

Status measure(const std::shared_ptr<Device>& device, const char* name, const OpDesc& op) {
  OpCall call{op.op, {}, {}, name};
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(TensorView view, memory(*device, op.inputs[i], i > 0));
    call.inputs.push_back(view);
  }
  SYSTOLE_ASSIGN_OR_RETURN(TensorView y, memory(*device, op.outputs[0], false));
  call.outputs.push_back(y);
  auto list = std::make_shared<CommandList>(device);
  SYSTOLE_RETURN_IF_ERROR(list->op(call));
  SYSTOLE_RETURN_IF_ERROR(list->end());
  double best_ns = std::numeric_limits<double>::infinity();
  const auto stop = after(std::chrono::milliseconds(500));
  while (std::chrono::steady_clock::now() < stop) {
    Profile profile;
    SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &profile));
    best_ns = std::min(best_ns, profile.records[0].end_ns - profile.records[0].start_ns);
  }
  const double macs = static_cast<double>(mac_count(op));
  if (macs > 0)
    std::printf("%-28s %9.3f ms %8.1f GFLOP/s\n", name, best_ns * 1e-6, 2 * macs / best_ns);
  else
    std::printf("%-28s %9.3f ms %8.1f GB/s\n", name, best_ns * 1e-6,
                static_cast<double>(compulsory_bytes(op)) / best_ns);
  return {};
}

OpDesc square(DType type, DType out, QuantPtr quant) {
  const Shape shape = {1024, 1024};
  return {Matmul{},
          {row_major(type, shape, quant), row_major(type, shape, quant)},
          {row_major(out, shape, out == DType::kI32 ? nullptr : quant)},
          "matmul"};
}

// A layer of ResNet-50 (groups = channels: of MobileNet), with bias and ReLU.
OpDesc conv(DType type, int64_t channels, int64_t extent, int64_t kernel, int64_t groups, QuantPtr quant) {
  Conv2d op;
  op.groups = groups;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = kernel / 2;
  op.epilogue.bias = true;
  op.epilogue.activation = Activation::kRelu;
  const TensorDesc image = channels_last(type, {1, channels, extent, extent}, quant);
  return {op,
          {image, row_major(type, {channels, channels / groups, kernel, kernel}, quant),
           row_major(quant ? DType::kI32 : DType::kF32, {channels})},
          {image},
          "conv"};
}

Status run(const std::string& uri) {
  Registry registry;
  SYSTOLE_RETURN_IF_ERROR(registry.add(cpu_driver()));
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Device> device, registry.open(uri));
  std::printf("%s: %s\n", uri.c_str(), device->info().description.c_str());
  const QuantPtr quant = std::make_shared<Quantization>(Quantization{{0.02f}, {0}, -1});
  const QuantPtr shifted = std::make_shared<Quantization>(Quantization{{0.02f}, {3}, -1});
  const TensorDesc image = channels_last(DType::kF32, {1, 256, 56, 56});
  OpDesc quantized_conv = conv(DType::kI8, 128, 28, 3, 1, quant),
         quantized_first = conv(DType::kI8, 256, 56, 1, 1, quant);
  quantized_conv.inputs[0].quant = quantized_first.inputs[0].quant = shifted;
  const std::pair<const char*, OpDesc> ops[] = {
      {"matmul 1024^3 f32", square(DType::kF32, DType::kF32, nullptr)},
      {"matmul 1024^3 bf16", square(DType::kBF16, DType::kBF16, nullptr)},
      {"matmul 1024^3 i8 -> i32", square(DType::kI8, DType::kI32, quant)},
      {"matmul 1024^3 i8 -> i8", square(DType::kI8, DType::kI8, quant)},
      {"conv 3x3 128x28x28 f32", conv(DType::kF32, 128, 28, 3, 1, nullptr)},
      {"conv 3x3 128x28x28 bf16", conv(DType::kBF16, 128, 28, 3, 1, nullptr)},
      {"conv 3x3 128x28x28 i8", quantized_conv},
      {"conv 1x1 256x56x56 f32", conv(DType::kF32, 256, 56, 1, 1, nullptr)},
      {"conv 1x1 256x56x56 i8", quantized_first},
      {"depthwise 3x3 192x28x28 f32", conv(DType::kF32, 192, 28, 3, 192, nullptr)},
      {"depthwise 3x3 192x28x28 i8", conv(DType::kI8, 192, 28, 3, 192, quant)},
      {"add 256x56x56 f32", {Binary{}, {image, image}, {image}, "add"}},
      {"max pool 3x3 256x56x56 f32", {Pool{PoolKind::kMax, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, {image}, {image}, "pool"}},
      {"copy nchw to nhwc f32", {Copy{}, {row_major(DType::kF32, image.shape)}, {image}, "copy"}},
      {"sigmoid 256x56x56 f32", {Unary{UnaryKind::kSigmoid}, {image}, {image}, "sigmoid"}},
      {"global mean 256x56x56 f32",
       {Reduce{ReduceKind::kMean, {2, 3}}, {image}, {channels_last(DType::kF32, {1, 256, 1, 1})}, "mean"}},
  };
  for (const auto& [name, op] : ops) SYSTOLE_RETURN_IF_ERROR(measure(device, name, op));
  return {};
}

}  // namespace
}  // namespace systole

int main(int argc, char** argv) {
  const systole::Status status = systole::run(argc > 1 ? argv[1] : "cpu");
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/npu_runs.h"

#include <gtest/gtest.h>

#include "hal/command_list.h"
#include "hal/queue.h"
#include "package/devices.h"

namespace systole::laws {
namespace {

std::shared_ptr<Device> open(const std::string& npu, const std::vector<std::string>& options) {
  std::string uri = npu, before = "?";
  for (const std::string& option : options) uri += before + option, before = "&";
  auto device = open_device(uri);
  if (!device.ok()) throw std::runtime_error(device.status().to_string());
  return *device;
}

double limit(const Device& device, const std::string& name) {
  for (const Limit& each : device.info().limits)
    if (each.name == name) return each.value;
  return 0;
}

Ran finish(const Device& device, const Profile& profile, bool i8) {
  EXPECT_EQ(profile.records.size(), 1u);
  Ran ran;
  ran.record = profile.records.at(0);
  ran.traffic = dynamic_cast<const TrafficSource&>(device).traffic();
  ran.peak_bytes_per_cycle = limit(device, "dram_bytes_per_s") / limit(device, "clock_hz");
  ran.peak_macs_per_cycle = limit(device, i8 ? "peak_macs_per_cycle_i8" : "peak_macs_per_cycle_bf16");
  return ran;
}

TensorDesc typed(TensorDesc desc, float scale) {
  if (desc.dtype == DType::kI8) desc.quant = std::make_shared<Quantization>(Quantization{{scale}, {0}, -1});
  return desc;
}

}  // namespace

Ran run(const std::string& npu, const std::vector<std::string>& options, const conformance::OpCase& op_case) {
  const auto device = open(npu, options);
  Profile profile;
  if (device->info().functional) {
    const auto outputs = conformance::run_case(device, op_case, conformance::random_inputs(op_case), &profile);
    if (!outputs.ok()) throw std::runtime_error(outputs.status().to_string());
  } else {
    auto list = std::make_shared<CommandList>(device, "one op");
    Status status = list->op(conformance::make_call(*device, op_case, conformance::random_inputs(op_case)));
    if (status.ok()) status = list->end();
    if (status.ok()) status = run_and_wait(*device, list, {}, &profile);
    if (!status.ok()) throw std::runtime_error(status.to_string());
  }
  Ran ran = finish(*device, profile, op_case.desc.inputs[0].dtype == DType::kI8);
  for (const auto* tensors : {&op_case.desc.inputs, &op_case.desc.outputs})
    for (const TensorDesc& tensor : *tensors) ran.compulsory_bytes += tensor.span_bytes();
  return ran;
}

conformance::OpCase matmul(DType dtype, int64_t m, int64_t k, int64_t n) {
  conformance::OpCase result;
  result.desc.name = "matmul";
  result.desc.op = Matmul{};
  result.desc.inputs = {typed(row_major(dtype, {m, k}), 0.02f), typed(row_major(dtype, {k, n}), 0.003f)};
  result.desc.outputs = {typed(row_major(dtype, {m, n}), 0.05f)};
  result.constant = {false, true};
  return result;
}

conformance::OpCase convolution(DType dtype, int64_t channels, int64_t size, int64_t filters, int64_t kernel) {
  Conv2d op;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = kernel / 2;
  conformance::OpCase result;
  result.desc.name = "conv";
  result.desc.op = op;
  result.desc.inputs = {typed(channels_last(dtype, {1, channels, size, size}), 0.02f),
                        typed(row_major(dtype, {filters, channels, kernel, kernel}), 0.003f)};
  result.desc.outputs = {typed(channels_last(dtype, {1, filters, size, size}), 0.03f)};
  result.constant = {false, true};
  return result;
}

Ran copy(const std::string& npu, const std::vector<std::string>& options, int64_t bytes) {
  const auto device = open(npu, options);
  const auto buffer = [&](const char* name) {
    BufferParams params;
    params.size = bytes;
    params.kind = MemoryKind::kDeviceLocal;
    params.name = name;
    auto made = device->allocate(params);
    if (!made.ok()) throw std::runtime_error(made.status().to_string());
    return *made;
  };
  auto list = std::make_shared<CommandList>(device, "copy");
  const TensorDesc desc = row_major(DType::kI8, {bytes});
  Status status = list->copy({buffer("from"), 0, desc}, {buffer("to"), 0, desc}, bytes);
  if (status.ok()) status = list->end();
  Profile profile;
  if (status.ok()) status = run_and_wait(*device, list, {}, &profile);
  if (!status.ok()) throw std::runtime_error(status.to_string());
  Ran ran = finish(*device, profile, true);
  ran.compulsory_bytes = 2 * bytes;
  return ran;
}

}  // namespace systole::laws

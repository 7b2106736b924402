// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every preset there is runs a matmul and a convolution, in every type that its array multiplies, with ref's values.
#include <gtest/gtest.h>

#include <algorithm>

#include "configs/spec/load.h"
#include "package/devices.h"
#include "tests/conformance/op_case.h"

namespace systole::conformance {
namespace {

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const spec::Preset& preset : spec::npu_presets()) names.push_back(preset.name);
  return names;
}

TensorDesc typed(TensorDesc desc, float scale, int32_t zero) {
  if (desc.dtype == DType::kI8) desc.quant = std::make_shared<Quantization>(Quantization{{scale}, {zero}, -1});
  return desc;
}

// More columns and a deeper sum than the largest array has.
OpCase matmul(DType dtype) {
  OpCase result;
  result.desc.name = "matmul";
  result.desc.op = Matmul{};
  result.desc.inputs = {typed(row_major(dtype, {37, 300}), 0.02f, 5), typed(row_major(dtype, {300, 270}), 0.003f, 0)};
  result.desc.outputs = {typed(row_major(dtype, {37, 270}), 0.05f, -3)};
  result.constant = {false, true};
  return result;
}

OpCase convolution(DType dtype) {
  Conv2d op;
  op.stride_h = op.stride_w = 2;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = 1;
  OpCase result;
  result.desc.name = "conv";
  result.desc.op = op;
  result.desc.inputs = {typed(channels_last(dtype, {1, 20, 13, 13}), 0.02f, 7),
                        typed(row_major(dtype, {24, 20, 3, 3}), 0.003f, 0)};
  result.desc.outputs = {typed(channels_last(dtype, {1, 24, 7, 7}), 0.03f, 2)};
  result.constant = {false, true};
  return result;
}

class Presets : public testing::TestWithParam<std::string> {};

TEST_P(Presets, RunAMatmulAndAConvolutionWithRefsValues) {
  const auto spec = spec::load_npu_spec(GetParam());
  ASSERT_TRUE(spec.ok()) << spec.status().to_string();
  auto device = open_device("npu:" + GetParam()), ref = open_device("ref");
  ASSERT_TRUE(device.ok()) << device.status().to_string();
  ASSERT_TRUE(ref.ok()) << ref.status().to_string();
  std::vector<DType> types;
  if (spec::peak_macs_per_cycle_i8(*spec) > 0) types.push_back(DType::kI8);
  if (spec::peak_macs_per_cycle_bf16(*spec) > 0) types.push_back(DType::kBF16);
  ASSERT_FALSE(types.empty());
  for (const DType type : types) {
    for (const OpCase& op_case : {matmul(type), convolution(type)}) {
      SCOPED_TRACE(std::string(dtype_name(type)) + " " + op_case.desc.name);
      EXPECT_EQ(compare_with_ref(*device, *ref, op_case), "");
    }
  }
  if (types.size() == 1) {
    const DType other = types[0] == DType::kI8 ? DType::kBF16 : DType::kI8;
    EXPECT_FALSE((*device)->supports(matmul(other).desc).yes) << "an array without " << dtype_name(other);
  }
}

std::string as_identifier(const testing::TestParamInfo<std::string>& preset) {
  std::string name = preset.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, Presets, testing::ValuesIn(preset_names()), as_identifier);

TEST(PresetOverrides, SeveralArraysAreUnsupportedByTheDevice) {
  const Status status = open_device("npu:tpu-v3?set=array.count:2").status();
  EXPECT_EQ(status.code(), Code::kUnsupported) << status.to_string();
  EXPECT_EQ(open_device("npu:tpu-v3?set=array.count:0").status().code(), Code::kInvalidArgument);
}

TEST(PresetNames, ThereAreSome) { EXPECT_GE(preset_names().size(), 31u); }

}  // namespace
}  // namespace systole::conformance

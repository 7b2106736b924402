// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every op's kernels against ref: the grid of the conformance suite and random cases.
#include <gtest/gtest.h>

#include <cstdlib>

#include "devices/ref/ref_device.h"
#include "tests/conformance/op_cases.h"
#include "tests/conformance/op_grid.h"
#include "tests/conformance/op_random.h"
#include "tests/conformance/suite.h"
#include "tests/gpu_kernels/kernel_device.h"

namespace systole::conformance {
namespace {

std::shared_ptr<Device> ref() {
  Registry registry;
  require_ok(registry.add(ref_driver()), "ref");
  return take(registry.open("ref"), "ref");
}

std::string compared(const OpCase& op_case) {
  static const std::shared_ptr<Device> device = tests::kernel_device(), truth = ref();
  if (!device) return "no OpenCL device";
  try {
    return compare_with_ref(device, truth, op_case);
  } catch (const NotSupported& refusal) {
    const bool honest = !truth->supports(op_case.desc).yes;
    return honest ? "" : std::string("refused: ") + refusal.what();
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

std::string text(const OpDesc& desc) {
  std::string result = op_name(desc.op);
  for (const TensorDesc& each : desc.inputs) result += " " + each.to_string();
  return result + " -> " + desc.outputs[0].to_string();
}

using Grid = std::vector<OpCase> (*)(DType);
constexpr std::pair<const char*, Grid> kGrids[] = {
    {"unary", unary_grid},   {"binary", binary_grid},       {"select", select_grid},       {"copy", copy_grid},
    {"fill", fill_grid},     {"cast", cast_grid},           {"reduce", reduce_grid},       {"softmax", softmax_grid},
    {"pool", pool_grid},     {"normalize", normalize_grid}, {"attention", attention_grid}, {"matmul", matmul_grid},
    {"conv2d", conv2d_grid},
};

class OfGrid : public testing::TestWithParam<std::pair<const char*, Grid>> {};
TEST_P(OfGrid, EqualsRef) {
  for (DType dtype : kAllTypes)
    for (const OpCase& each : GetParam().second(dtype)) {
      const std::string difference = compared(each);
      EXPECT_EQ(difference, "") << text(each.desc);
      if (HasNonfatalFailure() && getenv("STOP")) return;
    }
}
INSTANTIATE_TEST_SUITE_P(Kernels, OfGrid, testing::ValuesIn(kGrids), [](const auto& each) { return each.param.first; });

class AtRandom : public testing::TestWithParam<size_t> {};
TEST_P(AtRandom, EqualsRef) {
  const char* count = getenv("SYSTOLE_CASES");
  Random random(GetParam() + 17);
  for (int i = 0; i < (count ? std::atoi(count) : 60); ++i) {
    const OpCase each = random_case(GetParam(), random);
    const std::string difference = compared(each);
    EXPECT_EQ(difference, "") << text(each.desc);
    if (HasNonfatalFailure() && getenv("STOP")) return;
  }
}
INSTANTIATE_TEST_SUITE_P(Kernels, AtRandom, testing::Range(size_t{0}, kOpKinds));

// Speed of larger products, printed; checked against ref where SYSTOLE_CHECK is set. Run with
// --gtest_also_run_disabled_tests.
void report(const OpCase& op_case) {
  static const std::shared_ptr<Device> device = tests::kernel_device();
  if (getenv("SYSTOLE_CHECK")) {
    EXPECT_EQ(compared(op_case), "") << text(op_case.desc);
  }
  const std::vector<Bytes> inputs = random_inputs(op_case);
  double best = 1e9;
  for (int i = 0; i < 4; ++i) {
    require_ok(run_case(device, op_case, inputs).status(), "run");
    best = std::min(best, tests::last_seconds());
  }
  printf("%-9.3f ms %8.1f G/s  %s\n", best * 1e3, 2e-9 * static_cast<double>(mac_count(op_case.desc)) / best,
         text(op_case.desc).c_str());
}

TEST(Speed, DISABLED_Products) {
  const char* list = getenv("SYSTOLE_SIDE");
  const int64_t side = list ? std::atoi(list) : 512;
  for (const Types& types : {kF32Types, kI8Types, kBF16Types, kF32I8Types})
    report(matmul_case(types, {side, side}, {side, side}, Matmul{false, false, {}}, true, 1));
  report(matmul_case(kF32Types, {1, 2048}, {2048, 1024}, Matmul{false, false, {}}, true, 1));
}
TEST(Speed, DISABLED_Convolutions) {
  for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
    for (const Types& types : {kF32Types, kI8Types}) {
      Conv2d same;
      same.pad_top = same.pad_left = same.pad_bottom = same.pad_right = 1;
      same.epilogue.bias = true, same.epilogue.activation = Activation::kRelu;
      report(conv_case(types, {1, 64, 56, 56, 64, 3, 3, same}, layout, 1));
      report(conv_case(types, {1, 256, 14, 14, 1024, 1, 1, {}}, layout, 1));
      same.groups = 128;
      report(conv_case(types, {1, 128, 28, 28, 128, 3, 3, same}, layout, 1));
    }
  }
}

}  // namespace
}  // namespace systole::conformance

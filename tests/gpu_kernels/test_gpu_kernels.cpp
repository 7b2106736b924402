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
  double best = 1e9, cpu = 1e9;
  for (int i = 0; i < 8; ++i) {
    require_ok(run_case(device, op_case, inputs).status(), "run");
    best = std::min(best, tests::last_seconds());
    cpu = std::min(cpu, tests::last_cpu_seconds());
  }
  const double giga = 2e-9 * static_cast<double>(mac_count(op_case.desc));
  printf("%9.3f ms %8.1f G/s, a core %8.1f G/s  %s\n", best * 1e3, giga / best, giga / cpu, text(op_case.desc).c_str());
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

// In GB/s of compulsory bytes.
void report_bytes(Op op, std::vector<TensorDesc> inputs, TensorDesc output) {
  static const std::shared_ptr<Device> device = tests::kernel_device();
  OpCase op_case;
  op_case.desc = {std::move(op), std::move(inputs), {std::move(output)}, "speed"};
  if (getenv("SYSTOLE_CHECK")) {
    EXPECT_EQ(compared(op_case), "") << text(op_case.desc);
  }
  const std::vector<Bytes> data = random_inputs(op_case);
  double best = 1e9, cpu = 1e9;
  for (int i = 0; i < 5; ++i) {
    require_ok(run_case(device, op_case, data).status(), "run");
    best = std::min(best, tests::last_seconds());
    cpu = std::min(cpu, tests::last_cpu_seconds());
  }
  const double giga = 1e-9 * static_cast<double>(compulsory_bytes(op_case.desc));
  printf("%9.3f ms %6.1f GB/s, a core %6.1f GB/s, %6.1f GFLOP/s  %s\n", best * 1e3, giga / best, giga / cpu,
         2e-9 * static_cast<double>(mac_count(op_case.desc)) / cpu, text(op_case.desc).c_str());
}

TEST(Speed, DISABLED_Elements) {
  const Shape image = {1, 64, 112, 112}, rows = {1, 12, 128, 128}, words = {128, 768};
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    const TensorDesc x = row_major(dtype, image), nhwc = channels_last(dtype, image), w = row_major(dtype, words);
    report_bytes(Unary{UnaryKind::kRelu, 0, 0}, {x}, x);
    report_bytes(Unary{UnaryKind::kGeluErf, 0, 0}, {x}, x);
    report_bytes(Unary{UnaryKind::kSilu, 0, 0}, {x}, x);
    report_bytes(Binary{}, {x, x}, x);
    report_bytes(Binary{}, {w, row_major(dtype, {768})}, w);
    report_bytes(Copy{}, {x}, nhwc);
    report_bytes(Cast{}, {x}, row_major(DType::kF32, image));
    report_bytes(Softmax{}, {row_major(dtype, rows)}, row_major(dtype, rows));
    report_bytes(Normalize{}, {w}, w);
    report_bytes(Reduce{ReduceKind::kMean, {2, 3}}, {x}, row_major(dtype, {1, 64, 1, 1}));
    report_bytes(Pool{PoolKind::kMax, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false}, {x}, row_major(dtype, {1, 64, 56, 56}));
    report_bytes(Pool{PoolKind::kMax, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false}, {nhwc},
                 channels_last(dtype, {1, 64, 56, 56}));
    const TensorDesc heads = row_major(dtype, {1, 12, 128, 64});
    report_bytes(Attention{0.125f, false, false}, {heads, heads, heads}, heads);
    const TensorDesc one = row_major(dtype, {1, 12, 1, 64}), past = row_major(dtype, {1, 12, 1024, 64});
    report_bytes(Attention{0.125f, false, false}, {one, past, past}, one);
  }
}

}  // namespace
}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, pooling windows.
#include "tests/conformance/op_cases.h"

namespace systole::conformance {
namespace {

void add_pool_tests(std::vector<Test>& tests) {
  struct Named {
    const char* name;
    Pool op;
    int64_t h, w;
  };
  const std::vector<Named> pools = {
      {"max_3x3_s2", {PoolKind::kMax, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, false}, 11, 11},
      {"max_2x2", {PoolKind::kMax, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, false}, 8, 6},
      {"average_2x2", {PoolKind::kAverage, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, false}, 8, 6},
      {"average_pad", {PoolKind::kAverage, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, false}, 6, 6},
      {"average_count_pad", {PoolKind::kAverage, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, true}, 7, 7},
      {"global_average", {PoolKind::kAverage, 7, 7, 1, 1, 1, 1, 0, 0, 0, 0, false}, 7, 7}};
  uint64_t seed = 500;
  for (const Named& named : pools) {
    for (DType dtype : {DType::kF32, DType::kBF16, DType::kI8, DType::kU8}) {
      for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
        ++seed;
        const Pool op = named.op;
        const Shape y = {2, 19, window_output(named.h, op.kernel_h, op.stride_h, 1, op.pad_top, op.pad_bottom),
                         window_output(named.w, op.kernel_w, op.stride_w, 1, op.pad_left, op.pad_right)};
        const Shape x = {2, 19, named.h, named.w};
        const bool integer = !is_float(dtype), max = op.kind == PoolKind::kMax;
        const QuantPtr in = integer ? per_tensor(0.02f, 4) : nullptr,
                       out = integer ? (max ? in : per_tensor(0.017f, 9)) : nullptr;
        tests.push_back(op_test(std::string("pool_") + named.name + "_" + dtype_name(dtype) +
                                    (layout == Layout::kRowMajor ? "_nchw" : "_nhwc"),
                                [=] { return elementwise_case(op, dtype, {x}, y, layout, {in}, out, seed, dtype); }));
      }
    }
  }
}

}  // namespace

std::vector<Test> pool_tests() {
  std::vector<Test> tests;
  add_pool_tests(tests);
  return tests;
}

}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// gemm [DEVICE [M K N]]: one bf16 product with a bias and a ReLU, and its profile.
#include <systole/hal/numeric/bf16.h>

#include <cstdio>
#include <cstdlib>

#include "host.h"

using namespace guide;

Status run(const std::string& uri, int64_t m, int64_t k, int64_t n) {
  SYSTOLE_ASSIGN_OR_RETURN(auto device, open_device(uri));
  SYSTOLE_ASSIGN_OR_RETURN(auto a, tensor(*device, DType::kBF16, {m, k}, "a"));
  SYSTOLE_ASSIGN_OR_RETURN(auto b, tensor(*device, DType::kBF16, {k, n}, "b"));
  SYSTOLE_ASSIGN_OR_RETURN(auto bias, tensor(*device, DType::kF32, {n}, "bias"));
  SYSTOLE_ASSIGN_OR_RETURN(auto y, tensor(*device, DType::kBF16, {m, n}, "y"));
  using numeric::to_bf16;
  SYSTOLE_RETURN_IF_ERROR(write(a, std::vector(m * k, to_bf16(0.5f))));
  SYSTOLE_RETURN_IF_ERROR(write(b, std::vector(k * n, to_bf16(0.25f))));
  SYSTOLE_RETURN_IF_ERROR(write(bias, std::vector(n, -1.0f)));

  Matmul product;
  product.epilogue.bias = true;
  product.epilogue.activation = Activation::kRelu;
  auto list = std::make_shared<CommandList>(device, "gemm");
  SYSTOLE_RETURN_IF_ERROR(list->op({product, {a, b, bias}, {y}, "product"}));
  SYSTOLE_RETURN_IF_ERROR(list->end());

  Profile profile;
  SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &profile));
  for (const ProfileRecord& record : profile.records) {
    std::printf("%s on %s: %.0f ns (%s)\n", record.name.c_str(), device->info().uri.c_str(),
                record.end_ns - record.start_ns, number_kind_name(record.kind));
    for (const Counter& counter : record.counters) std::printf("  %-24s %ld\n", counter.name.c_str(), counter.value);
  }
  SYSTOLE_ASSIGN_OR_RETURN(const auto values, read<numeric::BF16>(y));
  const float expected = numeric::round_to_bf16(static_cast<float>(k) * 0.125f - 1.0f);
  const float got = numeric::to_f32(values.back());
  std::printf("last value %g, expected %g\n", got, expected);
  if (device->info().functional && got != expected) return {Code::kInternal, "wrong value"};
  return {};
}

int main(int argc, char** argv) {
  const auto extent = [&](int i, int64_t otherwise) { return argc > i ? std::atoll(argv[i]) : otherwise; };
  const Status status = run(argc > 1 ? argv[1] : "npu:edge-16x16", extent(2, 64), extent(3, 128), extent(4, 48));
  if (!status.ok()) std::fprintf(stderr, "gemm: %s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}

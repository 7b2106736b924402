// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tests on the first OpenCL device; skipped where there is none.
#pragma once

#include <gtest/gtest.h>

#include "devices/gpu/opencl/opencl.h"

namespace systole::gpu {

class OpenCl : public testing::Test {
 protected:
  void SetUp() override {
    auto made = make_opencl_provider(0);
    if (made.status().code() == Code::kUnavailable) GTEST_SKIP() << made.status().message();
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    provider = *made;
  }
  std::shared_ptr<Provider> provider;
};

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every backend of the suite: a function each, in a file of its own beside this one.
#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend null_backend();
Backend ref_backend();
Backend cpu_backend();
Backend gpu_opencl_backend();
Backend npu_tiny_backend();
Backend npu_edge_backend();
Backend npu_rtl_backend();

std::vector<Backend> all_backends() {
  return {null_backend(),     ref_backend(),      cpu_backend(),    gpu_opencl_backend(),
          npu_tiny_backend(), npu_edge_backend(), npu_rtl_backend()};
}

}  // namespace systole::conformance

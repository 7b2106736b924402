// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/backends/backends.h"

namespace systole::conformance {

std::vector<Backend> all_backends() {
  return {
      null_backend(),
      ref_backend(),
#ifdef SYSTOLE_DEVICE_CPU
      cpu_backend(),
#endif
#ifdef SYSTOLE_DEVICE_NPU
      npu_tiny_backend(),
      npu_edge_backend(),
#endif
  };
}

}  // namespace systole::conformance

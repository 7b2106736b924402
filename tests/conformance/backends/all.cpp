// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/backends/backends.h"

namespace systole::conformance {

std::vector<Backend> all_backends() {
  return {null_backend(), ref_backend(), cpu_backend(), npu_tiny_backend(), npu_edge_backend()};
}

}  // namespace systole::conformance

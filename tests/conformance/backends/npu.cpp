// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/npu_device.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend npu_tiny_backend() {
  return {"npu_tiny_4x4", "npu:tiny-4x4?race_check=on", npu_driver, {}, "npu:tiny-4x4?watchdog=1"};
}
Backend npu_edge_backend() {
  return {"npu_edge_16x16", "npu:edge-16x16?race_check=on", npu_driver, {}, "npu:edge-16x16?watchdog=1"};
}
// The same driver on the Verilated NPU.
Backend npu_rtl_backend() {
  return {"npu_rtl_4x4", "npu:tiny-4x4?fidelity=rtl", npu_driver, {}, "npu:tiny-4x4?fidelity=rtl&watchdog=1"};
}

}  // namespace systole::conformance

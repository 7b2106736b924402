// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What one device makes of one backend test.
#pragma once

#include <memory>
#include <string>

#include "hal/device.h"
#include "tests/onnx_backend/node_tests.h"

namespace systole::graph::testing {

struct Verdict {
  enum Kind { kPassed, kFallback, kUnsupported, kFailed } kind = kFailed;
  std::string detail;  // operators that ran elsewhere, the reason, or what is wrong
};
const char* verdict_name(Verdict::Kind kind);

// Exact devices (ref, cpu) are held against the stored outputs, with ONNX's own tolerance (relative 1e-3 and absolute
// 1e-7; integers exact). An NPU computes in bf16: its nodes are held against ref on the same inputs, each within the
// bound that graph/tolerance.h derives from its reduction length.
Verdict run_backend_test(const BackendTest& test, std::shared_ptr<Device> device, std::shared_ptr<Device> fallback,
                         std::shared_ptr<Device> ref, bool exact);

}  // namespace systole::graph::testing

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/null/null_device.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend null_backend() { return {"null", "null", null_driver, {}}; }

}  // namespace systole::conformance

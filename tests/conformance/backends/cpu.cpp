// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/cpu_device.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend cpu_backend() { return {"cpu", "cpu", cpu_driver, {}}; }

}  // namespace systole::conformance

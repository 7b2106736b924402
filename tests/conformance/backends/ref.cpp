// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/ref/ref_device.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend ref_backend() { return {"ref", "ref", ref_driver, {}}; }

}  // namespace systole::conformance

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every backend of the suite: one function each, in a file of its own.
#pragma once

#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend null_backend();
Backend ref_backend();
Backend cpu_backend();
Backend npu_tiny_backend();
Backend npu_edge_backend();

}  // namespace systole::conformance

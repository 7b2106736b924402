// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How far a device's result may lie from ref's, element by element, by tests/tolerance.h.
#pragma once

#include <memory>
#include <vector>

#include "tests/conformance/op_case.h"

namespace systole::conformance {

// For an output of a float type; everything else is equal to the bit. `expected`: ref's elements.
std::vector<double> bounds(std::shared_ptr<Device> ref, const OpCase& op_case, const std::vector<Bytes>& inputs,
                           const std::vector<double>& expected);

}  // namespace systole::conformance

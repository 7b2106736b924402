// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A test of area 10: the device's result for one case, compared with ref's.
#pragma once

#include <functional>

#include "tests/conformance/op_case.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

inline Test op_test(std::string name, std::function<OpCase()> make) {
  return {"ops", std::move(name), [make = std::move(make)](Context& context) {
            auto ref = take(context.registry.open("ref"), "open ref");
            const std::string difference = compare_with_ref(context.device, ref, make());
            require(difference.empty(), difference);
          }};
}

}  // namespace systole::conformance

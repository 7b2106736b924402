// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, the sweep: random descriptions of every op; `supports` is held to its word for each.
#include "tests/conformance/op_random.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

void hold_to_its_word(Context& context, const std::vector<OpCase>& cases);  // grid_tests.cpp

std::vector<Test> sweep_tests() {
  std::vector<Test> tests;
  for (size_t op = 0; op < kOpKinds; ++op) {
    Random naming(op);
    const std::string name = op_name(random_case(op, naming).desc.op);
    tests.push_back({"ops", "sweep_" + name, [op](Context& context) {
                       Random random(context.seed * 1000 + op);
                       std::vector<OpCase> cases;
                       for (int i = 0; i < 150; ++i) cases.push_back(random_case(op, random));
                       hold_to_its_word(context, cases);
                     }});
  }
  return tests;
}

}  // namespace systole::conformance

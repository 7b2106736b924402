// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/suite.h"

namespace systole::conformance {

std::vector<Test> core_tests();
std::vector<Test> alloc_tests();
std::vector<Test> map_tests();
std::vector<Test> sync_tests();
std::vector<Test> transfer_tests();
std::vector<Test> order_tests();
std::vector<Test> cmd_tests();
std::vector<Test> slot_tests();
std::vector<Test> reset_tests();
std::vector<Test> determinism_tests();
std::vector<Test> product_tests();
std::vector<Test> pool_tests();
std::vector<Test> elementwise_tests();
std::vector<Test> layout_tests();
std::vector<Test> transformer_tests();
std::vector<Test> grid_tests();
std::vector<Test> sweep_tests();
std::vector<Test> in_place_tests();
std::vector<Test> negative_tests();

std::vector<Test> all_tests() {
  std::vector<Test> all;
  for (auto tests : {core_tests, alloc_tests, map_tests, sync_tests, transfer_tests, order_tests, cmd_tests, slot_tests,
                     reset_tests, determinism_tests, product_tests, pool_tests, elementwise_tests, layout_tests,
                     transformer_tests, grid_tests, sweep_tests, in_place_tests, negative_tests})
    for (Test& test : tests()) all.push_back(std::move(test));
  return all;
}

}  // namespace systole::conformance

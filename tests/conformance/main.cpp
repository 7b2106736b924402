// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include "tests/conformance/suite.h"

// The suite's main: registers every pair of backend and test, runs them, prints the matrix. --matrix FILE writes it as
// Markdown, --seed N draws other random ops.
namespace systole::conformance {

namespace {

struct Cell {
  std::string mark;  // pass, pass 12/60, FAIL, unsupported, excluded, unavailable
  std::string reason;
};
using Matrix = std::map<std::string, std::map<std::string, Cell>>;  // test, backend

Matrix& matrix() {
  static Matrix instance;
  return instance;
}

uint64_t& seed() {
  static uint64_t instance = 0;
  return instance;
}

const Exclusion* exclusion_of(const Backend& backend, const Test& test) {
  for (const Exclusion& exclusion : backend.exclusions) {
    if (exclusion.test == test.area + "." + test.name || exclusion.test == test.area + ".*") return &exclusion;
  }
  return nullptr;
}

Cell run(const Backend& backend, const Test& test) {
  Context context{backend, {}, nullptr, seed(), ""};
  for (const Backend& each : all_backends()) {
    const std::string scheme = each.driver().scheme;
    bool known = false;
    for (const DriverInfo& driver : context.registry.drivers()) known = known || driver.scheme == scheme;
    if (!known) require_ok(context.registry.add(each.driver()), "register " + scheme);
  }
  auto device = context.registry.open(backend.uri);
  if (device.status().code() == Code::kUnavailable) return {"unavailable", device.status().message()};
  require_ok(device.status(), "open " + backend.uri);
  context.device = std::move(device).value();
  const Exclusion* exclusion = exclusion_of(backend, test);
  try {
    test.body(context);
  } catch (const NotSupported& reason) {
    return {"unsupported", reason.what()};
  } catch (const Failure& failure) {
    if (exclusion) return {"excluded", exclusion->reason};
    throw;
  }
  if (exclusion) throw Failure("excluded (" + exclusion->reason + "), but it passes: remove the exclusion");
  return {context.share.empty() ? "pass" : "pass " + context.share, ""};
}

class Pair : public testing::Test {
 public:
  Pair(Backend backend, systole::conformance::Test test) : backend_(std::move(backend)), test_(std::move(test)) {}
  void TestBody() override {
    Cell& cell = matrix()[test_.area + "." + test_.name][backend_.name];
    try {
      cell = run(backend_, test_);
    } catch (const Failure& failure) {
      cell = {"FAIL", failure.what()};
      FAIL() << failure.what();
    }
    if (cell.mark == "unavailable") GTEST_SKIP() << cell.reason;
  }

 private:
  Backend backend_;
  systole::conformance::Test test_;
};

void print_matrix(std::ostream& out) {
  const auto backends = all_backends();
  out << "| test |";
  for (const Backend& backend : backends) out << ' ' << backend.name << " |";
  out << "\n|---|";
  for (size_t i = 0; i < backends.size(); ++i) out << "---|";
  out << '\n';
  std::map<std::string, std::vector<std::string>> reasons;
  for (const auto& [test, cells] : matrix()) {
    out << "| " << test << " |";
    for (const Backend& backend : backends) {
      const auto cell = cells.find(backend.name);
      out << ' ' << (cell == cells.end() ? "" : cell->second.mark) << " |";
      if (cell != cells.end() && !cell->second.reason.empty()) {
        reasons[backend.name + ": " + cell->second.mark + ": " + cell->second.reason].push_back(test);
      }
    }
    out << '\n';
  }
  if (!reasons.empty()) out << '\n';
  for (const auto& [reason, tests] : reasons) {
    out << "- " << reason << " (" << tests.size() << ": " << tests.front() << (tests.size() > 1 ? ", ..." : "")
        << ")\n";
  }
}

}  // namespace

void register_all() {
  for (const Backend& backend : all_backends()) {
    for (const Test& test : all_tests()) {
      testing::RegisterTest((backend.name + "/" + test.area).c_str(), test.name.c_str(), nullptr, nullptr, __FILE__,
                            __LINE__, [backend, test]() -> testing::Test* { return new Pair(backend, test); });
    }
  }
}

}  // namespace systole::conformance

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::string file;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string(argv[i]) == "--matrix") file = argv[i + 1];
    if (std::string(argv[i]) == "--seed") systole::conformance::seed() = std::strtoull(argv[i + 1], nullptr, 10);
  }
  systole::conformance::register_all();
  const int result = RUN_ALL_TESTS();
  if (file.empty()) {
    systole::conformance::print_matrix(std::cout);
  } else {
    std::ofstream out(file);
    out << "# Conformance matrix\n\nPrinted by `build/dev/tests/conformance/test_conformance --matrix "
           "docs/conformance.md`.\n"
           "unsupported: refused honestly, with the reason below; excluded: known not to hold.\n\n";
    systole::conformance::print_matrix(out);
  }
  return result;
}

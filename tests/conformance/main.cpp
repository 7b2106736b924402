// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The suite's main: every pair of backend and test is a GoogleTest. A run of all of them is compared with
// docs/conformance.md; --matrix FILE writes that page, --seed N draws other random ops, --device URI takes that device
// instead of the table's backends.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/conformance/matrix.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

constexpr const char* kUnavailableMark = "unavailable";  // a page without those pairs is not the one that is stored

std::string& device_uri() {
  static std::string instance;
  return instance;
}

// A device that the table does not have, of a driver that it has; without one where there is none.
Backend backend_of(const std::string& uri) {
  Backend made{"device", uri, {}, {}};
  for (const Backend& each : all_backends()) {
    if (each.driver().scheme == uri.substr(0, uri.find_first_of(":?"))) made.driver = each.driver;
  }
  if (!made.driver) return made;
  const std::vector<std::string> options = made.driver().option_names;
  if (std::find(options.begin(), options.end(), "watchdog") != options.end())
    made.fault_uri = uri + (uri.find('?') == std::string::npos ? '?' : '&') + "watchdog=1";
  return made;
}

std::vector<Backend> backends() {
  if (device_uri().empty()) return all_backends();
  return {backend_of(device_uri())};
}

Matrix& matrix() {
  static Matrix instance = [] {
    std::vector<std::string> names;
    for (const Backend& backend : backends()) names.push_back(backend.name);
    return Matrix(std::move(names));
  }();
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
  if (device.status().code() == Code::kUnavailable) return {kUnavailableMark, device.status().message()};
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
    Cell& cell = matrix().cell(test_.area + "." + test_.name, backend_.name);
    try {
      cell = run(backend_, test_);
    } catch (const Failure& failure) {
      cell = {"FAIL", failure.what()};
      FAIL() << failure.what();
    }
    if (cell.mark == kUnavailableMark) GTEST_SKIP() << cell.reason;
  }

 private:
  Backend backend_;
  systole::conformance::Test test_;
};

// 1 with the first line that differs.
int compare_with_page(const std::string& path) {
  std::ifstream in(path);
  const std::string stored{std::istreambuf_iterator<char>(in), {}}, fresh = matrix().page();
  if (stored == fresh) return 0;
  std::istringstream stored_lines(stored), fresh_lines(fresh);
  std::string was, is;
  do {
    was = is = "(nothing)";
    std::getline(stored_lines, was);
    std::getline(fresh_lines, is);
  } while (was == is && stored_lines && fresh_lines);
  std::cerr << path << " is out of date; run test_conformance --matrix docs/conformance.md\n- " << was << "\n+ " << is
            << "\n";
  return 1;
}

}  // namespace

bool known_device() { return backends().front().driver != nullptr; }

size_t register_all() {
  size_t pairs = 0;
  for (const Backend& backend : backends()) {
    for (const Test& test : all_tests()) {
      testing::RegisterTest((backend.name + "/" + test.area).c_str(), test.name.c_str(), nullptr, nullptr, __FILE__,
                            __LINE__, [backend, test]() -> testing::Test* { return new Pair(backend, test); });
      ++pairs;
    }
  }
  return pairs;
}

int finish(int result, const std::string& file, bool all) {
  if (!file.empty()) {
    std::ofstream(file) << matrix().page();
    return result;
  }
  if (!all || seed() != 0 || !device_uri().empty() || matrix().has(kUnavailableMark)) {
    std::cout << matrix().page();
    return result;
  }
  return result | compare_with_page(SYSTOLE_SOURCE_DIR "/docs/conformance.md");
}

}  // namespace systole::conformance

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::string file;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string(argv[i]) == "--matrix") file = argv[i + 1];
    if (std::string(argv[i]) == "--seed") systole::conformance::seed() = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::string(argv[i]) == "--device") systole::conformance::device_uri() = argv[i + 1];
  }
  if (!systole::conformance::known_device()) {
    std::cerr << "test_conformance: no driver for the device '" << systole::conformance::device_uri() << "'\n";
    return 2;
  }
  const size_t pairs = systole::conformance::register_all();
  const int result = RUN_ALL_TESTS();
  return systole::conformance::finish(result, file, systole::conformance::matrix().pairs() == pairs);
}

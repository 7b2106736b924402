// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The conformance suite: one table of tests, one table of backends, every pair is a GoogleTest. A backend is one file
// in backends/ and one line in backends/all.cpp. Exclusions are data with a reason: an excluded test must fail, and one
// that passes fails the run.
#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "hal/device.h"
#include "hal/registry.h"

namespace systole::conformance {

struct Exclusion {
  std::string test;  // "area.name", or "area.*"
  std::string reason;
};

struct Backend {
  std::string name;  // letters, digits and underscores: part of test names
  std::string uri;
  std::function<DriverInfo()> driver;
  std::vector<Exclusion> exclusions;
  std::string fault_uri = {};  // opens it such that the first command faults; "" where none can
};
std::vector<Backend> all_backends();  // backends/all.cpp

// What a test works on: a registry with the backend and ref, and the backend's device, opened afresh.
struct Context {
  const Backend& backend;
  Registry registry;
  std::shared_ptr<Device> device;
  uint64_t seed = 0;       // of random tests: what --seed says
  std::string share = {};  // "12/60": of the test's cases that ran, where the others are refused honestly
};

struct Test {
  std::string area;  // of the table in docs/conformance.md
  std::string name;
  std::function<void(Context&)> body;
};
std::vector<Test> all_tests();  // all_tests.cpp

// A failed requirement ends its test; test code alone throws.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The test found that the backend honestly can't (an op it does not support, refused with its reason).
struct NotSupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require(bool condition, const std::string& what);
void require_ok(const Status& status, const std::string& what);
void require_code(const Status& status, Code code, const std::string& what);
template <typename T>
T take(Result<T> result, const std::string& what) {
  require_ok(result.status(), what);
  return std::move(result).value();
}
template <typename T, typename U>
void require_equal(const T& got, const U& expected, const std::string& what) {
  if (got == expected) return;
  std::ostringstream text;
  text << what << ": got " << got << ", expected " << expected;
  throw Failure(text.str());
}

}  // namespace systole::conformance

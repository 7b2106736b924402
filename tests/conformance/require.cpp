// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/suite.h"

namespace systole::conformance {

void require(bool condition, const std::string& what) {
  if (!condition) throw Failure(what);
}
void require_ok(const Status& status, const std::string& what) {
  if (!status.ok()) throw Failure(what + ": " + status.to_string());
}
void require_code(const Status& status, Code code, const std::string& what) {
  if (status.code() != code) throw Failure(what + ": got '" + status.to_string() + "', expected " + code_name(code));
}

}  // namespace systole::conformance

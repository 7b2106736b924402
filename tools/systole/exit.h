// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How the command line ends: exit codes, and the one place where a status becomes one.
#pragma once

#include <string>

#include "hal/status.h"

namespace systole::cli {

enum Exit : int {
  kOk = 0,
  kVerificationFailed = 1,
  kUsage = 2,
  kBadInput = 3,     // a model, file or configuration that is wrong
  kUnsupported = 4,  // right, but no device here takes it
  kInternal = 5,
};

// Prints "systole: MESSAGE" to stderr and returns the code.
int fail(const Status& status);
// The same, but kInvalidArgument whose message begins with an option ("--set: expected ...") is a usage error.
int fail(const Status& status, const std::string& verb);
int usage_error(const std::string& message, const std::string& verb);
Exit exit_of(Code code);
// The codes for people, a line each.
const char* exit_codes();

}  // namespace systole::cli

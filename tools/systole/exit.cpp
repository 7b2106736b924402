// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/exit.h"

#include <cstdio>

namespace systole::cli {

Exit exit_of(Code code) {
  switch (code) {
    case Code::kOk:
      return kOk;
    case Code::kInvalidArgument:
    case Code::kOutOfRange:
    case Code::kNotFound:
    case Code::kFailedPrecondition:
    case Code::kDataLoss:
      return kBadInput;
    case Code::kOutOfMemory:
    case Code::kUnsupported:
    case Code::kUnavailable:
      return kUnsupported;
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
    case Code::kDeviceFault:
    case Code::kDeviceLost:
    case Code::kInternal:
      return kInternal;
  }
  return kInternal;
}

int fail(const Status& status) {
  std::fprintf(stderr, "systole: %s\n", status.to_string().c_str());
  return exit_of(status.code());
}

int usage_error(const std::string& message, const std::string& verb) {
  std::fprintf(stderr, "systole: %s\nTry 'systole %s%s--help'.\n", message.c_str(), verb.c_str(),
               verb.empty() ? "" : " ");
  return kUsage;
}

}  // namespace systole::cli

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/exit.h"

#include <cstdio>

#include "tools/systole/progress.h"

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
  end_progress();
  std::fprintf(stderr, "systole: %s\n", status.to_string().c_str());
  return exit_of(status.code());
}

int fail(const Status& status, const std::string& verb) {
  const bool usage = status.code() == Code::kInvalidArgument && status.message().starts_with("--");
  return usage ? usage_error(status.message(), verb) : fail(status);
}

int usage_error(const std::string& message, const std::string& verb) {
  end_progress();
  std::fprintf(stderr, "systole: %s\nTry 'systole %s%s--help'.\n", message.c_str(), verb.c_str(),
               verb.empty() ? "" : " ");
  return kUsage;
}

const char* exit_codes() {
  return "0  ok\n"
         "1  verification failed\n"
         "2  usage: an unknown verb or option, or a wrong value of one\n"
         "3  bad input: a model, file or configuration that is wrong\n"
         "4  unsupported: right, but no device here takes it, or the device is not on this machine\n"
         "5  internal error\n";
}

}  // namespace systole::cli

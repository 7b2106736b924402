// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a trace of requests: a message that names the line, or requests that are written as they were read.
#include <cstdint>
#include <cstdlib>

#include "serve/request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole::serve;
  const auto requests = parse_trace(std::string(reinterpret_cast<const char*>(data), size), "t.csv");
  if (!requests.ok()) {
    if (!requests.status().message().starts_with("t.csv:")) std::abort();
    return 0;
  }
  const auto again = parse_trace(trace_text(*requests), "u.csv");
  if (!again.ok() || *again != *requests) std::abort();
  return 0;
}

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a trace: one access a line, or a message that names the line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "sim/memory/dram/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole::memory::dram;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Access> trace;
  const std::string wrong = parse_trace(text, trace);
  if (!wrong.empty()) {
    if (wrong != std::to_string(trace.size() + 1) + wrong.substr(wrong.find(':'))) std::abort();
    return 0;
  }
  const auto feeds = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  if (trace.size() != feeds + (!text.empty() && text.back() != '\n')) std::abort();
  return 0;
}

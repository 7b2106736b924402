// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a hardware file: a spec that is consistent, or a message.
#include <cstdint>
#include <cstdlib>

#include "configs/spec/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto spec = systole::spec::parse_npu_spec(std::string(reinterpret_cast<const char*>(data), size), "input.yaml");
  if (spec.ok() ? systole::spec::resolved_settings(*spec).empty() : spec.status().message().empty()) std::abort();
  return 0;
}

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as an energy table: a message, or figures that an SRAM of any size has an energy by.
#include <cstdint>
#include <cstdlib>

#include "configs/spec/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  const auto table = spec::parse_energy_table(std::string(reinterpret_cast<const char*>(data), size), "input.yaml");
  if (!table.ok()) {
    if (table.status().message().empty()) std::abort();
    return 0;
  }
  if (table->name.empty() || !(table->sram_byte(1 << 20) >= 0)) std::abort();
  return 0;
}

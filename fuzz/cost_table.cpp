// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a table of costs: a message that names the file, or a table by which a server ends.
#include <cstdint>
#include <cstdlib>

#include "serve/server.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole::serve;
  const auto table = CostTable::parse(std::string(reinterpret_cast<const char*>(data), size), "c.csv");
  if (!table.ok()) {
    if (!table.status().message().starts_with("c.csv:")) std::abort();
    return 0;
  }
  if (!CostTable::parse(table->text(), "d.csv").ok()) std::abort();
  ServerSpec spec;
  spec.max_batch = 2, spec.blocks = 8, spec.chunk_tokens = size % 2 ? 7 : 0;
  const auto outcome = serve({{0, 30, 20}, {5, 40, 30}, {6, 3, 9}}, spec, *table);
  if (!outcome.ok() && outcome.status().code() == systole::Code::kOutOfRange) return 0;  // longer than the clock goes
  if (!outcome.ok() || outcome->output_tokens != 59 || outcome->most_blocks > 8) std::abort();
  return 0;
}

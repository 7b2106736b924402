// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of published cases, a table of products, or a file of known errors: a message, or what a run can
// take up.
#include <cstdint>
#include <cstdlib>

#include "configs/spec/validation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto good = [](const std::vector<spec::ValidationCase>& cases) {
    for (const spec::ValidationCase& one : cases) {
      if (one.published.value <= 0 || one.published.unit.empty()) return false;
      if (one.ops.empty() == one.model.empty()) return false;
      for (const spec::OpLine& op : one.ops)
        if (op.times < 1 || op.times > 1000 || op.shapes.empty()) return false;
    }
    return !cases.empty();
  };
  const auto file = spec::parse_validation(text, "input.yaml");
  if (file.ok() ? !good(file->cases) : file.status().message().empty()) std::abort();
  const auto table = spec::parse_gemm_table(text, "input.csv");
  if (table.ok() ? !good(*table) : table.status().message().empty()) std::abort();
  const auto known = spec::parse_known_errors(text, "input.yaml");
  if (!known.ok() && known.status().message().empty()) std::abort();
  return 0;
}

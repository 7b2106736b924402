// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole validate` prints and writes.
#pragma once

#include <string>
#include <vector>

#include "tools/systole/validate_case.h"

namespace systole::cli {

struct CheckedSource {
  spec::ValidationFile file;
  std::vector<Checked> cases;  // in the file's order
};

std::string validation_text(const std::vector<CheckedSource>& sources);
std::string validation_markdown(const std::vector<CheckedSource>& sources);
std::string validation_json(const std::vector<CheckedSource>& sources);
// An entry a source and preset (not a file of one's own), of cases without overrides; entries of `known` for other
// sources are kept.
std::string errors_yaml(const std::vector<CheckedSource>& sources, std::vector<spec::KnownError> known);

}  // namespace systole::cli

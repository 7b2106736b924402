// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every hardware file says of itself. Plain data.
#pragma once

#include <string>
#include <vector>

namespace systole::spec {

struct Described {
  std::string name, description;
  std::vector<std::string> sources;  // where figures come from
  std::string file;                  // that it was read from
  bool operator==(const Described&) const = default;
};

}  // namespace systole::spec

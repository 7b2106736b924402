// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// JSON as text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace systole::report {

// Indented, with a line feed at its end. Bytes of names that are no UTF-8 become U+FFFD.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace systole::report

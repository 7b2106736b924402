// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Lines and fields of a strict CSV: no quotes, no blanks, the same number of fields on every line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/status.h"

namespace systole::serve {

// Calls `line` with the fields of each line after the header; what it returns, when not "", is what is wrong there
// ("expected ..."), to which ", got 'LINE'" is added. kInvalidArgument: "FILE:LINE: expected ..., got ...".
Status read_csv(const std::string& text, const std::string& file, const std::string& header,
                const std::function<std::string(const std::vector<std::string_view>& fields)>& line);

std::optional<int64_t> whole(std::string_view text, int64_t least, int64_t most);  // digits only
// Digits, perhaps a point and one to nine digits more: in billionths.
std::optional<int64_t> billionths(std::string_view text, int64_t most);

}  // namespace systole::serve

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Measured peaks for people and programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "hal/peaks.h"

namespace systole::report {

nlohmann::ordered_json peaks_json(const Peaks& peaks);
// A line a figure, then stream's share of copy.
std::string peaks_table(const Peaks& peaks);

}  // namespace systole::report

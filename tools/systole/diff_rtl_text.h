// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole diff-rtl` says.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "rtl/differential/campaign.h"

namespace systole::cli {

using SavedFiles = std::map<uint64_t, std::string>;  // by the failure's seed

std::string describe(const differential::Failure& failure, const std::string& file);
std::string coverage_table(const differential::Coverage& coverage);
std::string summary(const differential::Tally& tally, double seconds);
nlohmann::ordered_json to_json(const differential::Tally& tally, double seconds, const SavedFiles& files);

}  // namespace systole::cli

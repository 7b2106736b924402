// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of hardware files.
#pragma once

#include <nlohmann/json.hpp>

namespace systole::cli {

nlohmann::ordered_json npu_schema();

}  // namespace systole::cli

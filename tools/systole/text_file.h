// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What verbs write beside run directories.
#pragma once

#include <string>

#include "hal/status.h"

namespace systole::cli {

// The whole file, or what was there before and kUnavailable: written beside `path` and renamed.
Status write_text_file(const std::string& path, const std::string& text);

}  // namespace systole::cli

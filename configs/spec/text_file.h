// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A whole file as text.
#pragma once

#include <string>

#include "hal/status.h"

namespace systole::spec {

// kNotFound "PATH: can't be read": no such file, a folder, no right to.
Result<std::string> read_text_file(const std::string& path);

}  // namespace systole::spec

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Where the configurations lie (load.h says where they are looked for).
#pragma once

#include <filesystem>

namespace systole::spec {

std::filesystem::path configs_directory();

}  // namespace systole::spec

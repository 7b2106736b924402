// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Model files that lie beside the project rather than in it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace systole::tests {

// $SYSTOLE_MODELS, else shared/models beside the source tree or beside a folder that it lies in.
inline std::string models_folder() {
  namespace fs = std::filesystem;
  if (const char* given = std::getenv("SYSTOLE_MODELS")) return given;
  for (fs::path base = fs::path(SYSTOLE_SOURCE_DIR).parent_path(); base.has_relative_path();
       base = base.parent_path()) {
    if (fs::exists(base / "shared/models")) return (base / "shared/models").string();
  }
  return (fs::path(SYSTOLE_SOURCE_DIR).parent_path() / "shared/models").string();
}

}  // namespace systole::tests

// Ends a test that needs a file of that folder, with the reason, where it is absent.
#define SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << (path) << " (set SYSTOLE_MODELS to the folder of models)"

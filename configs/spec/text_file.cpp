// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/text_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace systole::spec {

Result<std::string> read_text_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, ignored)) return Status(Code::kNotFound, path + ": can't be read");
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

}  // namespace systole::spec

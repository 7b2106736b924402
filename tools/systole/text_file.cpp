// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/text_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace systole::cli {

Status write_text_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new." + std::to_string(getpid());
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(fresh, path, error);
  if (file && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  return Status(Code::kUnavailable, path + ": can't be written" + (error ? ": " + error.message() : ""));
}

}  // namespace systole::cli

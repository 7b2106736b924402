// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/harness/toolchain.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace systole::rtl {
namespace {

// A program, what people call it, and Debian's package that has it.
struct Tool {
  const char *program, *title, *package;
};
constexpr Tool kTools[] = {{"verilator", "Verilator", "verilator"}, {"g++", "g++", "g++"}, {"bash", "bash", "bash"}};

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access(((folder.empty() ? "." : folder) + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

std::string missing_tools() {
  std::string titles, packages;
  int missing = 0;
  for (const Tool& tool : kTools) {
    if (on_path(tool.program)) continue;
    titles += (missing++ ? ", " : "") + std::string(tool.title), packages += std::string(" ") + tool.package;
  }
  if (!missing) return "";
  return titles + (missing == 1 ? " is" : " are") + " not on this machine: apt-get install" + packages;
}

}  // namespace systole::rtl

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What making a Verilated library needs of this machine: programs on $PATH.
#pragma once

#include <string>

namespace systole::rtl {

// "" where all of them are there, else a sentence that names those that are not, and the packages to install.
std::string missing_tools();

}  // namespace systole::rtl

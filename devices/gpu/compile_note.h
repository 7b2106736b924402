// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// For a tool to show that a first run is at work.
#pragma once

#include <functional>
#include <string>

namespace systole::gpu {

// Before a program is compiled, which can take seconds: what is compiled, on what, and how many were in this process.
struct CompileNote {
  std::string program, device;
  int compiled = 0;
};
// Called on the compiling thread, one call at a time, by every device of the process. Null: nobody.
void set_compile_listener(std::function<void(const CompileNote&)> listener);

}  // namespace systole::gpu

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// For a tool to show that a first run is at work.
#pragma once

#include <functional>
#include <string>

namespace systole::gpu {

// Before what can take seconds: a program that is compiled, or an op whose candidates are timed (tuner.h).
struct CompileNote {
  enum class Work { kCompiling, kTuning } work = Work::kCompiling;
  std::string what, device;
  int done = 0;  // of such work in this process
};
// Called on the compiling thread, one call at a time, by every device of the process. Null: nobody.
void set_compile_listener(std::function<void(const CompileNote&)> listener);
// Tells the listener, and counts.
void note_work(CompileNote::Work work, const std::string& what, const std::string& device);

}  // namespace systole::gpu

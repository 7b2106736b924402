// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A Verilated library of one NPU, or of its array, made when it is first asked for and kept: Verilator and a C++
// compiler at run time.
#pragma once

#include <string>

#include "configs/spec/npu_spec.h"

namespace systole::rtl {

struct BuildRequest {
  spec::NpuSpec spec;
  std::string sources;  // the folder rtl/ of the source tree or of the installation
  std::string cache;    // "": $SYSTOLE_RTL_CACHE, else $XDG_CACHE_HOME/systole/rtl, else ~/.cache/systole/rtl
  bool waves = false;   // able to write waveforms: slower
  bool coverage =
      false;  // counts lines and toggles; also where $SYSTOLE_RTL_COVERAGE names a folder, for shim.cpp to write to
  // Instead of the NPU an array of these ports (rtl/npu_array.sv): a file and its module. Warnings are not errors then.
  std::string array_file, array_top;
};

enum class BuildStatus { kOk, kNoVerilator, kUnsupported, kFailed };  // kNoVerilator: that, or another tool
struct BuildResult {
  BuildStatus status = BuildStatus::kFailed;
  std::string library;  // path of the shared library
  std::string message;  // what to install, what the RTL has no hardware for, or where the log of a failed build is
};

// Whether build() could: figures, sources, this machine's tools. Nothing is made.
BuildResult can_build(const BuildRequest& request);

// Finds or makes the library. Its name holds a hash of everything that it is made of, so that a changed source or
// figure gives another. Safe beside other processes that build the same.
BuildResult build(const BuildRequest& request);

}  // namespace systole::rtl

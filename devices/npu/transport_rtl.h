// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The Verilated NPU behind the seam.
#pragma once

#include <memory>
#include <string>

#include "configs/spec/npu_spec.h"
#include "devices/npu/transport.h"

namespace systole::npu {

struct RtlOptions {
  std::string sources;  // the folder rtl/
  std::string cache;    // of Verilated libraries; "": the user's
  std::string waves;    // file for waveforms (FST); "": none
};

// Ok where make_rtl_transport has all that it needs, else its answer; nothing is made.
Status rtl_availability(const spec::NpuSpec& spec, const RtlOptions& options);

// Verilates the NPU where that has not been done yet, which takes a minute or so. kUnavailable with what to install,
// kUnsupported with what the RTL has no hardware for, kInternal with the log of a build that failed.
Result<std::unique_ptr<Transport>> make_rtl_transport(const spec::NpuSpec& spec, const RtlOptions& options);

}  // namespace systole::npu

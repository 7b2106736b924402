// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The SystemC model behind the seam.
#pragma once

#include <memory>
#include <string>

#include "configs/spec/npu_spec.h"
#include "devices/npu/transport.h"

namespace systole::npu {

struct ModelOptions {
  bool functional = true;  // off: tensor payloads are neither moved nor computed
  bool fast_forward = true;
  bool race_check = false;  // take_race_reports has something to say
  std::string rtl;          // the folder rtl/, for array.rtl
};

// kInvalidArgument where the spec can't be built, kUnavailable where array.rtl needs what this machine lacks.
Result<std::unique_ptr<Transport>> make_model_transport(const spec::NpuSpec& spec, const ModelOptions& options);

}  // namespace systole::npu

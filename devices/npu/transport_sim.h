// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The SystemC model behind the seam.
#pragma once

#include <memory>

#include "configs/spec/npu_spec.h"
#include "devices/npu/transport.h"

namespace systole::npu {

struct ModelOptions {
  bool functional = true;   // off: tensor payloads are neither moved nor computed
  bool race_check = false;  // take_race_reports has something to say
};

// kInvalidArgument where the spec can't be built.
Result<std::unique_ptr<Transport>> make_model_transport(const spec::NpuSpec& spec, const ModelOptions& options);

}  // namespace systole::npu

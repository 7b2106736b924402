// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How far off a device's times are known to be: what every run says of itself.
#pragma once

#include "configs/spec/npu_spec.h"
#include "hal/device.h"
#include "hal/registry.h"
#include "report/accuracy.h"

namespace systole::cli {

// Of an NPU: from its hardware file, its overrides, and configs/accuracy. The same on every machine.
report::Accuracy accuracy_of(const DeviceInfo& device);

// The hardware that an NPU's URI names, its overrides applied.
Result<spec::NpuSpec> overridden_spec(const DeviceUri& uri);

}  // namespace systole::cli

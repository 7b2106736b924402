// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Compiled programs, one a core, with their constants in device memory, run through the driver.
#pragma once

#include <memory>
#include <vector>

#include "devices/npu/compiler/program.h"
#include "devices/npu/hardware.h"
#include "hal/device.h"

namespace systole::npu {

// Places constants, scratch and fence records in device memory and fills in every address but those of slots.
// kOutOfMemory where they don't fit, kUnsupported for a buffer that is not this device's.
Result<std::shared_ptr<Executable>> make_executable(std::shared_ptr<Device> device, std::shared_ptr<Hardware> hardware,
                                                    std::vector<Program> programs);

}  // namespace systole::npu

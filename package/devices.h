// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every device of this build, by URI: "cpu", "ref", "npu:edge-16x16", "npu:my/chip.yaml?functional=off".
#pragma once

#include <memory>
#include <string>

#include "hal/registry.h"

namespace systole {

// Made at the first call, on any thread; lives as long as the process.
const Registry& all_devices();

// all_devices().open(uri).
Result<std::shared_ptr<Device>> open_device(const std::string& uri);

}  // namespace systole

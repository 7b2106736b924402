// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a run's inputs and outputs take over a link between host and device.
#pragma once

#include "configs/spec/link_spec.h"
#include "graph/ir.h"
#include "hal/device.h"
#include "report/run_directory.h"

namespace systole::cli {

// Each tensor is one message, all of them at once; the device's DRAM is a limit. Resident inputs and outputs stay where
// they are. kUnsupported where the device is not simulated.
Result<report::HostLink> host_transfers(const spec::LinkSpec& link, const graph::Graph& graph,
                                        const DeviceInfo& device);

}  // namespace systole::cli

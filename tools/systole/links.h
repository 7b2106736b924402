// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Words of the command line about links.
#pragma once

#include <string>

#include "hal/status.h"
#include "sim/links/topology.h"

namespace systole::cli {

// ring, fully_connected, switch; what is wrong begins with "--topology: ".
Status read_topology(const std::string& name, links::Topology& topology);

}  // namespace systole::cli

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the host does between command lists: host ops, and copies between devices.
#pragma once

#include "graph/run/session_memory.h"

namespace systole::graph {

// Flushes what it wrote, invalidates what it reads.
Status run_host_step(const Plan& plan, const SessionMemory& memory, const Node& node);

}  // namespace systole::graph

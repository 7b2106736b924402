// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The run report: what is known at compile time, and the times of a run put in.
#pragma once

#include <vector>

#include "graph/run/run_report.h"
#include "graph/run/session_memory.h"

namespace systole::graph {

RunReport make_prospect(const Plan& plan, const std::vector<Step>& steps, const SessionMemory& memory);
// `profiles` by step. Host steps have their measured times already.
void fill_times(const std::vector<Step>& steps, std::vector<Profile> profiles, RunReport& report);

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of a plan file, for its reader, and for tests and fuzzers, which leave the checksums out to reach what is
// behind them.
#pragma once

#include <span>

#include "graph/plan/plan_file.h"

namespace systole::graph {

Result<PlanFile> parse_plan(std::span<const std::byte> bytes, bool checksums);

}  // namespace systole::graph

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Order and soundness of a graph as a whole.
#pragma once

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Every value has one origin, every input an origin, names are unique (nodes without one, or with one already taken,
// get one), and nodes are brought into topological order, the given order kept where it is one. Errors name nodes and
// values; a cycle's nodes are listed.
Status sort_and_check(Graph& graph);

void remove_unused_nodes(Graph& graph);  // that reach no output
// Drops values that nothing refers to and renumbers the others.
void compact_values(Graph& graph);

}  // namespace systole::graph

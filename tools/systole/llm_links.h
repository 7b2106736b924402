// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The ranks of a language model on simulated links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/llm/llm_graph.h"
#include "hal/device.h"
#include "sim/links/collective.h"
#include "tools/systole/verb.h"

namespace systole::cli {

struct RankLinks {
  links::Shape shape;  // memory's limit is the device's DRAM
  std::string topology, algorithm;

  std::string text() const { return algorithm + " on " + topology + " of " + shape.link.name; }
};

// What the ranks of one step exchange: simulated for all of them on one timebase. They do the same work on parts of the
// same extents, so all come to a collective at the same time and find the links quiet; nothing is computed meanwhile.
struct Exchange {
  double seconds = 0;
  int64_t collectives = 0, sent_bytes = 0;  // by each rank
};

void add_link_options(Options& options);  // --links, --topology, --algorithm
// None without --links. kInvalidArgument about an option begins with it.
Result<std::optional<RankLinks>> read_rank_links(const Options& options, int64_t ranks, const Device& device);
Result<Exchange> exchange_of(const RankLinks& links, const std::vector<graph::Collective>& collectives);

}  // namespace systole::cli

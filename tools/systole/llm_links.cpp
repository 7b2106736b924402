// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/llm_links.h"

#include <map>

#include "configs/spec/load.h"
#include "report/layers.h"
#include "tools/systole/links.h"

namespace systole::cli {
namespace {

using links::Algorithm, links::Operation;

Status wrong(const std::string& complaint) { return Status(Code::kInvalidArgument, "--" + complaint); }

// The fastest of those asked for; a gather has no one_shot and takes the direct way.
Result<links::Collective> best_of(const RankLinks& links, links::Collective what, double& seconds) {
  std::vector<Algorithm> candidates;
  for (const auto& [name, algorithm] :
       {std::pair{"ring", Algorithm::kRing}, {"direct", Algorithm::kDirect}, {"one_shot", Algorithm::kOneShot}})
    if (links.algorithm == name || links.algorithm == "best") candidates.push_back(algorithm);
  links::Collective best;
  seconds = -1;
  for (Algorithm algorithm : candidates) {
    what.algorithm =
        algorithm == Algorithm::kOneShot && what.operation != Operation::kAllReduce ? Algorithm::kDirect : algorithm;
    if (const std::string complaint = wrong_with(links.shape, what); !complaint.empty()) return wrong(complaint);
    const double time = static_cast<double>(links::time_alone(links.shape, what)) * 1e-15;
    if (seconds >= 0 && time >= seconds) continue;
    seconds = time, best = what;
  }
  return best;
}

}  // namespace

void add_link_options(Options& options) {
  options.add()("links", po::value<std::string>(),
                "links between the ranks: a preset of 'systole links list' or a file")(
      "topology", po::value<std::string>()->default_value("ring"), "of the links: ring, fully_connected or switch")(
      "algorithm", po::value<std::string>()->default_value("ring"),
      "of all-reduces: ring, direct, one_shot, or best: the fastest for each size");
}

Result<std::optional<RankLinks>> read_rank_links(const Options& options, int64_t ranks, const Device& device) {
  if (!options.has("links")) {
    for (const char* name : {"topology", "algorithm"})
      if (options.given(name)) return wrong(std::string(name) + ": expected --links with it, got none");
    return std::optional<RankLinks>();
  }
  RankLinks result;
  result.topology = options.text("topology"), result.algorithm = options.text("algorithm");
  SYSTOLE_ASSIGN_OR_RETURN(result.shape.link, spec::load_link_spec(options.text("links")));
  SYSTOLE_RETURN_IF_ERROR(read_topology(result.topology, result.shape.topology));
  if (result.algorithm != "ring" && result.algorithm != "direct" && result.algorithm != "one_shot" &&
      result.algorithm != "best")
    return wrong("algorithm: expected one of ring, direct, one_shot, best, got '" + result.algorithm + "'");
  if (ranks == 1) return std::optional<RankLinks>(std::move(result));  // nothing is exchanged
  if (ranks > 64) return wrong("tp: expected 1 to 64 with --links, got " + std::to_string(ranks));
  result.shape.devices = static_cast<int>(ranks);
  result.shape.memory_bytes_per_second = report::limit(device.info(), "dram_bytes_per_s");
  if (const std::string complaint = wrong_with(result.shape); !complaint.empty()) return wrong(complaint);
  return std::optional<RankLinks>(std::move(result));
}

Result<Exchange> exchange_of(const RankLinks& links, const std::vector<graph::Collective>& collectives) {
  std::map<std::pair<Operation, int64_t>, Exchange> known;  // one a kind and size: quiet links give one time
  Exchange sum;
  for (const graph::Collective& each : collectives) {
    const bool reduce = each.kind == graph::Collective::Kind::kAllReduce;
    links::Collective what;
    what.operation = reduce ? Operation::kAllReduce : Operation::kAllGather;
    what.bytes = reduce ? each.bytes : each.bytes * links.shape.devices;
    auto [at, fresh] = known.try_emplace({what.operation, what.bytes});
    if (fresh) {
      SYSTOLE_ASSIGN_OR_RETURN(what, best_of(links, what, at->second.seconds));
      at->second.sent_bytes = links::sent_by_device(what, links.shape.devices);
    }
    sum.seconds += at->second.seconds, sum.sent_bytes += at->second.sent_bytes;
    ++sum.collectives;
  }
  return sum;
}

}  // namespace systole::cli

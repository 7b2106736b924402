// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a Hugging Face config.json: a message that names the file, or a model whose extents make a graph.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "graph/llm/llm_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole::graph;
  const auto config = parse_llm_config(std::string(reinterpret_cast<const char*>(data), size), "config.json");
  if (!config.ok()) {
    if (!config.status().message().starts_with("config.json: ")) std::abort();
    return 0;
  }
  if (config->layers > 64 || config->parameters() > int64_t{1} << 40) return 0;
  Sketch net(config->name, 1, 1, {}, Sketch::Weights::kCounted);
  net.lower_to(systole::DType::kBF16);
  const auto made = make_llm_graph(net, *config, {1, 0});
  if (made.ok() ? net.parameters() != config->parameters() : made.status().message().empty()) std::abort();
  return 0;
}

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of links: a message, or links on which a collective ends with every byte where it belongs.
#include <cstdint>
#include <cstdlib>

#include "configs/spec/load.h"
#include "sim/links/collective.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  const auto link = spec::parse_link_spec(std::string(reinterpret_cast<const char*>(data), size), "input.yaml");
  if (link.ok() ? spec::resolved_settings(*link).empty() : link.status().message().empty()) std::abort();
  if (!link.ok()) return 0;
  links::Shape shape;
  shape.link = *link;
  shape.devices = 3;
  shape.topology = size % 2 ? links::Topology::kRing : links::Topology::kSwitch;
  if (!wrong_with(shape).empty()) return 0;
  links::Network network(shape);
  bool done = false;
  links::begin(network, {links::Operation::kAllReduce, links::Algorithm::kDirect, 1000, 2}, [&] { done = true; });
  network.run();
  if (!done || network.sent_bytes() != network.received_bytes()) std::abort();
  return 0;
}

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/host_link.h"

#include "report/layers.h"
#include "sim/links/network.h"

namespace systole::cli {
namespace {

// The time of messages of so many bytes each, to the device or from it.
double transfer_ns(const links::Shape& shape, const std::vector<int64_t>& sizes, bool to_device) {
  links::Network network(shape);
  const int host = network.fabric().host;
  links::Femtoseconds end = 0;
  const int flow = to_device ? network.add_flow(host, 0) : network.add_flow(0, host);
  for (const int64_t bytes : sizes) network.send(flow, bytes, false, [&] { end = network.now(); });
  network.run();
  return static_cast<double>(end) * 1e-6;
}

std::vector<int64_t> sizes_of(const graph::Graph& graph, const std::vector<graph::ValueId>& values, int64_t& sum) {
  std::vector<int64_t> sizes;
  for (const graph::ValueId id : values) {
    const graph::Value& value = graph.at(id);
    if (value.resident) continue;
    sizes.push_back(bytes_for(value.dtype, element_count(value.shape)));
    sum += sizes.back();
  }
  return sizes;
}

}  // namespace

Result<report::HostLink> host_transfers(const spec::LinkSpec& link, const graph::Graph& graph,
                                        const DeviceInfo& device) {
  if (!device.simulated)
    return Status(Code::kUnsupported, "--host-link: " + device.uri + " is not simulated: its times are measured");
  links::Shape shape;
  shape.host_link = link;
  shape.link = shape.host_link;  // between devices: nothing uses it
  shape.topology = links::Topology::kSwitch;
  shape.host = links::Host::kOwnLinks;
  shape.memory_bytes_per_second = report::limit(device, "dram_bytes_per_s");
  report::HostLink result;
  result.config = shape.host_link.name;
  result.input_ns = transfer_ns(shape, sizes_of(graph, graph.inputs, result.input_bytes), true);
  result.output_ns = transfer_ns(shape, sizes_of(graph, graph.outputs, result.output_bytes), false);
  return result;
}

}  // namespace systole::cli

// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a plan file, checksums left out: a message, or a plan that opens (or is refused) and, on ref, runs.
#include "devices/npu/npu_device.h"
#include "devices/ref/ref_device.h"
#include "graph/executor.h"
#include "graph/plan/parse_plan.h"

namespace {

using namespace systole;

std::shared_ptr<Device> device_of(const std::string& uri) {
  static const Registry registry = [] {
    Registry all;
    if (!all.add(ref_driver()).ok() || !all.add(npu_driver()).ok()) std::abort();
    return all;
  }();
  static const auto ref = registry.open("ref").value(), npu = registry.open("npu:tiny-4x4").value();
  return uri.starts_with("npu") ? npu : ref;
}

bool small(const graph::Graph& graph) {
  int64_t elements = 0;
  for (const graph::Value& value : graph.values) {
    const int64_t own = element_count(value.shape);
    if (own < 0 || own > 4096) return false;
    elements += own;
  }
  return elements < 65536 && graph.nodes.size() < 64;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto file = graph::parse_plan({reinterpret_cast<const std::byte*>(data), size}, false);
  if (!file.ok() || !small(file->plan.graph)) return 0;
  const bool on_npu = file->device.starts_with("npu");
  file->plan.devices[graph::kMain] = device_of(file->device);
  file->plan.devices[graph::kFallback] = device_of("ref");
  graph::TensorMap inputs, outputs;
  for (graph::ValueId id : file->plan.graph.inputs) {
    const graph::Value& value = file->plan.graph.at(id);
    inputs.emplace(value.name, graph::make_host_tensor(value.dtype, value.shape));
  }
  auto session = graph::open_plan(std::move(file->plan), file->images);
  if (session.ok() && !on_npu) (void)(*session)->run(inputs, outputs).ok();
  return 0;
}

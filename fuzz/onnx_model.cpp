// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as an ONNX file: imported with its shapes inferred and constants folded, then planned for ref, or refused.
#include "devices/ref/ref_device.h"
#include "fuzz/memory_file.h"
#include "graph/executor.h"
#include "graph/import.h"
#include "hal/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole;
  static const std::shared_ptr<Device> device = [] {
    Registry registry;
    if (!registry.add(ref_driver()).ok()) std::abort();
    return registry.open("ref?memory=268435456").value();
  }();
  const fuzz::MemoryFile file(data, size);
  auto graph = graph::import_model(file.path());
  if (graph.ok()) (void)graph::compile(std::move(graph).value(), {device});
  return 0;
}
